"""The dialog of a plan: says what will happen, asks, carries it out, and follows it."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input, Static
from textual.worker import Worker

from ecs_tui.aws.account import Account
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean
from ecs_tui.operations.plan import Plan
from ecs_tui.operations.running import Running
from ecs_tui.record import dataclass
from ecs_tui.ui.dialogs.base import Dialog, KeyLine
from ecs_tui.ui.dialogs.key_line import key_line

SHOWN_LINES = 8
"""Lines of progress that are shown, the newest."""


@dataclass(frozen=True, slots=True)
class PlanResult:
    """What came of a plan that was carried out.

    Attributes:
        task: The task in which a shell is to be opened, or None.
        stop_after: Whether to stop it when the shell ends.
    """

    task: Task | None = None
    stop_after: bool = False


class PlanScreen(Dialog[PlanResult]):
    """Shows a plan, carries it out once it is confirmed, and follows it until it holds.

    The plan goes on when the dialog is left; `tell` then gets the outcome. Returns None if the plan
    was not carried out.

    Args:
        account: The account to call.
        plan: The plan.
        tell: Shows the outcome of a plan whose dialog has been left.
    """

    DEFAULT_CSS = """
    PlanScreen VerticalScroll { height: 1fr; }
    PlanScreen #effect { height: auto; margin-bottom: 1; }
    PlanScreen #progress { height: auto; max-height: 10; border-top: solid $primary; }
    PlanScreen Input { display: none; }
    PlanScreen.-typing Input { display: block; }
    """
    kind = "plan"
    BINDINGS = [
        Binding("y", "go", "apply", id="plan.apply"),
        Binding("c", "copy", "copy", id="plan.copy"),
        Binding("k", "turn_stop", "stop afterwards", id="plan.stop-afterwards"),
        Binding("s", "shell", "shell", id="plan.shell"),
        Binding("q", "leave", "close", id="plan.close"),
    ]

    def __init__(self, account: Account, plan: Plan, tell: Callable[[str], None]) -> None:
        super().__init__()
        self.running = Running(account, plan)
        self.running.listen(self._changed)
        self._account, self._tell = account, tell
        plan = self.plan = self.running.plan
        self._left = False
        self._worker: Worker[None] | None = None
        self._asks = f'Type "{clean(plan.typed)}" to confirm.'
        self._stop_after = False
        words = f"With the AWS CLI:\n{plan.command}" if plan.calls else ""
        self._command = Static("\n".join(map(clean, words.split("\n"))), id="command", markup=False)
        self._about = VerticalScroll()
        self._progress = Static("", id="progress", markup=False)
        self._keys = KeyLine()
        self._typed = Input(placeholder=f'Type "{clean(plan.typed)}" to confirm', compact=True)

    @property
    def state(self) -> str:
        """shown, running or over."""
        return self.running.state

    def compose(self) -> ComposeResult:
        plan = self.plan
        with Vertical(classes="box -tall"):
            yield Static(clean(plan.title), classes="title", markup=False)
            with self._about:
                yield Static("\n".join(map(clean, plan.effects)), id="effect", markup=False)
                if body := self._body():
                    yield Static(body, markup=False)
                yield self._command
            yield self._progress
            yield self._typed
            yield self._keys

    def on_mount(self) -> None:
        self._about.focus()
        self._progress.display = False
        self._draw_keys()

    def _body(self) -> str:
        plan, lines = self.plan, list[str]()
        if plan.changes:
            width = max(len(name) for name, _, _ in plan.changes)
            lines += [f"{n.ljust(width)}  {'' if before == '–' else f'{before} '}→ {after}"
                      for n, before, after in plan.changes] + [""]  # fmt: skip
        lines += plan.document.split("\n") if plan.document else []
        return "\n".join(clean(line) for line in lines)

    @property
    def _refused(self) -> str:
        """Why the plan cannot be carried out here, or ""."""
        if self.plan.document:
            return "ecs-tui never changes IAM; copy the policy"
        refused = self.plan.refusal(self._account)
        if refused is None:
            return ""
        if self._account.read_only:
            return "Read-only mode: preview only"
        return f"{clean(refused.what)} Preview only"

    def on_descendant_focus(self) -> None:
        """Show the keys of the focused widget: the input line has others."""
        self._draw_keys()

    def _draw_keys(self) -> None:
        if self.has_class("-typing"):
            words = f"{self._asks}   " + key_line(self, {"submit": "confirm", "leave": "cancel"})
        elif self.state == "shown" and self._refused:
            words = f"{self._refused}   " + key_line(self, {"copy": "copy", "leave": "close"})
        elif self.state == "shown":
            stop = "yes" if self._stop_after else "no"
            does = {"go": "apply", "copy": "copy", "leave": "cancel"}
            if self.plan.starts_task:
                turn = f"stop the task when the shell closes [{stop}]"
                does = {"go": "apply", "turn_stop": turn, "copy": "copy", "leave": "cancel"}
            words = key_line(self, does)
        elif self.state == "running":
            goes_on = "stop" if self.plan.stops_when_left else "close (continues in the background)"
            words = key_line(self, {"leave": goes_on})
        elif self.running.ready is not None:
            words = key_line(self, {"shell": "open a shell", "leave": "close"})
        else:
            then = self.plan.then if self.running.outcome == "done" else ""
            words = key_line(self, {"leave": f"close, and {then}" if then else "close"})
        self._keys.say(words)

    def action_go(self) -> None:
        """Carry out the plan; if a name must be typed (`Plan.typed`), ask for that first."""
        if self.state != "shown" or self._refused:
            return
        if self.plan.confirm == "name":
            self.add_class("-typing")
            self._typed.focus()
            self._draw_keys()
        else:
            self._start()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Carry out the plan if the typed name is the right one."""
        if event.value.strip() != self.plan.typed:
            self._asks = f'Doesn\'t match "{clean(self.plan.typed)}".'
            self._draw_keys()
            return
        self.remove_class("-typing")
        self._about.focus()
        self._start()

    def _start(self) -> None:
        """Carry out the plan in a worker of the app, so that it outlives this dialog."""
        if self.state == "shown":
            self._progress.display = True
            self._worker = self.app.run_worker(
                self.running.run(), name=self.plan.title, group="operation"
            )

    def _changed(self) -> None:
        """Draw what the plan says; once the dialog has been left, only the outcome is told."""
        if self._left:
            if self.state == "over":
                self._tell(self.running.summary)
            return
        self._progress.update("\n".join(self.running.said[-SHOWN_LINES:]))
        self._draw_keys()

    def action_turn_stop(self) -> None:
        """Toggle whether the task that it starts is stopped when its shell closes."""
        if self.plan.starts_task and self.state == "shown":
            self._stop_after = not self._stop_after
            self._draw_keys()

    def action_copy(self) -> None:
        """Copy the policy, or the command of the AWS CLI."""
        text = self.plan.document or self.plan.command
        if text:
            self.app.copy_to_clipboard(text)
            self.notify("Copied.")

    def action_shell(self) -> None:
        """Open a shell in the task that is ready."""
        if self.running.ready is not None:
            self._leave(PlanResult(self.running.ready, self._stop_after))

    def action_leave(self) -> None:
        """Close the dialog; a plan that is carried out goes on, unless it stops when it is left."""
        if self.state == "running" and self.plan.stops_when_left and self._worker is not None:
            self._worker.cancel()
        self._leave(None if self.state == "shown" else PlanResult())

    def _leave(self, result: PlanResult | None) -> None:
        self._left = True
        self.dismiss(result)
