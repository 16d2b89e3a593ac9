"""The widget that draws a terminal's picture and turns keys, mouse and paste into bytes."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ecs_tui.terminal.frame import NO_COLOUR, RGB, Attribute, Mode, Run, Style
from ecs_tui.terminal.keys import encode_key, encode_paste, risky_paste
from ecs_tui.terminal.link import Picture
from ecs_tui.terminal.mouse import MOTION, WHEEL_DOWN, WHEEL_UP, encode_mouse
from ecs_tui.terminal.selection import Point, Selection

WHEEL = 3
_CURSOR = RichStyle(reverse=True)
_CURSOR_AWAY = RichStyle(underline=True)
_SELECTED = RichStyle(reverse=True)


class TerminalView(Widget, can_focus=True):
    """Draws the rows of a `Picture`; knows neither the worker nor the session.

    While it has the focus every key is typed, except the prefix, which is posted as a message.
    """

    DEFAULT_CSS = """
    TerminalView { width: 1fr; height: 1fr; background: $background; }
    """

    class Prefix(Message):
        """The prefix key was pressed: the next key is not typed but comes as a `Command`."""

    class Command(Message):
        """The key after the prefix, by Textual's name."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Resized(Message):
        """The widget has another size, in cells."""

        def __init__(self, columns: int, rows: int) -> None:
            super().__init__()
            self.columns, self.rows = columns, rows

    class AskPaste(Message):
        """Several lines are to be pasted into a shell that would run them at once."""

        def __init__(self, data: bytes, lines: int) -> None:
            super().__init__()
            self.data, self.lines = data, lines

    class Selected(Message):
        """Text was selected by the mouse: copy it."""

        def __init__(self, selection: Selection) -> None:
            super().__init__()
            self.selection = selection

    class SelectAround(Message):
        """A double click (word) or a triple click (line) at a cell."""

        def __init__(self, at: Point, whole_line: bool) -> None:
            super().__init__()
            self.at, self.whole_line = at, whole_line

    def __init__(
        self,
        picture: Callable[[], Picture],
        on_input: Callable[[bytes], None],
        on_scroll: Callable[[int], None],
        prefix: str,
    ) -> None:
        super().__init__()
        self._picture = picture
        self._on_input, self._on_scroll = on_input, on_scroll
        self._prefix = prefix
        self._armed = False
        self._strips: dict[int, Strip] = {}
        self._rich: dict[int, RichStyle] = {}
        self.redrawn_rows = 0
        self._base: RichStyle | None = None
        self._selection: Selection | None = None
        self._dragging = False

    @property
    def selection(self) -> Selection | None:
        """The cells that are marked, or None."""
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
        return x, picture.history - picture.offset + y

    def arm(self) -> None:
        """Take the next key as a command."""
        self._armed = True
        self.post_message(self.Prefix())

    def rows_changed(self, rows: list[int]) -> None:
        """These rows of the picture are new: draw them."""
        width, height = self.size
        changed = set(rows)
        for y in changed:
            self._strips.pop(y, None)
        regions = [Region(0, y, width, 1) for y in changed if y < height]
        if regions:
            self.refresh(*regions)
        if len(self._picture().styles) < len(self._rich):
            self.forget()

    def forget(self) -> None:
        """Everything may have changed: a new worker, a new theme."""
        self._base = None
        self._strips.clear()
        self._rich.clear()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Row `y` of the screen, with the cursor over it."""
        picture = self._picture()
        strip = self._strips.get(y)
        if strip is None:
            self.redrawn_rows += 1
            runs = picture.lines[y] if y < len(picture.lines) else []
            strip = Strip([self._segment(run) for run in runs])
            strip = strip.adjust_cell_length(self.size.width)
            self._strips[y] = strip
        x, at = picture.cursor
        if y == at and picture.cursor_visible and x < self.size.width:
            look = _CURSOR if self.has_focus else _CURSOR_AWAY
            end = x + 1
            parts = strip.divide([x, end, strip.cell_length])
            if len(parts) == 3:
                strip = Strip.join([parts[0], parts[1].apply_style(look), parts[2]])
            elif len(parts) == 2:
                strip = Strip.join([parts[0], parts[1].apply_style(look)])
        if self._selection is not None:
            strip = self._marked(strip, picture.history - picture.offset + y)
        if self._base is None:
            self._base = self.rich_style
        return strip.apply_style(self._base)

    def notify_style_update(self) -> None:
        """Another theme: the style under all cells is asked for anew, not once for each line."""
        super().notify_style_update()
        self._base = None

    def _marked(self, strip: Strip, line: int) -> Strip:
        assert self._selection is not None
        columns = self._selection.on_line(line, strip.cell_length)
        if columns is None or columns[0] >= strip.cell_length:
            return strip
        parts = strip.divide([*columns, strip.cell_length])
        return Strip.join([parts[0], parts[1].apply_style(_SELECTED), *parts[2:]])

    def _segment(self, run: Run) -> Segment:
        text = run.text
        if not text.isprintable():
            # The worker may be in hostile hands: nothing but cells reaches the outer terminal.
            text = "".join(char if char.isprintable() else " " for char in text)
        if cell_len(text) != run.width:
            text = _fit(text, run.width)
        return Segment(text, self._style(run.style))

    def _style(self, number: int) -> RichStyle:
        style = self._rich.get(number)
        if style is None:
            styles = self._picture().styles
            style = _rich_style(styles.get(number, styles[0]))
            self._rich[number] = style
        return style

    def on_resize(self, event: events.Resize) -> None:
        """Pass the new size on."""
        self._strips.clear()
        size: Size = event.size
        if size.width and size.height:
            self.post_message(self.Resized(size.width, size.height))

    def on_key(self, event: events.Key) -> None:
        """Type the key."""
        event.stop()
        event.prevent_default()
        if self._armed:
            self._armed = False
            self.post_message(self.Command(event.key))
            return
        if event.key == self._prefix:
            self.arm()
            return
        data = encode_key(event.key, event.character, self._picture().modes)
        if data:
            self._type(data)

    def on_paste(self, event: events.Paste) -> None:
        """Paste, after asking where lines would run at once."""
        event.stop()
        modes = self._picture().modes
        data = encode_paste(event.text, modes)
        if risky_paste(event.text, modes):
            self.post_message(self.AskPaste(data, event.text.strip("\n").count("\n") + 1))
        else:
            self._type(data)

    def _type(self, data: bytes) -> None:
        self.selection = None
        if self._picture().offset:
            self._on_scroll(0)
        self._on_input(data)

    def on_focus(self) -> None:
        """Tell the program, if it asked."""
        if self._picture().modes & Mode.FOCUS:
            self._on_input(b"\x1b[I")
        self.refresh()

    def on_blur(self) -> None:
        """Tell the program, if it asked."""
        if self._picture().modes & Mode.FOCUS:
            self._on_input(b"\x1b[O")
        self.refresh()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Wheel up: the program's, or the scrollback's."""
        self._wheel(event, WHEEL_UP, -WHEEL, "up")

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Wheel down."""
        self._wheel(event, WHEEL_DOWN, WHEEL, "down")

    def _wheel(self, event: events.MouseEvent, button: int, lines: int, key: str) -> None:
        event.stop()
        modes = self._picture().modes
        if modes.mouse:
            self._on_input(encode_mouse(button, event.x, event.y, modes))
        elif modes & Mode.ALTERNATE:
            self._on_input(encode_key(key, None, modes) * WHEEL)
        elif lines < 0 or self._picture().offset:
            offset = self._picture().offset
            self._on_scroll(lines if lines < 0 or offset > lines else 0)

    def _ours(self, event: events.MouseEvent) -> bool:
        """Whether the mouse is for selecting: the program did not ask for it, or shift is held."""
        return event.shift or not self._picture().modes.mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A button goes down: the program's, or the beginning of a selection (alt: a block)."""
        if not self._ours(event):
            self._button(event, released=False)
        elif event.button == 1:
            self.selection = None
            point = self._point(event)
            self._selection = Selection(point, point, block=event.meta)
            self._dragging = True
            self.capture_mouse()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """A button comes up."""
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

    def on_click(self, event: events.Click) -> None:
        """Two clicks take the word, three the line."""
        if event.chain > 1 and self._ours(event):
            event.stop()
            self.post_message(self.SelectAround(self._point(event), event.chain > 2))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """The mouse moves: the selection grows, or a program asked to know."""
        if self._dragging and self._selection is not None:
            if event.y < 0 and self._picture().offset < self._picture().history:
                self._on_scroll(-1)
            elif event.y >= self.size.height and self._picture().offset:
                self._on_scroll(1 if self._picture().offset > 1 else 0)
            self._selection.head = self._point(event)
            self.refresh()
            return
        modes = self._picture().modes
        if modes & Mode.MOUSE_ANY or (event.button and modes & Mode.MOUSE_DRAG):
            button = event.button - 1 if event.button else 3
            self._on_input(encode_mouse(button + MOTION, event.x, event.y, modes))

    def _button(self, event: events.MouseEvent, *, released: bool) -> None:
        modes = self._picture().modes
        if modes.mouse and 1 <= event.button <= 3:
            event.stop()
            button = event.button - 1
            self._on_input(encode_mouse(button, event.x, event.y, modes, released=released))


