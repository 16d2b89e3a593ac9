"""A plan: what an operation will change, said before it is done; and how it is done and followed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Literal

from ecs_tui.aws.account import Account
from ecs_tui.config.policy import CallPolicy
from ecs_tui.errors import ReadOnly
from ecs_tui.operations.aws_command import aws_command
from ecs_tui.operations.calls import Applied, Call, make_calls
from ecs_tui.operations.follow import POLL_SECONDS, Goal, Progress, follow
from ecs_tui.operations.production import NamedAndTagged, looks_like_production
from ecs_tui.record import dataclass

Confirm = Literal["none", "y", "name"]
"""How a plan is confirmed: not at all, as it changes nothing in AWS; by yes; by typing a name."""
Change = tuple[str, str, str]
"""The name of a setting, its value before and its value after, as text."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be changed.

    Attributes:
        id: The operation's id: deploy, scale, stop, run-task, or a fix's (`Finding.fix`).
        title: What it does, and to which thing.
        effects: Its consequences, a sentence each; they name the things.
        calls: The API calls, in order; empty if it changes nothing in AWS.
        changes: The settings that change.
        confirm: How it is confirmed.
        typed: The name that confirms it where a name is asked for; "" if it changes nothing in AWS.
        document: An IAM policy as JSON that is shown and never attached; "" for other plans.
        cluster: The cluster's name.
        service: The service's name, or "".
        connection: Options of the AWS CLI for the account (`connection_options`).
        goal: When the change holds; None if there is nothing to wait for.
        accepted: What is waited for after the calls, as a sentence.
        stops_when_left: Whether leaving its dialog stops it: nothing in AWS goes on without it.
        then: What is offered once it is done and its dialog is closed, in a few words; "" for nothing.
    """

    id: str
    title: str
    effects: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    changes: tuple[Change, ...] = ()
    confirm: Confirm = "y"
    typed: str = ""
    document: str = ""
    cluster: str = ""
    service: str = ""
    connection: tuple[str, ...] = ()
    goal: Goal | None = None
    accepted: str = "ECS has accepted it."
    stops_when_left: bool = False
    then: str = ""

    @property
    def command(self) -> str:
        """The equal command of the AWS CLI, quoted for a shell; a line for each call."""
        return aws_command(self.calls, self.connection)

    @property
    def starts_task(self) -> bool:
        """Whether it starts a task outside of services, which may be stopped after its shell."""
        return any(call.operation == "ecs:RunTask" for call in self.calls)

    def under(self, policy: CallPolicy) -> Plan:
        """The plan as the policy has it confirmed: by a name in the clusters of `confirm_by_name`."""
        if self.confirm != "y" or not policy.asks_for_name(self.cluster):
            return self
        words = f"Changes in {self.cluster} are confirmed by a name (confirm_by_name in [policy])."
        return replace(self, confirm="name", effects=(*self.effects, words))

    def refusal(self, account: Account) -> ReadOnly | None:
        """Why read-only mode or the policy will block one of its calls, or None."""
        found = (account.refusal(call.operation, self.cluster) for call in self.calls)
        return next((each for each in found if each is not None), None)

    async def apply(
        self, account: Account, told: Callable[[str], None] = lambda _: None
    ) -> Applied:
        """Make the plan's calls.

        Args:
            account: The account to call.
            told: Gets a sentence for each result where there are several.

        Raises:
            EcsTuiError: None of the calls could be made (`make_calls`).
        """
        return await make_calls(account, self.calls, told)

    async def follow(
        self, account: Account, applied: Applied, poll: float = POLL_SECONDS
    ) -> AsyncIterator[Progress]:
        """Yield the progress until the change holds, has failed, or 30 minutes have passed.

        Raises:
            AwsError: It cannot be followed.
        """
        if self.goal is not None:
            async for progress in follow(account, self.goal, applied, poll=poll):
                yield progress


def confirmation(typed: str, *things: NamedAndTagged) -> tuple[Confirm, str]:
    """`Plan.confirm` and `Plan.typed` of a change: a name is asked for in production.

    Args:
        typed: The name of what is changed.
        things: The cluster, and the service if there is one.
    """
    return "name" if looks_like_production(*things) else "y", typed
