"""What a principal lacks for a work: one IAM simulation for each statement of the least policy."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import iam
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.permission import Decision
from ecs_tui.model.rules.iam_policy import (
    Need,
    PolicyScope,
    Work,
    context_of,
    needs_of,
    resources_of,
)
from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class NeedAnswer:
    """What a principal may of a need.

    Attributes:
        lacking: The actions that it may not, with IAM's decision.
        uncertain: Whether conditions of its policies may allow them after all.
        error: Why it is not known; None if it is.
    """

    need: Need
    lacking: tuple[tuple[str, Decision], ...] = ()
    uncertain: bool = False
    error: EcsTuiError | None = None

    @property
    def words(self) -> str:
        """What is lacking, or not known, in a sentence; "" if nothing is."""
        if self.error is not None:
            return f"not known: {self.error}"
        if not self.lacking:
            return ""
        named = ", ".join(f"{action} ({decision})" for action, decision in self.lacking)
        return f"{named}; conditions may allow it" if self.uncertain else named


async def lacks(
    account: Account, principal: str, work: Work, scope: PolicyScope
) -> AsyncIterator[NeedAnswer]:
    """Yield for each need of a work what a principal may.

    Args:
        account: The account to call.
        principal: ARN of a user or role.
        work: The work.
        scope: Where it is done.
    """
    for need in needs_of(work, scope):
        resources = resources_of(need, scope)
        try:
            rights = await iam.simulate(
                account, principal, need.actions, resources, context_of(need, scope)
            )
        except EcsTuiError as error:
            yield NeedAnswer(need, error=error)
            continue
        lacking = []
        for action in need.actions:
            found = [rights.of(action, resource) for resource in resources]
            bad = [
                each or Decision("implicitDeny") for each in found if not each or not each.allowed
            ]
            lacking += [(action, bad[0])] if bad else []
        uncertain = any(decision.uncertain for _, decision in lacking)
        yield NeedAnswer(need, tuple(lacking), uncertain)