def _fit(text: str, width: int) -> str:
    """`text` made exactly `width` cells wide, where engine and screen count differently."""
    kept: list[str] = []
    used = 0
    for char in text:
        size = cell_len(char)
        if used + size > width:
            break
        kept.append(char)
        used += size
    return "".join(kept) + " " * (width - used)


def _colour(number: int) -> Color | None:
    if number == NO_COLOUR:
        return None
    if number & RGB:
        return Color.from_rgb(number >> 16 & 0xFF, number >> 8 & 0xFF, number & 0xFF)
    return Color.from_ansi(number & 0xFF)


def _rich_style(style: Style) -> RichStyle:
    flags = Attribute(style.attributes & 0xFF)
    return RichStyle(
        color=_colour(style.fg),
        bgcolor=_colour(style.bg),
        bold=Attribute.BOLD in flags or None,
        italic=Attribute.ITALIC in flags or None,
        dim=Attribute.FAINT in flags or None,
        blink=Attribute.BLINK in flags or None,
        reverse=Attribute.INVERSE in flags or None,
        conceal=Attribute.INVISIBLE in flags or None,
        strike=Attribute.STRIKE in flags or None,
        overline=Attribute.OVERLINE in flags or None,
        underline=style.underline == 1 or style.underline > 2 or None,
        underline2=style.underline == 2 or None,
    )
