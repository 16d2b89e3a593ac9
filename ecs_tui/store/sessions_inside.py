"""Reads how many sessions are open in clusters, tasks and containers, and who opened them."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from datetime import datetime

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.cloudtrail import EventLookup, lookup_pages
from ecs_tui.aws.api.ssm import active_sessions, session_ends
from ecs_tui.model.active_session import SessionsInside
from ecs_tui.model.audit_event import AuditEvent

MAX_PAGES = 10
"""Pages of events in which the openers of sessions are looked for: 500 events of each name."""
OPENING_EVENTS = ("ExecuteCommand", "StartSession")


async def read_inside(account: Account) -> SessionsInside:
    """Count the open sessions of the region.

    Raises:
        AwsError: A call failed.
    """
    found = [each async for page in active_sessions(account) for each in page]
    return SessionsInside(
        tuple(found),
        Counter(each.target.cluster for each in found),
        Counter(each.target.task for each in found),
        Counter(each.target.runtime for each in found),
    )


async def read_openers(account: Account, since: str, now: datetime) -> Mapping[str, AuditEvent]:
    """The events that opened sessions since a time, by the IDs of the sessions.

    An ExecuteCommand comes before the StartSession that ECS makes for it.

    Args:
        since: The time as ISO 8601.

    Raises:
        AwsError: A call failed.
    """
    openers: dict[str, AuditEvent] = {}
    for name in OPENING_EVENTS:
        async for event in _newest(account, EventLookup(name, datetime.fromisoformat(since), now)):
            openers.setdefault(event.session, event)
    return openers


async def read_unended(account: Account, since: str, now: datetime) -> Mapping[str, AuditEvent]:
    """The events that opened sessions since a time of which no end is known, by the IDs of the sessions.

    An end is known to CloudTrail if somebody asked for it, and to Session Manager for 30 days.

    Args:
        since: The time as ISO 8601.

    Raises:
        AwsError: A call failed.
    """
    began = datetime.fromisoformat(since)
    openers = await read_openers(account, since, now)
    if not openers:
        return {}
    ended = set(await session_ends(account, began))
    async for event in _newest(account, EventLookup("TerminateSession", began, now)):
        ended.add(event.session)
    return {
        session: event
        for session, event in openers.items()
        if session not in ended and event.target.cluster
    }


async def _newest(account: Account, asked: EventLookup) -> AsyncIterator[AuditEvent]:
    """The newest events of a lookup that name a session and succeeded."""
    pages = 0
    async with aclosing(lookup_pages(account, asked)) as found:
        async for page in found:
            for event in page.events:
                if event.session and not event.failed:
                    yield event
            pages += 1
            if pages >= MAX_PAGES:
                return
