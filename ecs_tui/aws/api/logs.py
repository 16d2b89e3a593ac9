"""CloudWatch Logs: log groups."""

from __future__ import annotations

from ecs_tui.aws.account import Account
from ecs_tui.aws.parse.fields import parts, text
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
        # Groups are sorted by name, so the exact match is on the first page.
        if not following or parts(answer, "logGroups"):
            return None
        token = {"nextToken": following}
