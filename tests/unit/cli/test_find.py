"""How a reference is resolved: services before ids, the newest healthy task, foreign ARNs."""

from __future__ import annotations

from typing import Any

import pytest

from ecs_tui.cli.find import Found, find_target
from ecs_tui.errors import AccessDenied, EcsTuiError, NotFound, WrongUsage
from ecs_tui.model.reference import parse_target
from tests.support.stub_aws import ARN, FAULTS, StubAws
from tests.support.stub_clusters import StubCluster, StubClusters

pytestmark = pytest.mark.asyncio
UUID = "1a2b3c4d-1a2b-3c4d-5e6f-1a2b3c4d5e6f"
LONG = "a1b2c3d4" * 5
"""Longer than a task id, and of hex digits only."""
AGENT = {"name": "ExecuteCommandAgent", "lastStatus": "RUNNING"}


@pytest.fixture
def prod(clusters: StubClusters) -> StubCluster:
    made = clusters.add("prod")
    for name in ("web", "api", LONG):
        made.service(name)
    made.task("3e51a", "web", startedAt=100.0)
    made.task("3e51b", "web", startedAt=300.0)
    made.task("3e51c", "web", startedAt=400.0, lastStatus="PENDING")
    made.task("77", "api")
    made.task("88", LONG)
    made.service("old", serviceArn=f"{ARN}:service/old")
    made.task("66", "old")
    return made


async def find(stub: StubAws, *words: str) -> Found:
    account = stub.account()
    try:
        return await find_target(account, parse_target(*words))
    finally:
        await account.close()


async def refused(stub: StubAws, *words: str, kind: type[EcsTuiError] = NotFound) -> str:
    with pytest.raises(kind) as caught:
        await find(stub, *words)
    assert type(caught.value) is kind
    return str(caught.value)


@pytest.mark.parametrize(
    ("words", "task", "container", "chosen"),
    [
        (("prod", "web"), "3e51b", "", True),
        (("prod", "web/app"), "3e51b", "app", True),
        (("prod", "77"), "77", "", False),
        (("prod", "77/app"), "77", "app", False),
        (("prod", "3e51a"), "3e51a", "", False),
        (("prod", LONG), "88", "", True),
        (("prod", "77".ljust(32, "0")), "77", "", False),
        (("prod", f"{ARN}:task/prod/{'77'.ljust(32, '0')}"), "77", "", False),
        ((f"{ARN}:task/prod/{'77'.ljust(32, '0')}",), "77", "", False),
        ((f"{ARN}:service/prod/web",), "3e51b", "", True),
        ((f"{ARN}:service/prod/web", "app"), "3e51b", "app", True),
        ((f"{ARN}:container/prod/{'77'.ljust(32, '0')}/app",), "77", "app", False),
        ((f"{ARN}:service/old",), "66", "", True),
    ],
)
async def test_a_target_leads_to_its_task(
    stub: StubAws, prod: StubCluster, words: tuple[str, ...], task: str, container: str,
    chosen: bool,
) -> None:  # fmt: skip
    found = await find(stub, *words)
    assert (found.task.id, found.container) == (task.ljust(32, "0"), container)
    assert (found.cluster, found.chosen, found.note) == ("prod", chosen, "")


@pytest.mark.parametrize(
    ("members", "chosen"),
    [
        ({"healthStatus": "UNHEALTHY"}, "3e51a"),
        ({"desiredStatus": "STOPPED"}, "3e51a"),
        ({"enableExecuteCommand": False}, "3e51a"),
        ({}, "3e51b"),
    ],
)
async def test_the_newest_task_must_be_healthy(
    stub: StubAws, prod: StubCluster, members: dict[str, Any], chosen: str
) -> None:
    prod.tasks[f"{ARN}:task/prod/{'3e51b'.ljust(32, '0')}"] |= members
    assert (await find(stub, "prod", "web")).task.id.startswith(chosen)


async def test_the_newest_task_in_which_that_container_can_be_used(
    stub: StubAws, prod: StubCluster
) -> None:
    older = prod.tasks[f"{ARN}:task/prod/{'3e51a'.ljust(32, '0')}"]
    newer = prod.tasks[f"{ARN}:task/prod/{'3e51b'.ljust(32, '0')}"]
    for raw, status in ((older, "RUNNING"), (newer, "STOPPED")):
        agent = {**AGENT, "lastStatus": status}
        raw["containers"].append({**raw["containers"][0], "name": "db", "managedAgents": [agent]})
    assert (await find(stub, "prod", "web/db")).task.id.startswith("3e51a")
    assert (await find(stub, "prod", "web/app")).task.id.startswith("3e51b")


async def test_a_service_goes_before_ids_and_says_so(stub: StubAws, prod: StubCluster) -> None:
    prod.service("77")
    prod.task("99", "77")
    found = await find(stub, "prod", "77")
    assert (found.task.id[:2], found.chosen) == ("99", True)
    assert found.note == (
        '"77" is the service. It is also a prefix of 1 task ID; use a longer prefix to select a task.'
    )


async def test_a_service_may_be_called_like_a_whole_id(stub: StubAws, prod: StubCluster) -> None:
    prod.service("d" * 32)
    prod.task("99", "d" * 32)
    assert (await find(stub, "prod", "d" * 32)).task.id.startswith("99")


