"""The dialog in which one chooses the revision to which a service is rolled back."""

from __future__ import annotations

from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ecs_tui.model.rules.revision_changes import summary
from ecs_tui.model.text import age_of, clean
from ecs_tui.operations.rollback import RollbackChoice, RollbackOptions
from ecs_tui.ui.dialogs.base import Dialog, bind


class RollbackScreen(Dialog[RollbackChoice]):
    """Returns the chosen revision, or None. Nothing is changed by choosing: the plan comes next.

    Args:
        found: The service and its earlier revisions.
        now: The time from which ages are counted.
    """

    DEFAULT_CSS = """
    RollbackScreen OptionList { height: auto; max-height: 9; border: none; padding: 0;
        text-wrap: nowrap; text-overflow: ellipsis;
        &:focus { border: none; }
    }
    RollbackScreen VerticalScroll { height: 1fr; border-top: solid $primary; }
    """
    kind = "rollback"
    BINDINGS = [
        bind("dialog-down", "down", "Next"),
        bind("dialog-up", "up", "Previous"),
        bind("dialog-select", "select", "Select"),
    ]

    def __init__(self, found: RollbackOptions, now: datetime) -> None:
        super().__init__()
        self._found, self._now = found, now
        self._options = OptionList(*[Option(Content(self._line(each))) for each in found.choices])
        self._shown = Static("", markup=False)

    def compose(self) -> ComposeResult:
        found = self._found
        where = clean(f"{found.cluster.name}/{found.service.name}")
        present = clean(found.current.revision)
        with Vertical(classes="box -tall"):
            yield Static(f"Roll back {where} from {present} to", classes="title", markup=False)
            yield self._options
            with VerticalScroll(can_focus=False):
                yield self._shown
            yield self.hint_line(("dialog-select", "show the plan"), ("dialog-close", "cancel"))

    def on_mount(self) -> None:
        self._options.highlighted = 0
        self._options.focus()

    def _line(self, each: RollbackChoice) -> str:
        age = age_of(each.deployed_at, self._now)
        when = f"deployed {age} ago" if age else ""
        words = (each.revision.revision, when, summary(each.differences, most=2))
        return clean("  ".join(word for word in words if word))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show all differences of the revision under the cursor."""
        event.stop()
        self._shown.update("\n".join(clean(line) for line in differences(self._choice)))

    @property
    def _choice(self) -> RollbackChoice:
        at = self._options.highlighted or 0
        return self._found.choices[at]

    def action_down(self) -> None:
        self._options.action_cursor_down()

    def action_up(self) -> None:
        self._options.action_cursor_up()

    def action_select(self) -> None:
        self._options.action_select()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._found.choices[event.option_index])


def differences(choice: RollbackChoice) -> list[str]:
    """What a rollback to a revision brings back, and what it does not, a line each."""
    if choice.definition is None:
        return ["Its task definition could not be read: what it changes is unknown."]
    lines = [f"{each.thing} {each.name}: {each.before} → {each.after}" for each in choice.restored]
    lines = ["Comes back:", *(f"  {line}" for line in lines)] if lines else ["Nothing comes back."]
    if stays := choice.stays:
        lines += ["Is not restored:"]
        lines += [
            f"  {each.thing} {each.name} stays {each.before}, was {each.after}" for each in stays
        ]
    return lines
