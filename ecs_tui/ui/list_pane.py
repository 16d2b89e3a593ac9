"""A list on a page: the table of rows, and the details of the selected one; a page's message."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from ecs_tui.config.keymap import Keymap
from ecs_tui.resources import Resource
from ecs_tui.ui.detail_pane import Details
from ecs_tui.ui.table.list_table import ListTable


class PageMessage(Static):
    """A message on a page; without words it takes no room."""

    DEFAULT_CSS = """
    PageMessage { display: none; height: auto; width: 1fr; padding: 0 1; color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._words = ""

    def say(self, words: str) -> None:
        """Show words, or nothing."""
        if words != self._words:
            self._words = words
            self.display = bool(words)
            self.update(words)


class ListPane(Vertical):
    """The list of the rows of a place.

    Attributes:
        table: The rows.
        details: The details of the selected row.
        pinned: Whether the details are always open, and the table is as high as its rows.
    """

    DEFAULT_CSS = """
    ListPane { height: 1fr; width: 1fr; }
    ListPane.-pinned > ListTable { max-height: 50%; }
    ListPane.-pinned > Details { display: block; height: 1fr; }
    """

    def __init__(self, view: Resource, keymap: Keymap, *, flash: bool, id: str) -> None:
        super().__init__(id=id)
        self.table = ListTable(view, flash=flash)
        self.details = Details(keymap)

    def compose(self) -> ComposeResult:
        yield self.table
        yield self.details

    @property
    def pinned(self) -> bool:
        return self.has_class("-pinned")

    def pin(self, pinned: bool) -> None:
        """Keep the details open and the table as high as its rows, or not."""
        self.set_class(pinned, "-pinned")
        self._fit()

    def _fit(self) -> None:
        """The height of the table: its titles and rows if pinned, else what is left.

        Without rows it has room for the message in place of them.
        """
        rows = len(self.table.order)
        self.table.styles.height = rows + 1 if self.pinned and rows else "1fr"

    def say(self, words: str, above: PageMessage) -> None:
        """Show a message in place of the rows while there are none, else above them.

        Args:
            words: The message, "" for none.
            above: Where it is shown above them.
        """
        empty = not self.table.order
        self.table.say(words if empty else "")
        above.say("" if empty else words)

    def take(self, rows: list[object]) -> None:
        """Replace the rows; the cursor stays on its row."""
        self.table.update_rows(rows)
        if self.pinned:
            self._fit()

    @property
    def details_open(self) -> bool:
        """Whether the details of the selected row are shown."""
        return self.pinned or self.details.has_class("-open")

    def open_details(self, show: bool) -> None:
        """Show or hide the details; pinned ones are always shown."""
        self.details.set_class(show, "-open")

    def show_details(self, about: Sequence[tuple[str, str]]) -> None:
        """Show facts, as (name, value), about the selected row."""
        row = self.table.current
        self.details.show(self.table.view.key(row) if row is not None else "", list(about))
