"""The overview of a service: what each section says, and how the sections are laid out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from rich.cells import cell_len

from ecs_tui.aws.account import Account
from ecs_tui.model.service import Deployment, DeploymentSettings, Network, Service
from ecs_tui.model.service_deployment import HookRun
from ecs_tui.resources.services import service_facts
from ecs_tui.store.inventory import Inventory
from ecs_tui.ui.pages.service.overview_words import (
    WIDE_CELLS,
    Section,
    laid_out,
    last_stop,
    progress,
    sections,
)
from ecs_tui.ui.two_columns import wrapped
from tests.support.list_rows import CONTAINER, NOW, SERVICE, TASK, service_row

ENDED = replace(
    TASK, last_status="STOPPED", stop_code="EssentialContainerExited",
    stopped_reason="Essential container in task exited", stopped_at=NOW - timedelta(seconds=12),
    containers=(replace(CONTAINER, exit_code=137, reason="OutOfMemoryError: killed"),),
)  # fmt: skip


def said(service: Service, cause: str = "", stopped: Any = ()) -> dict[str, dict[str, str]]:
    row = replace(service_row(service, TASK, agents=(1, 1)), cause=cause)
    about = service_facts(row, Inventory(Account(None, "us-east-1")), NOW)
    return {each.title: dict(each.facts) for each in sections(row, about, stopped, NOW)}


@pytest.mark.parametrize(
    ("running", "desired", "words"),
    [
        (0, 4, "▱▱▱▱▱▱▱▱▱▱▱▱ 0%"),
        (2, 4, "▰▰▰▰▰▰▱▱▱▱▱▱ 50%"),
        (4, 4, "▰▰▰▰▰▰▰▰▰▰▰▰ 100%"),
        (5, 4, "▰▰▰▰▰▰▰▰▰▰▰▰ 100%"),
        (199, 200, "▰▰▰▰▰▰▰▰▰▰▰▱ 99%"),
        (0, 0, "▰▰▰▰▰▰▰▰▰▰▰▰ 100%"),
    ],
)
def test_how_far_a_deployment_is(running: int, desired: int, words: str) -> None:
    assert progress(running, desired) == words


def test_a_steady_service() -> None:
    found = said(replace(SERVICE, tags={"team": "web"}, target_groups=("a:targetgroup/blue/1",)))
    assert list(found) == [
        "State",
        "Deployment",
        "Tasks",
        "Load balancing",
        "Exec",
        "Tags",
        "Service",
    ]
    assert found["State"] == {"state": "● steady"}
    assert found["Deployment"]["current"] == "web:7  completed  3/3 running"
    assert found["Tasks"]["tasks"] == "3 running, 0 pending, 3 desired"
    assert found["Exec"]["exec enabled"] == "on"
    assert found["Exec"]["exec agents"] == "1 of 1 containers"
    assert "shell" in found["Exec"]
    assert found["Load balancing"] == {"target group": "blue"}
    assert found["Tags"] == {"tag team": "web"}
    assert found["Service"]["arn"] == SERVICE.arn


def test_a_failing_service_says_why_first() -> None:
    new = Deployment(
        "d2", "PRIMARY", "IN_PROGRESS", "2 tasks failed to start.", 3, 1, 0, 9, "web:8",
        NOW - timedelta(minutes=14),
    )  # fmt: skip
    old = Deployment("d1", "ACTIVE", "COMPLETED", "", 0, 2, 0, 0, "web:7")
    service = replace(
        SERVICE,
        deployments=(new, old),
        network=Network(("subnet-1", "subnet-2"), ("sg-1",), "DISABLED"),
        deployment_settings=DeploymentSettings(100, 200, True, False, "ROLLING"),
    )
    found = said(service, "app exit 137", (ENDED,))
    assert found["State"] == {
        "state": "✖ failing: 9 failed tasks",
        "tasks fail": "app exit 137",
        "last stop": "task 0123456789ab 12s ago: app exit 137 OutOfMemoryError",
    }
    assert found["Deployment"] == {
        "current": f"web:8  in progress  {progress(1, 3)}  1/3 running  9 failed  started 14m ago",
        "reason": "2 tasks failed to start.",
        "previous": "web:7  completed  2 running",
        "strategy": "rolling",
        "limits": "min healthy 100%, max 200%",
        "circuit breaker": "on, without rollback",
        "controller": "ECS",
    }
    assert found["Network"]["subnets"] == "subnet-1 subnet-2"


def test_a_reason_that_says_the_state_again_is_left_out() -> None:
    for reason in ("ECS deployment ecs-svc/1 in progress.", "ECS deployment ecs-svc/1 completed."):
        only = Deployment("d", "PRIMARY", "IN_PROGRESS", reason, 3, 3, 0, 0, "web:8")
        assert "reason" not in said(replace(SERVICE, deployments=(only,)))["Deployment"]


def test_a_deployment_that_waits_for_somebody_is_the_state() -> None:
    new = Deployment("d", "PRIMARY", "IN_PROGRESS", "", 3, 3, 0, 0, "web:8")
    row = replace(service_row(replace(SERVICE, deployments=(new,)), TASK), pause=HookRun("h"))
    state = next(each for each in sections(row, (), (), NOW) if each.title == "State")
    assert dict(state.facts) == {"state": "▲ waits for you"}


@pytest.mark.parametrize("sign", ["◐", "→"])
def test_a_line_ends_with_no_sign_and_no_arrow(sign: str) -> None:
    for width in range(12, 24):
        lines = wrapped(f"one two {sign} three four {sign} five", width)
        assert not any(line.endswith(sign) for line in lines), lines
        assert all(cell_len(line) <= width for line in lines)


def test_what_surrounds_it_takes_the_place_of_the_target_groups() -> None:
    row = service_row(replace(SERVICE, target_groups=("a:targetgroup/blue/1",)), TASK)
    about = service_facts(row, Inventory(Account(None, "us-east-1")), NOW)
    more = {
        "Load balancing": [("target group blue", "1 of 1 healthy")],
        "State": [("waits", "\x1b")],
    }
    found = {each.title: each.facts for each in sections(row, about, (), NOW, more)}
    assert found["Load balancing"] == (("target group blue", "1 of 1 healthy"),)
    assert found["State"][-1] == ("waits", "�")


def test_a_service_that_is_gone() -> None:
    assert said(replace(SERVICE, gone=True))["State"]["state"] == "○ no longer known to ECS"


def test_the_task_that_stopped_last() -> None:
    earlier = replace(ENDED, arn="other", id="f" * 32, stopped_at=NOW - timedelta(hours=1))
    stopping = replace(ENDED, last_status="STOPPING", stopped_at=NOW)
    assert last_stop([earlier, ENDED, stopping], NOW).startswith("task 0123456789ab 12s ago")
    assert last_stop([stopping], NOW) == ""
    scaled = replace(
        ENDED, stop_code="ServiceSchedulerInitiated", stopped_reason="Scaling activity"
    )
    assert last_stop([scaled], NOW).endswith("ago: Scaling activity")


def test_names_from_aws_cannot_draw() -> None:
    found = said(replace(SERVICE, tags={"a\x1b[2J": "b\x07"}))
    assert found["Tags"] == {"tag a�[2J": "b�"}


PARTS = [
    Section("State", (("state", "● steady"),)),
    Section("Tasks", (("tasks", "3 running, 0 pending, 3 desired"), ("scheduling", "REPLICA"))),
    Section("Tags", tuple((f"tag {n}", "a long value of a tag " * 4) for n in range(4))),
]


@pytest.mark.parametrize("width", [20, 40, 80, WIDE_CELLS, 200])
def test_every_section_fits_and_is_there(width: int) -> None:
    lines = laid_out(PARTS, width)
    assert max(map(cell_len, lines)) <= width
    for part in PARTS:
        assert any(part.title in line for line in lines)
    words = "".join("".join(lines).split())
    assert "REPLICA" in words


def test_wide_screens_have_two_columns() -> None:
    narrow, wide = laid_out(PARTS, WIDE_CELLS - 1), laid_out(PARTS, WIDE_CELLS)
    assert len(wide) < len(narrow)
    assert wide[0].startswith("State") and wide[0].endswith("Tags")
    assert laid_out([], 80) == [] and laid_out([], 200) == []
    assert laid_out(PARTS[:1], 200) == ["State", "  state  ● steady"]
