"""Parts of the inventory: names before details, answers and their items, freshness, snapshots."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ecs_tui.aws.account import Account, Credentials
from ecs_tui.config import settings
from ecs_tui.errors import AwsError
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.names import answers, ended, missing, named
from ecs_tui.store.scope import Freshness, Kind, Scope, calls
from ecs_tui.store.snapshot import SavedObjects, SnapshotCache

BASE = "arn:aws:ecs:eu-west-1:123456789012"
CLUSTER_ARN = f"{BASE}:cluster/prod"
TASKS = Scope(Kind.TASK, "prod")


def test_what_is_known_of_a_name_alone() -> None:
    arn = f"{BASE}:cluster/prod"
    assert named(Scope(Kind.CLUSTER), arn, None) == Cluster(arn, "prod", described=False)
    arn = f"{BASE}:service/prod/web"
    assert named(Scope(Kind.SERVICE, "prod"), arn, None) == Service(
        arn, "web", CLUSTER_ARN, described=False
    )
    arn = f"{BASE}:container-instance/prod/0123"
    assert named(Scope(Kind.INSTANCE, "prod"), arn, None) == ContainerInstance(
        arn, "0123", CLUSTER_ARN, described=False
    )
    arn = f"{BASE}:task/prod/0123"
    assert named(TASKS, arn, None) == Task(
        arn, "0123", CLUSTER_ARN, desired_status="RUNNING", described=False
    )
    of_service = named(Scope(Kind.TASK, "prod", "web", stopped=True), arn, None)
    assert (of_service.group, of_service.desired_status) == ("service:web", "STOPPED")
    assert missing(TASKS, arn, None).gone


def test_what_is_known_already_stays_and_only_a_bare_name_learns_its_service() -> None:
    arn = f"{BASE}:task/prod/0123"
    web = Scope(Kind.TASK, "prod", "web")
    bare = named(TASKS, arn, None)
    assert named(web, arn, bare).group == "service:web"
    facts = replace(bare, described=True, group="family:job", last_status="RUNNING")
    assert named(web, arn, facts) is facts
    other = replace(bare, group="service:other")
    assert named(web, arn, other) is other
    for kind, item in (
        (Kind.CLUSTER, Cluster("arn", "c")),
        (Kind.SERVICE, Service("arn", "s", "c")),
        (Kind.INSTANCE, ContainerInstance("arn", "i", "c")),
    ):
        assert named(Scope(kind, "prod"), "arn", item) is item
    assert missing(web, arn, facts) == replace(facts, gone=True)


def test_whose_an_answer_is() -> None:
    long, short = f"{BASE}:task/prod/1", f"{BASE}:task/1"
    task = Task(long, "1", CLUSTER_ARN)
    assert answers(TASKS, [long], [task]) == {long: task}
    assert answers(TASKS, [short], [task]) == {short: replace(task, arn=short)}
    assert answers(TASKS, [f"{BASE}:task/prod/2"], [task]) == {}
    without_cluster = replace(task, cluster_arn="")
    assert answers(TASKS, [long], [without_cluster]) == {long: task}
    cluster = Cluster(CLUSTER_ARN, "prod")
    assert answers(Scope(Kind.CLUSTER), [CLUSTER_ARN], [cluster]) == {CLUSTER_ARN: cluster}
    same = answers(TASKS, [long], [task])[long]
    assert same is task


@pytest.mark.parametrize(("status", "over"), [("STOPPED", True), ("STOPPING", False), ("", False)])
def test_the_end_of_a_task(status: str, over: bool) -> None:
    assert ended(Task("arn", "t", "c", last_status=status)) is over


@pytest.mark.parametrize(
    ("fields", "loading", "answered", "outdated"),
    [
        ({}, False, False, False),
        ({"lists": 1}, True, False, False),
        ({"lists": 2, "asked_at": 5.0}, True, True, False),
        ({"asked_at": 5.0, "arrived_at": 5.0}, False, True, False),
        ({"asked_at": 5.0, "arrived_at": 6.0}, False, False, False),
        ({"outdated_at": 5.0}, False, False, True),
        ({"outdated_at": 5.0, "asked_at": 5.0}, False, True, False),
        ({"outdated_at": 5.0, "asked_at": 4.0}, False, True, True),
    ],
)
def test_how_fresh_a_list_is(
    fields: dict[str, float], loading: bool, answered: bool, outdated: bool
) -> None:
    fresh = Freshness(**fields)  # type: ignore[arg-type]
    assert (fresh.loading, fresh.answered, fresh.outdated) == (loading, answered, outdated)


def test_the_error_of_names_is_told_before_that_of_facts() -> None:
    one, other = AwsError("one"), AwsError("other")
    assert Freshness(list_error=one, describe_error=other).error is one
    assert Freshness(describe_error=other).error is other
    assert Freshness().error is None


def test_the_calls_that_decide_a_list_each_once() -> None:
    own = Scope(Kind.TASK, "prod", "web")
    stopped, of_cluster = replace(own, stopped=True), Scope(Kind.TASK, "prod", stopped=True)
    assert calls(own) == (own, stopped, of_cluster)
    assert calls(stopped) == (stopped, of_cluster)
    assert calls(of_cluster) == (of_cluster,)
    services = Scope(Kind.SERVICE, "prod")
    assert calls(services) == (services,)


@pytest.mark.asyncio
async def test_a_snapshot_adds_facts_and_replaces_none() -> None:
    account = Account(None, "eu-west-1", "http://127.0.0.1:1", credentials=Credentials("a", "b"))
    inventory = Inventory(account)
    cache = SnapshotCache("work", "eu-west-1", None)
    bare, facts = (
        Cluster(CLUSTER_ARN, "prod", described=False),
        Cluster(CLUSTER_ARN, "prod", "ACTIVE"),
    )
    for size, part in enumerate(
        ([bare], [facts], [replace(facts, status="FAILED")], [bare, Cluster("arn:other", "other")])
    ):
        cache.write("", [SavedObjects(Kind.CLUSTER, part)])
        inventory.restore(cache)
        assert inventory.size == (2 if size == 3 else 1)
        assert inventory.clusters[0] == (facts if size else bare)
    assert inventory.freshness(Scope(Kind.CLUSTER)).listed_at is None
    await inventory.close()
    await account.close()


@pytest.mark.parametrize(
    ("variable", "text", "key", "value"),
    [
        ("ECS_TUI_PROFILE", "dev", "profile", "dev"),
        ("ECS_TUI_REGION", "eu-west-1", "region", "eu-west-1"),
        ("ECS_TUI_SHELL", "/bin/bash", "shell", settings.ShellSettings(given="/bin/bash")),
        ("ECS_TUI_PLUGIN", "builtin", "plugin", "builtin"),
        ("ECS_TUI_READ_ONLY", "1", "read_only", True),
        ("ECS_TUI_REFRESH", "2.5", "refresh", 2.5),
        ("ECS_TUI_THEME", "light", "theme", "light"),
    ],
)
def test_each_variable_sets_its_setting_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    variable: str,
    text: str,
    key: str,
    value: object,
) -> None:
    file = tmp_path / "config.toml"
    file.write_text("")
    plain = settings.load({}, str(file))
    monkeypatch.setenv(variable, text)
    found = settings.load({}, str(file))
    assert getattr(found, key) == value
    assert found.but(**{key: getattr(plain, key)}) == plain, "nothing else has changed"
    monkeypatch.setenv(variable, "")
    assert settings.load({}, str(file)) == plain


@pytest.mark.asyncio
async def test_while_the_pages_of_a_list_arrive_each_task_stands_in_it_once() -> None:
    account = Account(None, "eu-west-1", "http://127.0.0.1:1", credentials=Credentials("a", "b"))
    inventory = Inventory(account)
    arns = [f"{BASE}:task/prod/{number}" for number in range(3)]
    tasks = [Task(arn, arn[-1], CLUSTER_ARN, "service:web", "RUNNING", "RUNNING") for arn in arns]
    inventory._name(TASKS, arns)
    inventory._described(TASKS, arns, tasks)
    own = Scope(Kind.TASK, "prod", "web")
    assert [each.arn for each in inventory.of(own)] == arns
    inventory._name(own, arns[1:2])  # its first page
    assert [each.arn for each in inventory.of(own)] == [arns[1], arns[0], arns[2]]
    await inventory.close()
    await account.close()
