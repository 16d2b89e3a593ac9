"""Sessions that Session Manager does not list, and that CloudTrail or this program's own log knows of.

Such a session has perhaps ended: a client that is killed leaves no end in the log, and one that ends by
itself leaves none in CloudTrail. That Session Manager lists every session of ECS Exec is likely, and not
documented.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from ecs_tui.aws.account import Account
from ecs_tui.model.active_session import ActiveSession
from ecs_tui.model.arn import short_name
from ecs_tui.model.audit_event import AuditEvent, AuditTarget
from ecs_tui.model.session_record import SessionRecord
from ecs_tui.store.lookups import Lookup, Subject
from ecs_tui.store.own_sessions import OwnSessions, opened_by, runs_here

UNLISTED_FOR = timedelta(hours=24)
"""Sessions that were opened earlier than this are taken to have ended: ECS ends one after 20 idle minutes."""
NOT_LISTED = "not listed by Session Manager"
PERHAPS_ENDED = f"perhaps ended: {NOT_LISTED}"
OPEN_HERE = f"open in this program, {NOT_LISTED}"
NOT_READ = "perhaps ended: Session Manager could not be read"


def own_unlisted(
    own: OwnSessions, account: Account, listed: Collection[str], now: datetime, *, read: bool = True
) -> list[tuple[ActiveSession, SessionRecord]]:
    """The sessions of this program's own log that have no end there and are not listed.

    Args:
        own: The log.
        account: The account and region that they must be in.
        listed: The IDs of the sessions that Session Manager lists.
        now: The time.
        read: Whether Session Manager has answered.
    """
    return [
        (of_record(record, read=read), record)
        for record in own.known().values()
        if record.kind == "opened"
        and record.session not in listed
        and now - record.at < UNLISTED_FOR
        and opened_by(record, account)
    ]


def of_record(record: SessionRecord, *, read: bool = True) -> ActiveSession:
    """A session of this program's own log as a session that is not listed.

    Args:
        read: Whether Session Manager has answered.
    """
    target = AuditTarget(record.cluster, record.service, short_name(record.task), record.container)
    state = OPEN_HERE if runs_here(record) else PERHAPS_ENDED if read else NOT_READ
    return ActiveSession(record.session, target, since=record.at, status=state)


def told_by_events(
    events: Mapping[str, AuditEvent], known: Collection[str]
) -> list[tuple[ActiveSession, AuditEvent]]:
    """The sessions that CloudTrail knows of and nobody else.

    Args:
        events: The events that opened sessions of which no end is known, by the sessions' IDs.
        known: The IDs of sessions that are known otherwise, the ended ones too.
    """
    return [
        (ActiveSession(session, event.target, since=event.at, status=PERHAPS_ENDED), event)
        for session, event in events.items()
        if session not in known
    ]


def unended_lookup(now: datetime) -> Lookup[Mapping[str, AuditEvent]]:
    """The lookup of CloudTrail's sessions without a known end; the same one for an hour."""
    since = (now - UNLISTED_FOR).replace(minute=0, second=0, microsecond=0)
    return Lookup(Subject.UNENDED, thing=since.isoformat())


def count_words(listed: Iterable[bool]) -> str:
    """How many sessions are listed, and how many are not: only listed ones are known to be open.

    Args:
        listed: Of each session, whether Session Manager lists it.
    """
    every = list(listed)
    open_, others = sum(every), len(every) - sum(every)
    if not others:
        return str(open_)
    inside = f"{open_} inside" if open_ else "Session Manager lists none"
    return f"{inside}, {others} {NOT_LISTED}" if open_ else f"{inside}, {others} perhaps ended"