async def test_an_ambiguous_beginning_names_the_candidates(
    stub: StubAws, prod: StubCluster
) -> None:
    said = await refused(stub, "prod", "3e51")
    assert said == (
        '"3e51" matches 3 tasks in prod: 3e51a000 (web), 3e51b000 (web), 3e51c000 (web). '
        "Use a longer prefix."
    )
    for number in range(5):
        prod.task(f"3e51d00000{number}")
    said = await refused(stub, "prod", "3e51")
    assert "8 tasks" in said and "3e51d000000 (family:web)" in said and "and 3 more" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("prod", "zzz"), 'No service or task in cluster prod matches "zzz".'),
        (("prod", "f00"), 'No service or task in cluster prod matches "f00".'),
        (("prod", "f" * 32), f"Task {'f' * 32} not found in cluster prod. ECS drops stopped tasks"),
        ((f"{ARN}:task/prod/{'f' * 32}",), f"Task {'f' * 32} not found in cluster prod."),
        ((f"{ARN}:container/prod/{'77'.ljust(32, '0')}/x",), "Task 770000000000 has no container x."),
        (("prod", f"{ARN}:container/{UUID}"), "No running task of cluster prod has the container"),
        ((f"{ARN}:task/{UUID}",), f"No cluster has {ARN}:task/{UUID}."),
        (("prod", "empty"), "Service empty in cluster prod has no tasks. It may be scaled to 0."),
    ],
)  # fmt: skip
async def test_what_is_not_there(
    stub: StubAws, prod: StubCluster, words: tuple[str, ...], said: str
) -> None:
    prod.service("empty")
    assert (await refused(stub, *words)).startswith(said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("prod",), "Cluster prod is not a task."),
        ((f"{ARN}:container/{UUID}",), "A container ARN in the old format contains neither"),
        (
            ("arn:aws:ecs:us-east-1:999999999999:service/prod/web",),
            "The target is in account 999999999999, but the profile in use (environment keys) belongs to "
            "account 111122223333.",
        ),
    ],
)
async def test_wrong_usage(
    stub: StubAws, prod: StubCluster, words: tuple[str, ...], said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    said = said.replace("environment keys", stub.account().name)
    assert (await refused(stub, *words, kind=WrongUsage)).startswith(said)


async def test_only_arns_ask_whose_keys_these_are(stub: StubAws, prod: StubCluster) -> None:
    await find(stub, "prod", "web")
    assert stub.calls["sts:GetCallerIdentity"] == 0
    await find(stub, f"{ARN}:service/prod/web")
    assert stub.calls["sts:GetCallerIdentity"] == 1


async def test_an_sts_that_does_not_answer_is_no_obstacle(stub: StubAws, prod: StubCluster) -> None:
    stub.faults["sts:GetCallerIdentity"] = FAULTS["reset"]
    assert (await find(stub, f"{ARN}:service/prod/web")).task.id.startswith("3e51b")


async def test_who_may_exec_need_not_see_services(stub: StubAws, prod: StubCluster) -> None:
    """The operator policy that the app generates allows ListTasks and DescribeTasks."""
    prod.denied = {"DescribeServices", "ListServices"}
    for words in (("prod", "web"), ("prod", "77"), ("prod", LONG), (f"{ARN}:service/prod/web",)):
        assert (await find(stub, *words)).task.id
    assert stub.calls["ecs:DescribeServices"] == 0
    prod.denied = {"ListTasks"}
    said = await refused(stub, "prod", "web", kind=AccessDenied)
    assert "ecs:ListTasks" in said


async def test_a_service_without_tasks_does_not_hide_a_task(
    stub: StubAws, prod: StubCluster
) -> None:
    prod.service("77")
    found = await find(stub, "prod", "77")
    assert (found.task.id[:2], found.chosen, found.note) == ("77", False, "")


async def test_an_old_arn_is_looked_for_in_every_cluster(
    stub: StubAws, clusters: StubClusters, prod: StubCluster
) -> None:
    secret = clusters.add("secret")
    secret.denied = {"DescribeTasks", "DescribeServices"}
    old = f"{ARN}:task/{UUID}"
    said = await refused(stub, old, kind=AccessDenied)
    assert "cluster/secret" in said or "ecs:DescribeTasks" in said
    clusters.add("last").tasks[old] = {**prod.task("55"), "taskArn": old}
    found = await find(stub, old)
    assert (found.cluster, found.task.arn) == ("last", old)


async def test_an_old_container_arn_within_its_cluster(stub: StubAws, prod: StubCluster) -> None:
    raw = prod.tasks[f"{ARN}:task/prod/{'77'.ljust(32, '0')}"]
    raw["containers"][0]["containerArn"] = f"{ARN}:container/{UUID}"
    found = await find(stub, "prod", f"{ARN}:container/{UUID}")
    assert (found.task.id[:2], found.container) == ("77", "app")


async def test_a_service_of_more_tasks_than_one_call_takes(
    stub: StubAws, prod: StubCluster
) -> None:
    for number in range(150):
        prod.task(f"b{number:03}", "api", startedAt=1765000000.0 + number)
    pages = [list(prod.tasks)[:100], list(prod.tasks)[100:]]
    stub.answers["ecs:ListTasks"] = lambda body: (
        {"taskArns": pages[1]} if "nextToken" in body else {"taskArns": pages[0], "nextToken": "1"}
    )
    assert (await find(stub, "prod", "api")).task.id.startswith("b149")
    assert stub.calls["ecs:DescribeTasks"] == 2
