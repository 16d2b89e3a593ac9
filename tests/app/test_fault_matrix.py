"""Every fault at every operation that the dashboard calls, at the first call and later, in the app.

A row of the matrix is one run of the app: each operation has one fault at its first call and
another one later. All rows are the whole matrix; `make test` runs a sample of them.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.fault_cells import Cells
from tests.support.limits import sample
from tests.support.peer import Peer
from tests.support.stub_aws import ANSWERS, FAULTS, StubAws

pytestmark = [pytest.mark.exhaustive, pytest.mark.usefixtures("stub_keys")]

ORDER = (
    "html-200", "reset", "members-missing", "500", "deep", "wrong-types-inside", "scp",
    "truncated", "expired", "null", "redirect", "never", "unknown-operation", "empty", "skew",
    "not-utf8", "html-503", "wrong-types", "list", "500-mb", "members-missing-inside",
)  # fmt: skip
"""Faults with similar messages are far apart, so that no list has two of them at a time."""
OPERATIONS = tuple(ANSWERS)
LATER = 8
"""How many places further in `ORDER` the later fault of an operation is."""


def fault(row: int, number: int) -> str:
    """The fault of an operation, given by its number, in a row."""
    return ORDER[(row + number) % len(ORDER)]


def faults(row: int) -> tuple[dict[str, str], dict[str, str]]:
    """The fault of each operation at its first call, and the later one."""
    first = {name: fault(row, number) for number, name in enumerate(OPERATIONS)}
    later = {name: fault(row + LATER, number) for number, name in enumerate(OPERATIONS)}
    return first, later


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
        await cells.listed("ecs:ListContainerInstances", "instances", f"{'c' * 8} or i-1")
        await cells.listed("ecs:DescribeContainerInstances", "instances", "i-1")
        await cells.press("escape")
        await cells.place("services")
        await cells.doctor("ec2:DescribeInstances", "task-role")
        await cells.doctor("iam:GetInstanceProfile", "task-role")
        await cells.doctor("iam:GetRole", "caller-exec")
        await cells.doctor("iam:SimulatePrincipalPolicy", "role-channels")
        await cells.doctor("ec2:DescribeSubnets", "network")
        await cells.doctor("ec2:DescribeVpcEndpoints", "network", "ec2:DescribeRouteTables")
        await cells.doctor("ec2:DescribeRouteTables", "network")
        await cells.doctor("ec2:DescribeNetworkInterfaces", "network")
        await cells.doctor("logs:DescribeLogGroups", "log-encryption")
        await cells.doctor("kms:DescribeKey", "role-key")
        await cells.apply_fix("ecs:RunTask", "o", lambda _: None)
        await cells.apply_fix("ecs:TagResource", "t", lambda _: None)
        await cells.apply_fix("ecs:UpdateService", "enter", _exec_off)
        await cells.apply_fix("ecs:StopTask", "enter", _agent_dead)
        await cells.daemon()
        await cells.leave_by_q()
    assert len(cells.done) == 2 * len(OPERATIONS)
    assert {name for _, name, _ in cells.done} == set(OPERATIONS)


@pytest.mark.asyncio
async def test_q_does_not_wait_for_an_answer_that_never_comes(stub: StubAws, peer: Peer) -> None:
    cells = Cells(stub, peer, {}, {})
    async with cells.running(timeout_seconds=60.0):
        await cells.wait(lambda: cells.shows("● active"), "clusters")
        await cells.press("enter")
        await cells.place("services")
        cells.first = dict.fromkeys(OPERATIONS, "never")
        await cells.leave_by_q()
        assert stub.calls["ssm:TerminateSession"] >= 1, "botocore may try a second time"
