"""S3: the settings of a bucket that protect the transcripts in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ecs_tui.aws.account import Account
from ecs_tui.aws.parse.fields import Raw, flag, part, text, whole
from ecs_tui.errors import AwsError
from ecs_tui.model.cluster_record import BucketRecord

_PUBLIC = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_DAYS_A_YEAR = 365


async def bucket_record(account: Account, name: str) -> BucketRecord:
    """Versioning, object lock and public access block of a bucket.

    Raises:
        AwsError: A call failed: the bucket does not exist, or may not be read.
    """
    client = await account.client("s3")
    versioning = await account.call(client.get_bucket_versioning, Bucket=name)
    lock = await _or_nothing(
        account, client.get_object_lock_configuration, name, "ObjectLockConfigurationNotFoundError"
    )
    public = await _or_nothing(
        account, client.get_public_access_block, name, "NoSuchPublicAccessBlockConfiguration"
    )
    blocked = part(public, "PublicAccessBlockConfiguration")
    locked = part(lock, "ObjectLockConfiguration")
    retention = part(part(locked, "Rule"), "DefaultRetention")
    days = whole(retention, "Days") or (whole(retention, "Years") or 0) * _DAYS_A_YEAR
    on = "enabled" if text(locked, "ObjectLockEnabled") == "Enabled" else ""
    return BucketRecord(
        name,
        text(versioning, "Status"),
        text(retention, "Mode") or on,
        days,
        all(flag(blocked, each) for each in _PUBLIC),
    )


async def _or_nothing(
    account: Account, method: Callable[..., Awaitable[Raw]], bucket: str, missing: str
) -> Raw:
    """The answer of a call; empty where S3 answers that there is no such configuration."""
    try:
        return await account.call(method, Bucket=bucket)
    except AwsError as error:
        if error.code != missing:
            raise
        return {}
