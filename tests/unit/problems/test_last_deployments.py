"""The last deployments of many services are read without haste, those deployed last first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecs_tui.aws.account import Account
from ecs_tui.model.service import Service
from ecs_tui.problems.due import is_complete
from ecs_tui.problems.last_deployments import FEW, deployments_due, postponed
from ecs_tui.problems.suspects import LAST_DEPLOYMENT
from ecs_tui.problems.watched import WatchedCluster
from ecs_tui.store.inventory import Inventory, Kind, Scope
from tests.support.problem_facts import deployment, rollout, service

pytestmark = pytest.mark.asyncio
BASE = "arn:aws:ecs:eu-west-1:123456789012:service/prod/svc-"


def suspects(count: int, current: str = "") -> tuple[Inventory, WatchedCluster]:
    """A cluster whose services were deployed some minutes ago each; nothing else speaks against them."""
    inventory, watched = Inventory(Account(None, "eu-west-1")), WatchedCluster("prod")
    made: list[Service] = []
    for number in range(count):
        of = service(deployment(minutes=10 + number, updated_at=None))
        arn = f"{BASE}{number}"
        made.append(replace(of, arn=arn, name=f"svc-{number}", current_deployment=current))
        watched.reasons[arn] = LAST_DEPLOYMENT
        watched.asking.add(arn)
    inventory._take(Scope(Kind.SERVICE, "prod"), [each.arn for each in made], made)
    return inventory, watched


async def test_of_a_few_all_are_asked_for_at_once() -> None:
    inventory, watched = suspects(FEW)
    assert postponed(inventory, watched, 100.0, 6.0) == frozenset()


async def test_of_many_one_after_the_other_and_the_newest_first() -> None:
    inventory, watched = suspects(FEW + 5)
    assert watched.asking - postponed(inventory, watched, 100.0, 6.0) == {f"{BASE}0"}
    watched.deployment_listed_at = 100.0
    assert postponed(inventory, watched, 105.0, 6.0) == watched.asking
    watched.deployments[f"{BASE}0"] = rollout("STOPPED")
    found = watched.asking - postponed(inventory, watched, 106.0, 6.0)
    assert found == {f"{BASE}0", f"{BASE}1"}, "what ended badly is asked about whole"


async def test_what_else_speaks_against_a_service_is_never_postponed() -> None:
    inventory, watched = suspects(FEW + 5)
    watched.deployment_listed_at = 100.0
    watched.reasons[f"{BASE}3"] = "below its desired count"
    assert watched.asking - postponed(inventory, watched, 101.0, 6.0) == {f"{BASE}3"}


async def test_where_the_current_deployment_is_named_twenty_are_read_in_a_call() -> None:
    inventory, watched = suspects(FEW + 5, current="arn:of-it")
    assert postponed(inventory, watched, 100.0, 6.0) == watched.asking
    due = deployments_due(inventory, watched, 100.0, 6.0)
    assert [each.name for each in due] == [f"svc-{number}" for number in range(20)]
    watched.deployments_at = 100.0
    assert deployments_due(inventory, watched, 105.0, 6.0) == []


async def test_a_large_cluster_is_complete_before_all_of_them_are_read() -> None:
    for count, complete in ((FEW, False), (FEW + 5, True)):
        inventory, watched = suspects(count)
        for scope in (Scope(Kind.SERVICE, "prod"), Scope(Kind.TASK, "prod", stopped=True)):
            inventory.freshness(scope).listed_at = 1.0
        assert is_complete(inventory, watched) is complete
        watched.reasons[f"{BASE}3"] = "below its desired count"
        assert not is_complete(inventory, watched)
