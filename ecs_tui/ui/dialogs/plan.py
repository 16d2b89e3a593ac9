"""The dialog of a fix: shows its plan, applies it if confirmed, and follows it until it works."""

from __future__ import annotations

from dataclasses import dataclass

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input, Static

from ecs_tui.aws.account import Account
from ecs_tui.doctor.plans import Plan, apply, watch
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import Dialog


@dataclass(frozen=True)
class FixResult:
    """The result of a fix.

    Attributes:
        task: The task that is ready for a shell, or None.
        stop_after: Whether to stop it when the shell ends.
    """

    task: Task | None = None
    stop_after: bool = False


class PlanScreen(Dialog[FixResult]):
    """Shows the calls and the changes, applies them, and follows them until a shell is possible.

    Returns None if nothing was applied.
    """

    DEFAULT_CSS = """
    PlanScreen VerticalScroll { height: 1fr; }
    PlanScreen #effect { height: auto; margin-bottom: 1; }
    PlanScreen #progress { height: auto; max-height: 10; border-top: solid $primary; }
    PlanScreen Input { display: none; }
    PlanScreen.-typing Input { display: block; }
    """
    BINDINGS = [
        ("y", "go", "apply"),
        ("c", "copy", "copy"),
        ("k", "turn_stop", "stop afterwards"),
        ("s", "shell", "shell"),
        ("q", "leave", "close"),
    ]

    def __init__(self, account: Account, plan: Plan) -> None:
        super().__init__()
        self._account, self.plan = account, plan
        self.state = "shown"
        self._stop_after = False
        self._ready: Task | None = None
        self._said: list[str] = []
        self._progress = Static("", id="progress", markup=False)
        self._keys = Static("", classes="keys", markup=False)
        self._typed = Input(placeholder=f'Type "{clean(plan.must_type)}" to confirm', compact=True)

    def compose(self) -> ComposeResult:
        plan = self.plan
        with Vertical(classes="box -tall"):
            yield Static(clean(plan.title), classes="title", markup=False)
            yield Static(clean(plan.effect), id="effect", markup=False)
            with VerticalScroll():
                yield Static(self._body(), markup=False)
            yield self._progress
            yield self._typed
            yield self._keys

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        self._progress.display = False
        self._draw_keys()

    def _body(self) -> str:
        lines = []
        if self.plan.changes:
            width = max(len(name) for name, _, _ in self.plan.changes)
            lines += [f"{n.ljust(width)}  {'' if before == '–' else f'{before} '}→ {after}"
                      for n, before, after in self.plan.changes] + [""]  # fmt: skip
        lines += [part for call in self.plan.calls for part in str(call).split("\n")]
        lines += self.plan.document.split("\n") if self.plan.document else []
        return "\n".join(clean(line) for line in lines)

    @property
    def _refused(self) -> str:
        if not self.plan.calls:
            return "ecs-tui never changes IAM; copy the policy"
        return "Read-only mode: preview only" if self._account.read_only else ""

    def _draw_keys(self) -> None:
        if self.state == "shown" and self._refused:
            words = f"{self._refused}   c copy   esc close"
        elif self.state == "shown":
            stop = ""
            if self.plan.id == "one-off":
                chosen = "yes" if self._stop_after else "no"
                stop = f"   k stop the task when the shell closes [{chosen}]"
            words = f"y apply{stop}   c copy   esc cancel"
        elif self.state == "running":
            words = "esc close (continues in the background)"
        elif self._ready is not None:
            words = "s open a shell   esc close"
        else:
            words = "esc close"
        self._keys.update(words)

    def action_go(self) -> None:
        """Apply the plan; if it has a name to type (`Plan.must_type`), ask for that first."""
        if self.state != "shown" or self._refused:
            return
        if self.plan.must_type and not self.has_class("-typing"):
            self.add_class("-typing")
            self._typed.focus()
            name = clean(self.plan.must_type)
            self._keys.update(f'type "{name}", then enter confirm   esc cancel')
            return
        self._run()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Apply the plan if the typed name is the right one."""
        if event.value.strip() == self.plan.must_type:
            self.remove_class("-typing")
            self.query_one(VerticalScroll).focus()
            self._run()
        else:
            self._keys.update(f'Doesn\'t match "{clean(self.plan.must_type)}".   esc cancel')

    @work(exclusive=True, group="fix")
    async def _run(self) -> None:
        self.state = "running"
        self._progress.display = True
        self._draw_keys()
        self._say("◐ Calling ECS…")
        try:
            started = await apply(self._account, self.plan)
            self._say("● Accepted. Waiting until a shell is possible…")
            async for progress in watch(self._account, self.plan, started):
                self._say(progress.words)
                self._ready = progress.ready
        except EcsTuiError as error:
            self._say(f"✖ {error}")
        self.state = "over"
        self._draw_keys()

    def _say(self, words: str) -> None:
        self._said.append(clean(words))
        self._progress.update("\n".join(self._said[-8:]))

    def action_turn_stop(self) -> None:
        """Toggle whether the one-off task is stopped when its shell closes."""
        if self.plan.id == "one-off" and self.state == "shown":
            self._stop_after = not self._stop_after
            self._draw_keys()

    def action_copy(self) -> None:
        """Copy the policy or the calls."""
        text = self.plan.document or "\n".join(str(call) for call in self.plan.calls)
        self.app.copy_to_clipboard(text)
        self.notify("Copied.")

    def action_shell(self) -> None:
        """Open a shell in the task that is ready."""
        if self._ready is not None:
            self.dismiss(FixResult(self._ready, self._stop_after))

    def action_leave(self) -> None:
        """Close the dialog; calls that were made are not undone."""
        self.dismiss(None if self.state == "shown" else FixResult())
