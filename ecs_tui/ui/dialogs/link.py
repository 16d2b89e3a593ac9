"""The dialog of a link: shows its real target, and opens or copies it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import Dialog, bind


class LinkScreen(Dialog[str]):
    """Returns "open", "copy" or None.

    Args:
        url: The target of the link.
        shown: The text that the container displays for it, or "".
        openable: Whether a browser may open it (`may_open`).
        title: The title of the dialog.
        why: Why it cannot be opened.
    """

    kind = "link"
    BINDINGS = [
        bind("link-open", "open", "Open in the browser"),
        bind("dialog-copy", "copy", "Copy the target"),
        bind("viewer-close", "leave", "Close"),
    ]

    def __init__(
        self,
        url: str,
        shown: str,
        openable: bool,
        *,
        title: str = "Open link?",
        why: str = "Only http and https links can be opened.",
    ) -> None:
        super().__init__()
        self._url, self._shown, self._openable = url, shown, openable
        self._title, self._why = title, why

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(clean(self._title), classes="title", markup=False)
            yield Static(clean(self._url), markup=False)
            if self._shown and self._shown != self._url:
                yield Static(f"▲ Displayed as {clean(self._shown)}", markup=False)
            if not self._openable:
                yield Static(clean(self._why), markup=False)
            opens = [("link-open", "open in the browser")] if self._openable else []
            yield self.hint_line(*opens, ("dialog-copy", "copy"), ("dialog-close", "close"))

    def action_open(self) -> None:
        if self._openable:
            self.dismiss("open")

    def action_copy(self) -> None:
        self.dismiss("copy")
