"""A link in a terminal: shows where it really leads, and asks what to do with it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from ecs_tui.model.words import clean
from ecs_tui.ui.screens.modal import Box


class LinkScreen(Box[str]):
    """Returns open, copy or None. `openable`: whether it is an address for a browser."""

    BINDINGS = [("o", "open", "open"), ("c", "copy", "copy"), ("q", "leave", "close")]

    def __init__(self, url: str, shown: str, openable: bool) -> None:
        super().__init__()
        self._url, self._shown, self._openable = url, shown, openable

    def compose(self) -> ComposeResult:
        """The real target, and what the container shows for it."""
        with Vertical(classes="box"):
            yield Static("This link leads to", classes="title", markup=False)
            yield Static(clean(self._url), markup=False)
            if self._shown and self._shown != self._url:
                yield Static(f"▲ It is shown as {clean(self._shown)}", markup=False)
            keys = "o open in the browser   " if self._openable else ""
            why = "" if self._openable else "Only http and https addresses are opened."
            yield Static(f"{keys}c copy   esc close   {why}", classes="keys", markup=False)

    def action_open(self) -> None:
        """By the browser of this machine."""
        if self._openable:
            self.dismiss("open")

    def action_copy(self) -> None:
        """To the clipboard."""
        self.dismiss("copy")
