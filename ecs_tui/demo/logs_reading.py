"""FilterLogEvents and GetLogEvents of the demo account: pages, tokens and limits.

Source: the API reference of CloudWatch Logs, and the service model.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.logs.models import LogGroup

from ecs_tui.demo.logs_lines import ID_SHIFT, LogRecord
from ecs_tui.demo.logs_pattern import InvalidPattern, Matches, compile_pattern
from ecs_tui.demo.logs_store import NO_STREAM, LogStore, StreamView

PAGE_EVENTS = 10_000
PAGE_BYTES = 1 << 20
EVENT_OVERHEAD = 26
"""Bytes that an event counts besides its message."""
SCANNED_EVENTS = 20_000
"""Events that one call examines: after that the page ends, even an empty one."""
TOKEN_MS = 24 * 3600 * 1000
"""Milliseconds for which a page token is valid."""
_BAD_TOKEN = "The specified nextToken is invalid."
Params = Mapping[str, Any]
Answer = dict[str, Any]


def pattern_of(text: str) -> Matches:
    """What a filter pattern selects, with AWS's error for a wrong one."""
    try:
        return compile_pattern(text)
    except InvalidPattern as error:
        raise InvalidParameterException(str(error)) from None


def group_of(store: LogStore, params: Params) -> LogGroup:
    """The group that a call names, by name or identifier.

    Raises:
        InvalidParameterException: It names none, or in both ways.
        ResourceNotFoundException: There is no such group.
    """
    name, identifier = params.get("logGroupName"), params.get("logGroupIdentifier")
    if bool(name) == bool(identifier):
        raise InvalidParameterException(
            "Exactly one of logGroupName and logGroupIdentifier must be specified."
        )
    return store.group(name or "", identifier or "")


def filter_events(store: LogStore, params: Params, now: int) -> Answer:
    """The answer of FilterLogEvents."""
    group = group_of(store, params)
    matches = pattern_of(params.get("filterPattern") or "")
    streams = _chosen(store, group, params, now)
    first, last = int(params.get("startTime") or 0), int(params.get("endTime") or now)
    backwards = params.get("startFromHead") is False
    limit = _limit(params)
    digest = _digest(params)
    after = _position(params.get("nextToken"), digest, now)
    if after is not None:
        first, last = (first, min(last, after >> ID_SHIFT)) if backwards else (
            max(first, after >> ID_SHIFT), last,
        )  # fmt: skip
    records = store.read(group, streams, first, last, now, backwards=backwards)
    events: list[Answer] = []
    size, position, complete = 0, after, True
    for scanned, record in enumerate(_beyond(records, after, backwards)):
        weight = len(record.message.encode("utf-8", "replace")) + EVENT_OVERHEAD
        chosen = matches(record.message)
        full = len(events) == limit or (chosen and events and size + weight > PAGE_BYTES)
        if full or scanned == SCANNED_EVENTS:
            complete = False
            break
        position = record.id
        if chosen:
            size += weight
            events.append(_filtered(record))
    answer: Answer = {"events": events, "searchedLogStreams": []}
    if not complete and position is not None:
        answer["nextToken"] = _token(position, digest, now)
    return answer


def _chosen(store: LogStore, group: LogGroup, params: Params, now: int) -> Iterable[StreamView]:
    names, prefix = params.get("logStreamNames"), params.get("logStreamNamePrefix")
    if names and prefix:
        raise InvalidParameterException(
            "Only one of logStreamNames and logStreamNamePrefix can be specified."
        )
    streams = store.streams(group, now)
    if names:
        if any(name not in streams for name in names):
            raise ResourceNotFoundException(NO_STREAM)
        return [streams[name] for name in dict.fromkeys(names)]
    return [stream for name, stream in streams.items() if name.startswith(prefix or "")]


def _limit(params: Params) -> int:
    limit = int(params.get("limit") or PAGE_EVENTS)
    if not 1 <= limit <= PAGE_EVENTS:
        raise InvalidParameterException(
            constraint=f"Member must have value between 1 and {PAGE_EVENTS}",
            parameter="limit",
            value=limit,
        )
    return limit


def _filtered(record: LogRecord) -> Answer:
    return {
        "eventId": f"{record.id:056d}",
        "ingestionTime": record.ingested,
        "logStreamName": record.stream,
        "message": record.message,
        "timestamp": record.at,
    }


def _beyond(
    records: Iterable[LogRecord], after: int | None, backwards: bool
) -> Iterator[LogRecord]:
    for record in records:
        if after is None or (record.id < after if backwards else record.id > after):
            yield record


# -- tokens of FilterLogEvents


def _digest(params: Params) -> str:
    """What a token is valid for: the same call with another token, limit or end."""
    kept = {key: value for key, value in params.items() if key not in ("nextToken", "limit")}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:16]


def _token(position: int, digest: str, now: int) -> str:
    text = f"{position:x}.{digest}.{now:x}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _position(token: str | None, digest: str, now: int) -> int | None:
    if not token:
        return None
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        position, found, issued = text.split(".")
        if found == digest and 0 <= now - int(issued, 16) <= TOKEN_MS:
            return int(position, 16)
    except ValueError:
        pass
    raise InvalidParameterException(_BAD_TOKEN)


# -- GetLogEvents


def get_events(store: LogStore, params: Params, now: int) -> Answer:
    """The answer of GetLogEvents: one stream, forwards or backwards from a token or an end.

    At an end, the token of that direction is the one that was passed.
    """
    group = group_of(store, params)
    stream = store.streams(group, now).get(params.get("logStreamName") or "")
    if stream is None:
        raise ResourceNotFoundException(NO_STREAM)
    first = int(params.get("startTime") or 0)
    end = params.get("endTime")
    last = int(end) - 1 if end is not None else now
    limit = _limit(params)
    backwards, edge = _edge(params)
    if edge is not None and backwards:
        last = min(last, edge >> ID_SHIFT)
    elif edge is not None:
        first = max(first, edge >> ID_SHIFT)
    records = store.read(group, (stream,), first, last, now, backwards=backwards)
    page: list[LogRecord] = []
    size = 0
    for record in _beyond(records, edge, backwards):
        size += len(record.message.encode("utf-8", "replace")) + EVENT_OVERHEAD
        if len(page) == limit or (page and size > PAGE_BYTES):
            break
        page.append(record)
    if backwards:
        page.reverse()
    if page:
        forward, backward = page[-1].id, page[0].id
    elif edge is None:
        forward = backward = (max(first, 0) << ID_SHIFT) - (first > 0)
    else:
        forward, backward = (edge - 1, edge) if backwards else (edge, edge + 1)
    return {
        "events": [
            {"ingestionTime": record.ingested, "message": record.message, "timestamp": record.at}
            for record in page
        ],
        "nextForwardToken": f"f/{forward:056d}/s",
        "nextBackwardToken": f"b/{backward:056d}/s",
    }


def _edge(params: Params) -> tuple[bool, int | None]:
    """(whether the page is the one before its edge, the ID at its edge if a token says it)."""
    token = params.get("nextToken")
    if not token:
        return not params.get("startFromHead"), None
    direction, _, rest = token.partition("/")
    digits, _, tail = rest.partition("/")
    if direction not in ("f", "b") or tail != "s" or not digits.isdecimal():
        raise InvalidParameterException("The specified nextToken is invalid.")
    return direction == "b", int(digits)
