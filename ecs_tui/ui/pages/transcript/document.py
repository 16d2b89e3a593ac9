"""A transcript on the screen: its bytes, and the segments that are rendered. No widget.

Only a few segments are kept rendered: a transcript may have hundreds of megabytes.
"""

from __future__ import annotations

import asyncio
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence

from rich.cells import cell_len

from ecs_tui.audit.marks import MarkRules
from ecs_tui.audit.plain import plain_lines
from ecs_tui.audit.reading import TranscriptPiece
from ecs_tui.audit.spool import TranscriptSpool
from ecs_tui.audit.typed import typed_command
from ecs_tui.model.text import clean
from ecs_tui.terminal.protocol import Rendered, Run
from ecs_tui.terminal.renderer import Renderer
from ecs_tui.ui.pages.transcript.rows import (
    MAX_MARKED,
    Position,
    TranscriptRow,
    TranscriptSegment,
    TypedCommand,
)

MAX_RENDERED = 6
"""Segments that are kept rendered."""
MAX_TIMES = 400
"""Times of a segment of a recording that are looked up; the others lie between them."""
SCREEN_ROWS = 50
"""Rows of the terminal, where nobody knows how many there were."""
MAX_RAW_BYTES = 4_096
"""Bytes of a raw line that are shown."""
MAX_TYPED = 2_000
"""Typed commands that are kept."""


