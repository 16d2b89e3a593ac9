"""A list of names that a line filters: what dialogs that choose several names have in common."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from ecs_tui.ui.dialogs.base import Dialog, bind


class FilteredChoice(Dialog[list[str]]):
    """A subclass composes `names_list` and `filter_line`; it says which names match, and draws each.

    Args:
        placeholder: What the empty filter says.
    """

    BINDINGS = [
        bind("dialog-down", "move(1)", "Next"),
        bind("dialog-up", "move(-1)", "Previous"),
    ]
    DEFAULT_CSS = """
    FilteredChoice OptionList { height: auto; max-height: 20; border: none; background: $surface;
        padding: 0; text-wrap: nowrap; text-overflow: ellipsis;
        &:focus { border: none; }
    }
    FilteredChoice Input { display: none; }
    FilteredChoice.-typing Input { display: block; }
    """

    def __init__(self, placeholder: str) -> None:
        super().__init__()
        self.shown: list[str] = []
        self.names_list = OptionList()
        self.filter_line = Input(placeholder=placeholder, compact=True)

    def matching(self, wanted: str) -> Sequence[str]:
        """The names that contain a text in lower case, in the order of the list."""
        raise NotImplementedError

    def line(self, name: str) -> str:
        """The line of a name."""
        raise NotImplementedError

    def fill(self, at: str) -> None:
        """Show the names that match, with the cursor on `at` or, if it does not match, the first."""
        self.shown = list(self.matching(self.filter_line.value.strip().casefold()))
        self.names_list.clear_options()
        self.names_list.add_options([Option(Content(self.line(name))) for name in self.shown])
        if self.shown:
            self.names_list.highlighted = self.shown.index(at) if at in self.shown else 0

    @property
    def under_cursor(self) -> str:
        """The name under the cursor, or ""."""
        at = self.names_list.highlighted
        return self.shown[at] if at is not None and at < len(self.shown) else ""

    def on_key(self, event: events.Key) -> None:
        """In the filter, enter and down move to the list; escape also clears the filter."""
        if self.filter_line.has_focus and event.key in ("enter", "down", "escape"):
            event.stop()
            event.prevent_default()
            if event.key == "escape":
                self.filter_line.value = ""
                self.remove_class("-typing")
            self.names_list.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.fill(self.under_cursor)

    def action_move(self, lines: int) -> None:
        if lines > 0:
            self.names_list.action_cursor_down()
        else:
            self.names_list.action_cursor_up()

    def action_search(self) -> None:
        """Open the filter."""
        self.add_class("-typing")
        self.filter_line.focus()
