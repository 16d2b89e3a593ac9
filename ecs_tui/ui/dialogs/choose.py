"""A dialog to choose one of a few items."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import Dialog, bind


class ChooseScreen(Dialog[str]):
    """Returns the key of the chosen item, or None.

    Args:
        title: The question.
        choices: (key, text) of each item.
        likely: The key of the item that is selected first.
    """

    DEFAULT_CSS = """
    ChooseScreen OptionList { text-wrap: nowrap; text-overflow: ellipsis; }
    """
    kind = "choose"
    BINDINGS = [
        bind("dialog-down", "down", "Next"),
        bind("dialog-up", "up", "Previous"),
        bind("dialog-select", "select", "Select"),
    ]

    def __init__(self, title: str, choices: list[tuple[str, str]], likely: str) -> None:
        super().__init__()
        self._title, self._choices, self._likely = title, choices, likely
        self._options = OptionList(*[Option(Content(clean(text))) for _, text in choices])

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._title, classes="title", markup=False)
            yield self._options
            yield self.hint_line(("dialog-select", "select"), ("dialog-close", "cancel"))

    def on_mount(self) -> None:
        keys = [key for key, _ in self._choices]
        self._options.highlighted = keys.index(self._likely) if self._likely in keys else 0
        self._options.focus()

    def action_down(self) -> None:
        self._options.action_cursor_down()

    def action_up(self) -> None:
        self._options.action_cursor_up()

    def action_select(self) -> None:
        self._options.action_select()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._choices[event.option_index][0])
