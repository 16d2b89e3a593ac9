"""Reads how many sessions are open in clusters, tasks and containers, and who opened them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import aclosing
from datetime import datetime

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.cloudtrail import EventLookup, lookup_pages
from ecs_tui.aws.api.ssm import active_sessions
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
        pages = 0
        asked = EventLookup(name, datetime.fromisoformat(since), now)
        async with aclosing(lookup_pages(account, asked)) as found:
            async for page in found:
                for event in page.events:
                    if event.session and not event.failed:
                        openers.setdefault(event.session, event)
                pages += 1
                if pages >= MAX_PAGES:
                    break
    return openers
