"""The terminal is lost while AWS calls fail: everything still ends, and in time."""

from __future__ import annotations

import pytest

from tests.support.fault_cells import SAID
from tests.support.limits import sample, until
from tests.support.losable_terminal import CAUSES, LosableTerminal, possible
from tests.support.peer import Peer
from tests.support.stub_aws import ANSWERS, FAULTS, MILD, StubAws
from tests.support.stub_session import PROMPT, open_to_prompt

pytestmark = [pytest.mark.asyncio, pytest.mark.exhaustive]
LOUD = [fault for fault in FAULTS if fault not in MILD]
CASES = [(cause, fault) for fault in LOUD for cause in CAUSES]
SOME = sample([case for case in CASES if case[1] != "never"], 2)


@pytest.mark.parametrize(("cause", "fault"), sample(CASES, 5))
async def test_while_nothing_was_ever_answered(
    stub: StubAws, peer: Peer, cause: str, fault: str
) -> None:
    if not possible(cause):
        pytest.skip("tmux is not installed")
    stub.faults = dict.fromkeys(ANSWERS, FAULTS[fault])
    outer = LosableTerminal(cause, stub.environment(), "--no-cache", "--refresh", "1")
    try:
        if fault in ("never", "500-mb"):
            await until(lambda: stub.calls["ecs:ListClusters"], "AWS is asked")
        else:
            await outer.shows(SAID[fault][-1].format("ecs:ListClusters"), "have expired", "clock")
        await outer.end_by_loss()
    finally:
        outer.end()


@pytest.mark.parametrize(
    ("cause", "fault"),
    [*SOME, ("closed", "never"), ("term-unread", "never")],
)
async def test_with_a_shell_that_cannot_be_ended_at_aws(
    stub: StubAws, peer: Peer, cause: str, fault: str
) -> None:
    if not possible(cause):
        pytest.skip("tmux is not installed")
    outer = LosableTerminal(
        cause, stub.environment(), "--no-cache", "--refresh", "1", "--plugin", "builtin",
        "--cluster", "stub", "--service", "web",
    )  # fmt: skip
    try:
        await outer.shows("1/1")
        outer.keys("s")
        assert await open_to_prompt(peer, until)
        await outer.shows(PROMPT)
        stub.faults = dict.fromkeys(ANSWERS, FAULTS[fault])
        await outer.end_by_loss()
        assert stub.calls["ssm:TerminateSession"] >= 1
    finally:
        outer.end()