class TranscriptDocument:
    """One transcript.

    Args:
        renderer: Renders segments.
        rules: What stands out.
        columns: The width of the terminal, where the transcript does not tell.
        changed: Called when more of it has arrived.

    Attributes:
        rules: What stands out.
        raw: Whether bytes are shown as they are, with control characters spelt out.
        typed: The commands that were typed, as far as can be told.
        marked: Offsets of lines that stand out, in order.
        names: The names of their marks, each once.

    Raises:
        OSError: There is no room on the disk.
    """

    def __init__(
        self, renderer: Renderer, rules: MarkRules, columns: int, changed: Callable[[], None]
    ) -> None:
        self._renderer, self.rules, self._changed = renderer, rules, changed
        self.columns = columns
        self.spool = TranscriptSpool()
        self.raw = False
        self.typed: list[TypedCommand] = []
        self.marked: list[int] = []
        self.names: dict[str, None] = {}
        self._offsets, self._times = array("q"), array("d")
        self._sizes: list[tuple[int, tuple[int, int]]] = []
        self._scanned = 0
        self._kept: OrderedDict[int, TranscriptSegment] = OrderedDict()
        self._rendering: dict[int, asyncio.Task[TranscriptSegment]] = {}

    # -- reading

    async def load(self, reading: AsyncIterator[TranscriptPiece]) -> None:
        """Read it to its end.

        Raises:
            AwsError, OSError: It cannot be read.
        """
        async for piece in reading:
            if piece.size != (0, 0):
                self._sizes.append((self.spool.size, piece.size))
            if piece.at >= 0 and piece.data:
                self._offsets.append(self.spool.size)
                self._times.append(piece.at)
            self.spool.append(piece.data)
            await self._scan()
        self.spool.finish()
        await self._scan()
        self._changed()

    async def _scan(self) -> None:
        """Look for marks and typed commands in the segments that are new."""
        while self._scanned < len(self.spool.segments):
            number = self._scanned
            self._scanned += 1
            start = self.spool.segments[number].start
            lines = plain_lines(self.spool.read(number), start)
            for position, line in enumerate(lines):
                mark = self.rules.mark(line.text) if len(self.marked) < MAX_MARKED else None
                if mark is not None:
                    self.marked.append(line.offset)
                    self.names[mark.name] = None
                command = typed_command(line.text)
                if command and len(self.typed) < MAX_TYPED:
                    self.typed.append(TypedCommand(line.offset, command))
                if position % 200 == 199:
                    await asyncio.sleep(0)
            self._changed()

    @property
    def recorded(self) -> bool:
        """Whether it is a recording, with timing."""
        return bool(self._times)

    # -- rendering

    def segment(self, number: int) -> TranscriptSegment | None:
        """A segment, if it is rendered."""
        found = self._kept.get(number)
        if found is not None:
            self._kept.move_to_end(number)
        return found

    async def rendered(self, number: int) -> TranscriptSegment:
        """A segment; it is rendered if it is not.

        Raises:
            OSError: Its bytes cannot be read.
            TerminalError: The renderer cannot be started.
        """
        found = self.segment(number)
        if found is not None:
            return found
        job = self._rendering.get(number)
        if job is None:
            job = asyncio.create_task(self._render(number))
            self._rendering[number] = job
            job.add_done_callback(lambda _: self._rendering.pop(number, None))
        # Whoever waits may leave; the next one takes what was rendered.
        return await asyncio.shield(job)

    async def _render(self, number: int) -> TranscriptSegment:
        segment = self.spool.segments[number]
        data = self.spool.read(number)
        if self.raw:
            return self._keep(number, _raw(data))
        columns, rows = self._size_at(segment.start)
        offsets, times = self._times_of(segment.start, segment.end)
        answer = await self._renderer.render(data, columns, rows, offsets)
        found = self._plain(data) if answer is None else self._made(answer, times, columns)
        return self._keep(number, found)

    def _keep(self, number: int, found: TranscriptSegment) -> TranscriptSegment:
        self._kept[number] = found
        while len(self._kept) > MAX_RENDERED:
            self._kept.popitem(last=False)
        return found

    def _size_at(self, offset: int) -> tuple[int, int]:
        at = bisect_right(self._sizes, (offset, (1 << 30, 0))) - 1
        return self._sizes[at][1] if at >= 0 else (self.columns, SCREEN_ROWS)

    def _times_of(self, start: int, end: int) -> tuple[list[int], list[float]]:
        """(offsets within a segment, times) of a recording, at most `MAX_TIMES`."""
        first, last = bisect_right(self._offsets, start - 1), bisect_right(self._offsets, end - 1)
        step = max(1, (last - first) // MAX_TIMES)
        chosen = range(first, last, step)
        return [self._offsets[each] - start for each in chosen], [self._times[i] for i in chosen]

    def _made(self, answer: Rendered, times: Sequence[float], columns: int) -> TranscriptSegment:
        rows = []
        for row in answer.rows:
            whole = clean("".join(run.text for run in row.runs))
            text = whole.rstrip()
            # One blank at the edge: a word ends there, or a wide character did not fit.
            broken = cell_len(text) >= columns - 1
            text = whole if broken else text
            mark, typed = self.rules.mark(text.rstrip()), typed_command(text.rstrip())
            rows.append(TranscriptRow(text, row.runs, row.cleared, mark, typed, broken=broken))
        moments = list(zip(answer.at, times, strict=False))
        at, now = 0, -1.0
        for number, shown in enumerate(rows):
            while at < len(moments) and moments[at][0] <= number:
                now = moments[at][1]
                at += 1
            shown.at = now
        return TranscriptSegment(rows, dict(answer.styles), answer.dropped)

    def _plain(self, data: bytes) -> TranscriptSegment:
        """The text without the engine, which has failed at this segment."""
        rows = []
        for line in plain_lines(data):
            run = Run(line.text, cell_len(line.text))
            rows.append(
                TranscriptRow(
                    line.text, [run], mark=self.rules.mark(line.text),
                    typed=typed_command(line.text),
                )
            )  # fmt: skip
        return TranscriptSegment(rows, failed=True)

    def look(self, columns: int, *, raw: bool) -> None:
        """Render for another width from now on, or show the bytes as they are."""
        if (columns, raw) != (self.columns, self.raw):
            self.columns, self.raw = columns, raw
            self._kept.clear()

    # -- finding

    async def find(
        self,
        line_fits: Callable[[str], bool],
        row_fits: Callable[[TranscriptRow], bool],
        start: Position,
        *,
        forward: bool,
        progress: Callable[[int], None],
    ) -> Position | None:
        """The next row that fits, from `start` on without it; None if there is none.

        Args:
            line_fits: Whether the text of a line may fit: only segments with one are rendered.
            row_fits: Whether a row fits.
            progress: Called with the number of each segment that is looked at.

        Raises:
            OSError, TerminalError: A segment cannot be rendered.
        """
        count = len(self.spool.segments)
        numbers = range(start.segment, count) if forward else range(start.segment, -1, -1)
        for number in numbers:
            progress(number)
            if number >= count or not await self._may_fit(number, line_fits):
                continue
            rows = (await self.rendered(number)).rows
            order = range(len(rows)) if forward else range(len(rows) - 1, -1, -1)
            for index in order:
                here = Position(number, index)
                if (here <= start if forward else here >= start) or not row_fits(rows[index]):
                    continue
                return here
        return None

    async def _may_fit(self, number: int, line_fits: Callable[[str], bool]) -> bool:
        for position, line in enumerate(plain_lines(self.spool.read(number))):
            if line_fits(line.text):
                return True
            if position % 200 == 199:
                await asyncio.sleep(0)
        return False

    def offset_near(self, position: Position) -> int:
        """About which byte a row is of: rows of a segment count as equally long."""
        segments = self.spool.segments
        if position.segment >= len(segments):
            return 0
        segment, shown = segments[position.segment], self._kept.get(position.segment)
        share = position.row / max(1, len(shown.rows)) if shown is not None else 0.0
        return segment.start + int(share * (segment.end - segment.start))

    def close(self) -> None:
        """Drop it."""
        for job in list(self._rendering.values()):
            job.cancel()
        self.spool.close()


def _raw(data: bytes) -> TranscriptSegment:
    """The bytes, line by line, with control characters spelt out: `\\x1b[31mred`."""
    rows = []
    for line in data.removesuffix(b"\n").split(b"\n"):
        text = line[:MAX_RAW_BYTES].decode("utf-8", "backslashreplace")
        shown = "".join(
            char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
        )
        rows.append(TranscriptRow(shown, [Run(shown, cell_len(shown))]))
    return TranscriptSegment(rows)
