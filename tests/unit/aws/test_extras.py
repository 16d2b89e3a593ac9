"""Optional parts of Describe calls: if AWS denies one, the list is shown without it."""

from __future__ import annotations

import json
import subprocess

import pytest

from ecs_tui import errors
from ecs_tui.aws.api import ecs
from tests.support.app import running_app, screen_text
from tests.support.command import run_command
from tests.support.limits import until as wait
from tests.support.stub_aws import (
    ANSWERS,
    CLUSTER,
    DEFINITION,
    SERVICE,
    TASKS,
    Fault,
    Reply,
    StubAws,
    body_of,
    error_reply,
)

pytestmark = pytest.mark.asyncio
NO_TAGS = (
    "User: arn:aws:iam::111122223333:user/stub is not authorized to perform: "
    "ecs:ListTagsForResource on resource: * because no identity-based policy allows it"
)


def refuse(stub: StubAws, code: str, message: str, *extras: str) -> Fault:
    """A fault that denies the operation if it includes any of `extras`."""

    def fault(operation: str) -> Reply:
        asked = next(body for name, body in reversed(stub.bodies) if name == operation)
        if set(json.loads(asked).get("include", [])) & set(extras):
            return error_reply(operation, code, message)
        return Reply(200, body_of(operation, ANSWERS[operation]))

    return fault


def includes(stub: StubAws, operation: str) -> list[list[str]]:
    return [json.loads(body).get("include", []) for name, body in stub.bodies if name == operation]


async def test_services_are_listed_where_tags_may_not_be_read(stub: StubAws) -> None:
    operation = "ecs:DescribeServices"
    stub.faults[operation] = refuse(stub, "AccessDeniedException", NO_TAGS, "TAGS")
    account = stub.account()
    for _ in range(2):
        (service,) = await ecs.describe_services(account, CLUSTER, [SERVICE])
        assert "ecs:ListTagsForResource" in service.not_read["TAGS"]
    assert includes(stub, operation) == [["TAGS"], [], []]  # remembered
    await account.close()


async def test_what_nobody_needs_is_not_asked_for(stub: StubAws) -> None:
    account = stub.account()
    account.extras.omit("TAGS")
    (service,) = await ecs.describe_services(account, CLUSTER, [SERVICE])
    assert includes(stub, "ecs:DescribeServices") == [[]]
    assert service.not_read == {}, "it was not refused"
    await ecs.describe_clusters(account, [CLUSTER])
    (asked,) = includes(stub, "ecs:DescribeClusters")
    assert "TAGS" not in asked and "CONFIGURATIONS" in asked
    await account.close()


ALL = ["SETTINGS", "CONFIGURATIONS", "TAGS", "STATISTICS"]


@pytest.mark.parametrize(
    ("code", "message", "refused"),
    [
        ("InvalidParameterException", "Invalid include: CONFIGURATIONS", ["CONFIGURATIONS"]),
        ("InvalidParameterException", "Invalid value at 'include'", ["CONFIGURATIONS"]),
        ("InvalidParameterException", "", ["STATISTICS"]),
        ("InvalidParameterException", "", ALL),
        ("AccessDeniedException", NO_TAGS, ["TAGS"]),
        ("AccessDeniedException", "", ["TAGS"]),
    ],
)
async def test_what_is_refused_of_a_cluster_is_found_out_and_remembered(
    stub: StubAws, code: str, message: str, refused: list[str]
) -> None:
    operation = "ecs:DescribeClusters"
    stub.faults[operation] = refuse(stub, code, message, *refused)
    account = stub.account()
    (cluster,) = await ecs.describe_clusters(account, [CLUSTER])
    assert sorted(cluster.not_read) == sorted(refused)
    assert all(cluster.not_read.values())
    short = f"not readable: {code.removesuffix('Exception')}"
    assert (cluster.exec_logging == short) == ("CONFIGURATIONS" in refused)
    await ecs.describe_clusters(account, [CLUSTER])
    assert includes(stub, operation)[-1] == [each for each in ALL if each not in refused]
    assert includes(stub, operation).count(ALL) == 1
    await account.close()


async def test_tasks_definitions_and_what_aws_says_are_shown_without_tags(stub: StubAws) -> None:
    for operation in (
        "ecs:DescribeTasks", "ecs:DescribeTaskDefinition", "ecs:DescribeClusters",
        "ecs:DescribeServices",
    ):  # fmt: skip
        stub.faults[operation] = refuse(stub, "AccessDeniedException", NO_TAGS, "TAGS")
    account = stub.account()
    assert len(await ecs.describe_tasks(account, CLUSTER, TASKS)) == 2
    assert (await ecs.describe_task_definition(account, DEFINITION)).family == "web"
    for kind, name in (
        ("cluster", CLUSTER), ("service", SERVICE), ("task", TASKS[0]),
        ("task-definition", DEFINITION),
    ):  # fmt: skip
        assert await ecs.raw_description(account, kind, CLUSTER, name)
    await account.close()


@pytest.mark.parametrize(
    ("code", "message", "kind", "calls"),
    [
        # The operation itself is denied: a call without extras would not help.
        (
            "AccessDeniedException",
            "not authorized to perform: ecs:DescribeServices",
            errors.AccessDenied,
            2,
        ),
        ("ClusterNotFoundException", "", errors.ResourceGone, 2),
        # Another parameter is invalid: one call without extras, and no more.
        ("InvalidParameterException", "Identifier is for us-west-2", errors.AwsError, 3),
    ],
)
async def test_what_fails_without_extras_too_is_raised_as_it_was(
    stub: StubAws, code: str, message: str, kind: type[errors.AwsError], calls: int
) -> None:
    operation = "ecs:DescribeServices"
    stub.faults[operation] = lambda name: error_reply(name, code, message)
    account = stub.account()
    for _ in range(2):
        with pytest.raises(kind) as caught:
            await ecs.describe_services(account, CLUSTER, [SERVICE])
        assert caught.value.code == code
    assert stub.calls[operation] == calls
    stub.heal()
    (service,) = await ecs.describe_services(account, CLUSTER, [SERVICE])
    assert not service.not_read
    await account.close()


async def test_the_details_say_why_tags_are_missing(stub: StubAws) -> None:
    fault = refuse(stub, "AccessDeniedException", NO_TAGS, "TAGS")
    stub.faults["ecs:DescribeClusters"] = fault
    async with running_app(stub.account(), size=(200, 80)) as (app, pilot):
        await wait(lambda: app.browser.table.rows, "the cluster")
        await pilot.press("d")
        await wait(lambda: "not read: " in screen_text(app), "why there are no tags")
        assert "ecs:ListTagsForResource" in screen_text(app)


def _listing(stub: StubAws, kind: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **stub.environment()}
    return run_command(env, "ls", kind, "--json")


async def test_ls_lists_what_it_may_and_succeeds(stub: StubAws) -> None:
    for operation in ("ecs:DescribeClusters", "ecs:DescribeServices", "ecs:DescribeTasks"):
        stub.faults[operation] = refuse(stub, "AccessDeniedException", NO_TAGS, "TAGS")
    run = _listing(stub, "services")
    assert run.returncode == 0, run.stderr
    assert [row["serviceName"] for row in json.loads(run.stdout)] == ["web"]
