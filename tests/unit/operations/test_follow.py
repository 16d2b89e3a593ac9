"""Deadlines of what is followed, in virtual time."""

from __future__ import annotations

import asyncio

from ecs_tui.aws.account import Account
from ecs_tui.operations.calls import Applied
from ecs_tui.operations.follow import Progress, follow
from ecs_tui.operations.tasks import TasksStopped
from tests.support.virtual_time import run


class Never:
    """A goal that is never reached, and counts how often it was looked at."""

    def __init__(self) -> None:
        self.looks = 0

    async def look(self, account: Account, applied: Applied, seconds: float) -> Progress:
        self.looks += 1
        if self.looks > 5:
            await asyncio.sleep(10_000)  # an answer that does not come
        return Progress("going on")


def _given_up() -> tuple[int, list[Progress], float]:
    goal = Never()

    async def work() -> tuple[list[Progress], float]:
        clock = asyncio.get_running_loop().time
        began = clock()
        found = [each async for each in follow(Account(), goal, Applied(), give_up=120)]
        return found, clock() - began

    found, seconds = run(work())
    return goal.looks, found, seconds


def test_the_deadline_holds_also_while_no_answer_comes() -> None:
    looks, found, seconds = _given_up()
    assert (looks, seconds) == (6, 120)
    assert [each.words for each in found] == [
        "going on", "Still not done after 2 minutes. Check the events of the service.",
    ]  # fmt: skip
    assert found[-1].outcome == "unknown" and found[-1].over


def test_a_goal_is_a_value() -> None:
    assert TasksStopped("a") == TasksStopped("a") != TasksStopped("b")
