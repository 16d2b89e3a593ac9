"""A dialog to choose a profile or a region, or several for the merged list; favourites first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import Dialog


class ProfilePicker(Dialog[list[str]]):
    """Returns the names that are marked, else the selected one; None if cancelled.

    Args:
        title: The title of the dialog.
        names: All names to choose from.
        current: The name in use.
        favourites: Names that are listed first; changed in place.
        remember: Called when the favourites have changed.
    """

    BINDINGS = [
        ("j", "move(1)", "down"),
        ("k", "move(-1)", "up"),
        ("q", "leave", "close"),
        ("f", "favourite", "favourite"),
        ("space", "mark", "mark"),
        ("slash", "search", "filter"),
    ]
    DEFAULT_CSS = """
    ProfilePicker OptionList { height: auto; max-height: 20; border: none; background: $surface;
        padding: 0; text-wrap: nowrap; text-overflow: ellipsis;
        &:focus { border: none; }
    }
    ProfilePicker Input { display: none; }
    ProfilePicker.-typing Input { display: block; }
    """

    def __init__(
        self,
        title: str,
        names: Sequence[str],
        current: str,
        favourites: list[str],
        remember: Callable[[], None],
    ) -> None:
        super().__init__()
        self._title, self._names, self._current = title, list(names), current
        self._favourites, self._remember = favourites, remember
        self._marked: set[str] = set()
        self._shown: list[str] = []
        self._list = OptionList()
        self._input = Input(placeholder="part of a name", compact=True)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._title, classes="title", markup=False)
            yield self._input
            yield self._list
            yield Static(
                "enter select   space select several   f favorite   / filter   esc close",
                classes="keys",
                markup=False,
            )

    def on_mount(self) -> None:
        self._fill(self._current)
        self._list.focus()

    def _fill(self, at: str) -> None:
        wanted = self._input.value.strip().casefold()
        names = [name for name in self._names if wanted in name.casefold()]
        self._shown = sorted(names, key=lambda name: (name not in self._favourites, name))
        self._list.clear_options()
        self._list.add_options([Option(Content(self._line(name))) for name in self._shown])
        if self._shown:
            self._list.highlighted = self._shown.index(at) if at in self._shown else 0

    def _line(self, name: str) -> str:
        mark = "✓" if name in self._marked else " "
        star = "★" if name in self._favourites else " "
        here = "  ● in use" if name == self._current else ""
        return f"{mark} {star} {clean(name)}{here}"

    @property
    def _under_cursor(self) -> str:
        at = self._list.highlighted
        return self._shown[at] if at is not None and at < len(self._shown) else ""

    def on_key(self, event: events.Key) -> None:
        """In the filter, enter and down move to the list; escape also clears the filter."""
        if not self._input.has_focus:
            return
        if event.key in ("enter", "down", "escape"):
            event.stop()
            event.prevent_default()
            if event.key == "escape":
                self._input.value = ""
                self.remove_class("-typing")
            self._list.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._fill(self._under_cursor)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the marked names, else the selected one."""
        event.stop()
        marked = [name for name in self._names if name in self._marked]
        self.dismiss(marked or [self._shown[event.option_index]])

    def action_move(self, lines: int) -> None:
        if lines > 0:
            self._list.action_cursor_down()
        else:
            self._list.action_cursor_up()

    def action_mark(self) -> None:
        """Mark the name for the merged list, or unmark it."""
        name = self._under_cursor
        if name:
            self._marked ^= {name}
            self._fill(name)

    def action_favourite(self) -> None:
        """Add the name to the favourites, or remove it."""
        name = self._under_cursor
        if not name:
            return
        if name in self._favourites:
            self._favourites.remove(name)
        else:
            self._favourites.append(name)
        self._remember()
        self._fill(name)

    def action_search(self) -> None:
        """Open the filter."""
        self.add_class("-typing")
        self._input.focus()
