"""The scripted incidents, solved by keys on a real terminal, without waiting for the account's minutes.

Announced, opened, its cause read, the log line or the event found, a shell in a healthy neighbour,
rolled back, gone.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ecs_tui.demo.incidents import INCIDENTS
from ecs_tui.system import wall_clock
from tests.support.demo import Demo, demo_account
from tests.support.limits import EXHAUSTIVE, limit, until
from tests.support.moved_program import ClockFile
from tests.support.outer_terminal import OuterTerminal

pytestmark = pytest.mark.asyncio
PREFIX = "\x1d"


@dataclass(frozen=True)
class Solution:
    """How an incident of the demo account is solved.

    Attributes:
        service: The service that has the worst problem.
        cause: Words of its row.
        evidence: Words of what `enter` shows.
        key: Its logs, or where its tasks never start, its events.
        shown: Words of what that shows.
        culprit: The service that is rolled back.
        chosen: Whether its deployment is over, so that the revision is chosen from a list.
        cured: Seconds of the account until nothing is wrong any more.
    """

    service: str
    cause: str
    evidence: str
    key: str
    shown: str
    culprit: str
    chosen: bool = False
    cured: int = 150


SOLUTIONS = {
    "checkout": Solution(
        "checkout", "health check of the load balancer", "Task failed ELB health checks",
        "L", "PAYMENT_URL is not an absolute URL", "checkout",
    ),
    "memory": Solution(
        "catalog", "out of memory", "app exit 137 OutOfMemoryError:",
        "L", "java.lang.OutOfMemoryError: Java heap space", "catalog",
    ),
    "capacity": Solution(
        "search", "no container instance has enough memory", "insufficient memory available",
        "w", "insufficient memory available", "search",
    ),
    "secret": Solution(
        "payments", "a secret or parameter may not be read", "secretsmanager:GetSecretValue",
        "w", "has started 1 tasks", "payments",
    ),
    # The tasks that ended are of the revision that still runs: it takes longer until nobody expects
    # another one to end.
    "dependency": Solution(
        "checkout", "health check of the load balancer", "Task failed ELB health checks",
        "L", "payments did not answer", "payments", chosen=True, cured=20 * 60,
    ),
}  # fmt: skip
QUICKEST = "capacity"
"""The one that takes least: it stands for all of them unless `EXHAUSTIVE`."""
NEIGHBOUR = "web"
"""A service of the incident's cluster whose tasks are healthy."""
DEVELOPED = 90
"""Seconds of the account until the problem has developed."""


@pytest.fixture
def restored() -> Iterator[None]:
    with wall_clock.restored():
        yield


async def test_every_incident_has_a_solution() -> None:
    assert list(SOLUTIONS) == list(INCIDENTS)


class Operator:
    """Sits at the terminal.

    Args:
        demo: The account.
        clock: Moves the program's clock.
        outer: The terminal.
    """

    def __init__(self, demo: Demo, clock: ClockFile, outer: OuterTerminal) -> None:
        self._demo, self._clock, self._outer = demo, clock, outer

    def pass_time(self, seconds: int) -> None:
        """Move the clocks of the account and of the program."""
        self._demo.advance(seconds)
        self._clock.move(self._outer.pty.pid, seconds)

    async def solve(self, solution: Solution) -> None:
        """All of it by keys, from the list of services."""
        outer = self._outer
        await outer.shows(solution.culprit, NEIGHBOUR)
        self.pass_time(DEVELOPED)
        await outer.shows(" problem", deadline=60)  # announced: in the header
        outer.keys("!")
        await self._worst_is(solution)
        await self._evidence_says(solution.evidence)
        outer.keys(solution.key)
        await outer.shows(solution.shown, deadline=60)
        await self._shell()
        await self._roll_back(solution)
        outer.keys("!")
        await outer.shows("No problems in the watched clusters.", deadline=60)

    async def _worst_is(self, solution: Solution) -> None:
        """Wait until the first row is the incident's problem."""
        thing = f"shop/{solution.service}"

        def first() -> bool:
            rows = [line for line in self._outer.screen.splitlines() if " shop/" in line]
            return bool(rows) and thing in rows[0] and solution.cause in rows[0]

        try:
            await until(first, "", 60)
        except AssertionError:
            words = f"the worst is not {thing}, {solution.cause}"
            raise AssertionError(f"{words}\n{self._outer.screen}") from None

    async def _evidence_says(self, words: str) -> None:
        """Open the evidence of the worst problem, again until it says so: it develops with the incident."""
        outer, end = self._outer, time.monotonic() + limit(60)
        found = False
        while not found:
            outer.keys("g\r")  # to the worst: the cursor stays with what was found first
            await outer.shows("Evidence")
            try:
                await outer.shows(words, deadline=3)
                found = True
            except AssertionError:
                if time.monotonic() > end:
                    raise
            outer.keys("\x1b")
            await outer.shows_not("Evidence")  # else the terminal takes two keys for one with alt

    async def _shell(self) -> None:
        outer = self._outer
        outer.keys(f":{NEIGHBOUR}\r")
        await outer.shows(f"shop › {NEIGHBOUR}", "● ready")
        outer.keys("s")
        await outer.shows(f"[{NEIGHBOUR}/app ", "] #")
        outer.keys("exit\r")
        await outer.shows("○ exited")
        outer.keys(f"{PREFIX}x")
        await outer.shows_not("exited")

    async def _roll_back(self, solution: Solution) -> None:
        outer = self._outer
        outer.keys(f":{solution.culprit}\r")
        await outer.shows(f"shop › {solution.culprit}")
        outer.keys("R")
        if solution.chosen:
            await outer.shows("Comes back:")
            outer.keys("\r")
        await outer.shows("Roll back", "With the AWS CLI:")
        outer.keys("y")
        await outer.shows(f'Type "{solution.culprit}" to confirm')  # its tags say production
        outer.keys(f"{solution.culprit}\r")
        await outer.shows("ECS has accepted it.")
        self.pass_time(solution.cured)
        end = "The deployment is completed." if solution.chosen else "It is rolled back."
        await outer.shows(end, deadline=60)
        outer.keys("\x1b")
        await outer.shows_not(end)


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", SOLUTIONS if EXHAUSTIVE else [QUICKEST])
async def test_an_incident_is_solved_by_keys(name: str, tmp_path: Path, restored: None) -> None:
    with demo_account("--incident", name) as demo:
        clock = ClockFile(tmp_path / "clock")
        outer = OuterTerminal(
            [
                sys.executable, "-m", "tests.support.moved_program", "--cluster", "shop",
                "--refresh", "1", "--plugin", "builtin",
            ],
            {
                "TERM": "xterm-256color", "LANG": "C.UTF-8",
                **demo.environment, **clock.environment,
            },
            size=(140, 40),
        )  # fmt: skip
        try:
            await Operator(demo, clock, outer).solve(SOLUTIONS[name])
        finally:
            outer.close()
