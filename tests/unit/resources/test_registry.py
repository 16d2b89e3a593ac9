"""The registry: what every descriptor must have, and AWS's own names in the rows of `ls`."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import botocore
import pytest

from ecs_tui.aws.account import Account, Credentials
from ecs_tui.cli.columns import TAGS
from ecs_tui.cli.rows import ListQuery
from ecs_tui.config.keymap import default_keymap
from ecs_tui.model.capacity_provider import CapacityProvider
from ecs_tui.model.daemon import Daemon, DaemonRevision
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.rules.stopping import StopTimes
from ecs_tui.model.service import EventOfService
from ecs_tui.model.task import Task
from ecs_tui.resources import (
    ACCOUNT_CLUSTERS,
    LISTINGS,
    RESOURCES,
    TASKS,
    Place,
    Resource,
)
from ecs_tui.resources.base import TONES, rank_of
from ecs_tui.resources.facts import not_read, tag_facts, when
from ecs_tui.resources.flat import TableColumn, with_nulls
from ecs_tui.resources.registry import resource_at, resource_of
from ecs_tui.resources.service_listing import SERVICE_LISTING
from ecs_tui.resources.stopped_tasks import STOPPED_TASKS
from ecs_tui.resources.tasks import DrainingTask
from ecs_tui.ui.commands import COMMANDS
from ecs_tui.ui.commands.all_services import AllServices
from ecs_tui.ui.commands.places import GoToList
from tests.support.list_rows import ARN, CLUSTER, CLUSTER_ARN, CONTAINER, INSTANCE, SERVICE, TASK

NOW = datetime(2026, 1, 2, tzinfo=UTC)
MODEL = Path(botocore.__file__).parent / "data/ecs/2014-11-13/service-2.json.gz"
EXAMPLES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "clusters": (CLUSTER, ("Cluster",)),
    "services": (SERVICE, ("Service", "Cluster", "Deployment")),
    "tasks": (TASK, ("Task", "Service", "Cluster", "NetworkInterface")),
    "stopped-tasks": (TASK, ("Task", "Service", "Cluster", "NetworkInterface")),
    "containers": ((TASK, CONTAINER), ("Container", "Task", "Service", "Cluster")),
    "instances": (INSTANCE, ("ContainerInstance", "Cluster")),
    "capacity-providers": (
        CapacityProvider("own", "EC2_AUTOSCALING", "ACTIVE", arn="arn", cluster="prod",
                         group_arn="a/own", scaling="ENABLED", target=90, role_arn="role"),
        ("CapacityProvider", "Cluster"),
    ),
    "daemons": (
        Daemon(ARN, "logs", CLUSTER_ARN, "ACTIVE", 1, 0, (DaemonRevision("r", "p", 1),)),
        ("DaemonDetail", "Cluster"),
    ),
    "events": (
        ("prod", EventOfService("1", NOW, "steady", SERVICE.arn)),
        ("ServiceEvent", "Service", "Cluster"),
    ),
}  # fmt: skip
"""By listing: an object, and the AWS structures whose members its row has, its own first."""


@pytest.fixture(scope="module")
def shapes() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(MODEL.read_bytes()))["shapes"]
    return found


def unknown(row: Any, members: dict[str, Any], shapes: dict[str, Any]) -> list[str]:
    """Keys in a row and in its values that AWS's structures do not have."""
    found = []
    for key, value in row.items():
        if key not in members:
            found.append(key)
            continue
        shape = shapes[members[key]["shape"]]
        for each in value if isinstance(value, list) else [value]:
            inner = shapes[shape["member"]["shape"]] if shape["type"] == "list" else shape
            if isinstance(each, dict):
                found += unknown(each, inner["members"], shapes)
    return found


@pytest.mark.parametrize("name", LISTINGS)
def test_the_keys_of_a_row_are_awss_own_or_declared_as_ours(
    name: str, shapes: dict[str, Any]
) -> None:
    listing, (example, structures) = LISTINGS[name], EXAMPLES[name]
    row = listing.flat(example)
    assert tuple(row) == listing.keys, "a row without facts has the same keys"
    members: dict[str, Any] = {}
    for structure in structures:
        members = {**shapes[structure]["members"], **members}
    assert listing.ours <= set(row)
    rest = {key: value for key, value in row.items() if key not in listing.ours}
    assert unknown(rest, members, shapes) == []
    assert not listing.ours & set(shapes[structures[0]]["members"]), "AWS has that name"
    json.dumps(row)


