"""The default order of each list: the worst rows first, in the order of names among equals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ecs_tui.model.daemon import Daemon, DaemonRevision
from ecs_tui.model.service import Deployment, EventOfService
from ecs_tui.resources import Resource
from ecs_tui.resources.capacity_providers import CAPACITY_PROVIDERS, CapacityProvider
from ecs_tui.resources.clusters import CLUSTERS, ClusterRow
from ecs_tui.resources.container_instances import INSTANCES
from ecs_tui.resources.containers import CONTAINERS
from ecs_tui.resources.daemons import DAEMONS
from ecs_tui.resources.events import EVENTS
from ecs_tui.resources.services import SERVICES
from ecs_tui.resources.tasks import TASKS
from ecs_tui.ui.table.row_index import RowIndex
from tests.support.list_rows import (
    CLUSTER,
    CONTAINER,
    INSTANCE,
    SERVICE,
    TASK,
    container_row,
    service_row,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ROLLING = Deployment("d", "PRIMARY", "IN_PROGRESS", "", 3, 1, 0, 0, "web:8")


def service(name: str, **changes: Any) -> Any:
    return service_row(replace(SERVICE, arn=name, name=name, **changes))


def cluster(name: str, *counts: int, **changes: Any) -> ClusterRow:
    """A cluster with so many failing, below their desired count, and deploying services."""
    calm: dict[str, Any] = {"arn": name, "name": name, "pending_tasks": 0} | changes
    return ClusterRow(replace(CLUSTER, **calm), 0, 0, *counts)


def task(name: str, **changes: Any) -> Any:
    return replace(TASK, arn=name, id=name, **changes)


CASES: list[tuple[Resource, list[Any]]] = [
    (
        SERVICES,
        [
            service("y-failing", deployments=(replace(ROLLING, failed=7),)),
            service("z-down", running=0),
            service("x-below", running=2),
            service("w-deploying", deployments=(ROLLING,)),
            service("a"),
            service("b-off", desired=0, running=0),
            service("c"),
            service("d-unknown", described=False),
        ],
    ),
    (
        CLUSTERS,
        [
            cluster("y-failed", status="FAILED"),
            cluster("z-failing", 2, 0, 0),
            cluster("x-below", 0, 1, 3),
            cluster("v-deploying", 0, 0, 1),
            cluster("w-pending", pending_tasks=3),
            cluster("a", 0, 0, 0),
            cluster("b"),
            cluster("c-gone", 1, 0, 0, gone=True),
        ],
    ),
    (
        TASKS,
        [
            task("z-unhealthy", health="UNHEALTHY"),
            task("y-lost", connectivity="DISCONNECTED"),
            task("w-stopping", desired_status="STOPPED"),
            task("x-pending", last_status="PENDING"),
            task("a"),
            task("b", described=False),
        ],
    ),
    (
        CONTAINERS,
        [
            container_row(TASK, replace(CONTAINER, name="z", last_status="STOPPED", exit_code=1)),
            container_row(TASK, replace(CONTAINER, name="y", last_status="PENDING")),
            container_row(TASK, CONTAINER),
            container_row(TASK, replace(CONTAINER, name="b", last_status="STOPPED", exit_code=0)),
        ],
    ),
    (
        INSTANCES,
        [
            replace(INSTANCE, arn="z", ec2_id="z", agent_connected=False),
            replace(INSTANCE, arn="y", ec2_id="y", status="DRAINING"),
            replace(INSTANCE, arn="a", ec2_id="a"),
        ],
    ),
    (
        CAPACITY_PROVIDERS,
        [
            CapacityProvider("z", status="ACTIVE", update_status="UPDATE_FAILED"),
            CapacityProvider("y", status="ACTIVE", update_status="UPDATE_IN_PROGRESS"),
            CapacityProvider("a", status="ACTIVE", update_status="UPDATE_COMPLETE"),
            CapacityProvider("b", status="INACTIVE"),
        ],
    ),
    (
        DAEMONS,
        [
            Daemon("z", "z", "c", "ACTIVE", without=1),
            Daemon("y", "y", "c", "DELETE_IN_PROGRESS"),
            Daemon("a", "a", "c", "ACTIVE", revisions=(DaemonRevision("r", "p"),)),
            Daemon("b", "b", "c", described=False),
        ],
    ),
]


def ordered(resource: Resource, rows: list[Any], sort: str = "") -> list[str]:
    index = RowIndex(resource)
    index.set_rows(rows)
    index.sort_key = sort
    while True:
        index.arrange(NOW)
        if not index.incomplete:
            return index.keys


@pytest.mark.parametrize(("resource", "rows"), CASES, ids=[case[0].name for case in CASES])
def test_the_worst_rows_come_first(resource: Resource, rows: list[Any]) -> None:
    keys = [resource.key(row) for row in rows]
    assert ordered(resource, rows[::-1]) == keys
    assert ordered(resource, rows) == keys


def test_a_column_that_was_chosen_decides_alone() -> None:
    _, rows = CASES[0]
    assert ordered(SERVICES, rows, "name") == sorted(row.arn for row in rows)


def test_the_newest_events_stay_in_awss_order() -> None:
    events = [EventOfService(key, NOW, key) for key in ("z", "a", "m")]
    assert ordered(EVENTS, events) == ["z", "a", "m"]
    assert ordered(EVENTS, events, "event") == ["a", "m", "z"]
