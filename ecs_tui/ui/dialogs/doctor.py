"""The exec check: the doctor's checks of one task as they finish, with evidence and fixes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from ecs_tui.aws.account import Account
from ecs_tui.doctor.checks import CHECKS
from ecs_tui.doctor.exec_check import Doctor
from ecs_tui.doctor.facts import TaskFact
from ecs_tui.doctor.plans import make_plan
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.finding import Finding, Health, Outcome, health_by_container, overall_health
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean
from ecs_tui.operations.aws_command import connection_options
from ecs_tui.operations.plan import Plan
from ecs_tui.ui.dialogs.base import Dialog, KeyLine
from ecs_tui.ui.dialogs.key_line import key_line, key_of
from ecs_tui.ui.dialogs.plan import PlanScreen
from ecs_tui.ui.table.columns import shortened

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
    Outcome.SKIP: ("○", "$foreground-muted"),
}
_KEYS = {
    "select": "fix", "shell": "shell", "one_off": "debug copy", "tag": "tag task",
    "passed": "all / problems", "again": "re-check", "copy": "copy", "leave": "close",
}  # fmt: skip
"""The actions of the line of keys, and what each does."""
_CHANGING = {"shell", "one_off", "tag"}
"""Those that are not named in read-only mode; the plan of a fix can still be looked at."""
_QUIET = (Outcome.PASS, Outcome.SKIP)
"""Findings that are one line together, until the operator wants to see them."""
_COUNTED = {
    Outcome.FAIL: "failed", Outcome.UNKNOWN: "unknown", Outcome.WARN: "warned",
    Outcome.PASS: "passed", Outcome.SKIP: "not applicable",
}  # fmt: skip
_SHORT_TITLE_CELLS = 24
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
        wrong: What is wrong with the service, a line each, the worst first.
        tell: Shows the outcome of a fix whose dialog has been left.
    """

    DEFAULT_CSS = """
    DoctorScreen OptionList { height: 1fr; border: none; padding: 0; background: $surface;
        text-wrap: nowrap; text-overflow: ellipsis;
        &:focus { border: none; }
    }
    DoctorScreen #wrong { height: auto; max-height: 4; color: $text-warning; }
    DoctorScreen #error { color: $text-error; height: auto; }
    DoctorScreen #seen { height: auto; max-height: 8; border-top: solid $primary; }
    """
    kind = "exec-check"
    BINDINGS = [
        Binding("q", "leave", "close", id="exec-check.close"),
        Binding("j", "down", "down", id="exec-check.down"),
        Binding("k", "up", "up", id="exec-check.up"),
        Binding("r", "again", "re-check", id="exec-check.again"),
        Binding("o", "one_off", "debug copy", id="exec-check.debug-copy"),
        Binding("t", "tag", "tag this task", id="exec-check.tag"),
        Binding("c", "copy", "copy", id="exec-check.copy"),
        Binding("s", "shell", "shell", id="exec-check.shell"),
        Binding("space", "passed", "show all checks, or problems only", id="exec-check.passed"),
    ]

    def __init__(
        self,
        account: Account,
        title: str,
        make: Callable[[], Doctor],
        container: str = "",
        error: str = "",
        *,
        wrong: Sequence[str] = (),
        tell: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._account, self._title, self._make = account, clean(title), make
        self._tell = tell
        self._container, self._error = container, clean(error)
        self._wrong = [clean(words) for words in wrong]
        self.doctor = make()
        self.over = False
        self.all_shown = False
        self._shown: list[Finding] = []
        self._list = OptionList()
        self._head = Static("", classes="title", markup=False)
        self._seen = Static("", id="seen", markup=False)
        self._keys = KeyLine()

    def compose(self) -> ComposeResult:
        with Vertical(classes="box -tall"):
            yield self._head
            if self._wrong:
                yield Static("\n".join(self._wrong), id="wrong", markup=False)
            if self._error:
                yield Static(f"✖ {self._error}", id="error", markup=False)
            yield self._list
            yield self._seen
            yield self._keys

    def on_mount(self) -> None:
        self._list.focus()
        self._run_checks()

    def on_descendant_focus(self) -> None:
        """Show the keys once the list has the focus: one of them is its own."""
        self._draw_keys()

    def _draw_keys(self) -> None:
        """Name the keys that do something now."""
        finding, facts = self.finding, self.doctor.facts
        missing = set() if finding is not None and finding.fix else {"select"}
        if facts.get(TaskFact) is None:
            missing |= {"shell", "one_off", "tag"}
        words = dict(_KEYS)
        if self._account.read_only:
            missing |= _CHANGING
            words["select"] = "preview fix"
        shown = {action: does for action, does in words.items() if action not in missing}
        self._keys.say(key_line(self, shown))

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
        self._draw_head()
        at = self._list.highlighted
        found = list(self.doctor.findings)
        quiet = ""
        if self.over:
            found.sort(key=lambda item: _FIRST.index(item.outcome))
            if not self.all_shown:
                quiet = counts_line([item for item in found if item.outcome in _QUIET])
                found = [item for item in found if item.outcome not in _QUIET]
        self._shown = found
        options = [Option(self._line(item)) for item in found]
        if quiet:
            key = key_of(self, "passed")
            options.append(Option(Content(f"{quiet} ({key} shows them)"), disabled=True))
        if not self.over:
            checked = {item.check for item in found}
            waiting = [check for check in CHECKS if check.id not in checked]
            options += [Option(Content(f"◐ {check.question}"), disabled=True) for check in waiting]
        self._list.set_options(options)
        if at is not None and at < len(found):
            self._list.highlighted = at

    def on_resize(self) -> None:
        """Choose the form of the title that fits."""
        self._draw_head()

    def _draw_head(self) -> None:
        found = self.doctor.findings
        if self.over:
            sums = sum_forms(found)
        else:
            sums = [f"◐ {len({item.check for item in found})} of {len(CHECKS)} checks"]
        forms = [f"Exec check · {self._title}   {words}" for words in sums]
        forms.append(f"{shortened(self._title, _SHORT_TITLE_CELLS, middle=True)}   {sums[-1]}")
        width = self._head.size.width or self.app.size.width
        self._head.update(next((form for form in forms if cell_len(form) <= width), forms[-1]))

    def _line(self, finding: Finding) -> Content:
        sign, style = SIGNS[finding.outcome]
        where = f" [{clean(finding.container)}]" if finding.container else ""
        words = f"{finding.question}{where}"
        evidence = f"  {clean(finding.evidence)}"
        return Content.assemble((f"{sign} ", style), words, (evidence, "$foreground-muted"))

    @property
    def finding(self) -> Finding | None:
        """The finding under the cursor."""
        at = self._list.highlighted
        return self._shown[at] if at is not None and at < len(self._shown) else None

    def _draw_seen(self) -> None:
        finding = self.finding
        self._draw_keys()
        if finding is None:
            self._seen.update("")
            return
        lines = [f"{_OUTCOMES[finding.outcome]}: {clean(finding.evidence)}"]
        if finding.advice:
            lines.append(clean(finding.advice))
        if finding.fix:
            try:
                lines.append(f"{key_of(self, 'select')}: {clean(self._plan(finding.fix).title)}")
            except EcsTuiError as error:
                lines.append(clean(str(error)))
        self._seen.update("\n".join(lines))

    def _plan(self, fix_id: str) -> Plan:
        finding = self.finding
        container = self._container or (finding.container if finding else "")
        plan = make_plan(fix_id, self.doctor.facts, container)
        return replace(plan, connection=connection_options(self._account))

    def on_option_list_option_highlighted(self) -> None:
        """Show the evidence of the selected finding."""
        self._draw_seen()

    def on_option_list_option_selected(self) -> None:
        """Open the plan of the finding's fix, or say that there is none."""
        if self.finding is None:
            return
        if self.finding.fix:
            self._open_plan(self.finding.fix)
        else:
            self.notify("This finding has no fix here.")

    @work(group="fix", exclusive=True)
    async def _open_plan(self, fix_id: str) -> None:
        try:
            plan = self._plan(fix_id)
        except EcsTuiError as error:
            self._seen.update(clean(str(error)))
            return
        done = await self.app.push_screen_wait(PlanScreen(self._account, plan, self._tell))
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
        if self.doctor.facts.get(TaskFact) is not None:
            self.dismiss(ToShell(self.doctor.facts.task, self._container))

    def action_passed(self) -> None:
        """Show all checks, or problems only."""
        self.all_shown = not self.all_shown
        self._draw()
        self._draw_seen()

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


def counts_line(found: Sequence[Finding], *, short: bool = False) -> str:
    """How many findings there are of each outcome, the worst first: `✖ 3 failed · ● 17 passed`.

    Args:
        found: The findings.
        short: Whether the signs stand without words: `✖ 3 · ● 17`.
    """
    counts = Counter(item.outcome for item in found)
    return " · ".join(
        f"{SIGNS[outcome][0]} {counts[outcome]}" + ("" if short else f" {_COUNTED[outcome]}")
        for outcome in _FIRST
        if counts[outcome]
    )


def sum_forms(found: Sequence[Finding]) -> list[str]:
    """The result of all findings, and how many there are of each outcome; the longest form first."""
    each = health_by_container(found)
    health = overall_health(found)
    words = whole = f"{_sign(health)} {health}"
    if len(each) > 1:
        words = "   ".join(f"{_sign(one)} {clean(name)}: {one}" for name, one in each.items())
        ready = sum(one is Health.READY for one in each.values())
        whole = f"{_sign(health)} {ready} of {len(each)} ready"
    counts, short = counts_line(found), counts_line(found, short=True)
    return list(dict.fromkeys([f"{words}   {counts}", f"{words}   {short}", f"{whole}   {short}"]))


def _sign(health: Health) -> str:
    return {Health.READY: "●", Health.NOT_READY: "✖"}.get(health, "?")
