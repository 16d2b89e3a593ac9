"""ECS's managed daemons: their ARNs in a cluster, and their descriptions.

Shapes as in botocore's service model. DescribeDaemon takes one ARN (API reference).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.ecs import describe_clusters
from ecs_tui.aws.api.paging import pages
from ecs_tui.aws.parse.fields import Raw, moment, number, part, parts, text
from ecs_tui.errors import AwsError, ResourceGone
from ecs_tui.model.arn import parse_arn, short_name
from ecs_tui.model.daemon import Daemon, DaemonRevision

DAEMONS_PER_CALL = 1


async def list_daemons(account: Account, cluster: str) -> AsyncIterator[list[str]]:
    """Pages of daemon ARNs of a cluster (name or ARN).

    ListDaemons takes the ARN only, so a name costs one more call.
    """
    if parse_arn(cluster) is None:
        found = await describe_clusters(account, [cluster])
        if not found:
            raise ResourceGone(f"Cluster {cluster} no longer exists.")
        cluster = found[0].arn
    ecs = await account.ecs()
    async for page in pages(account, ecs.list_daemons, clusterArn=cluster):
        named = (text(item, "daemonArn") for item in parts(page, "daemonSummariesList"))
        yield [arn for arn in named if arn]


async def describe_daemons(account: Account, _: str, arns: Sequence[str]) -> list[Daemon]:
    """The daemons with these ARNs, a call for each; deleted ones are missing."""
    ecs = await account.ecs()
    found = []
    for arn in arns:
        try:
            answer = await account.call(ecs.describe_daemon, daemonArn=arn)
        except AwsError as error:
            if error.code != "DaemonNotFoundException":
                raise
        else:
            found.append(_daemon(arn, part(answer, "daemon")))
    return found


def _daemon(arn: str, raw: Raw) -> Daemon:
    """`daemon` of DescribeDaemon."""
    current = parts(raw, "currentRevisions")
    return Daemon(
        arn=arn,
        name=short_name(arn),
        cluster_arn=text(raw, "clusterArn"),
        status=text(raw, "status"),
        running=sum(number(item, "totalRunningCount") for item in current),
        without=sum(number(item, "totalWithoutDaemonCount") for item in current),
        revisions=tuple(
            DaemonRevision(
                text(item, "arn"),
                text(each, "arn"),
                number(each, "runningCount"),
                number(each, "withoutDaemonCount"),
            )
            for item in current
            for each in parts(item, "capacityProviders")
        ),
        deployment_arn=text(raw, "deploymentArn"),
        created_at=moment(raw, "createdAt"),
        updated_at=moment(raw, "updatedAt"),
    )
