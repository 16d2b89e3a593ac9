"""The base class of all dialogs: a bordered box over the main screen, and the line of its keys."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.keys import format_key, key_to_character
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from ecs_tui.config.key_names import textual_name
from ecs_tui.config.keymap import Keymap, default_keymap, default_names
from ecs_tui.ui.line_parts import part_at

Result = TypeVar("Result")
_GAP = "   "


def bind(command: str, action: str, words: str, *, priority: bool = False) -> Binding:
    """A key of a dialog, which the operator can change in `[keys]`.

    Args:
        command: Its id in `config/keymap.py`.
        action: What it does, as Textual names it.
        words: What it does, for the help.
        priority: Whether it comes before the keys of the focused widget.
    """
    return Binding(default_names(command), action, words, id=command, priority=priority)


class KeyLine(Static):
    """The line of keys of a dialog; a click on a key is that key.

    Args:
        words: The keys, with what each does.
    """

    def __init__(self, words: str = "") -> None:
        super().__init__(words, classes="keys", markup=False)
        self._words = words

    def say(self, words: str) -> None:
        """Show these keys."""
        self._words = words
        self._lay_out()

    def on_resize(self) -> None:
        """Break the line between two keys, never between a key and what it does."""
        self._lay_out()

    def _lay_out(self) -> None:
        self.update("\n".join(_broken(self._words, self.content_size.width)))

    def on_click(self, event: events.Click) -> None:
        """Press the key under the mouse; where it may have several lines, each is looked at alone."""
        event.stop()
        at = event.get_content_offset(self)
        lines = Content(str(self.render())).wrap(max(1, self.content_size.width))
        if at is None or at.y >= len(lines):
            return
        _, words = part_at(lines[at.y].plain, at.x, _GAP)
        try:
            name = textual_name(words.split(" ", maxsplit=1)[0])
        except ValueError:  # several keys, or words without one
            return
        self.app.post_message(events.Key(name, key_to_character(name)))


def _broken(words: str, width: int) -> list[str]:
    """The keys in lines of at most `width` cells; a key that is longer has a line of its own."""
    lines: list[str] = []
    for key in words.split(_GAP):
        longer = f"{lines[-1]}{_GAP}{key}" if lines else key
        if lines and cell_len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(key)
    return lines if width else [words]


class Dialog(ModalScreen[Result]):
    """A bordered box over the main screen; escape closes it with the result None."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; &:ansi { background: transparent; } }
    Dialog > .box { width: 90%; max-width: 110; height: auto; max-height: 90%;
        background: $surface; border: round $primary; padding: 0 1; }
    Dialog > .box.-tall { height: 90%; width: 96%; max-width: 160; }
    Dialog .title { text-style: bold; height: auto; }
    Dialog .keys { color: $text-muted; height: auto; margin-top: 1; }
    """
    BINDINGS = [
        bind("dialog-close", "leave", "Close, or cancel"),
        bind("dialog-help", "help", "Show these keys"),
    ]
    kind: ClassVar[str] = ""
    """Its name in `DIALOG_KEYS` of config/keymap.py."""
    types: ClassVar[bool] = False
    """Whether characters are typed into an input line: `?` is one of them then."""

    class KeysAsked(Message):
        """The operator wants to see the keys of a dialog, as (keys, what they do)."""

        def __init__(self, rows: list[tuple[str, str]]) -> None:
            super().__init__()
            self.rows = rows

    @property
    def keymap(self) -> Keymap:
        """The keys of all commands."""
        found = getattr(self.app, "command_keys", None)
        return found if isinstance(found, Keymap) else default_keymap()

    def hint(self, *keys: tuple[str, str]) -> str:
        """The line of keys: `enter select   esc cancel   ? keys`.

        Args:
            keys: The id of each key, or several separated by spaces, and what they do.
        """
        parts = []
        for ids, words in keys:
            shown = "/".join(map(self.keymap.first, ids.split()))
            parts.append(f"{shown} {words}")
        help_key = self.keymap.typed_over("dialog-help") if self.types else ""
        parts.append(f"{help_key or self.keymap.first('dialog-help')} keys")
        return _GAP.join(parts)

    def hint_line(self, *keys: tuple[str, str]) -> Static:
        """The line of keys as a widget."""
        return KeyLine(self.hint(*keys))

    @classmethod
    def own_keys(cls) -> list[Binding]:
        """The keys of this kind of dialog, its own before those of all dialogs."""
        found: dict[str, Binding] = {}
        for kind in cls.__mro__:
            if issubclass(kind, Dialog):
                for each in kind.__dict__.get("BINDINGS", ()):
                    binding = each if isinstance(each, Binding) else Binding(*each)
                    found.setdefault(binding.id or binding.action, binding)
        return list(found.values())

    def key_rows(self) -> list[tuple[str, str]]:
        """All keys of the dialog, as (keys, what they do)."""
        rows = []
        for binding in self.own_keys():
            known = binding.id in self.keymap.keys
            keys = self.keymap.all(binding.id) if binding.id and known else format_key(binding.key)
            rows.append((keys, binding.description))
        return rows

    def action_help(self) -> None:
        """Show the keys of this dialog."""
        self.post_message(self.KeysAsked(self.key_rows()))

    def action_leave(self) -> None:
        self.dismiss(None)
