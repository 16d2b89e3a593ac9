"""The dialog of a search in AWS: how far it is, and a key that cancels it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from ecs_tui.errors import EcsTuiError
from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import Dialog

SHOW_SECONDS = 0.3
"""Seconds after which the box is shown: most searches are done by then, and nothing flickers."""


class SearchScreen(Dialog[object]):
    """Returns what the search found, or the error that it raised; None if it was cancelled.

    Args:
        words: What is looked for, as the title.
        search: Searches; it calls its argument with how far it is.
    """

    kind = "search"
    DEFAULT_CSS = """
    SearchScreen { background: transparent; }
    SearchScreen > .box { display: none; }
    SearchScreen.-shown > .box { display: block; }
    """

    def __init__(
        self, words: str, search: Callable[[Callable[[str], None]], Awaitable[object]]
    ) -> None:
        super().__init__()
        self._words, self._search = words, search
        self._progress = Static("◐ Asking AWS…", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(clean(self._words), classes="title", markup=False)
            yield self._progress
            yield self.hint_line(("dialog-close", "cancel"))

    def on_mount(self) -> None:
        self.set_timer(SHOW_SECONDS, lambda: self.add_class("-shown"))
        self.run_worker(self._run(), exclusive=True)

    async def _run(self) -> None:
        try:
            found = await self._search(lambda words: self._progress.update(f"◐ {clean(words)}"))
        except EcsTuiError as error:
            found = error
        self.dismiss(found)
