"""The line in which a search or a filter is typed, and what was typed last."""

from __future__ import annotations

from collections import deque
from typing import Literal

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from ecs_tui.config.keymap import Keymap
from ecs_tui.ui.dialogs.text_body import closes_line

_KEYS = 256
"""Keys that are remembered, more than may be on their way at once."""
_EDITS = {
    key: action
    for keys, action in (
        (binding.key, binding.action) for binding in Input.BINDINGS if isinstance(binding, Binding)
    )
    if action.startswith(("cursor_", "delete_", "home", "end")) and "(" not in action
    for key in keys.split(",")
}
"""What keys do that move or delete within a line: the names of Input's actions. A key that is posted to a
widget does not reach its bindings."""
InputKind = Literal["search", "filter"]
_HINTS = {
    "search": "words, ~pattern, level:warn, field:value, !not",
    "filter": "words, ~pattern, level:warn, field:value, !not; empty shows all lines",
}


class _Line(Input):
    """The line. Keys that were typed after it was closed, but before the focus moved, are passed on."""

    class Late(Message):
        """Such a key."""

        def __init__(self, event: events.Key) -> None:
            super().__init__()
            self.event = event

    def __init__(self) -> None:
        super().__init__(compact=True, select_on_focus=False)
        self._got: deque[events.Key] = deque(maxlen=_KEYS)

    def has_got(self, event: events.Key) -> bool:
        """Whether it was the one to which a key was sent; the key then goes on to its ancestors."""
        return any(each is event for each in self._got)

    async def _on_key(self, event: events.Key) -> None:
        self._got.append(event)
        if not self.display:
            event.stop()
            event.prevent_default()
            self.post_message(self.Late(event))
        else:
            await super()._on_key(event)


class LogInput(Vertical):
    """Shows what is filtered and searched; with `open`, the line in which it is typed.

    Args:
        keymap: The keys of all commands.
        lines: What has the keys before and after.
    """

    DEFAULT_CSS = """
    LogInput { height: auto; width: 1fr; padding: 0 1; }
    LogInput > Static { height: auto; color: $text-muted; display: none; }
    LogInput > Input { display: none; }
    """

    class Given(Message):
        """A search or a filter was typed."""

        def __init__(self, kind: InputKind, text: str) -> None:
            super().__init__()
            self.kind, self.text = kind, text

    class Typed(Message):
        """A search or a filter is being typed: its words so far."""

        def __init__(self, kind: InputKind, text: str) -> None:
            super().__init__()
            self.kind, self.text = kind, text

    def __init__(self, keymap: Keymap, lines: Widget) -> None:
        super().__init__()
        self._keymap, self._lines = keymap, lines
        self._kind: InputKind = "search"
        self._words = Static("", markup=False)
        self._line = _Line()
        self._shown = ""
        self._typing = False

    def compose(self) -> ComposeResult:
        yield self._words
        yield self._line

    @property
    def typing(self) -> bool:
        """Whether something is being typed."""
        return self._typing

    def open(self, kind: InputKind, text: str) -> None:
        """Open the line with a text in it."""
        self._kind, self._typing = kind, True
        self._line.value = text
        self._line.placeholder = _HINTS[kind]
        self._line.cursor_position = len(text)
        self._line.display = True
        self.screen.set_focus(self._line)
        self.post_message(self.Typed(kind, text))

    def show(self, words: str) -> None:
        """Show what is filtered and searched."""
        if words != self._shown:
            self._shown = words
            self._words.display = bool(words)
            self._words.update(words)

    def take(self, event: events.Key) -> None:
        """Take a key that was typed before the line had the focus: it must not become a command."""
        if self._line.has_got(event):
            return
        event.stop()
        event.prevent_default()
        if event.key == "enter":
            self._close(self.Given(self._kind, self._line.value))
        elif event.key in self._keymap.names("dialog-close"):
            self._close()
        elif event.key in _EDITS:
            getattr(self._line, f"action_{_EDITS[event.key]}")()
        elif event.character and event.is_printable:
            self._line.insert_text_at_cursor(event.character)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._typing:
            self.post_message(self.Typed(self._kind, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._typing:
            self._close(self.Given(self._kind, event.value))

    def on_key(self, event: events.Key) -> None:
        """Escape leaves the line as it was; tab does not leave it."""
        if not self._typing:
            return
        if closes_line(event, self._keymap):
            self._close()

    def on__line_late(self, event: _Line.Late) -> None:
        """Give a key to the lines, after what was typed before it."""
        event.stop()
        self._lines.post_message(events.Key(event.event.key, event.event.character))

    def _close(self, message: Given | None = None) -> None:
        self._typing = False
        # First: Textual moves the focus of a hidden widget to the next one, maybe a shell.
        self.screen.set_focus(self._lines)
        self._line.display = False
        if message is not None:
            self.post_message(message)
