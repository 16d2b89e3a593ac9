"""The targets that a task is, in its details."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ecs_tui.errors import AccessDenied
from ecs_tui.model.service import Service
from ecs_tui.model.target_health import TargetHealth
from ecs_tui.model.task import Task
from ecs_tui.resources.own_targets import own_target_facts, own_target_lookups
from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.store.lookups import LookupResult
from ecs_tui.store.surroundings import target_lookup
from ecs_tui.system import wall_clock
from tests.support.stub_aws import ARN, StubAws

GROUP = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/1"
CLUSTER = f"{ARN}:cluster/prod"
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
WEB = Service(f"{ARN}:service/prod/web", "web", CLUSTER, target_groups=(GROUP,), grace_seconds=120)


def task(**more: Any) -> Task:
    named = {"group": "service:web", "last_status": "RUNNING", "private_ip": "10.0.0.1", **more}
    return Task(f"{ARN}:task/prod/{'a' * 32}", "a" * 32, CLUSTER, **named)


@pytest.fixture
def inventory(stub: StubAws) -> Inventory:
    made = Inventory(stub.account())
    scope = Scope(Kind.SERVICE, "prod")
    made._name(scope, [WEB.arn])
    made._objects.keep(scope.within, WEB.arn, WEB)
    return made


def said(inventory: Inventory, of: Task, *targets: TargetHealth, error: Any = None) -> list[Any]:
    value = targets if error is None else None
    inventory.lookups._keep(target_lookup(GROUP), LookupResult(1.0, value, error))
    return [words for _, words in own_target_facts(of, inventory, NOW)]


def test_its_own_target_with_the_reason_and_the_grace_period(inventory: Inventory) -> None:
    assert own_target_lookups(task(), inventory) == [target_lookup(GROUP)]
    assert own_target_facts(task(), inventory, NOW) == [("target in web", "loading")]
    other = TargetHealth(GROUP, "10.0.0.2", 80, state="healthy")
    mine = TargetHealth(GROUP, "10.0.0.1", 80, state="unhealthy", reason="Target.Timeout")
    old = task(started_at=NOW - timedelta(hours=1))
    assert said(inventory, old, other, mine) == ["✖ unhealthy on port 80: Target.Timeout"]
    (words,) = said(inventory, task(started_at=NOW - timedelta(seconds=30)), mine)
    assert words.endswith("(ECS ignores it for 1 min yet, its grace period)")
    assert said(inventory, old, other) == ["○ not registered"]
    denied = AccessDenied("no", operation="x:Y")
    assert said(inventory, old, error=denied) == ["not allowed to look (x:Y)"]


def test_stopped_and_standalone_tasks_are_no_targets(inventory: Inventory) -> None:
    for other in (task(last_status="STOPPED"), task(group="family:web"), task(described=False)):
        assert own_target_lookups(other, inventory) == []
        assert own_target_facts(other, inventory, NOW) == []


def test_the_clock_that_these_times_are_compared_with() -> None:
    with wall_clock.restored():
        before = wall_clock.moment()
        wall_clock.advance(60)
        assert wall_clock.moment() - before >= timedelta(seconds=60)
