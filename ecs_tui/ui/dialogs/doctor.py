"""The doctor's dialog: the checks of one task as they finish, with evidence and fixes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ecs_tui.aws.account import Account
from ecs_tui.doctor.checks import CHECKS
from ecs_tui.doctor.exec_check import Doctor
from ecs_tui.doctor.facts import Fact
from ecs_tui.doctor.plans import Plan, make_plan
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.finding import Finding, Health, Outcome, health_by_container, overall_health
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import Dialog
from ecs_tui.ui.dialogs.plan import PlanScreen

_OUTCOMES = {
    Outcome.PASS: "Passed",
    Outcome.WARN: "Warning",
    Outcome.FAIL: "Failed",
    Outcome.UNKNOWN: "Unknown",
    Outcome.SKIP: "Not applicable",
}
SIGNS = {
    Outcome.PASS: ("●", "$text-success"),
    Outcome.WARN: ("▲", "$text-warning"),
    Outcome.FAIL: ("✖", "$text-error"),
    Outcome.UNKNOWN: ("?", "$text-warning"),
    Outcome.SKIP: ("○", "$text-muted"),
}
_FIRST = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WARN, Outcome.PASS, Outcome.SKIP)


@dataclass(frozen=True)
class ToShell:
    """The shell to open after the dialog.

    Attributes:
        task: The task.
        container: The container; "" for the task's first one.
        stop_after: Whether to stop the task when the shell ends.
    """

    task: Task
    container: str
    stop_after: bool = False


class DoctorScreen(Dialog[ToShell]):
    """Shows findings as they arrive, and the worst first once all checks are done.

    Returns the shell to open, or None.

    Args:
        account: The account in which fixes are applied.
        title: What is checked.
        make: Creates a `Doctor` for another run.
        container: The container to check; "" for all of the task's.
        error: AWS's error for the shell that failed, or "".
    """

    DEFAULT_CSS = """
    DoctorScreen OptionList { height: 1fr; border: none; padding: 0; background: $surface;
        text-wrap: nowrap; text-overflow: ellipsis;
        &:focus { border: none; }
    }
    DoctorScreen #error { color: $text-error; height: auto; }
    DoctorScreen #seen { height: auto; max-height: 8; border-top: solid $primary; }
    """
    BINDINGS = [
        ("q", "leave", "close"),
        ("j", "down", "down"),
        ("k", "up", "up"),
        ("r", "again", "re-check"),
        ("o", "one_off", "debug copy"),
        ("t", "tag", "tag this task"),
        ("c", "copy", "copy"),
        ("s", "shell", "shell"),
    ]

    def __init__(
        self,
        account: Account,
        title: str,
        make: Callable[[], Doctor],
        container: str = "",
        error: str = "",
    ) -> None:
        super().__init__()
        self._account, self._title, self._make = account, clean(title), make
        self._container, self._error = container, clean(error)
        self.doctor = make()
        self.over = False
        self._shown: list[Finding] = []
        self._list = OptionList()
        self._head = Static("", classes="title", markup=False)
        self._seen = Static("", id="seen", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box -tall"):
            yield self._head
            if self._error:
                yield Static(f"✖ {self._error}", id="error", markup=False)
            yield self._list
            yield self._seen
            yield Static(
                "enter fix   s shell   o debug copy   t tag task   r re-check   c copy   esc close",
                classes="keys",
                markup=False,
            )

    def on_mount(self) -> None:
        self._list.focus()
        self._run_checks()

    @work(exclusive=True, group="exec check")
    async def _run_checks(self) -> None:
        self.over = False
        self._draw()
        try:
            async for _ in self.doctor.run_exec_check():
                self._draw()
        finally:
            self.over = True
        self._draw()
        if self._shown:
            self._list.highlighted = 0
        self._draw_seen()

    def _draw(self) -> None:
        self._head.update(f"Doctor · {self._title}   {self._sum()}")
        at = self._list.highlighted
        found = list(self.doctor.findings)
        if self.over:
            found.sort(key=lambda item: _FIRST.index(item.outcome))
        self._shown = found
        options = [Option(self._line(item)) for item in found]
        if not self.over:
            checked = {item.check for item in found}
            waiting = [check for check in CHECKS if check.id not in checked]
            options += [Option(Content(f"◐ {check.question}"), disabled=True) for check in waiting]
        self._list.set_options(options)
        if at is not None and at < len(found):
            self._list.highlighted = at

    def _sum(self) -> str:
        found = self.doctor.findings
        if not self.over:
            return f"◐ {len({item.check for item in found})} of {len(CHECKS)} checks"
        each = health_by_container(found)
        if len(each) > 1:
            return "   ".join(f"{_sign(health)} {clean(name)}: {health}"
                              for name, health in each.items())  # fmt: skip
        health = overall_health(found)
        return f"{_sign(health)} {health}"

    def _line(self, finding: Finding) -> Content:
        sign, style = SIGNS[finding.outcome]
        where = f" [{clean(finding.container)}]" if finding.container else ""
        words = f"{finding.question}{where}"
        evidence = f"  {clean(finding.evidence)}"
        return Content.assemble((f"{sign} ", style), words, (evidence, "$text-muted"))

    @property
    def finding(self) -> Finding | None:
        """The finding under the cursor."""
        at = self._list.highlighted
        return self._shown[at] if at is not None and at < len(self._shown) else None

    def _draw_seen(self) -> None:
        finding = self.finding
        if finding is None:
            self._seen.update("")
            return
        lines = [f"{_OUTCOMES[finding.outcome]}: {clean(finding.evidence)}"]
        if finding.advice:
            lines.append(clean(finding.advice))
        if finding.fix:
            try:
                lines.append(f"enter: {clean(self._plan(finding.fix).title)}")
            except EcsTuiError as error:
                lines.append(clean(str(error)))
        self._seen.update("\n".join(lines))

    def _plan(self, fix_id: str) -> Plan:
        finding = self.finding
        container = self._container or (finding.container if finding else "")
        return make_plan(fix_id, self.doctor.facts, container)

    def on_option_list_option_highlighted(self) -> None:
        """Show the evidence of the selected finding."""
        self._draw_seen()

    def on_option_list_option_selected(self) -> None:
        """Open the plan of the finding's fix."""
        if self.finding is not None and self.finding.fix:
            self._open_plan(self.finding.fix)

    @work(group="fix", exclusive=True)
    async def _open_plan(self, fix_id: str) -> None:
        try:
            plan = self._plan(fix_id)
        except EcsTuiError as error:
            self._seen.update(clean(str(error)))
            return
        done = await self.app.push_screen_wait(PlanScreen(self._account, plan))
        if done is None:
            return
        if done.task is None:
            self.action_again()
            return
        name = self._container if done.task.container(self._container) else ""
        self.dismiss(ToShell(done.task, name, done.stop_after))

    def action_again(self) -> None:
        """Run the checks again."""
        self.doctor = self._make()
        self._run_checks()

    def action_one_off(self) -> None:
        """Open the plan for a debug copy of the task with exec enabled."""
        self._open_plan("one-off")

    def action_tag(self) -> None:
        """Open the plan for tags on the running task."""
        self._open_plan("tag-task")

    def action_shell(self) -> None:
        """Open a shell whatever the findings are."""
        if Fact.TASK in self.doctor.facts.values:
            self.dismiss(ToShell(self.doctor.facts.task, self._container))

    def action_copy(self) -> None:
        """Copy the findings as JSON."""
        rows = [
            {
                "check": item.check,
                "container": item.container,
                "outcome": str(item.outcome),
                "evidence": item.evidence,
                "advice": item.advice,
            }
            for item in self.doctor.findings
        ]
        self.app.copy_to_clipboard(json.dumps(rows, indent=2))
        self.notify("Findings copied.")

    def action_down(self) -> None:
        self._list.action_cursor_down()

    def action_up(self) -> None:
        self._list.action_cursor_up()


def _sign(health: Health) -> str:
    return {Health.READY: "●", Health.NOT_READY: "✖"}.get(health, "?")
