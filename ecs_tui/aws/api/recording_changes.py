"""The calls that turn recording on: a log group or a bucket, and the cluster's exec configuration."""

from __future__ import annotations

from collections.abc import Mapping

from ecs_tui.aws.account import Account

_METHODS = {
    "logs:CreateLogGroup": "create_log_group",
    "logs:PutRetentionPolicy": "put_retention_policy",
    "s3:CreateBucket": "create_bucket",
    "s3:PutPublicAccessBlock": "put_public_access_block",
    "s3:PutBucketVersioning": "put_bucket_versioning",
    "ecs:UpdateCluster": "update_cluster",
}
RECORDING_CALLS = frozenset(_METHODS)
"""The operations."""


async def make_recording_call(
    account: Account, operation: str, parameters: Mapping[str, object]
) -> None:
    """Make one of `RECORDING_CALLS`, with AWS's names of its parameters.

    Raises:
        AwsError: The call failed.
    """
    service = operation.partition(":")[0]
    client = await account.client(service)
    await account.call(getattr(client, _METHODS[operation]), **parameters)
