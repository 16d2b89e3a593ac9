"""What CloudWatch Logs tells of a log group."""

from __future__ import annotations

from ecs_tui.aws.account import Account
from ecs_tui.aws.fields import parts, text
from ecs_tui.model.log_group import LogGroup


async def log_group(account: Account, name: str) -> LogGroup | None:
    """The log group of exactly this name, or None."""
    client = await account.client("logs")
    token: dict[str, str] = {}
    while True:
        answer = await account.call(
            client.describe_log_groups, logGroupNamePrefix=name, limit=50, **token
        )
        for item in parts(answer, "logGroups"):
            if text(item, "logGroupName") == name:
                return LogGroup(name, text(item, "kmsKeyId"))
        following = text(answer, "nextToken")
        # The groups come in the order of their names: the exact one is on the first page.
        if not following or parts(answer, "logGroups"):
            return None
        token = {"nextToken": following}
