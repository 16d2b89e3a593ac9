"""The widget that shows the rows of a transcript. It renders what is on the screen, and a little around."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ecs_tui.model.text import clock
from ecs_tui.ui.pages.transcript.rows import (
    Position,
    TranscriptRow,
    TranscriptSegment,
)
from ecs_tui.ui.unlisted import Unlisted

if TYPE_CHECKING:
    from ecs_tui.ui.pages.transcript.document import TranscriptDocument
    from ecs_tui.ui.pages.transcript.drawing import RowDrawer


WHEEL_ROWS = 3
GUTTER = 2
"""Cells before a row: its sign and a blank."""
CLOCK = 8
"""Cells of the time before a row of a recording, with a blank."""
_SIGNS = {"mark": "▲", "cleared": "┆", "typed": "›"}
"""Of a row that stands out; of a screen that was cleared later; of a command that was typed."""


class TranscriptView(Widget, Unlisted, can_focus=True):
    """Rows of a transcript. It has what the keys that move act on (`ListPart`).

    Attributes:
        top: The first row on the screen.
        found: The row that a search or a jump has found, or None.
        search: What is highlighted.
        mask: Whether what looks like a secret is hidden.
        wanted: Called with the number of a segment that is to be rendered.
    """

    COMPONENT_CLASSES = {
        "transcript--mark", "transcript--cleared", "transcript--typed", "transcript--hit",
        "transcript--found",
    }  # fmt: skip
    DEFAULT_CSS = """
    TranscriptView { height: 1fr; width: 1fr; background: $background; color: $foreground;
        & > .transcript--mark { color: $text-warning; text-style: bold; }
        & > .transcript--cleared { color: $text-muted; }
        & > .transcript--typed { color: $text-accent; }
        & > .transcript--hit { text-style: bold underline; color: $text-accent; }
        & > .transcript--found { background: $primary 30%; }
    }
    """

    class Moved(Message):
        """Other rows are on the screen."""

    def __init__(self, wanted: Callable[[int], None], id: str | None = None) -> None:
        super().__init__(id=id)
        self.document: TranscriptDocument | None = None
        self.top = Position(0, 0)
        self.found: Position | None = None
        self.search: Callable[[str], list[tuple[int, int]]] = lambda text: []
        self.mask = True
        self.wanted = wanted
        self._screen_rows: list[tuple[TranscriptSegment, TranscriptRow, Position] | None] = []
        self._drawer: RowDrawer | None = None

    def show(self, document: TranscriptDocument | None) -> None:
        """Show a transcript from its first row; None for nothing."""
        self.document, self.top, self.found = document, Position(0, 0), None
        self.refresh()

    # -- rows

    def _rows_of(self, number: int) -> int:
        """The rows of a segment; -1 if it is not rendered, or not there."""
        document = self.document
        if document is None or not 0 <= number < len(document.spool.segments):
            return -1
        segment = document.segment(number)
        if segment is None:
            self.wanted(number)
            return -1
        return len(segment.rows)

    def _moved_by(self, start: Position, rows: int) -> Position:
        """The row that is so many rows further; it stops where nothing is rendered yet."""
        number, row = start
        if self._rows_of(number) < 0:
            return start
        row += rows
        while row < 0:
            before = self._rows_of(number - 1)
            if before < 0:
                return Position(number, 0)
            number, row = number - 1, row + before
        while row >= (here := self._rows_of(number)):
            if self._rows_of(number + 1) < 0:
                return Position(number, max(0, here - 1))
            number, row = number + 1, row - here
        return Position(number, row)

    @property
    def at_end(self) -> bool:
        """Whether the last row is on the screen."""
        document = self.document
        if document is None or not document.spool.segments:
            return True
        last = len(document.spool.segments) - 1
        end = self._moved_by(self.top, max(0, self.size.height - 1))
        return end.segment == last and end.row >= self._rows_of(last) - 1

    def found_row(self) -> TranscriptRow | None:
        """The row that was found, if it is rendered."""
        if self.found is None or self.document is None:
            return None
        segment = self.document.segment(self.found.segment)
        rows = segment.rows if segment is not None else []
        return rows[self.found.row] if self.found.row < len(rows) else None

    def found_text(self) -> str:
        """The text of that row without secrets; "" without one."""
        if self.found is None or self.document is None or self.found_row() is None:
            return ""
        segment = self.document.segment(self.found.segment)
        return segment.masked(self.found.row) if segment is not None else ""

    def shown_text(self) -> list[str]:
        """The text of the row that was found, else of the rows on the screen; as it is shown."""
        row = self.found_row()
        if row is not None:
            return [self.found_text() if self.mask else row.text]
        shown = [each for each in self._screen_rows if each is not None]
        return [
            segment.masked(position.row) if self.mask else row.text
            for segment, row, position in shown
        ]

    # -- moving

    def go(self, position: Position, *, found: bool = False) -> None:
        """Show a row, a third of the screen below its top; `found` marks it."""
        self.top = position
        if found:
            self.found = position
            self.top = self._moved_by(position, -(self.size.height // 3))
        self._moved()

    def move(self, lines: int) -> None:
        """Scroll by rows; the last page stays full."""
        document = self.document
        if document is None:
            return
        if lines > 0:
            end = self._moved_by(self.top, self.size.height - 1 + lines)
            self.top = max(self.top, self._moved_by(end, 1 - self.size.height))
        else:
            self.top = self._moved_by(self.top, lines)
        self._moved()

    def move_page(self, pages: float) -> None:
        """Scroll by pages; one row of a whole page stays."""
        rows = self.page if abs(pages) == 1 else max(1, self.size.height // 2)
        self.move(rows if pages > 0 else -rows)

    def go_to_start(self) -> None:
        """Show the first row."""
        self.top = Position(0, 0)
        self._moved()

    def go_to_end(self) -> None:
        """Show the last row that has arrived."""
        document = self.document
        if document is None or not document.spool.segments:
            return
        last = len(document.spool.segments) - 1
        rows = self._rows_of(last)
        self.top = Position(last, max(0, rows - 1))
        self.top = self._moved_by(self.top, 1 - self.size.height)
        self._moved()

    def _moved(self) -> None:
        self.refresh()
        self.post_message(self.Moved())

    @property
    def page(self) -> int:
        """Rows of a page; one row stays."""
        return max(1, self.size.height - 1)

    @property
    def order(self) -> Sequence[int]:
        """As many as to move from one end to the other of what is rendered."""
        return range(1 << 20)

    # -- drawing

    @property
    def room(self) -> int:
        """Cells for a row's text."""
        timed = self.document is not None and self.document.recorded
        return max(20, self.size.width - GUTTER - (CLOCK if timed else 0))

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows of a region: which they are is found once for all."""
        self._screen_rows = []
        document, here = self.document, self.top
        while document is not None and len(self._screen_rows) < self.size.height:
            count = self._rows_of(here.segment)
            segment = document.segment(here.segment) if count >= 0 else None
            if segment is None:
                break
            rows = segment.rows[here.row :]
            self._screen_rows += [
                (segment, row, Position(here.segment, here.row + number))
                for number, row in enumerate(rows[: self.size.height])
            ]
            here = Position(here.segment + 1, 0)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """A row of the screen."""
        shown = self._screen_rows[y] if y < len(self._screen_rows) else None
        if shown is None:
            return Strip.blank(self.size.width, self.rich_style)
        segment, row, position = shown
        base = self.rich_style
        parts = [self._gutter(row)]
        if self.document is not None and self.document.recorded:
            words = clock(row.at) if row.at >= 0 else ""
            style = self._component("cleared")
            parts.insert(0, Segment(f"{words:>{CLOCK - 1}} ", style))
        hits = self.search(row.text)
        secrets = segment.secrets(position.row) if self.mask else []
        line = self._own_drawer().strip(
            row, segment.styles, self.room, hits, self._component("hit"), secrets
        )
        strip = Strip.join([Strip(parts), line])
        strip = strip.adjust_cell_length(self.size.width).apply_style(base)
        if position == self.found:
            look = RichStyle(
                bgcolor=self.get_component_rich_style("transcript--found", partial=False).bgcolor
            )
            strip = Strip(
                [each._replace(style=(each.style or RichStyle()) + look) for each in strip],
                strip.cell_length,
            )
        return strip

    def _gutter(self, row: TranscriptRow) -> Segment:
        kind = "mark" if row.mark else "cleared" if row.cleared else "typed" if row.typed else ""
        if not kind:
            return Segment("  ")
        return Segment(f"{_SIGNS[kind]} ", self._component(kind))

    def _component(self, name: str) -> RichStyle:
        full = self.get_component_rich_style(f"transcript--{name}", partial=True)
        return RichStyle(color=full.color, bold=full.bold, underline=full.underline)

    def _own_drawer(self) -> RowDrawer:
        if self._drawer is None:
            from ecs_tui.ui.pages.transcript.drawing import RowDrawer

            self._drawer = RowDrawer(self.app.console.color_system or "truecolor")
        return self._drawer

    # -- mouse

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up."""
        event.stop()
        self.move(-WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down."""
        event.stop()
        self.move(WHEEL_ROWS)
