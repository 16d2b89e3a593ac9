"""The list of deployments that wait for a person: which services are asked about, what its rows say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ecs_tui.aws.account import Account, Credentials
from ecs_tui.errors import AccessDenied
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.service import Deployment, DeploymentSettings, HookSettings, Service
from ecs_tui.model.service_deployment import HookRun, RevisionTasks, ServiceDeployment
from ecs_tui.resources.services import SERVICES, service_row
from ecs_tui.resources.waiting import WAITING, merged
from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.store.lookups import LookupResult
from ecs_tui.store.service_history import (
    current_deployment,
    deployment_lookup,
    may_wait,
    waiting_lookups,
)
from ecs_tui.ui.details import facts_about

BASE = "arn:aws:ecs:eu-west-1:1"
NOW = datetime(2026, 1, 2, tzinfo=UTC)
SERVICE = Service(
    f"{BASE}:service/prod/pay", "pay", f"{BASE}:cluster/prod", "ACTIVE", 4, 4,
    deployments=(Deployment("d", "PRIMARY", "IN_PROGRESS", "", 4, 2, 0, 0, "pay:2"),),
    deployment_settings=DeploymentSettings(strategy="BLUE_GREEN", hooks=(HookSettings("PAUSE"),)),
    current_deployment=f"{BASE}:service-deployment/prod/pay/d1",
)  # fmt: skip
PAUSED = HookRun("h1", "PAUSE", "", "AWAITING_ACTION", NOW + timedelta(minutes=5), "ROLLBACK")
DEPLOYMENT = ServiceDeployment(
    SERVICE.current_deployment, SERVICE.arn, SERVICE.cluster_arn, "IN_PROGRESS", stage="BAKE_TIME",
    created_at=NOW - timedelta(hours=1), target=RevisionTasks("r", 4, 2), hooks=(PAUSED,),
)  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "may"),
    [
        ({}, True),
        ({"deployment_settings": None}, False),
        ({"deployment_settings": DeploymentSettings(hooks=(HookSettings("AWS_LAMBDA"),))}, False),
        ({"current_deployment": ""}, False),
        ({"deployments": (Deployment("d", "PRIMARY", "COMPLETED", "", 4, 4, 0, 0, "pay:2"),)}, False),
    ],
)  # fmt: skip
def test_which_services_are_asked_about(fields: dict[str, object], may: bool) -> None:
    service = replace(SERVICE, **fields)  # type: ignore[arg-type]
    assert may_wait(service) is may
    assert len(waiting_lookups([service])) == may


def account(*services: Service) -> Inventory:
    """An account with one cluster that has these services."""
    made = Inventory(Account(None, "eu-west-1", credentials=Credentials("a", "b")))
    arn = f"{BASE}:cluster/prod"
    made._name(Scope(Kind.CLUSTER), [arn])
    made._described(Scope(Kind.CLUSTER), [arn], [Cluster(arn, "prod", "ACTIVE")])
    scope = Scope(Kind.SERVICE, "prod")
    arns = [service.arn for service in services]
    made._name(scope, arns)
    made._described(scope, arns, list(services))
    made.freshness(scope).listed_at = made.freshness(scope).asked_at = 1.0
    return made


def cells(row: object) -> dict[str, str]:
    return {column.key: column.cell(row, NOW).text for column in WAITING.columns}


@pytest.mark.asyncio
async def test_a_row_until_it_is_known_that_it_does_not_wait() -> None:
    made = account(SERVICE, replace(SERVICE, arn=f"{BASE}:service/prod/idle", name="idle",
                                    deployment_settings=None))  # fmt: skip
    (row,) = merged([("a@x", made)])
    assert cells(row)["ends"] == "reading its deployment…"
    (name, *_) = WAITING.columns
    assert name.needs(made, [row]) == [deployment_lookup(SERVICE)]
    lookup = deployment_lookup(SERVICE)
    made.lookups._keep(lookup, LookupResult(1.0, None, AccessDenied("Access denied.")))
    (row,) = merged([("a@x", made)])
    assert cells(row)["ends"] == "Access denied."
    made.lookups._keep(lookup, LookupResult(2.0, DEPLOYMENT))
    (row,) = merged([("a@x", made)])
    assert cells(row) == {
        "name": "▲ pay", "ends": "rolls back by itself in 05:00", "stage": "bake time (9 of 10)",
        "revision": "", "cluster": "prod", "account": "a@x", "started": "1h",
    }  # fmt: skip
    assert merged([("a@x", made)])[0] is row
    facts = dict(facts_about(row, made, NOW))
    assert (facts["account"], facts["waits for you"]) == ("a@x", "rolls back by itself in 05:00")
    place = WAITING.enter(WAITING.at(""), row)
    assert place is not None and (place.view, place.service) == ("deployments", "pay")
    made.lookups._keep(lookup, LookupResult(3.0, replace(DEPLOYMENT, hooks=())))
    assert merged([("a@x", made)]) == []


@pytest.mark.asyncio
async def test_the_service_says_so_in_the_list_of_services() -> None:
    made = account(SERVICE)
    made.lookups._keep(deployment_lookup(SERVICE), LookupResult(1.0, DEPLOYMENT))
    assert current_deployment(made, SERVICE) is DEPLOYMENT
    row = service_row(made, "prod", SERVICE)
    assert row.pause is PAUSED

    cell = next(each for each in SERVICES.columns if each.key == "deployment").cell(row, NOW)
    assert (cell.text, cell.tone) == ("▲ waits for you, rolls back by itself in 05:00", "warning")


@pytest.mark.asyncio
async def test_what_is_not_loaded_yet_is_said() -> None:
    made = account(SERVICE)
    made.freshness(Scope(Kind.SERVICE, "prod")).listed_at = None
    rows = merged([("a@x", made)])
    assert [row.name for row in rows] == ["services of 1 of 1 cluster not loaded yet", "pay"]
    assert not WAITING.is_empty(made, WAITING.at(""))  # type: ignore[misc]