@pytest.mark.parametrize("name", LISTINGS)
def test_a_table_has_one_word_headings_and_values_for_any_row(name: str) -> None:
    listing, (example, _) = LISTINGS[name], EXAMPLES[name]
    heads = [column.head for column in listing.columns]
    assert len(set(heads)) == len(heads) and not any(" " in head for head in heads)
    assert any(column.priority == 0 for column in listing.columns)
    for item in (example, listing.blank):
        row = listing.flat(item)
        cells = [column.value(row) for column in listing.columns]
        assert all(isinstance(cell, str | int | bool | None) for cell in cells), cells


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=lambda each: each.name)
def test_every_resource_is_shown_and_found_by_its_row(resource: Resource) -> None:
    titles = [column.title.strip() for column in resource.columns]
    assert len(set(titles)) == len(titles)
    keys = [column.key for column in resource.columns]
    assert len(set(keys)) == len(keys)
    assert resource.about == "" or resource.about.endswith(".")
    assert resource.empty.endswith((".", ").")) or not resource.listed
    assert resource_at(resource.at("prod", "web")) is resource
    scopes = resource.scopes(resource.at("prod", "web"))
    assert scopes and all(scope.cluster == "" for scope in scopes) == (
        resource.name in ("clusters", "accounts", "problems", "audit", "sessions", "transcript")
    )


def test_a_row_leads_to_its_resource() -> None:
    assert resource_of(TASK) is TASKS
    assert resource_of(DrainingTask(ARN, "1", CLUSTER_ARN, times=StopTimes())) is TASKS
    assert resource_of(INSTANCE) is RESOURCES["instances"]
    assert resource_of(None) is None
    assert resource_at(Place("tasks", "prod", stopped=True)) is STOPPED_TASKS
    assert resource_at(Place("tasks", "prod")) is TASKS
    assert resource_at(Place("accounts")) is ACCOUNT_CLUSTERS


def test_each_listed_resource_has_a_command() -> None:
    commands = {command.id: command for command in COMMANDS}
    for resource in RESOURCES.values():
        if resource.about:
            assert resource.name in commands
    made = commands["capacity-providers"]
    assert isinstance(made, GoToList)
    assert (made.title, default_keymap().of(made.id)) == ("capacity providers", ())
    assert made.help == RESOURCES["capacity-providers"].about
    assert isinstance(commands["all-services"], AllServices)


def test_only_exceptions_have_a_colour_and_the_worst_come_first() -> None:
    assert TONES[Sign.FINE] == ""
    assert all(TONES[sign] for sign in Sign if sign is not Sign.FINE)
    ranks = [rank_of(sign) for sign in (Sign.BAD, Sign.WARNING, Sign.MOVING, Sign.FINE, Sign.OFF)]
    assert ranks == [0, 1, 2, 3, 3]


def test_words_that_details_share() -> None:
    assert when(None, NOW) == ""
    assert when(NOW, NOW).endswith("(0s ago)")
    assert tag_facts(SERVICE) == [("tags", "none")]
    assert tag_facts(replace(SERVICE, tags={"b": "2", "a": "1"})) == [
        ("tag a", "1"),
        ("tag b", "2"),
    ]
    refused = replace(SERVICE, not_read={"TAGS": "AccessDenied: no"})
    assert tag_facts(refused) == [("tags", "not read: AccessDenied: no")]
    assert not_read(refused, "SETTINGS") == ""


def test_what_aws_did_not_return_is_null_at_every_level() -> None:
    row = {"a": "", "b": [{"c": ""}, ""], "d": {"e": "", "f": 0}, "g": False}
    assert with_nulls(row) == {
        "a": None, "b": [{"c": None}, None], "d": {"e": None, "f": 0}, "g": False,
    }  # fmt: skip


def test_services_are_listed_as_before() -> None:
    assert LISTINGS["services"] is SERVICE_LISTING
    assert [column.head for column in SERVICE_LISTING.columns][:3] == [
        "CLUSTER",
        "SERVICE",
        "STATUS",
    ]
    assert isinstance(SERVICE_LISTING.columns[0], TableColumn)
    assert isinstance(LISTINGS["tasks"].blank, Task)


@pytest.mark.parametrize("name", LISTINGS)
def test_the_tags_of_every_listed_object_are_read_from_what_has_them(name: str) -> None:
    account = Account(None, "eu-west-1", "http://127.0.0.1:1", credentials=Credentials("a", "b"))
    listing = LISTINGS[name]
    row = ListQuery(account, listing, tags=True).row(listing.blank)
    assert row.get(TAGS) == (None if listing.tagged is None else [])
