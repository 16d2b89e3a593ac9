"""A dialog to choose the tags that have a column in a list."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import OptionList, Static

from ecs_tui.model.text import clean, counted
from ecs_tui.ui.dialogs.base import bind
from ecs_tui.ui.dialogs.filtered_choice import FilteredChoice


class TagColumnsScreen(FilteredChoice):
    """Returns the keys of the marked tags, in the order in which they were marked; None if cancelled.

    Args:
        title: The title of the dialog.
        known: (key, rows that have it, values) of each tag.
        chosen: The keys that have a column now.
    """

    kind = "tags"
    BINDINGS = [
        bind("dialog-select", "select", "Show these columns"),
        bind("viewer-close", "leave", "Cancel"),
        bind("picker-mark", "mark", "Show a column for the tag, or not"),
        bind("picker-filter", "search", "Filter the tags"),
    ]

    def __init__(
        self, title: str, known: Sequence[tuple[str, int, int]], chosen: Sequence[str]
    ) -> None:
        super().__init__("part of a tag's key")
        self._title = title
        counts = {key: (rows, values) for key, rows, values in known}
        self._counts = {**dict.fromkeys(chosen, (0, 0)), **counts}
        self._keys = list(dict.fromkeys([*chosen, *counts]))
        self._chosen = list(chosen)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._title, classes="title", markup=False)
            yield self.filter_line
            yield self.names_list
            yield self.hint_line(
                ("picker-mark", "column on / off"),
                ("dialog-select", "show"),
                ("picker-filter", "filter"),
                ("dialog-close", "cancel"),
            )

    def on_mount(self) -> None:
        self.fill("")
        self.names_list.focus()

    def matching(self, wanted: str) -> list[str]:
        return [key for key in self._keys if wanted in key.casefold()]

    def line(self, name: str) -> str:
        mark = "✓" if name in self._chosen else " "
        rows, values = self._counts[name]
        here = f"{counted(rows, 'row')}, {counted(values, 'value')}" if rows else "in no row here"
        return f"{mark} {clean(name)}   {here}"

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the marked tags."""
        event.stop()
        self.dismiss(self._chosen)

    def action_select(self) -> None:
        self.dismiss(self._chosen)

    def action_mark(self) -> None:
        """Mark the tag, or unmark it."""
        key = self.under_cursor
        if key in self._chosen:
            self._chosen.remove(key)
        elif key:
            self._chosen.append(key)
        self.fill(key)
