"""Choose a profile or a region, or mark several to see together; favourites stand first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from ecs_tui.model.words import clean
from ecs_tui.ui.screens.modal import Box


class WaysScreen(Box[list[str]]):
    """Returns the one chosen, or all that are marked; None when left.

    Args:
        title: What is chosen.
        names: All there are.
        current: The one in use.
        favourites: Names that stand first; changed in place.
        remember: Called when they have changed.
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
    WaysScreen OptionList { height: auto; max-height: 20; border: none; background: $surface;
        padding: 0; text-wrap: nowrap; text-overflow: ellipsis;
        &:focus { border: none; }
    }
    WaysScreen Input { display: none; }
    WaysScreen.-typing Input { display: block; }
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
        """Title, filter, list, keys."""
        with Vertical(classes="box"):
            yield Static(self._title, classes="title", markup=False)
            yield self._input
            yield self._list
            yield Static(
                "enter choose   space mark several   f favourite   / filter   esc close",
                classes="keys",
                markup=False,
            )

    def on_mount(self) -> None:
        """The one in use is under the cursor."""
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
        """In the filter: enter and the arrows go to the list, escape clears it."""
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
        """Fewer names."""
        event.stop()
        self._fill(self._under_cursor)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """That one, or those that are marked."""
        event.stop()
        marked = [name for name in self._names if name in self._marked]
        self.dismiss(marked or [self._shown[event.option_index]])

    def action_move(self, lines: int) -> None:
        """Up or down."""
        if lines > 0:
            self._list.action_cursor_down()
        else:
            self._list.action_cursor_up()

    def action_mark(self) -> None:
        """Mark for the merged list, or not."""
        name = self._under_cursor
        if name:
            self._marked ^= {name}
            self._fill(name)

    def action_favourite(self) -> None:
        """Make it a favourite, or not."""
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
        """Type a part of the name."""
        self.add_class("-typing")
        self._input.focus()
