"""Renders recorded output as it looked: rows with styles, also of screens that were cleared later.

A terminal forgets what a program clears, and the screen of a full-screen program when that ends. For
a reader of a transcript nothing may be lost, so such screens are kept where they were. What clears:
xterm's ctlseqs, "Erase in Display", "DEC Private Mode Reset" (47, 1047, 1049), "Full Reset".
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence

from ecs_tui.record import dataclass
from ecs_tui.terminal.engine import Engine
from ecs_tui.terminal.protocol import Mode, RenderedRow, Run

SCREEN_ROWS = 50
"""Rows of the screen, where nobody knows how many there were."""
SCROLLBACK_ROWS = 10_000
"""Rows that are kept of one piece of output; hostile output can make more of a few bytes."""
MAX_SCREENS = 40
"""Cleared screens that are kept of one piece of output."""
_CLEARS = re.compile(
    rb"\x1b\[(?:[0-9]+;)*3J"  # the scrollback
    rb"|\x1b\[\??2J|\x1b\[(?:1;1)?H\x1b\[0?J"  # the screen
    rb"|\x1b\[\?(?:[0-9]+;)*(?:47|1047|1049)(?:;[0-9]+)*[hl]"  # begin and end of another screen
    rb"|\x1bc"  # everything
)


@dataclass(frozen=True, slots=True)
class RenderedOutput:
    """The rows of recorded output, the oldest first.

    Attributes:
        dropped: Whether older rows are missing, because there were too many.
        at: For each offset that was asked for, the number of the row where the cursor was.
    """

    rows: list[RenderedRow]
    dropped: bool
    at: list[int]


def render(engine: Engine, data: bytes, offsets: Sequence[int] = ()) -> RenderedOutput:
    """The rows of `data`.

    Args:
        engine: A new engine.
        offsets: Bytes of `data`, sorted, whose rows are wanted too.
    """
    return _Rendering(engine, offsets).all_of(data)


class _Rendering:
    def __init__(self, engine: Engine, offsets: Sequence[int]) -> None:
        self._engine = engine
        self._offsets = deque(offsets)
        self._passed: list[tuple[int, bool]] = []
        """Rows of offsets, in scrollback and screen, that are not in `_at` yet; and whether another
        screen was shown there."""
        self._at: list[int] = []
        self._fed = 0
        self._rows: list[RenderedRow] = []
        self._screens: list[tuple[int, list[list[Run]]]] = []
        """Cleared screens, and how many rows of the scrollback are above each."""
        self._above = 0
        self._kept = 0
        self._dropped = False

    def all_of(self, data: bytes) -> RenderedOutput:
        engine = self._engine
        for before, clearing in _pieces(data):
            self._feed(before)
            self._fed += len(clearing)
            if clearing.endswith(b"3J"):
                continue  # the scrollback stays
            if clearing == b"\x1bc":
                self._take_rows()
            elif clearing.endswith(b"h"):
                self._above = self._row() + (self._engine.cursor().x > 0)
            elif clearing:
                self._keep_screen(clearing)
                continue
            engine.feed(clearing)
        self._take_rows()
        self._at += [max(0, len(self._rows) - 1)] * len(self._offsets)
        return RenderedOutput(self._rows, self._dropped, self._at)

    def _feed(self, data: bytes) -> None:
        """Feed output, and note where the cursor is at each offset."""
        start, offsets = 0, self._offsets
        while offsets and offsets[0] <= self._fed + len(data):
            end = max(start, offsets.popleft() - self._fed)
            self._engine.feed(data[start:end])
            start = end
            # On the alternate screen it is the row before that screen.
            alternate = bool(self._engine.modes() & Mode.ALTERNATE)
            self._passed.append((self._above, True) if alternate else (self._row(), False))
        self._engine.feed(data[start:])
        self._fed += len(data)

    def _row(self) -> int:
        """The number of the cursor's row, in scrollback and screen."""
        self._engine.changed()  # engines know the cursor of what was drawn last
        return self._engine.history()[0] + self._engine.cursor().y

    def _keep_screen(self, clearing: bytes) -> None:
        """Keep the screen that a sequence clears; some engines move it into the scrollback."""
        engine = self._engine
        shown, before = _screen(engine), engine.history()[0]
        ends = clearing.endswith(b"l")
        alternate = engine.modes() & Mode.ALTERNATE
        above = self._above if alternate else before
        engine.feed(clearing)
        if ends and not alternate:
            return
        moved = not ends and engine.history()[0] > before
        last = self._screens[-1][1] if self._screens else None
        if shown and shown != last and not moved and self._kept < MAX_SCREENS:
            self._kept += 1
            self._screens.append((above, shown))

    def _take_rows(self) -> None:
        """Take what scrollback and screen hold, with the cleared screens where they were."""
        rows, at, first = _every_row(self._engine), 0, len(self._rows)
        self._dropped |= self._engine.history()[0] >= SCROLLBACK_ROWS
        for above, shown in self._screens:
            position = min(max(at, above), len(rows))
            self._rows += [RenderedRow(runs) for runs in rows[at:position]]
            self._rows += [RenderedRow(runs, cleared=True) for runs in shown]
            at = position
        self._rows += [RenderedRow(runs) for runs in rows[at:]]
        for row, alternate in self._passed:
            last = row - alternate
            before = sum(len(shown) for above, shown in self._screens if above <= last)
            self._at.append(min(first + row + before, max(0, len(self._rows) - 1)))
        self._passed.clear()
        self._screens.clear()
        self._above = 0


def _pieces(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(output, the sequence after it that clears the screen); the last one has none."""
    start = 0
    for found in _CLEARS.finditer(data):
        yield data[start : found.start()], found.group()
        start = found.end()
    yield data[start:], b""


def _screen(engine: Engine) -> list[list[Run]]:
    """The screen's rows without the empty ones at its end; [] for an empty screen."""
    engine.scroll(0)
    rows = sorted(engine.changed(), key=lambda row: row.y)
    return _without_end([row.runs for row in rows])


def _every_row(engine: Engine) -> list[list[Run]]:
    """The rows of scrollback and screen, without the empty ones at the end."""
    _, height = engine.size
    above, _ = engine.history()
    found: list[list[Run]] = []
    # The view moves down by screens; the last step is shorter, so that no row is read twice.
    engine.scroll(-above)
    while True:
        rows = {row.y: row.runs for row in engine.changed()}
        history, offset = engine.history()
        top = history - offset
        found += [rows.get(y, []) for y in range(len(found) - top, height)]
        if offset == 0:
            return _without_end(found)
        engine.scroll(min(height, offset))


def _without_end(rows: list[list[Run]]) -> list[list[Run]]:
    end = len(rows)
    while end and not any(run.text.strip() for run in rows[end - 1]):
        end -= 1
    return rows[:end]
