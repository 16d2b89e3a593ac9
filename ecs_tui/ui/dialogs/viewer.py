"""The base class of dialogs that show text: it scrolls with less' and vi's keys."""

from __future__ import annotations

from textual.containers import VerticalScroll

from ecs_tui.ui.dialogs.base import Dialog, bind


class Viewer(Dialog[None]):
    """A text in a `VerticalScroll`, and its keys."""

    BINDINGS = [
        bind("viewer-close", "leave", "Close"),
        bind("dialog-down", "move(1)", "Next line"),
        bind("dialog-up", "move(-1)", "Previous line"),
        bind("viewer-page-down", "page(1)", "Next page"),
        bind("viewer-page-up", "page(-1)", "Previous page"),
        bind("viewer-half-down", "half(1)", "Half a page down"),
        bind("viewer-half-up", "half(-1)", "Half a page up"),
        bind("viewer-top", "top", "To the beginning"),
        bind("viewer-bottom", "bottom", "To the end"),
        bind("dialog-copy", "copy", "Copy the text"),
    ]

    @property
    def text(self) -> str:
        """The text, for the clipboard."""
        return ""

    @property
    def _scroller(self) -> VerticalScroll:
        return self.query_one(VerticalScroll)

    def action_move(self, lines: int) -> None:
        self._scroller.scroll_relative(y=lines, animate=False)

    def action_page(self, direction: int) -> None:
        """Scroll by a page; one line stays."""
        self.action_move(direction * max(1, self._scroller.size.height - 1))

    def action_half(self, direction: int) -> None:
        self.action_move(direction * max(1, self._scroller.size.height // 2))

    def action_top(self) -> None:
        self._scroller.scroll_to(y=0, animate=False)

    def action_bottom(self) -> None:
        self._scroller.scroll_to(y=self._scroller.max_scroll_y, animate=False)

    def action_copy(self) -> None:
        """Copy the whole text."""
        self.app.copy_to_clipboard(self.text)
        lines = self.text.count("\n") + 1
        self.notify(f"Copied {lines} line{'s' if lines > 1 else ''}.")
