"""The doctor: every check of one task as it finishes, what was seen, and the cure."""

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
from ecs_tui.doctor.cures import Cure, plan
from ecs_tui.doctor.doctor import Doctor
from ecs_tui.doctor.facts import Fact
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.finding import Finding, Health, Outcome, judge, judge_each
from ecs_tui.model.task import Task
from ecs_tui.model.words import clean
from ecs_tui.ui.screens.cure import CureScreen
from ecs_tui.ui.screens.modal import Box

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
    """What the doctor leads to: a shell in a container of a task."""

    task: Task
    container: str
    stop_after: bool = False


class DoctorScreen(Box[ToShell]):
    """Findings, worst first once all are there.

    Args:
        account: For the cures.
        title: What is examined.
        make: Makes a new examination.
        container: The container that was asked about, or "".
        error: What AWS said to the shell that failed, or "".
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
        ("r", "again", "again"),
        ("o", "one_off", "one-off copy"),
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
        """Title, AWS's error, the findings, what was seen, keys."""
        with Vertical(classes="box -tall"):
            yield self._head
            if self._error:
                yield Static(f"✖ {self._error}", id="error", markup=False)
            yield self._list
            yield self._seen
            yield Static(
                "enter cure   s shell   o one-off copy   t tag task   r again   c copy   esc close",
                classes="keys",
                markup=False,
            )

    def on_mount(self) -> None:
        """Examine."""
        self._list.focus()
        self._examine()

    @work(exclusive=True, group="examine")
    async def _examine(self) -> None:
        self.over = False
        self._draw()
        try:
            async for _ in self.doctor.examine():
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
            asked = {item.check for item in found}
            waiting = [check for check in CHECKS if check.id not in asked]
            options += [Option(Content(f"◐ {check.question}"), disabled=True) for check in waiting]
        self._list.set_options(options)
        if at is not None and at < len(found):
            self._list.highlighted = at

    def _sum(self) -> str:
        found = self.doctor.findings
        if not self.over:
            return f"◐ {len({item.check for item in found})} of {len(CHECKS)} checks"
        each = judge_each(found)
        if len(each) > 1:
            return "   ".join(f"{_sign(health)} {clean(name)}: {health}"
                              for name, health in each.items())  # fmt: skip
        health = judge(found)
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
        lines = [f"{finding.outcome}: {clean(finding.evidence)}"]
        if finding.advice:
            lines.append(clean(finding.advice))
        if finding.cure:
            try:
                lines.append(f"enter: {clean(self._plan(finding.cure).title)}")
            except EcsTuiError as error:
                lines.append(clean(str(error)))
        self._seen.update("\n".join(lines))

    def _plan(self, cure: str) -> Cure:
        finding = self.finding
        container = self._container or (finding.container if finding else "")
        return plan(cure, self.doctor.facts, container)

    def on_option_list_option_highlighted(self) -> None:
        """Show what was seen."""
        self._draw_seen()

    def on_option_list_option_selected(self) -> None:
        """The cure of that finding."""
        if self.finding is not None and self.finding.cure:
            self._cure(self.finding.cure)

    @work(group="cure", exclusive=True)
    async def _cure(self, cure_id: str) -> None:
        try:
            cure = self._plan(cure_id)
        except EcsTuiError as error:
            self._seen.update(clean(str(error)))
            return
        done = await self.app.push_screen_wait(CureScreen(self._account, cure))
        if done is None:
            return
        if done.task is None:
            self.action_again()
            return
        name = self._container if done.task.container(self._container) else ""
        self.dismiss(ToShell(done.task, name, done.stop_after))

    def action_again(self) -> None:
        """Examine anew."""
        self.doctor = self._make()
        self._examine()

    def action_one_off(self) -> None:
        """A copy of the task with exec on."""
        self._cure("one-off")

    def action_tag(self) -> None:
        """Tags for the running task."""
        self._cure("tag-task")

    def action_shell(self) -> None:
        """Try a shell all the same."""
        if Fact.TASK in self.doctor.facts.values:
            self.dismiss(ToShell(self.doctor.facts.task, self._container))

    def action_copy(self) -> None:
        """The findings as JSON."""
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
        self.notify("The findings are on the clipboard.")

    def action_down(self) -> None:
        """One down."""
        self._list.action_cursor_down()

    def action_up(self) -> None:
        """One up."""
        self._list.action_cursor_up()


def _sign(health: Health) -> str:
    return {Health.READY: "●", Health.NOT_READY: "✖"}.get(health, "?")
