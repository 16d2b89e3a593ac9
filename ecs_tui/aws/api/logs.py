"""CloudWatch Logs: log groups, and live tails."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from ecs_tui.aws.account import Account
from ecs_tui.aws.parse.fields import Raw, flag, part, parts, text, whole
from ecs_tui.aws.streams import MAX_SILENCE_SECONDS, Event
from ecs_tui.model.log_event import LogEvent, TailUpdate
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


@contextlib.asynccontextmanager
async def live_tail(
    account: Account,
    groups: Sequence[str],
    streams: Sequence[str] = (),
    *,
    silence_seconds: float = MAX_SILENCE_SECONDS,
) -> AsyncIterator[AsyncIterator[TailUpdate]]:
    """Follow log groups: an update each second, with what was ingested since. No older events.

    The connection is closed with the block. AWS bills a live tail by the minute, and ends it after
    three hours
    (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html).

    Args:
        groups: ARNs of 1 to 10 log groups, without `:*` at the end.
        streams: Names of log streams, if there is only one group; none means all.
        silence_seconds: Seconds without an update after which it has failed.

    Raises:
        AwsError: It was refused; while iterating: AWS has ended it (SessionTimeoutException after
            three hours), or it broke off.
    """
    client = await account.client("logs")
    chosen: dict[str, list[str]] = {"logStreamNames": list(streams)} if streams else {}
    async with account.stream(
        client.start_live_tail,
        "responseStream",
        silence_seconds=silence_seconds,
        logGroupIdentifiers=list(groups),
        **chosen,
    ) as events:
        yield _updates(events)


async def _updates(events: AsyncIterator[Event]) -> AsyncIterator[TailUpdate]:
    async for event in events:
        update = part(event, "sessionUpdate")
        if update:  # the first event says that the tail has begun
            found = tuple(_log_event(item) for item in parts(update, "sessionResults"))
            yield TailUpdate(found, flag(part(update, "sessionMetadata"), "sampled"))


def _log_event(raw: Raw) -> LogEvent:
    return LogEvent(
        text(raw, "logGroupIdentifier"),
        text(raw, "logStreamName"),
        _moment(whole(raw, "timestamp")),
        text(raw, "message"),
    )


def _moment(milliseconds: int | None) -> datetime | None:
    """A time from milliseconds since 1970; None without one, or if it is no possible time."""
    try:
        return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
