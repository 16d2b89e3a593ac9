"""The widget that draws a terminal's screen and turns keys and mouse events into bytes.

More than 400 lines, because all its events work on the same screen, selection and copy mode.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.color import ColorSystem
from rich.style import Style as RichStyle
from textual import events
from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ecs_tui.terminal.copymode import Copied, CopyMode, Leave, Search
from ecs_tui.terminal.input import Paste
from ecs_tui.terminal.keys import encode_key
from ecs_tui.terminal.mouse import ALT, CTRL, MOTION, WHEEL_DOWN, WHEEL_UP, encode_mouse
from ecs_tui.terminal.paint import (
    COPY_CURSOR,
    CURSOR,
    CURSOR_AWAY,
    MATCH,
    CellLine,
    Palette,
    ascii_text,
)
from ecs_tui.terminal.picture import Picture
from ecs_tui.terminal.protocol import Mode
from ecs_tui.terminal.recode import canonical
from ecs_tui.terminal.reduced import Reduced
from ecs_tui.terminal.scrolling import Scrolling
from ecs_tui.terminal.selection import Point, Selection
from ecs_tui.terminal.typed import PastedText, TypedKey

WHEEL_LINES = 3
"""Lines that one step of the mouse wheel scrolls."""
_SYSTEMS = {"standard": "STANDARD", "256": "EIGHT_BIT", "truecolor": "TRUECOLOR"}
"""Rich's names of colour systems, and the members of its enumeration."""


def _held(event: events.MouseEvent) -> int:
    """The modifiers for a mouse report; without shift, which is for selecting."""
    return ALT * event.meta | CTRL * event.ctrl


