"""Deployments and task sets of a service: sign, cells, details."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ecs_tui.aws.account import Account
from ecs_tui.errors import AccessDenied
from ecs_tui.model.service import Deployment, DeploymentSettings, Network, TaskSet
from ecs_tui.model.service_deployment import (
    CircuitBreaker,
    HookRun,
    RevisionTasks,
    ServiceDeployment,
)
from ecs_tui.model.service_revision import ContainerImage, ServiceRevision
from ecs_tui.model.task_definition import ContainerDefinition, TaskDefinition
from ecs_tui.resources import Place
from ecs_tui.resources.deployment_facts import listed_facts
from ecs_tui.resources.deployments import (
    DEPLOYMENTS,
    DeploymentRow,
    deployment_rows,
    deployment_sign,
)
from ecs_tui.resources.service_page import SHOWN_SERVICE
from ecs_tui.store.inventory import Inventory, Scope
from ecs_tui.store.lookups import LookupResult, Subject
from ecs_tui.store.service_history import history_scope
from ecs_tui.ui.details import facts_about
from tests.support.list_rows import NOW, SERVICE

ITEM = Deployment(
    "ecs-svc/1", "PRIMARY", "COMPLETED", "ECS deployment ecs-svc/1 completed.", 4, 4, 0, 0,
    "arn:aws:ecs:eu-west-1:1:task-definition/web:7", NOW - timedelta(hours=3), NOW,
)  # fmt: skip
SET = TaskSet(
    "ecs-svc/2", "PRIMARY", "STABILIZING", 50.0, 4, 2, 1, "web:8", "FARGATE", "d-ABC",
    target_groups=("arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/blue/1",),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "sign"),
    [
        ({}, "●"),
        ({"rollout_state": "IN_PROGRESS"}, "◐"),
        ({"rollout_state": "IN_PROGRESS", "failed": 3}, "✖"),
        ({"rollout_state": "FAILED"}, "✖"),
        ({"rollout_state": ""}, "○"),
        ({"failed": 3}, "●"),
        ({"status": "ACTIVE"}, "◐"),
        ({"status": "ACTIVE", "running": 0}, "○"),
        ({"status": "ACTIVE", "rollout_state": "FAILED"}, "✖"),
    ],
)
def test_the_sign_of_a_deployment(changes: dict[str, object], sign: str) -> None:
    assert deployment_sign(DeploymentRow(SERVICE, replace(ITEM, **changes))) == sign  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "sign"),
    [
        ({}, "◐"),
        ({"stability": "STEADY_STATE"}, "●"),
        ({"stability": "STEADY_STATE", "status": "DRAINING"}, "◐"),
    ],
)
def test_the_sign_of_a_task_set(changes: dict[str, object], sign: str) -> None:
    assert deployment_sign(DeploymentRow(SERVICE, replace(SET, **changes))) == sign  # type: ignore[arg-type]


def cells(row: DeploymentRow) -> dict[str, str]:
    return {column.key: column.cell(row, NOW).text for column in DEPLOYMENTS.columns}


def test_what_the_list_shows() -> None:
    assert cells(DeploymentRow(SERVICE, ITEM)) == {
        "status": "● primary", "revision": "web:7", "state": "completed", "tasks": "4/4",
        "failed": "0", "age": "3h", "reason": "ECS deployment ecs-svc/1 completed.",
        "id": "ecs-svc/1", "took": "", "change": "",
    }  # fmt: skip
    assert cells(DeploymentRow(SERVICE, SET)) == {
        "status": "◐ primary", "revision": "web:8", "state": "stabilizing", "tasks": "2/4 +1",
        "failed": "0", "age": "", "reason": "50% of the service", "id": "ecs-svc/2",
        "took": "", "change": "",
    }  # fmt: skip


def test_the_rows_are_those_of_the_service_in_awss_order() -> None:
    service = replace(SERVICE, deployments=(ITEM,), task_sets=(SET,))
    rows = deployment_rows(service)
    assert [row.name for row in rows] == ["ecs-svc/1", "ecs-svc/2"]
    assert DEPLOYMENTS.service_of(rows[0]) is service
    assert DEPLOYMENTS.definition_of(rows[0]) == ITEM.task_definition


def test_details_of_both_kinds() -> None:
    inventory = Inventory(Account(None, "us-east-1"))
    facts = dict(facts_about(DeploymentRow(SERVICE, ITEM), inventory, NOW))
    assert facts["deployment"] == "ecs-svc/1"
    assert facts["state"] == "● completed"
    assert facts["reason"] == ITEM.rollout_reason
    assert "failed tasks" not in facts
    facts = dict(facts_about(DeploymentRow(SERVICE, SET), inventory, NOW))
    assert (facts["task set"], facts["external id"]) == ("ecs-svc/2", "d-ABC")
    assert facts["target group"] == "blue"


# -- service deployments

BASE = "arn:aws:ecs:eu-west-1:1"
OLD, NEW = (f"{BASE}:service-revision/prod/web/{number}" for number in (1, 2))
DEPLOYMENT = ServiceDeployment(
    f"{BASE}:service-deployment/prod/web/d1", f"{BASE}:service/prod/web", SERVICE.cluster_arn,
    "IN_PROGRESS", created_at=NOW - timedelta(minutes=8), stage="POST_TEST_TRAFFIC_SHIFT",
    sources=(RevisionTasks(OLD, 4, 4, 0, None, 100.0),), target=RevisionTasks(NEW, 4, 2, 1, 100.0, 0.0),
    settings=DeploymentSettings(strategy="BLUE_GREEN", bake_minutes=5),
    hooks=(HookRun("h1", "PAUSE", "", "AWAITING_ACTION", NOW + timedelta(minutes=12), "ROLLBACK"),),
    breaker=CircuitBreaker("MONITORING", 4, 10),
)  # fmt: skip


def loaded(*deployments: ServiceDeployment) -> Inventory:
    """The data of an account in which the history and the revisions of a service are loaded."""
    inventory = Inventory(Account(None, "eu-west-1"))
    scope = history_scope("prod", "web")
    arns = [item.arn for item in deployments]
    inventory._name(scope, arns)
    inventory._described(scope, arns, list(deployments))
    shown = Scope(SHOWN_SERVICE, "prod", "web")
    inventory._take(shown, [SERVICE.arn], [SERVICE])
    for number, arn in ((7, OLD), (8, NEW)):
        definition = f"{BASE}:task-definition/web:{number}"
        image = ContainerImage("app", f"app:{number}", f"sha256:{str(number) * 64}")
        inventory._revisions[arn] = ServiceRevision(
            arn, task_definition=definition, images=(image,), network=Network((f"s{number}",))
        )
        app = ContainerDefinition("app", f"app:{number}", memory=128 * number)
        inventory._definitions[definition] = TaskDefinition(
            definition, "web", number, containers=(app,)
        )
    return inventory


PLACE = Place("deployments", cluster="prod", service="web")


@pytest.mark.asyncio
async def test_service_deployments_take_the_place_of_the_others() -> None:
    inventory = loaded(DEPLOYMENT)
    (row,) = DEPLOYMENTS.rows(inventory, PLACE)
    assert cells(row) == {
        "status": "▲ waits for you", "revision": "web:8", "state": "post test traffic shift (6 of 10)",
        "tasks": "2/4 +1", "failed": "4/10", "age": "8m", "took": "8 min",
        "reason": "rolls back by itself in 12:00, at post test traffic shift (6 of 10)",
        "change": "app image app:7 → app:8; app memory 896 MiB → 1024 MiB; "
                  "service subnets s7 → s8",
        "id": "d1",
    }  # fmt: skip
    assert DEPLOYMENTS.rows(inventory, PLACE)[0] is row, "the same object until it changes"
    assert DEPLOYMENTS.definition_of(row).endswith("web:8")


def only_described(**changes: object) -> Inventory:
    """The data of an account in which a service is described, and its history is not loaded."""
    inventory = Inventory(Account(None, "eu-west-1"))
    service = replace(SERVICE, deployments=(ITEM,), **changes)  # type: ignore[arg-type]
    inventory._take(Scope(SHOWN_SERVICE, "prod", "web"), [SERVICE.arn], [service])
    return inventory


@pytest.mark.asyncio
async def test_rows_that_would_be_replaced_are_not_shown() -> None:
    inventory = only_described()
    fresh = inventory.freshness(history_scope("prod", "web"))
    fresh.arrived_at = 1.0
    assert DEPLOYMENTS.rows(inventory, PLACE) == []
    assert DEPLOYMENTS.is_empty is not None and not DEPLOYMENTS.is_empty(inventory, PLACE)
    fresh.list_error = AccessDenied("Access denied: ecs:ListServiceDeployments.")
    assert [row.arn for row in DEPLOYMENTS.rows(inventory, PLACE)] == ["ecs-svc/1"]
    fresh.list_error, fresh.asked_at = None, 2.0  # ECS keeps none of this service
    assert [row.arn for row in DEPLOYMENTS.rows(inventory, PLACE)] == ["ecs-svc/1"]
    assert DEPLOYMENTS.is_empty(inventory, PLACE)


@pytest.mark.asyncio
async def test_of_another_controller_there_is_nothing_to_wait_for() -> None:
    inventory = only_described(controller="CODE_DEPLOY")
    assert [row.arn for row in DEPLOYMENTS.rows(inventory, PLACE)] == ["ecs-svc/1"]


@pytest.mark.asyncio
async def test_what_its_details_say() -> None:
    inventory = loaded(DEPLOYMENT)
    (row,) = DEPLOYMENTS.rows(inventory, PLACE)
    facts = dict(facts_about(row, inventory, NOW))
    assert facts["status"] == "▲ waits for you"
    assert facts["waits for you"] == "rolls back by itself in 12:00"
    assert "◐ post test traffic shift" in facts["stages"]
    assert facts["strategy"] == "blue/green; bake time 5 min"
    assert facts["to"] == (
        "web:8: 2 of 4 running, 1 pending, 0% of the traffic, 100% of the test traffic"
    )
    assert facts["from"] == "web:7: 4 of 4 running, 100% of the traffic"
    assert facts["circuit breaker"] == "4 of 10 failed tasks before it ends the deployment"
    assert facts["app image"] == "app:7 → app:8"
    assert facts["image of app"] == f"app:8 @{'8' * 12}"


@pytest.mark.asyncio
async def test_what_is_not_read_is_asked_for_and_said() -> None:
    inventory = loaded(DEPLOYMENT)
    inventory._revisions.clear()
    (row,) = DEPLOYMENTS.rows(inventory, PLACE)
    assert cells(row)["revision"] == cells(row)["change"] == ""
    (wanted,) = DEPLOYMENTS.lookups(inventory, PLACE, [row])
    assert (wanted.subject, wanted.thing) == (Subject.REVISIONS, f"{OLD} {NEW}")
    assert dict(facts_about(row, inventory, NOW))["changes"] == "loading…"
    refused = AccessDenied("Access denied: ecs:DescribeServiceRevisions.")
    inventory.lookups._keep(wanted, LookupResult(1.0, None, refused))
    assert dict(facts_about(row, inventory, NOW))["changes"] == f"not read: {refused}"
    inventory.lookups._keep(wanted, LookupResult(1.0, {}))
    assert "AWS no longer has one" in dict(facts_about(row, inventory, NOW))["changes"]


@pytest.mark.asyncio
async def test_a_deployment_that_is_only_listed_has_a_row() -> None:
    brief = replace(DEPLOYMENT, status="", target=None, sources=(), hooks=(), described=False)
    shown = cells(DEPLOYMENTS.rows(loaded(brief), PLACE)[0])
    assert (shown["status"], shown["tasks"]) == ("○ …", "·")


@pytest.mark.asyncio
async def test_the_first_deployment_replaces_nothing() -> None:
    inventory = loaded(replace(DEPLOYMENT, sources=()))
    (row,) = DEPLOYMENTS.rows(inventory, PLACE)
    assert dict(facts_about(row, inventory, NOW))["changes"] == "It replaces no revision."


def test_what_an_older_form_says() -> None:
    facts = dict(
        listed_facts(ITEM, deployment_sign(DeploymentRow(SERVICE, ITEM)), "completed", NOW)
    )
    assert facts["deployment"] == "ecs-svc/1" and facts["state"] == "● completed"


def test_untrusted_reasons_cannot_draw() -> None:
    row = DeploymentRow(SERVICE, replace(ITEM, rollout_reason="a\x1b[2Jb"))
    assert cells(row)["reason"] == "a�[2Jb"
