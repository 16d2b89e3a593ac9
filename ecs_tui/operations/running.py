"""One plan while it is carried out: what it has said so far, its state and its outcome.

It belongs to the task that runs it, not to the dialog or the command line that shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from ecs_tui.aws.account import Account
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean, counted
from ecs_tui.operations.calls import Applied
from ecs_tui.operations.follow import POLL_SECONDS, EndState
from ecs_tui.operations.plan import Plan

State = Literal["shown", "running", "over"]
SIGNS: dict[EndState, str] = {"": "◐", "done": "●", "failed": "✖", "unknown": "▲"}


class Running:
    """Carries out a plan once.

    Args:
        account: The account to call.
        plan: The plan; how it is confirmed is stricter where the account's policy says so.

    Attributes:
        state: "shown" until it is started.
        said: What has been told so far, a line each.
        applied: The results of its calls.
        outcome: How it ended, "" before that.
        words: How it ended, in a sentence.
        error: The error that ended it, or None.
        ready: A task in which a shell can be opened, or None.
    """

    def __init__(self, account: Account, plan: Plan) -> None:
        self.account, self.plan = account, plan.under(account.policy)
        self.state: State = "shown"
        self.said: list[str] = []
        self.applied = Applied()
        self.outcome: EndState = ""
        self.words = ""
        self.error: EcsTuiError | None = None
        self.ready: Task | None = None
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each change of its state and each line that it says."""
        self._listeners.append(listener)

    @property
    def changed(self) -> bool:
        """Whether something was changed in AWS."""
        return bool(self.applied.accepted)

    @property
    def summary(self) -> str:
        """The plan's title and how it ended, in one line; what it is about comes first."""
        return f"{SIGNS[self.outcome]} {clean(self.plan.title)}: {self.words}"

    async def run(self, *, wait: bool = True, poll: float = POLL_SECONDS) -> None:
        """Make the calls, and follow the change until it holds; errors end it and are told.

        Args:
            wait: Whether to follow it; otherwise it is over once ECS has accepted it.
            poll: Seconds between two polls.
        """
        self.state = "running"
        if self.plan.calls:
            self._say("◐ Calling AWS…")
        try:
            self.applied = await self.plan.apply(self.account, self._say)
        except EcsTuiError as error:
            self._end("failed", str(error), error)
            return
        if self.plan.calls and not self.changed:
            first = self.applied.refused[0].error
            self._end("failed", f"None of {len(self.plan.calls)} calls was accepted.", first)
            return
        if not wait or self.plan.goal is None:
            self._settle("done", "Accepted by ECS." if self.plan.calls else "Nothing was changed.")
            return
        if self.plan.calls:
            self._say(f"● {self.plan.accepted}")
        try:
            async for progress in self.plan.follow(self.account, self.applied, poll):
                self.ready = progress.ready or self.ready
                if progress.over:
                    self._settle(progress.outcome, progress.words)
                    return
                self._say(progress.words)
        except EcsTuiError as error:
            self._end("unknown", f"ECS has accepted it, but it cannot be followed: {error}", error)

    def _settle(self, outcome: EndState, words: str) -> None:
        """End with the outcome of what was accepted, and with what was not."""
        # What was not done is told last: it is what somebody has to act on.
        refused = len(self.plan.calls) - len(self.applied.accepted)
        if refused:
            words = f"{words} {refused} of {counted(len(self.plan.calls), 'call')} failed."
        missing = sum(result.missing for result in self.applied.results)
        if missing:
            words = f"{words} {counted(missing, 'task')} not started."
        if refused or missing:
            outcome = "failed" if outcome == "done" else outcome
        self._end(outcome, words)

    def _end(self, outcome: EndState, words: str, error: EcsTuiError | None = None) -> None:
        self.state, self.outcome, self.error = "over", outcome, error
        self.words = clean(words)
        self._say(f"{SIGNS[outcome]} {words}")

    def _say(self, words: str) -> None:
        self.said.append(clean(words))
        for listener in list(self._listeners):
            listener()