class TerminalView(Widget, can_focus=True):
    """Draws the rows of a `Picture`; depends neither on the worker nor on the session.

    While it has focus, every key is passed on as the terminal sent it, except the prefix, which is
    posted as a message.

    Args:
        picture: Returns the current picture.
        on_input: Called with bytes to send to the session.
        on_scroll: Called with the lines to move the view by (negative: up); 0 for the bottom.
        is_prefix: Returns whether the bytes of a key are the prefix.
        own_colours: Whether the outer terminal's colours are used rather than the theme's.
        on_scroll_to: Called in copy mode with the number of the line that is to be the first in view.
    """

    DEFAULT_CSS = """
    TerminalView { width: 1fr; height: 1fr; background: $background; }
    """

    class PrefixPressed(Message):
        """The prefix was pressed: the next key is not sent but posted as a `PrefixCommand`."""

    class PrefixCommand(Message):
        """The key after the prefix, by Textual's name; "" for the prefix again, which was sent."""

        def __init__(self, view: TerminalView, key: str) -> None:
            super().__init__()
            self.view, self.key = view, key

    class Resized(Message):
        """The widget's size has changed, in cells."""

        def __init__(self, columns: int, rows: int) -> None:
            super().__init__()
            self.columns, self.rows = columns, rows

    class PasteInto(Message):
        """Text was pasted: what the terminal sent between the brackets."""

        def __init__(self, paste: Paste) -> None:
            super().__init__()
            self.paste = paste

    class Selected(Message):
        """Text was selected with the mouse, to be copied."""

        def __init__(self, selection: Selection) -> None:
            super().__init__()
            self.selection = selection

    class Clicked(Message):
        """A cell was clicked without dragging; it may be part of a link."""

        def __init__(self, at: Point) -> None:
            super().__init__()
            self.at = at

    class CopyKey(Message):
        """Copy mode has handled a key; `outcome` is the result, None for a move."""

        def __init__(self, outcome: Copied | Leave | Search | None) -> None:
            super().__init__()
            self.outcome = outcome

    class ClosedKey(Message):
        """A key was pressed while `closed` is set, by Textual's name."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class SelectAround(Message):
        """A cell was double-clicked (word) or triple-clicked (line)."""

        def __init__(self, at: Point, whole_line: bool) -> None:
            super().__init__()
            self.at, self.whole_line = at, whole_line

    def __init__(
        self,
        picture: Callable[[], Picture],
        on_input: Callable[[bytes], None],
        on_scroll: Callable[[int], None],
        is_prefix: Callable[[bytes], bool],
        own_colours: bool = True,
        *,
        on_scroll_to: Callable[[int], None],
    ) -> None:
        super().__init__()
        self._picture = picture
        self._on_input, self._scroll = on_input, Scrolling(picture, on_scroll)
        self._ask_for_line = on_scroll_to
        self._is_prefix = is_prefix
        self._armed = False
        self._held: list[events.Key] | None = None
        self._own_colours = own_colours
        self._palette: Palette | None = None
        self._lines: dict[int, CellLine] = {}
        self._rich: dict[int, RichStyle] = {}
        self.redrawn_rows = 0
        self._base: RichStyle | None = None
        self._selection: Selection | None = None
        self._dragging = False
        self._copy: CopyMode | None = None
        self.closed = False
        """Whether the session has ended; keys are then posted as `ClosedKey`."""

    @property
    def copy_mode(self) -> CopyMode | None:
        """The state of copy mode while it is on."""
        return self._copy

    @copy_mode.setter
    def copy_mode(self, mode: CopyMode | None) -> None:
        self._copy = mode
        self.selection = None
        self.refresh()

    @property
    def selection(self) -> Selection | None:
        """The selected cells, or None."""
        return self._selection

    @selection.setter
    def selection(self, selection: Selection | None) -> None:
        if selection is not None or self._selection is not None:
            self._selection = selection
            self.refresh()

    def _point(self, event: events.MouseEvent) -> Point:
        """The cell of the scrollback under the mouse."""
        picture = self._picture()
        x = min(max(0, event.x), max(0, picture.columns - 1))
        y = min(max(0, event.y), max(0, picture.rows - 1))
        return x, picture.top + y

    def arm(self) -> None:
        """Treat the next key as a command."""
        self._armed = True
        self.post_message(self.PrefixPressed())

    def command_done(self) -> None:
        """End the last `PrefixCommand`: keys typed since then go to the widget with focus."""
        held, self._held = self._held or [], None
        target = self.app.focused or self.app.screen
        for event in held:
            target._forward_event(event.copy())

    def rows_changed(self, rows: list[int]) -> None:
        """Draw these rows of the picture, which have changed."""
        width, height = self.size
        changed = set(rows)
        for y in changed:
            self._lines.pop(y, None)
        regions = [Region(0, y, width, 1) for y in changed if y < height]
        if regions:
            self.refresh(*regions)
        if len(self._picture().styles) < len(self._rich):
            self.forget()

    def forget(self) -> None:
        """Draw everything again without caches, after a change of the worker or the theme."""
        self._base = None
        self._lines.clear()
        self._rich.clear()
        self.refresh()

    @property
    def palette(self) -> Palette:
        """The conversion of styles for the terminal that the app runs in."""
        if self._palette is None:
            system = self.app.console.color_system or "truecolor"
            self._palette = Palette(self._own_colours, ColorSystem[_SYSTEMS[system]])
        return self._palette

    def get_line_filters(self) -> Sequence[LineFilter]:
        """The app's filters replace colours 0 to 15 and dim: only for the theme's colours."""
        filters = super().get_line_filters()
        if not self._own_colours:
            return filters
        return [item.of_programs for item in filters if isinstance(item, Reduced)]

    @property
    def _only_ascii(self) -> bool:
        return any(isinstance(item, Reduced) and item.ascii for item in self.get_line_filters())

    def render_line(self, y: int) -> Strip:
        """Row `y` of the screen, with the cursor over it."""
        picture = self._picture()
        cells = self._lines.get(y)
        if cells is None:
            self.redrawn_rows += 1
            runs = picture.lines[y] if y < len(picture.lines) else []
            line = CellLine.of(runs, self._style, ascii_text if self._only_ascii else None)
            cells = line.fitted(self.size.width, self.palette.plain)
            self._lines[y] = cells
        number = picture.top + y
        if self._copy is not None:
            cells = self._copied(cells, number)
        else:
            x, at = picture.cursor
            if y == at and picture.cursor_visible:
                cells = cells.styled(x, x + 1, CURSOR if self.has_focus else CURSOR_AWAY)
            if self._selection is not None:
                cells = cells.selected(number, self._selection)
        strip = cells.strip()
        if self._own_colours:
            return strip
        if self._base is None:
            self._base = self.rich_style
        return strip.apply_style(self._base)

    def notify_style_update(self) -> None:
        """Drop the cached base style: the theme has changed."""
        super().notify_style_update()
        self._base = None

    def _copied(self, cells: CellLine, line: int) -> CellLine:
        """Copy mode's matches, selection and cursor over a line."""
        mode = self._copy
        assert mode is not None
        for first, last in mode.matches_on(line):
            cells = cells.styled(first, last, MATCH)
        if (selection := mode.selection) is not None:
            cells = cells.selected(line, selection)
        if line == mode.at[1]:
            cells = cells.styled(mode.at[0], mode.at[0] + 1, COPY_CURSOR)
        return cells

    def _style(self, number: int) -> RichStyle:
        style = self._rich.get(number)
        if style is None:
            styles = self._picture().styles
            style = self.palette.rich_style(styles.get(number, styles[0]))
            self._rich[number] = style
        return style

    def on_resize(self, event: events.Resize) -> None:
        self._lines.clear()
        size: Size = event.size
        if size.width and size.height:
            self.post_message(self.Resized(size.width, size.height))

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if self._held is not None:
            self._held.append(event)
            return
        typed = isinstance(event, TypedKey)
        data = event.data if isinstance(event, TypedKey) else encode_key(event.key, event.character)
        plain = canonical(data)
        is_prefix = self._is_prefix(plain)
        if self._armed:
            if plain or not typed:  # not a modifier alone, nor a key release
                self._armed = False
                if is_prefix:
                    self._type(data)
                else:
                    self._held = []
                self.post_message(self.PrefixCommand(self, "" if is_prefix else event.key))
            return
        # Esc followed fast by the prefix looks like alt with the prefix.
        after_escape = plain[:1] == b"\x1b" and self._is_prefix(plain[1:])
        if after_escape and self._copy is None:
            self._type(b"\x1b")
        if is_prefix or after_escape:
            self.arm()
        elif self._copy is not None:
            self._in_copy_mode(event.key, event.character)
        elif self.closed:
            if plain or not typed:
                self.post_message(self.ClosedKey(event.key))
        elif data:
            self._type(data)

    def _in_copy_mode(self, key: str, character: str | None) -> None:
        assert self._copy is not None
        outcome = self._copy.key(key, character)
        self.show_copy()
        self.post_message(self.CopyKey(outcome))

    def show_copy(self) -> None:
        """Scroll to the lines in copy mode's view."""
        if self._copy is not None:
            self._ask_for_line(self._copy.top)
            self.refresh()

    def on_paste(self, event: events.Paste) -> None:
        """Post the paste: the receiver knows the session and decides what is sent."""
        event.stop()
        if self._copy is None:
            text = event.paste if isinstance(event, PastedText) else Paste(event.text.encode())
            self.post_message(self.PasteInto(text))

    def _type(self, data: bytes) -> None:
        self.to_end()
        self._on_input(data)

    def to_end(self) -> None:
        """Clear the selection and scroll to the end, as for typing."""
        self.selection = None
        self._scroll.to_end()

    def on_focus(self) -> None:
        """Report it to the program if it has enabled focus reports."""
        if self._picture().modes & Mode.FOCUS:
            self._on_input(b"\x1b[I")
        self.refresh()

    def on_blur(self) -> None:
        if self._picture().modes & Mode.FOCUS:
            self._on_input(b"\x1b[O")
        self.refresh()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, WHEEL_UP, -WHEEL_LINES, "up")

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, WHEEL_DOWN, WHEEL_LINES, "down")

    def _wheel(self, event: events.MouseEvent, button: int, lines: int, key: str) -> None:
        event.stop()
        if self._copy is not None:
            for _ in range(abs(lines)):
                self._in_copy_mode("k" if lines < 0 else "j", None)
            return
        modes = self._picture().modes
        if modes.mouse:
            self._on_input(encode_mouse(button | _held(event), event.x, event.y, modes))
        elif modes & Mode.ALTERNATE:
            for _ in range(WHEEL_LINES):
                self._on_input(encode_key(key))
        else:
            self._scroll.by(lines)

    def _ours(self, event: events.MouseEvent) -> bool:
        """Whether the mouse selects text: the program has not enabled it, or shift is held."""
        return event.shift or not self._picture().modes.mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Report the button to the program, or start a selection (with alt: a block)."""
        if not self._ours(event):
            self._button(event, released=False)
        elif event.button == 1:
            self.selection = None
            point = self._point(event)
            self._selection = Selection(point, point, block=event.meta)
            self._dragging = True
            self.capture_mouse()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if not self._dragging:
            if not self._ours(event):
                self._button(event, released=True)
            return
        self._dragging = False
        self.release_mouse()
        selection = self._selection
        if selection is not None and selection.anchor != selection.head:
            self.post_message(self.Selected(selection))
        else:
            self.selection = None
            self.post_message(self.Clicked(self._point(event)))

    def on_click(self, event: events.Click) -> None:
        """Select the word at a double-click, the line at a triple-click."""
        if event.chain > 1 and self._ours(event):
            event.stop()
            self.post_message(self.SelectAround(self._point(event), event.chain > 2))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Extend the selection, or report the motion if the program has enabled that."""
        if self._dragging and self._selection is not None:
            if event.y < 0 and self._picture().offset < self._picture().history:
                self._scroll.by(-1)
            elif event.y >= self.size.height:
                self._scroll.by(1)
            self._selection.head = self._point(event)
            self.refresh()
            return
        modes = self._picture().modes
        if modes & Mode.MOUSE_ANY or (event.button and modes & Mode.MOUSE_DRAG):
            button = event.button - 1 if event.button else 3
            self._on_input(encode_mouse(button + MOTION | _held(event), event.x, event.y, modes))

    def _button(self, event: events.MouseEvent, *, released: bool) -> None:
        modes = self._picture().modes
        if modes.mouse and 1 <= event.button <= 3:
            event.stop()
            button = event.button - 1 | _held(event)
            self._on_input(encode_mouse(button, event.x, event.y, modes, released=released))
