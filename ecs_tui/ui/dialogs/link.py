"""The dialog of a link in a terminal: shows its real target, and opens or copies it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import Dialog


class LinkScreen(Dialog[str]):
    """Returns "open", "copy" or None.

    Args:
        url: The target of the link.
        shown: The text that the container displays for it, or "".
        openable: Whether a browser may open it (`may_open`).
    """

    BINDINGS = [("o", "open", "open"), ("c", "copy", "copy"), ("q", "leave", "close")]

    def __init__(self, url: str, shown: str, openable: bool) -> None:
        super().__init__()
        self._url, self._shown, self._openable = url, shown, openable

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static("Open link?", classes="title", markup=False)
            yield Static(clean(self._url), markup=False)
            if self._shown and self._shown != self._url:
                yield Static(f"▲ Displayed as {clean(self._shown)}", markup=False)
            keys = "o open in the browser   " if self._openable else ""
            why = "" if self._openable else "Only http and https links can be opened."
            yield Static(f"{keys}c copy   esc close   {why}", classes="keys", markup=False)

    def action_open(self) -> None:
        if self._openable:
            self.dismiss("open")

    def action_copy(self) -> None:
        self.dismiss("copy")
