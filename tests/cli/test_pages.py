"""Pages of rows: what of them is asked for, tags, and what is told in an ARN of the old format."""

from __future__ import annotations

from typing import Any

import pytest

from ecs_tui.cli.rows import ListQuery
from ecs_tui.errors import AwsError, NotFound
from ecs_tui.model.service import Service
from ecs_tui.resources import LISTINGS
from tests.support.stub_aws import ARN, StubAws, error_reply
from tests.support.stub_clusters import StubClusters


async def rows_of(
    stub: StubAws, name: str, cluster: str, *, service: str = "", tags: bool = False
) -> list[dict[str, Any]]:
    account = stub.account()
    query = ListQuery(account, LISTINGS[name], service, tags)
    try:
        return [row async for page in query.pages(cluster) for row in page]
    finally:
        await account.close()


def test_a_row_has_its_tags_only_if_they_are_asked_for(stub: StubAws) -> None:
    service = Service(f"{ARN}:service/prod/web", "web", f"{ARN}:cluster/prod", tags={"team": "a"})
    account = stub.account()
    assert "tags" not in ListQuery(account, LISTINGS["services"]).row(service)
    asked = ListQuery(account, LISTINGS["services"], tags=True)
    assert asked.row(service)["tags"] == [{"key": "team", "value": "a"}]
    assert asked.untagged == set()
    refused = Service("arn", "api", "arn", not_read={"TAGS": "AccessDenied: no"})
    assert asked.row(refused)["tags"] is None
    assert asked.untagged == {"AccessDenied: no"}


@pytest.mark.asyncio
@pytest.mark.parametrize("source", ["services", "tasks", "containers", "instances"])
async def test_every_row_names_its_cluster_even_with_an_old_arn(
    stub: StubAws, clusters: StubClusters, source: str
) -> None:
    prod = clusters.add("prod")
    prod.service("old", serviceArn=f"{ARN}:service/old", clusterArn="")
    prod.tasks[f"{ARN}:task/77"] = {
        **prod.task("77"),
        "taskArn": f"{ARN}:task/77",
        "clusterArn": "",
    }
    stub.answers["ecs:DescribeContainerInstances"] = {
        "containerInstances": [{"containerInstanceArn": f"{ARN}:container-instance/1"}]
    }
    rows = await rows_of(stub, source, f"{ARN}:cluster/prod")
    assert rows
    assert {row["clusterName"] for row in rows} == {"prod"}
    assert {row["clusterArn"] for row in rows} == {f"{ARN}:cluster/prod"}


@pytest.mark.asyncio
async def test_one_cluster_or_all(stub: StubAws, clusters: StubClusters) -> None:
    for name in ("a", "b"):
        clusters.add(name)
    rows = await rows_of(stub, "clusters", "")
    assert [row["clusterName"] for row in rows] == ["a", "b"]
    rows = await rows_of(stub, "clusters", f"{ARN}:cluster/b")
    assert [row["clusterName"] for row in rows] == ["b"]
    with pytest.raises(NotFound, match='Cluster "none" not found'):
        await rows_of(stub, "clusters", "none")


@pytest.mark.asyncio
async def test_the_answers_of_other_calls_come_before_the_error_of_one(
    stub: StubAws, clusters: StubClusters
) -> None:
    prod = clusters.add("prod")
    for number in range(30):
        prod.service(f"s{number:02}")
    whole = stub.answers["ecs:DescribeServices"]
    stub.answers["ecs:DescribeServices"] = lambda body: (
        error_reply("ecs:DescribeServices", "ServerException", "It is us.")
        if "s15" in body
        else whole(body)
    )
    account, seen = stub.account(), list[str]()

    async def read() -> None:
        async for page in ListQuery(account, LISTINGS["services"]).pages("prod"):
            seen.extend(row["serviceName"] for row in page)

    with pytest.raises(AwsError):
        await read()
    await account.close()
    assert seen == [f"s{number:02}" for number in (*range(10), *range(20, 30))]
