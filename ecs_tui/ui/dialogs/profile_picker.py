"""A dialog to choose a profile or a region, or several for the merged list; favourites first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import OptionList, Static

from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import bind
from ecs_tui.ui.dialogs.filtered_choice import FilteredChoice


class ProfilePicker(FilteredChoice):
    """Returns the names that are marked, else the selected one; None if cancelled.

    Args:
        title: The title of the dialog.
        names: All names to choose from.
        current: The name in use.
        favourites: Names that are listed first; changed in place.
        remember: Called when the favourites have changed.
    """

    kind = "picker"
    BINDINGS = [
        bind("dialog-select", "select", "Open it, or those that are marked"),
        bind("viewer-close", "leave", "Close"),
        bind("picker-favourite", "favourite", "Favorite, or no longer"),
        bind("picker-mark", "mark", "Mark, to open several"),
        bind("picker-filter", "search", "Filter the names"),
    ]

    def __init__(
        self,
        title: str,
        names: Sequence[str],
        current: str,
        favourites: list[str],
        remember: Callable[[], None],
    ) -> None:
        super().__init__("part of a name")
        self._title, self._names, self._current = title, list(names), current
        self._favourites, self._remember = favourites, remember
        self._marked: set[str] = set()

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._title, classes="title", markup=False)
            yield self.filter_line
            yield self.names_list
            yield self.hint_line(
                ("dialog-select", "select"),
                ("picker-mark", "select several"),
                ("picker-favourite", "favorite"),
                ("picker-filter", "filter"),
                ("dialog-close", "close"),
            )

    def on_mount(self) -> None:
        self.fill(self._current)
        self.names_list.focus()

    def matching(self, wanted: str) -> list[str]:
        names = [name for name in self._names if wanted in name.casefold()]
        return sorted(names, key=lambda name: (name not in self._favourites, name))

    def line(self, name: str) -> str:
        mark = "✓" if name in self._marked else " "
        star = "★" if name in self._favourites else " "
        here = "  ● in use" if name == self._current else ""
        return f"{mark} {star} {clean(name)}{here}"

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the marked names, else the selected one."""
        event.stop()
        marked = [name for name in self._names if name in self._marked]
        self.dismiss(marked or [self.shown[event.option_index]])

    def action_select(self) -> None:
        self.names_list.action_select()

    def action_mark(self) -> None:
        """Mark the name for the merged list, or unmark it."""
        name = self.under_cursor
        if name:
            self._marked ^= {name}
            self.fill(name)

    def action_favourite(self) -> None:
        """Add the name to the favourites, or remove it."""
        name = self.under_cursor
        if not name:
            return
        if name in self._favourites:
            self._favourites.remove(name)
        else:
            self._favourites.append(name)
        self._remember()
        self.fill(name)
