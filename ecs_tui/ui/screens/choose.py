"""Choose one of a few things."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ecs_tui.model.words import clean
from ecs_tui.ui.screens.modal import Box


class ChooseScreen(Box[str]):
    """A list with the likely choice under the cursor; returns the chosen key or None."""

    BINDINGS = [("j", "down", "down"), ("k", "up", "up")]

    def __init__(self, title: str, choices: list[tuple[str, str]], likely: str) -> None:
        super().__init__()
        self._title, self._choices, self._likely = title, choices, likely

    def compose(self) -> ComposeResult:
        """The title, the list, the keys."""
        with Vertical(classes="box"):
            yield Static(self._title, classes="title", markup=False)
            yield OptionList(*[Option(Content(clean(text))) for _, text in self._choices])
            yield Static("enter choose   esc close", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Preselect."""
        options = self.query_one(OptionList)
        keys = [key for key, _ in self._choices]
        options.highlighted = keys.index(self._likely) if self._likely in keys else 0
        options.focus()

    def action_down(self) -> None:
        """One down."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """One up."""
        self.query_one(OptionList).action_cursor_up()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """That one."""
        self.dismiss(self._choices[event.option_index][0])
