"""Calls in pages: which parameters each page is asked for with, and how it ends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecs_tui.aws.api import ecs
from ecs_tui.aws.api.paging import pages
from ecs_tui.errors import AwsError
from tests.support.stub_aws import ARN, StubAws, error_reply

pytestmark = pytest.mark.asyncio


def in_pages(stub: StubAws, operation: str, *answers: Any) -> list[dict[str, Any]]:
    """Answer an operation with one of these after the other; returns the bodies, as they come."""
    bodies: list[dict[str, Any]] = []

    def answer(body: str) -> Any:
        bodies.append(json.loads(body))
        return answers[len(bodies) - 1]

    stub.answers[operation] = answer
    return bodies


async def test_each_page_is_asked_for_with_the_parameters_and_its_token(stub: StubAws) -> None:
    arns = [f"{ARN}:task/prod/{number}" for number in range(3)]
    bodies = in_pages(
        stub, "ecs:ListTasks",
        {"taskArns": arns[:1], "nextToken": "one"}, {"taskArns": [], "nextToken": "two"},
        {"taskArns": arns[1:]},
    )  # fmt: skip
    account = stub.account()
    found = [page async for page in ecs.list_tasks(account, "prod", "web", stopped=True)]
    assert found == [arns[:1], [], arns[1:]]
    asked = {"cluster": "prod", "serviceName": "web", "desiredStatus": "STOPPED"}
    assert bodies == [asked, asked | {"nextToken": "one"}, asked | {"nextToken": "two"}]
    await account.close()


async def test_a_page_that_names_itself_ends_it_with_an_error(stub: StubAws) -> None:
    bodies = in_pages(stub, "ecs:ListClusters", *[{"clusterArns": [], "nextToken": "same"}] * 9)
    account = stub.account()
    client = await account.ecs()
    following = pages(account, client.list_clusters)
    assert (await anext(following))["clusterArns"] == []
    with pytest.raises(AwsError, match="the same nextToken"):
        await anext(following)
    assert len(bodies) == 2
    await account.close()


async def test_pages_before_a_failure_are_not_lost(stub: StubAws) -> None:
    arn = f"{ARN}:cluster/prod"
    denied = error_reply("ecs:ListClusters", "AccessDeniedException", "no")
    in_pages(stub, "ecs:ListClusters", {"clusterArns": [arn], "nextToken": "one"}, denied)
    account = stub.account()
    following = ecs.list_clusters(account)
    assert await anext(following) == [arn]
    with pytest.raises(AwsError):
        await anext(following)
    await account.close()
