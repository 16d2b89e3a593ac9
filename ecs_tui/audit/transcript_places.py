"""Where the transcripts of a cluster's sessions are kept, all of them."""

from __future__ import annotations

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs, logs
from ecs_tui.model.arn import short_name
from ecs_tui.model.cluster import ExecConfiguration
from ecs_tui.model.log_source import LogGroupRef
from ecs_tui.model.text import clean

BucketPlace = tuple[str, str, str]
"""(region, bucket, prefix of keys)."""


async def places_of_cluster(
    account: Account, cluster: str
) -> list[LogGroupRef | BucketPlace] | str:
    """The log group and the bucket with a cluster's transcripts; why there are none, in a sentence.

    With a log group and a bucket both have the same transcripts: the log group is searched, where
    the data is, unless it does not exist.

    Raises:
        AwsError: The cluster cannot be described.
    """
    found = await ecs.describe_clusters(account, [cluster])
    name = clean(short_name(cluster))
    if not found:
        return f"Cluster {name} does not exist."
    if not found[0].configuration_known:
        return "Not allowed to look at the cluster's exec configuration (ecs:DescribeClusters)."
    configuration = found[0].exec_configuration or ExecConfiguration()
    if configuration.logging == "NONE":
        return f"Cluster {name} records no sessions: its exec logging is NONE."
    if configuration.logging == "DEFAULT":
        return (
            f"The exec logging of cluster {name} is DEFAULT: transcripts are in the log groups of its "
            "containers. Search their logs."
        )
    bucket = configuration.s3_bucket
    if configuration.log_group and not (
        bucket and await logs.log_group(account, configuration.log_group) is None
    ):
        caller = await account.caller(alias=False)
        partition = caller.arn.split(":")[1] if caller.arn.startswith("arn:") else "aws"
        return [LogGroupRef(configuration.log_group, account.region, caller.account, partition)]
    if bucket:
        return [(account.region, bucket, configuration.s3_prefix)]
    return f"The exec logging of cluster {name} is OVERRIDE, but names neither a log group nor a bucket."
