"""The page of the console about each kind of row, and about each list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ecs_tui.aws.account import Account
from ecs_tui.model.address import parse_address
from ecs_tui.model.capacity_provider import CapacityProvider
from ecs_tui.model.service import EventOfService
from ecs_tui.resources import Place
from ecs_tui.resources.accounts import AccountClusterRow
from ecs_tui.resources.all_services import AllServicesRow
from ecs_tui.resources.clusters import ClusterRow
from ecs_tui.resources.console_links import console_link, definition_link
from ecs_tui.store.inventory import Inventory
from tests.support.list_rows import CLUSTER, CONTAINER, INSTANCE, SERVICE, TASK, service_row
from tests.support.list_rows import container_row as row_of

REGION = "eu-west-1"
BASE = f"https://{REGION}.console.aws.amazon.com/ecs/v2"
ID = "0123456789abcdef0123456789abcdef"
TASK_PAGE = f"clusters/prod/tasks/{ID}/configuration"
TASK_ROW = replace(TASK, id=ID)
INVENTORY = Inventory(Account(None, REGION))
EVENT = EventOfService("1", None, "x", f"arn:aws:ecs:{REGION}:111122223333:service/prod/web")
SERVICES = Place("services", cluster="prod")
TASKS = Place("tasks", cluster="prod", service="web")


@pytest.mark.parametrize(
    ("row", "place", "path"),
    [
        (ClusterRow(CLUSTER, 0, 0), Place(), "clusters/prod/services"),
        (AccountClusterRow("a@b", ClusterRow(CLUSTER, 0, 0), INVENTORY), Place("accounts"),
         "clusters/prod/services"),
        (AccountClusterRow("a@b", None, INVENTORY), Place("accounts"), "clusters"),
        (service_row(SERVICE), SERVICES, "clusters/prod/services/web/health"),
        (AllServicesRow("a@b", "prod", service_row(SERVICE), INVENTORY), Place("all-services"),
         "clusters/prod/services/web/health"),
        (TASK_ROW, TASKS, TASK_PAGE),
        (row_of(TASK_ROW, CONTAINER), Place("containers", "prod", "web", "arn"),
         f"{TASK_PAGE}/containers/app"),
        (replace(INSTANCE, id=ID), Place("instances", cluster="prod"),
         f"clusters/prod/infrastructure/container-instances/{ID}"),
        (CapacityProvider("spot", cluster="prod"), Place("capacity-providers", cluster="prod"),
         "clusters/prod/infrastructure"),
        (EVENT, Place("events", cluster="prod", service="web"), "clusters/prod/services/web/events"),
        (None, Place(), "clusters"), (None, SERVICES, "clusters/prod/services"),
        (None, Place("tasks", cluster="prod"), "clusters/prod/tasks"),
        (None, Place("instances", cluster="prod"), "clusters/prod/infrastructure"),
        (None, TASKS, "clusters/prod/services/web/tasks"),
        (None, Place("events", cluster="prod", service="web"), "clusters/prod/services/web/events"),
        (None, Place("containers", "prod", "web", f"x/{ID}"), TASK_PAGE),
        (object(), TASKS, "clusters/prod/services/web/tasks"),
    ],
)  # fmt: skip
def test_the_page_of_a_row_or_a_place(row: Any, place: Place, path: str) -> None:
    link = console_link(REGION, row, place)
    assert link == f"{BASE}/{path}?region={REGION}"
    if path != "clusters":
        named = parse_address(link)
        assert named is not None and named.cluster == "prod", "`:` reads what `b` opens"


def test_a_task_definition_by_arn_and_by_family() -> None:
    page = f"{BASE}/task-definitions/web"
    assert definition_link(REGION, TASK.task_definition) == f"{page}/7/containers?region={REGION}"
    assert definition_link(REGION, "web") == f"{page}?region={REGION}"


def test_a_partition_without_a_public_console_has_no_links() -> None:
    assert console_link("us-iso-east-1", TASK_ROW, TASKS) == ""
    assert definition_link("us-iso-east-1", "web:7") == ""
