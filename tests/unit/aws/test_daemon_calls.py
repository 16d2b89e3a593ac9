"""The calls for managed daemons: pages, one description each, what was deleted meanwhile."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecs_tui.aws.api.daemons import describe_daemons, list_daemons
from ecs_tui.errors import AwsError, ResourceGone
from ecs_tui.model.daemon import DaemonRevision
from tests.support.stub_aws import ARN, StubAws, error_reply

pytestmark = pytest.mark.asyncio
ARNS = [f"{ARN}:daemon/prod/{name}" for name in ("logs", "guard", "gone")]
DETAIL: dict[str, Any] = {
    "daemonArn": ARNS[0], "clusterArn": f"{ARN}:cluster/prod", "status": "ACTIVE",
    "currentRevisions": [
        {"arn": "r2", "totalRunningCount": 2, "totalWithoutDaemonCount": 1,
         "capacityProviders": [{"arn": "p1", "runningCount": 2, "withoutDaemonCount": 1}]},
        {"arn": "r1", "totalRunningCount": 3,
         "capacityProviders": [{"arn": "p1", "runningCount": 1}, {"arn": "p2", "runningCount": 2}]},
    ],
}  # fmt: skip


async def test_all_pages_of_a_cluster_by_its_arn(stub: StubAws) -> None:
    bodies: list[Any] = []

    def pages(body: str) -> Any:
        bodies.append(json.loads(body))
        if "nextToken" in bodies[-1]:
            return {"daemonSummariesList": [{"daemonArn": ARNS[1]}, {"status": "ACTIVE"}]}
        return {"daemonSummariesList": [{"daemonArn": ARNS[0]}], "nextToken": "more"}

    stub.answers["ecs:ListDaemons"] = pages
    account = stub.account()
    try:
        cluster = f"{ARN}:cluster/prod"
        assert [page async for page in list_daemons(account, cluster)] == [[ARNS[0]], [ARNS[1]]]
        assert bodies == [{"clusterArn": cluster}, {"clusterArn": cluster, "nextToken": "more"}]
        assert stub.calls["ecs:DescribeClusters"] == 0
        arn = stub.answers["ecs:DescribeClusters"]["clusters"][0]["clusterArn"]
        async for _ in list_daemons(account, "stub"):
            pass
        assert bodies[2] == {"clusterArn": arn}, "a name costs one more call"
        stub.answers["ecs:DescribeClusters"] = {"clusters": []}
        with pytest.raises(ResourceGone, match="no longer exists"):
            await anext(list_daemons(account, "nope"))
    finally:
        await account.close()


async def test_a_daemon_that_was_deleted_is_missing(stub: StubAws) -> None:
    def described(body: str) -> Any:
        arn = json.loads(body)["daemonArn"]
        if arn == ARNS[2]:
            return error_reply("ecs:DescribeDaemon", "DaemonNotFoundException", "not found")
        return {"daemon": {**DETAIL, "daemonArn": arn}}

    stub.answers["ecs:DescribeDaemon"] = described
    account = stub.account()
    try:
        found = await describe_daemons(account, "prod", ARNS)
        assert [(item.name, item.running, item.without) for item in found] == [
            ("logs", 5, 1), ("guard", 5, 1),
        ]  # fmt: skip
        assert found[0].deploying
        assert found[0].revisions[0] == DaemonRevision("r2", "p1", 2, 1)
        stub.answers["ecs:DescribeDaemon"] = lambda _: error_reply(
            "ecs:DescribeDaemon", "AccessDeniedException", "not authorized"
        )
        with pytest.raises(AwsError, match="ecs:DescribeDaemon"):
            await describe_daemons(account, "prod", ARNS[:1])
    finally:
        await account.close()
