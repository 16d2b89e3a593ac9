"""S3: list objects, and read one piece by piece."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import datetime

from ecs_tui.aws.account import Account
from ecs_tui.aws.parse.fields import Raw, flag, number, parts, text
from ecs_tui.errors import BadAnswer
from ecs_tui.model.transcript import StoredObject


@contextlib.asynccontextmanager
async def read_object(
    account: Account, bucket: str, key: str
) -> AsyncIterator[tuple[StoredObject, AsyncIterator[bytes]]]:
    """An object, and its bytes piece by piece. The connection is closed with the block.

    S3 decrypts what it has encrypted; with a KMS key the caller needs kms:Decrypt.

    Raises:
        AwsError: The call failed: code NoSuchKey or NoSuchBucket; AccessDenied also for a key that
            does not exist, unless the caller may list the bucket
            (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html).
    """
    client = await account.client("s3")
    async with account.download(client.get_object, Bucket=bucket, Key=key) as download:
        answer = download.answer
        found = StoredObject(key, number(answer, "ContentLength"), _seconds(answer, "LastModified"))
        yield found, download.pieces


async def list_objects(
    account: Account, bucket: str, prefix: str = ""
) -> AsyncIterator[list[StoredObject]]:
    """The objects of a bucket whose keys start with a prefix, page by page, in the order of keys.

    Raises:
        AwsError: A call failed; earlier pages have been yielded.
    """
    client = await account.client("s3")
    token = ""
    while True:
        more = {"ContinuationToken": token} if token else {}
        answer = await account.call(client.list_objects_v2, Bucket=bucket, Prefix=prefix, **more)
        yield [
            StoredObject(text(each, "Key"), number(each, "Size"), _seconds(each, "LastModified"))
            for each in parts(answer, "Contents")
        ]
        if not flag(answer, "IsTruncated"):
            return
        following = text(answer, "NextContinuationToken")
        if not following or following == token:
            raise BadAnswer(
                "The answer to s3:ListObjectsV2 is not usable: it names no next page.",
                operation="s3:ListObjectsV2",
            )
        token = following


def _seconds(raw: Raw, name: str) -> float:
    """A time in seconds since 1970, 0 if there is none."""
    value = raw.get(name)
    return value.timestamp() if isinstance(value, datetime) else 0.0
