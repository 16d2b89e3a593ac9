"""The widget that shows lines of logs: a cursor, marks, unfolding, wrapping, highlights."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ecs_tui.logs.filters import LogFilter
from ecs_tui.logs.line import LineKind, LogLine
from ecs_tui.logs.times import TimeStyle
from ecs_tui.logs.view import LineOptions, TaskNames
from ecs_tui.ui.log_lines.drawing import MAX_CONTAINER, DrawOptions, LineDrawer
from ecs_tui.ui.log_lines.shown import ShownLines, index_of, order_of
from ecs_tui.ui.log_lines.styles import COMPONENTS, LogStyles
from ecs_tui.ui.log_lines.window import LineWindow, Row
from ecs_tui.ui.unlisted import Unlisted

WHEEL_ROWS = 3
MAX_MARKED = 1_000
AGAIN_MS = 60_000
"""Milliseconds after which lines are drawn again: those of yesterday have a date."""


class LogLines(Widget, Unlisted, can_focus=True):
    """Lines of logs. It has what the keys that move act on (`ListPart`).

    Attributes:
        shown: The lines.
        window: Which of them are on the screen.
        drawer: Draws them.
    """

    COMPONENT_CLASSES = {f"log-lines--{name}" for name in COMPONENTS}
    # Textual's themes have the same colour for warnings and accents, and two blues.
    DEFAULT_CSS = """
    LogLines { height: 1fr; width: 1fr; background: $background; color: $foreground;
        & > .log-lines--time { color: $text-muted; }
        & > .log-lines--quiet { color: $text-muted; }
        & > .log-lines--info { color: $text-success; }
        & > .log-lines--warn { color: $text-warning; }
        & > .log-lines--error { color: $text-error; }
        & > .log-lines--fatal { color: $text-error; text-style: bold reverse; }
        & > .log-lines--end { color: $text-muted; }
        & > .log-lines--failed { color: $text-error; text-style: bold; }
        & > .log-lines--hit { text-style: bold underline; color: $text-accent; }
        & > .log-lines--mark { color: $text-accent; }
        & > .log-lines--cursor { background: $primary 30%; }
        &:ansi > .log-lines--cursor { background: $block-cursor-background;
            color: $block-cursor-foreground; }
        & > .log-lines--task0 { color: $text-primary; }
        & > .log-lines--task1 { color: $text-success; }
        & > .log-lines--task2 { color: $text-warning; }
        &:dark > .log-lines--task3 { color: #c792ea; }
        &:light > .log-lines--task3 { color: #7b3fa0; }
        &:ansi > .log-lines--task3 { color: $text-accent; }
        &:dark > .log-lines--task4 { color: #4fb8b8; }
        &:light > .log-lines--task4 { color: #0b6e6e; }
        &:ansi > .log-lines--task4 { color: $text-secondary; }
        & > .log-lines--task5 { color: $foreground; text-style: italic; }
    }
    """

    class Moved(Message):
        """The cursor or the lines on the screen have changed, by a key or the mouse."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.names = TaskNames()
        self.drawer = LineDrawer(self.names, DrawOptions(wrap=True))
        self.shown = ShownLines()
        self.window = LineWindow(self.drawer.rows_of)
        self._screen_rows: list[Row | None] = []
        self._styled = self._few = False
        self._base = Style()

    # -- lines

    def arrived(self, lines: Sequence[LogLine], *, older: bool = False) -> int:
        """Add lines; returns how many are shown. What is read stays where it is."""
        wider = [self.names.add(line.task) for line in lines]
        if any(wider):
            self.drawer.redraw()
        found = self.shown.add(lines, older=older)
        self.window.arrived(self.shown.lines)
        self.refresh()
        return found

    def start_again(self) -> None:
        """Drop all lines, marks and unfolded ones, and follow."""
        self.names = TaskNames()
        self.drawer.names = self.names
        self.options.unfolded.clear()
        self.options.marked.clear()
        self.drawer.redraw()
        self.shown.clear()
        self.window.following = True
        self._changed()

    def keep_from(self, moment: int) -> None:
        """Drop what was written before a time, in milliseconds since 1970."""
        self.shown.keep_from(moment)
        self._changed()

    def show_only(self, wanted: LogFilter) -> None:
        """Show what another filter lets through; the cursor goes to the nearest line."""
        self.shown.show(wanted)
        self._changed()

    def changed(self, line: LogLine) -> None:
        """Draw a line again, whose words have changed."""
        self.drawer.redraw([line])
        self.refresh()

    def _changed(self) -> None:
        self.window.take(self.shown.lines)
        self.refresh()

    @property
    def current(self) -> LogLine | None:
        """The line under the cursor."""
        return self.window.cursor

    @property
    def marked(self) -> list[LogLine]:
        """The marked lines, in order; also those that the filter hides."""
        return sorted(self.options.marked, key=order_of)

    # -- how they are shown

    @property
    def options(self) -> DrawOptions:
        """How lines are drawn."""
        return self.drawer.options

    def look(self, lines: LineOptions, containers: Collection[str]) -> None:
        """Take the present time, and the names of the containers; a single one is not named."""
        before = self.options.lines
        timed = before.times is TimeStyle.RELATIVE or lines.now - before.now >= AGAIN_MS
        cells = min(MAX_CONTAINER, max(map(cell_len, containers), default=0))
        cells = cells if len(containers) > 1 else 0
        if lines.times is not before.times or timed or cells != self.options.containers:
            self.options.lines, self.options.containers = lines, cells
            self._redraw()

    def turn_times(self) -> TimeStyle:
        """Show times in the next style."""
        self.options.lines = replace(self.options.lines, times=self.options.lines.times.next)
        self._redraw()
        return self.options.lines.times

    def turn_wrap(self) -> bool:
        """Wrap long lines, or cut them; returns whether they are wrapped."""
        self.options.wrap = not self.options.wrap
        self._redraw()
        return self.options.wrap

    def unfold(self) -> None:
        """Show all of the line under the cursor, or fold it again."""
        line = self.current
        if line is not None and line.kind is LineKind.EVENT:
            self.options.unfolded ^= {line}
            self.drawer.redraw([line])
            self._changed()

    def turn_mark(self) -> None:
        """Mark the line under the cursor, or unmark it."""
        line, marked = self.current, self.options.marked
        if line is None:
            return
        if line not in marked and len(marked) >= MAX_MARKED:
            self.notify(f"{MAX_MARKED:,} lines are marked; unmark some first.")
            return
        marked ^= {line}
        self.drawer.redraw([line])
        self.refresh()

    def highlight(self, search: LogFilter) -> None:
        """Highlight what a search finds."""
        self.options.search = search
        self._redraw()

    def _redraw(self) -> None:
        self.drawer.redraw()
        self._changed()

    # -- moving

    def go(self, line: LogLine) -> None:
        """Put the cursor on a line."""
        self.window.go(line)
        self._moved()

    def go_to_time(self, moment: int, share: float) -> None:
        """Put the cursor on the first line that was written at a time, or later.

        Without one it goes to the end and stays there: what led to an exit is shown before ECS has
        said how the container ended.

        Args:
            moment: Milliseconds since 1970.
            share: The share of the screen that is above it.
        """
        at = self.shown.buffer.at_time(moment)
        lines = self.shown.buffer.lines
        if at >= len(lines):
            self.follow()
        elif self.shown.lines:
            found = index_of(self.shown.lines, lines[at])
            self.window.go(self.shown.lines[found], share)
            self._moved()

    def move_page(self, pages: float) -> None:
        """Scroll by pages; one row of a whole page stays."""
        rows = self.page if abs(pages) == 1 else max(1, self.size.height // 2)
        self.window.page(rows if pages > 0 else -rows)
        self._moved()

    def move(self, lines: int) -> None:
        """Move the cursor; it stops at the ends."""
        self.window.move(lines)
        self._moved()

    def follow(self) -> None:
        """Go to the end and stay there."""
        self.window.follow()
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
        """As many as to move from one end to the other."""
        return range(len(self.shown) + self.window.height)

    # -- drawing

    def render_line(self, y: int) -> Strip:
        """A row of the screen."""
        rows = self._screen_rows
        found = rows[y] if y < len(rows) else None
        if found is None:
            return Strip.blank(self.size.width, self._base)
        line, number = found
        strip = self.drawer.row(line, number)
        if line is self.window.cursor:
            look = self._component("cursor")
            return Strip(
                [each._replace(style=(each.style or Style()) + look) for each in strip],
                strip.cell_length,
            )
        return strip

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows of a region: which lines they show is found once for all."""
        if not self._styled:
            self._style()
        self._screen_rows = self.window.rows()
        return super().render_lines(crop)

    def _style(self) -> None:
        self._few = bool(getattr(self.app, "native_ansi_color", False))
        self._base = self.rich_style  # of each row it would take longer than drawing it
        self.drawer.restyle(LogStyles(cache(self._component), self._base))
        self._styled = True

    def _component(self, name: str) -> Style:
        """The style of a component; only that of the cursor has a background."""
        full = self.get_component_rich_style(f"log-lines--{name}")
        if name == "cursor":
            return Style(color=full.color if self._few else None, bgcolor=full.bgcolor)
        return Style(
            color=full.color, bold=full.bold, italic=full.italic, underline=full.underline,
            reverse=full.reverse,
        )  # fmt: skip

    def notify_style_update(self) -> None:
        """Draw again: the theme has changed."""
        super().notify_style_update()
        self._styled = False

    def on_resize(self, event: events.Resize) -> None:
        """Lay the lines out again; the line under the cursor stays on its row."""
        if self.drawer.width != max(20, event.size.width):
            self.drawer.width = max(20, event.size.width)
            self.drawer.redraw()
        self.window.resize(event.size.height)
        self.refresh()

    # -- mouse

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up."""
        event.stop()
        self.window.scroll(-WHEEL_ROWS)
        self._moved()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down."""
        event.stop()
        self.window.scroll(WHEEL_ROWS)
        self._moved()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on a line; a double click unfolds it."""
        rows = self.window.rows()
        found = rows[event.y] if 0 <= event.y < len(rows) else None
        if found is None:
            return
        self.window.go(found[0])
        if event.chain == 2:
            self.unfold()
        self._moved()
