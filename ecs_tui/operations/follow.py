"""Follows a change until it holds: asks ECS every two seconds, with a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Literal, Protocol

from ecs_tui.aws.account import Account
from ecs_tui.errors import BadAnswer, NoNetwork, Throttled
from ecs_tui.model.rules.waiting import failing_event
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.operations.calls import Applied
from ecs_tui.record import dataclass

POLL_SECONDS = 2.0
"""Seconds between two polls of what has been changed."""
GIVE_UP_SECONDS = 1800.0
"""Seconds after which a change that does not hold is no longer followed."""
NEW_SECONDS = 60.0
"""Seconds for which a new task may be unknown to DescribeTasks: ECS is eventually consistent.

Source: "RunTask" in the ECS API reference.
"""
EndState = Literal["", "done", "failed", "unknown"]
"""How a change ended: it holds, it does not, or that is not known; "" while it is not over."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a change has come.

    Attributes:
        words: A line of text.
        outcome: How it ended; "" while it goes on.
        ready: A task in which a shell can be opened now, or None.
    """

    words: str
    outcome: EndState = ""
    ready: Task | None = None

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.outcome != ""


class Goal(Protocol):
    """When a change holds."""

    async def look(self, account: Account, applied: Applied, seconds: float) -> Progress:
        """Ask ECS how far the change has come.

        Args:
            account: The account to call.
            applied: The results of the plan's calls.
            seconds: Seconds since the calls were made.

        Raises:
            AwsError: A call failed.
        """


async def follow(
    account: Account,
    goal: Goal,
    applied: Applied,
    *,
    poll: float = POLL_SECONDS,
    give_up: float = GIVE_UP_SECONDS,
) -> AsyncIterator[Progress]:
    """Yield the progress whenever its words change; the last one has an outcome.

    An answer that does not come, or a throttled call, does not end it.

    Args:
        account: The account to call.
        goal: When the change holds.
        applied: The results of the plan's calls.
        poll: Seconds between two polls.
        give_up: Seconds after which the outcome is unknown.

    Raises:
        AwsError: The change cannot be followed, for example for lack of permissions.
    """
    clock = asyncio.get_running_loop().time
    began, last = clock(), ""
    while clock() < began + give_up:
        try:
            async with asyncio.timeout_at(began + give_up):
                progress = await goal.look(account, applied, clock() - began)
        except TimeoutError:
            break
        except (Throttled, NoNetwork, BadAnswer) as error:
            progress = Progress(f"{error.what} Trying again.")
        if progress.over or progress.words != last:
            last = progress.words
            yield progress
        if progress.over:
            return
        await asyncio.sleep(poll)
    minutes = round(give_up / 60)
    yield Progress(
        f"Still not done after {minutes} minutes. Check the events of the service.", "unknown"
    )


def new_event(service: Service, before: Service | None) -> str:
    """` · MESSAGE` of the newest event about a failure that `before` did not have yet, or ""."""
    event = failing_event(service)
    known = {each.id for each in before.events} if before is not None else set()
    return "" if event is None or event.id in known else f" · {event.message}"
