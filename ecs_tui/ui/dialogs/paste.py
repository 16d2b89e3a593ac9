"""The dialog before a paste: shows the text and says what pasting it will do."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from ecs_tui.model.text import clean
from ecs_tui.terminal.input import MAX_PASTE_BYTES
from ecs_tui.terminal.paste import Pasted, too_long
from ecs_tui.terminal.typed import PastedText
from ecs_tui.ui.dialogs.base import Dialog, bind


class PasteScreen(Dialog[bool]):
    """Returns True at y, False at n or escape. Enter does nothing: it may be part of what is typed.

    Args:
        into: Where the text is pasted, in words.
        pasted: The text.
        effect: Describes what pasting a text will do.
    """

    kind = "paste"
    BINDINGS = [bind("paste-yes", "yes", "Paste it"), bind("paste-no", "leave", "Do not paste it")]

    def __init__(self, into: str, pasted: Pasted, effect: Callable[[Pasted], str]) -> None:
        super().__init__()
        self.pasted = pasted
        self._into, self._effect = into, effect
        self.effect = effect(pasted)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._title, classes="title", markup=False)
            yield Static(clean(self.effect), classes="effect", markup=False)
            yield Static(self.pasted.shown(), classes="pasted", markup=False)
            yield self.hint_line(("paste-yes", "paste"), ("paste-no", "no"))

    @property
    def _title(self) -> str:
        many = f"{self.pasted.lines} lines" if self.pasted.lines > 1 else "this line"
        return clean(f"Paste {many} into {self._into}?")

    def on_paste(self, event: events.Paste) -> None:
        """Add the late rest of this paste to the question; refuse any other paste."""
        event.stop()
        if not (isinstance(event, PastedText) and event.paste.part and self.pasted.part):
            self.notify("Answer this question before you paste again.")
            return
        size = len(self.pasted.data) + len(event.paste.data) + event.paste.dropped
        if size > MAX_PASTE_BYTES:
            self.app.notify(too_long(size), timeout=20)
            self.dismiss(False)
            return
        self.pasted = self.pasted.followed_by(event.paste.data)
        self.effect = self._effect(self.pasted)
        self.query_one(".title", Static).update(self._title)
        self.query_one(".effect", Static).update(clean(self.effect))
        self.query_one(".pasted", Static).update(self.pasted.shown())

    def action_yes(self) -> None:
        self.dismiss(True)

    def action_leave(self) -> None:
        self.dismiss(False)
