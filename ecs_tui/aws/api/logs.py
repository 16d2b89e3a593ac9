"""CloudWatch Logs: log groups and streams, log events, live tails. Insights: `logs_insights.py`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from email.utils import parsedate_to_datetime

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.paging import pages
from ecs_tui.aws.parse.fields import Raw, flag, part, parts, text, whole
from ecs_tui.aws.streams import MAX_SILENCE_SECONDS, Event
from ecs_tui.model.log_event import LogEvent, LogPage, TailUpdate
from ecs_tui.model.log_group import LogGroup, LogStream
from ecs_tui.model.log_source import LogGroupRef

NEWEST_FIRST_FROM = 1_704_067_200_000
"""2024-01-01, in milliseconds: FilterLogEvents returns the newest events first only if `startTime` is not
before that (CloudWatch Logs API Reference, FilterLogEvents, startFromHead)."""
MAX_STREAM_NAMES = 100
"""Names of log streams in one FilterLogEvents or StartLiveTail (botocore's model, InputLogStreamNames)."""


async def log_group(account: Account, name: str) -> LogGroup | None:
    """The log group of exactly this name, or None."""
    client = await account.client("logs")
    async for page in pages(account, client.describe_log_groups, logGroupNamePrefix=name, limit=50):
        groups = parts(page, "logGroups")
        for item in groups:
            if text(item, "logGroupName") == name:
                return _log_group(item)
        if groups:  # they are sorted by name, so the exact match is on the first page with any
            return None
    return None


async def log_groups(account: Account, prefix: str = "") -> AsyncIterator[list[LogGroup]]:
    """The log groups whose names start with `prefix`, page by page."""
    client = await account.client("logs")
    chosen = {"logGroupNamePrefix": prefix} if prefix else {}
    async for page in pages(account, client.describe_log_groups, limit=50, **chosen):
        yield [_log_group(item) for item in parts(page, "logGroups")]


async def log_streams(
    account: Account, group: LogGroupRef, prefix: str = "", *, latest_first: bool = False
) -> AsyncIterator[list[LogStream]]:
    """The streams of a log group, page by page.

    Args:
        prefix: What their names start with.
        latest_first: Those with the newest events first. AWS does not combine this with `prefix`.

    Raises:
        AwsError: The call failed; ResourceGone if there is no such group.
    """
    client = await account.client("logs")
    chosen: dict[str, object] = {**group.identifier, "limit": 50}
    if latest_first:
        chosen |= {"orderBy": "LastEventTime", "descending": True}
    elif prefix:
        chosen["logStreamNamePrefix"] = prefix
    async for page in pages(account, client.describe_log_streams, **chosen):
        yield [
            LogStream(
                text(item, "logStreamName"),
                _milliseconds(item, "firstEventTimestamp"),
                _milliseconds(item, "lastEventTimestamp"),
            )
            for item in parts(page, "logStreams")
            if text(item, "logStreamName")
        ]


async def filter_log_events(
    account: Account,
    group: LogGroupRef,
    streams: Sequence[str] = (),
    prefix: str = "",
    *,
    since: int | None = None,
    until: int | None = None,
    token: str = "",
    limit: int | None = None,
    newest_first: bool = False,
    pattern: str = "",
) -> LogPage:
    """One page of log events, in the order of their timestamps.

    A page may be empty although more follow; only without a token there are no more
    (CloudWatch Logs API Reference, FilterLogEvents).

    Args:
        streams: Names of at most `MAX_STREAM_NAMES` log streams; () for all, or those of `prefix`.
        since, until: Timestamps, milliseconds since 1970; both are included.
        token: The token of the page; every other argument must be as it was for the first page.
        limit: Maximum events, 10,000 by default.
        newest_first: Whether the newest events come first. None before 2024 are returned then.
        pattern: A filter pattern of CloudWatch Logs; case-sensitive.

    Raises:
        AwsError: The call failed; ResourceGone if there is no such group or stream.
    """
    client = await account.client("logs")
    params: dict[str, object] = dict(group.identifier)
    if newest_first:
        params["startFromHead"] = False
        since = max(NEWEST_FIRST_FROM, since or 0)
    chosen: dict[str, object] = {
        "logStreamNames": list(streams),
        "logStreamNamePrefix": "" if streams else prefix,
        "nextToken": token,
        "filterPattern": pattern,
    }
    params |= {name: value for name, value in chosen.items() if value}
    numbers = {"startTime": since, "endTime": until, "limit": limit}
    params |= {name: max(0, value) for name, value in numbers.items() if value is not None}
    answer = await account.call(client.filter_log_events, **params)
    return LogPage(
        tuple(_log_event(item, group.name) for item in parts(answer, "events")),
        text(answer, "nextToken"),
        _answered(answer),
    )


async def get_log_events(
    account: Account,
    group: LogGroupRef,
    stream: str,
    *,
    since: int | None = None,
    until: int | None = None,
    token: str = "",
    limit: int | None = None,
    newest: bool = True,
) -> tuple[LogPage, str]:
    """A page of one log stream, the oldest event first.

    The API never says that there are no more: the token of the last page is that of the page after
    it (CloudWatch Logs API Reference, GetLogEvents). Such a token is left out here.

    Args:
        since: Timestamp, milliseconds since 1970, included.
        until: The same, not included.
        newest: Whether the first page is the newest one; else the oldest.

    Returns:
        The page, whose token leads to newer events; and the token that leads to older ones. Each is
        "" at the end.

    Raises:
        AwsError: The call failed; ResourceGone if there is no such group or stream.
    """
    client = await account.client("logs")
    params: dict[str, object] = {**group.identifier, "logStreamName": stream}
    # A forward token is valid only with startFromHead.
    params["startFromHead"] = not newest or token.startswith("f/")
    numbers = {"startTime": since, "endTime": until, "limit": limit}
    params |= {name: max(0, value) for name, value in numbers.items() if value is not None}
    if token:
        params["nextToken"] = token
    answer = await account.call(client.get_log_events, **params)
    forward, backward = text(answer, "nextForwardToken"), text(answer, "nextBackwardToken")
    events = tuple(_log_event(item, group.name, stream) for item in parts(answer, "events"))
    page = LogPage(events, "" if forward == token else forward, _answered(answer))
    return page, "" if backward == token else backward


@contextlib.asynccontextmanager
async def live_tail(
    account: Account,
    groups: Sequence[str],
    streams: Sequence[str] = (),
    prefixes: Sequence[str] = (),
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
        prefixes: What the names of log streams start with, if there is only one group; not both.
        silence_seconds: Seconds without an update after which it has failed.

    Raises:
        AwsError: It was refused; while iterating: AWS has ended it (SessionTimeoutException after
            three hours), or it broke off.
    """
    client = await account.client("logs")
    chosen: dict[str, list[str]] = {}
    if streams:
        chosen["logStreamNames"] = list(streams)
    elif prefixes:
        chosen["logStreamNamePrefixes"] = list(prefixes)
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


def _log_group(raw: Raw) -> LogGroup:
    return LogGroup(
        text(raw, "logGroupName"),
        text(raw, "kmsKeyId"),
        text(raw, "logGroupArn") or text(raw, "arn").removesuffix(":*"),
        whole(raw, "storedBytes") or 0,
        whole(raw, "retentionInDays"),
        _milliseconds(raw, "creationTime"),
        text(raw, "logGroupClass"),
    )


def _log_event(raw: Raw, group: str = "", stream: str = "") -> LogEvent:
    return LogEvent(
        group or text(raw, "logGroupIdentifier"),
        # Of a hundred thousand events, each would have a copy of its own.
        stream or sys.intern(text(raw, "logStreamName")),
        _milliseconds(raw, "timestamp"),
        text(raw, "message"),
        _milliseconds(raw, "ingestionTime"),
    )


def _milliseconds(raw: Raw, name: str) -> int:
    value = whole(raw, name)
    return -1 if value is None or value < 0 else value


def _answered(answer: Mapping[str, object]) -> int:
    """AWS's clock in the answer's Date header, in milliseconds; -1 without one."""
    headers = part(part(answer, "ResponseMetadata"), "HTTPHeaders")
    try:
        return int(parsedate_to_datetime(text(headers, "date")).timestamp() * 1000)
    except (ValueError, TypeError):
        return -1
