"""What stands around a transcript: its title, the line in which a search is typed, typed commands."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from ecs_tui.audit.masks import masked
from ecs_tui.config.keymap import Keymap
from ecs_tui.ui.pages.transcript.rows import TypedCommand

TYPED_CELLS = 38
"""Cells of the column of typed commands."""
WIDE_CELLS = 100
"""Cells of the page from which on there is room for that column."""


class TranscriptHead(Static):
    """One line: a title at the left, the state at the right."""

    DEFAULT_CSS = "TranscriptHead { height: 1; width: 1fr; padding: 0 1; text-style: bold; }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._shown = ""

    def write(self, left: str, right: Sequence[str]) -> None:
        """Show a text, and at the right end the parts that fit; the first are the most important."""
        room, parts = max(1, self.size.width), [each for each in right if each]
        while len(parts) > 1 and cell_len(left) + 2 + cell_len("   ".join(parts)) > room:
            parts.pop()
        ending = "   ".join(parts)
        keep = max(8, room - cell_len(ending) - 2)
        text = f"{set_cell_size(left, keep)}  {ending}"
        if text != self._shown:
            self._shown = text
            self.update(text, layout=False)


class TypedCommands(Static):
    """The commands that were typed, as far as can be told, beside the transcript."""

    DEFAULT_CSS = f"""
    TypedCommands {{ display: none; width: {TYPED_CELLS}; height: 1fr; padding: 0 1;
        border-left: solid $panel; color: $text-muted; }}
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._shown: object = None

    def show(self, typed: Sequence[TypedCommand], current: int, *, mask: bool) -> None:
        """Show the commands around the current one.

        Args:
            current: The number of the last command before what is on the screen, -1 for none.
        """
        height = max(1, self.size.height - 2)
        first = max(0, min(current - height // 3, len(typed) - height))
        state = (len(typed), first, current, mask, self.size)
        if state == self._shown:
            return
        self._shown = state
        room = TYPED_CELLS - 5
        lines = ["Typed (a guess)", ""]
        for number, each in enumerate(typed[first : first + height], first):
            words = masked(each.command) if mask else each.command
            sign = "›" if number == current else " "
            lines.append(
                f"{sign} {words if cell_len(words) <= room else set_cell_size(words, room - 1) + '…'}"
            )
        if not typed:
            lines.append("No prompt was recognised.")
        self.update("\n".join(lines), layout=False)


class SearchLine(Vertical):
    """Shows what is searched; with `open`, the line in which it is typed."""

    DEFAULT_CSS = """
    SearchLine { height: auto; width: 1fr; padding: 0 1; }
    SearchLine > Static { height: auto; color: $text-muted; display: none; }
    SearchLine > Input { display: none; }
    SearchLine.-typing > Input { display: block; }
    """

    class Given(Message):
        """A text to search was typed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The line was left without an answer."""

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self._keymap = keymap
        self._words = Static("", markup=False)
        self._input = Input(compact=True, placeholder="text, or ~regular expression")
        self._shown = ""

    def compose(self) -> ComposeResult:
        yield self._words
        yield self._input

    def open(self) -> None:
        """Open the line."""
        self._input.value = ""
        self.add_class("-typing")
        self._input.focus()

    def show(self, words: str) -> None:
        """Show what is searched, and how far that is."""
        if words != self._shown:
            self._shown = words
            self._words.display = bool(words)
            self._words.update(words)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._close(self.Given(event.value))

    def on_key(self, event: events.Key) -> None:
        """Escape leaves the line as it was; tab does not leave it."""
        if not self.has_class("-typing"):
            return
        closes = event.key in self._keymap.names("dialog-close")
        if closes or event.key in ("tab", "shift+tab"):
            event.stop()
            event.prevent_default()
        if closes:
            self._close(self.Left())

    def _close(self, message: Message) -> None:
        self.remove_class("-typing")
        self.post_message(message)
