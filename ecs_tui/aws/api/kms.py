"""KMS: keys behind aliases."""

from __future__ import annotations

from ecs_tui.aws.account import Account
from ecs_tui.aws.parse.fields import part, text


async def key_of_alias(account: Account, alias: str) -> str:
    """The ARN of the key behind an alias (ARN or `alias/NAME`): IAM matches keys, not aliases.

    Raises:
        AwsError: There is no such alias, or the caller is not allowed to read it.
    """
    kms = await account.client("kms")
    answer = await account.call(kms.describe_key, KeyId=alias)
    return text(part(answer, "KeyMetadata"), "Arn")
