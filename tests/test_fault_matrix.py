"""Every fault at every operation that the dashboard calls, at its start and later, in the real app.

A row is one start of the app, in which each operation meets one fault at its first call and
another one later. The rows together are the whole matrix; `make test` runs some of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from tests.fault_cells import Cells
from tests.peer import Peer
from tests.stub_aws import ANSWERS, FAULTS, StubAws, stub_aws
from tests.support import sample

pytestmark = pytest.mark.exhaustive

ORDER = (
    "html-200", "reset", "members-missing", "500", "deep", "wrong-types-inside", "scp",
    "truncated", "expired", "null", "redirect", "never", "unknown-operation", "empty", "skew",
    "not-utf8", "html-503", "wrong-types", "list", "500-mb", "members-missing-inside",
)  # fmt: skip
"""Faults whose sentences are alike stand so far apart that no list meets both at a time."""
OPERATIONS = tuple(ANSWERS)
LATER = 8
"""How many faults further on the one is that an operation meets later."""


def fault(row: int, number: int) -> str:
    """The fault of the operation of this number in a row."""
    return ORDER[(row + number) % len(ORDER)]


def faults(row: int) -> tuple[dict[str, str], dict[str, str]]:
    """What each operation meets at the start, and what later."""
    first = {name: fault(row, number) for number, name in enumerate(OPERATIONS)}
    later = {name: fault(row + LATER, number) for number, name in enumerate(OPERATIONS)}
    return first, later


@pytest.fixture(scope="module")
def stub() -> Iterator[StubAws]:
    with stub_aws() as served:
        yield served


@pytest_asyncio.fixture
async def peer(stub: StubAws) -> AsyncIterator[Peer]:
    stub.heal()
    stub.calls.clear()
    async with Peer() as made:
        yield made
    stub.heal()


@pytest.fixture(autouse=True)
def keys(stub: StubAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session clients call the stub as well."""
    for name, value in stub.environment().items():
        monkeypatch.setenv(name, value)


def _exec_off(answers: dict[str, Any]) -> None:
    for task in answers["ecs:DescribeTasks"]["tasks"]:
        task["enableExecuteCommand"] = False


def _agent_dead(answers: dict[str, Any]) -> None:
    for task in answers["ecs:DescribeTasks"]["tasks"]:
        task["containers"][0]["managedAgents"][0]["lastStatus"] = "STOPPED"


def test_the_rows_are_the_whole_matrix() -> None:
    assert set(ORDER) == set(FAULTS) and len(ORDER) == len(FAULTS)
    rows = [faults(row) for row in range(len(ORDER))]
    for which in (0, 1):
        cells = {(name, row[which][name]) for row in rows for name in OPERATIONS}
        assert len(cells) == len(FAULTS) * len(OPERATIONS)


@pytest.mark.asyncio
@pytest.mark.timeout(900)
@pytest.mark.parametrize("row", sample(range(len(ORDER)), 1))
async def test_the_app_lives_says_it_and_recovers(stub: StubAws, peer: Peer, row: int) -> None:
    cells = Cells(stub, peer, *faults(row))
    async with cells.running():
        await cells.listed("ecs:ListClusters", "clusters", "stub")
        await cells.listed("ecs:DescribeClusters", "clusters", "stub", "● active")
        await cells.identity()
        await cells.press("enter")
        await cells.listed("ecs:ListServices", "services", "web")
        await cells.listed("ecs:DescribeServices", "services", "web", "2/2")
        await cells.press("enter")
        await cells.listed("ecs:ListTasks", "tasks", "aaaaaaaa", "bbbbbbbb")
        await cells.listed("ecs:DescribeTasks", "tasks", "running", "1/1")
        await cells.press("enter")
        await cells.definition()
        await cells.press("escape")
        await cells.shells()
        await cells.press("escape")
        await cells.place("services")
        await cells.press("n")
        await cells.listed("ecs:ListContainerInstances", "instances", "c" * 8)
        await cells.listed("ecs:DescribeContainerInstances", "instances", "i-1")
        await cells.press("escape")
        await cells.place("services")
        await cells.doctor("ec2:DescribeInstances")
        await cells.doctor("iam:GetInstanceProfile")
        await cells.doctor("iam:GetRole")
        await cells.doctor("iam:SimulatePrincipalPolicy")
        await cells.doctor("ec2:DescribeSubnets")
        await cells.doctor("ec2:DescribeVpcEndpoints", "ec2:DescribeRouteTables")
        await cells.doctor("ec2:DescribeRouteTables")
        await cells.cure("ecs:RunTask", "o", lambda _: None)
        await cells.cure("ecs:TagResource", "t", lambda _: None)
        await cells.cure("ecs:UpdateService", "enter", _exec_off)
        await cells.cure("ecs:StopTask", "enter", _agent_dead)
        await cells.leave_by_q()
    assert len(cells.done) == 2 * len(OPERATIONS)
    assert {name for _, name, _ in cells.done} == set(OPERATIONS)


@pytest.mark.asyncio
async def test_q_does_not_wait_for_an_answer_that_never_comes(stub: StubAws, peer: Peer) -> None:
    cells = Cells(stub, peer, {}, {})
    async with cells.running():
        await cells.wait(lambda: cells.shows("● active"), "clusters")
        await cells.press("enter")
        await cells.place("services")
        cells.first = dict.fromkeys(OPERATIONS, "never")
        await cells.leave_by_q()
        assert stub.calls["ssm:TerminateSession"] >= 1, "botocore may try a second time"
