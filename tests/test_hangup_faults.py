"""The terminal goes while AWS answers with faults: everything ends all the same, and in time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.fault_cells import SAID, answers, shake
from tests.peer import Peer
from tests.stub_aws import ANSWERS, FAULTS, MILD, StubAws, stub_aws
from tests.support import sample, until
from tests.terminals import CAUSES, LosableTerminal, living, possible, processes

pytestmark = [pytest.mark.asyncio, pytest.mark.exhaustive]
WITHIN = 5.0
"""Seconds from the loss of the terminal to the end of the process."""
LOUD = [fault for fault in FAULTS if fault not in MILD]
CASES = [(cause, fault) for fault in LOUD for cause in CAUSES]
SOME = sample([case for case in CASES if case[1] != "never"], 3)


@pytest.fixture(scope="module")
def served() -> Iterator[StubAws]:
    with stub_aws() as made:
        yield made


@pytest_asyncio.fixture
async def peer(served: StubAws) -> AsyncIterator[Peer]:
    served.heal()
    served.calls.clear()
    async with Peer() as made:
        served.answers = answers(made.url)
        yield made
    served.heal()


async def lose(outer: LosableTerminal) -> None:
    """Take the terminal away: the process is gone in time, and all that it started."""
    app, ours = outer.app, [*processes(outer.mark)]
    await outer.lose()
    await until(lambda: not living([app]), "the program ends", WITHIN)
    await until(lambda: not living(ours) and not processes(outer.mark), "all of it ends", WITHIN)


@pytest.mark.parametrize(("cause", "fault"), sample(CASES, 7))
async def test_while_nothing_was_ever_answered(
    served: StubAws, peer: Peer, cause: str, fault: str
) -> None:
    if not possible(cause):
        pytest.skip("tmux is not installed")
    served.faults = dict.fromkeys(ANSWERS, FAULTS[fault])
    outer = LosableTerminal(cause, served.environment(), "--no-cache", "--refresh", "1")
    try:
        if fault in ("never", "500-mb"):
            await until(lambda: served.calls["ecs:ListClusters"], "AWS is asked")
        else:
            await outer.shows(SAID[fault][-1].format("ecs:ListClusters"), "have expired", "clock")
        await lose(outer)
    finally:
        outer.end()


@pytest.mark.parametrize(
    ("cause", "fault"),
    [*SOME, ("closed", "never"), ("term-unread", "never")],
)
async def test_with_a_shell_that_cannot_be_ended_at_aws(
    served: StubAws, peer: Peer, cause: str, fault: str
) -> None:
    if not possible(cause):
        pytest.skip("tmux is not installed")
    outer = LosableTerminal(
        cause, served.environment(), "--no-cache", "--refresh", "1", "--plugin", "builtin",
        "--cluster", "stub", "--service", "web",
    )  # fmt: skip
    try:
        await outer.shows("1/1 running")
        outer.keys("s")
        assert await shake(peer, until)
        await outer.shows("a prompt #")
        served.faults = dict.fromkeys(ANSWERS, FAULTS[fault])
        await lose(outer)
        assert served.calls["ssm:TerminateSession"] >= 1
    finally:
        outer.end()
