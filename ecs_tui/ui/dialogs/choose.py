"""A dialog to choose one of a few items."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import Dialog


class ChooseScreen(Dialog[str]):
    """Returns the key of the chosen item, or None.

    Args:
        title: The question.
        choices: (key, text) of each item.
        likely: The key of the item that is selected first.
    """

    BINDINGS = [("j", "down", "down"), ("k", "up", "up")]

    def __init__(self, title: str, choices: list[tuple[str, str]], likely: str) -> None:
        super().__init__()
        self._title, self._choices, self._likely = title, choices, likely

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._title, classes="title", markup=False)
            yield OptionList(*[Option(Content(clean(text))) for _, text in self._choices])
            yield Static("enter select   esc cancel", classes="keys", markup=False)

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        keys = [key for key, _ in self._choices]
        options.highlighted = keys.index(self._likely) if self._likely in keys else 0
        options.focus()

    def action_down(self) -> None:
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        self.query_one(OptionList).action_cursor_up()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._choices[event.option_index][0])
