"""The audit's layers of the timeline of activity: who was in a container, and what people changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import aclosing
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from ecs_tui.audit.flags import flags_of
from ecs_tui.audit.reader import lanes, read_lane
from ecs_tui.audit.selection import AuditChoice
from ecs_tui.audit.timeline import AuditTimeline, TimelineSource, row_of
from ecs_tui.aws.account import Account
from ecs_tui.model.arn import short_name
from ecs_tui.model.audit_event import AuditEvent
from ecs_tui.model.rules.audit_events import AuditLayer, layer_of
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.session_record import SessionRecord
from ecs_tui.model.task import Task
from ecs_tui.model.text import span
from ecs_tui.resources.activity import ActivityEntry
from ecs_tui.resources.activity_source import ActivityAnswer, ActivityAsk, ActivitySource
from ecs_tui.resources.audit import AuditRow, transcript_of
from ecs_tui.store.audit_feed import AuditFeed
from ecs_tui.store.audit_feeds import AuditFeeds
from ecs_tui.store.own_sessions import OwnSessions, opened_by

LATE = "CloudTrail has events some minutes after the call"
OLDER = "older events are not read here: open the audit"
MAX_PAGES = 40
"""Pages of events that one reading asks for, 20 s; the audit's own page reads all of them."""
AGAIN = timedelta(minutes=2)
"""How long a reading holds. LookupEvents allows two calls a second, which others use too, and a page
is read again every 30 s; events come some minutes late anyway."""
_MAX_WORDS = 120
_SESSIONS: AuditLayer = "sessions"
_CHANGES: AuditLayer = "changes"
_OPENED = ("ExecuteCommand", "StartSession")
_HOW = {
    "exited": "the command ended",
    "told": "ECS ended it",
    "lost": "the connection broke",
    "here": "closed here",
    "failed": "it failed",
}
"""How a session of this program ended (`session/state.py`, Ending), in words."""
_READ: WeakKeyDictionary[AuditFeeds, dict[AuditLayer, tuple[datetime, datetime, str]]] = (
    WeakKeyDictionary()
)
"""Since when each layer was read at last, when that was, and what was said."""


def _feeds(account: Account) -> AuditFeeds:
    """The feeds of the connection. Its owner has decided whether they are kept on disk."""
    return AuditFeeds.shared(account, cache=False)


async def _events(ask: ActivityAsk, layer: AuditLayer) -> tuple[AuditFeed, list[AuditEvent], str]:
    """Read what is missing of a layer; returns its feed, its events in the range and a note."""
    feeds = _feeds(ask.account)
    (lane,) = await lanes(feeds, (layer,))
    read = _READ.setdefault(feeds, {})
    since, at, note = read.get(layer, (ask.now, ask.now - AGAIN, LATE))
    if ask.since < since or ask.now - at >= AGAIN:
        note = LATE
        async with aclosing(read_lane(lane, ask.since, ask.now)) as pages:
            async for progress in pages:
                if progress.pages >= MAX_PAGES:
                    note = OLDER
                    break
        # A longer range that was read before holds: its events are kept.
        read[layer] = (min(since, ask.since), ask.now, note)
        await feeds.save()
    lane.feed.remember({task.id: task.service for task in await _tasks(ask) if task.service})
    found = [
        event
        for event in lane.feed.events.values()
        if layer_of(event) == layer and ask.within(event.at)
    ]
    return lane.feed, found, note


async def _tasks(ask: ActivityAsk) -> list[Task]:
    """The tasks that ECS still has, for the names of their services."""
    return [*await ask.running_tasks(), *await ask.stopped_tasks()]


async def _read_sessions(ask: ActivityAsk) -> ActivityAnswer:
    feed, events, note = await _events(ask, _SESSIONS)
    timeline = AuditTimeline(TimelineSource(service_of=feed.service_of))
    timeline.add(events)
    timeline.ends(OwnSessions().ends())
    return ActivityAnswer([_entry(row, _SESSIONS) for row in _chosen(ask, timeline.rows)], note)


async def _read_changes(ask: ActivityAsk) -> ActivityAnswer:
    """Every change that people made, not only those that open doors."""
    feed, events, note = await _events(ask, _CHANGES)
    source = TimelineSource(service_of=feed.service_of)
    rows = (row_of(event, source) for event in events)
    return ActivityAnswer([_entry(row, _CHANGES) for row in _chosen(ask, rows)], note)


def _chosen(ask: ActivityAsk, rows: Iterable[AuditRow]) -> list[AuditRow]:
    target = ask.target
    choice = AuditChoice(
        cluster=target.cluster, service=target.service, task=short_name(target.task_arn)
    )
    return [row for row in rows if choice.matches(row) and row.event.target.cluster]


def _entry(row: AuditRow, layer: str) -> ActivityEntry:
    event, flags = row.event, flags_of(row.event)
    of_session = layer == _SESSIONS
    words = row.what if event.service == "ssm" else f"{event.name}: {row.what}"
    if not of_session:
        words = _change(row)
    if of_session and event.target.task:
        words += f" in {event.target.container or 'a container'} of task {event.target.task[:8]}"
    if row.seconds is not None:
        words += f" for {span(row.seconds)}"
    if row.result != "ok":
        words += f" ({row.result})"
    bad = any(flag.bad for flag in flags)
    opened = of_session and event.name in _OPENED and event.session and not event.failed
    return ActivityEntry(
        # The one key of a session, by which it replaces what only our own log knew of it.
        key=_key(event.session) if opened else f"audit {event.id}",
        layer=layer,
        at=event.at,
        who=row.who,
        what=words,
        sign=Sign.BAD if bad else Sign.WARNING if event.failed or flags else Sign.FINE,
        service=row.service,
        thing=event.target.task or event.session,
        details=(
            ("identity", row.kind), ("from", event.address), ("client", row.client),
            ("result", row.result), ("session", event.session), ("command", event.command),
            *((flag.title, flag.reason) for flag in flags), ("event id", event.id),
        ),
        place=transcript_of(row) if of_session else None,
    )  # fmt: skip


def _key(session: str) -> str:
    return f"session {session}"


def _change(row: AuditRow) -> str:
    """What a request asked for, without the names of its cluster and service."""
    asked = row.event.record.get("requestParameters")
    if not isinstance(asked, Mapping):
        return row.what
    named = ("cluster", "service", "serviceName", "clusterName")
    words = ", ".join(f"{name} {value}" for name, value in asked.items() if name not in named)
    return f"{row.event.name}: {words[:_MAX_WORDS]}" if words else row.event.name


# -- sessions that CloudTrail does not have yet, or that may not be read there


async def _read_own(ask: ActivityAsk) -> ActivityAnswer:
    """Sessions that this program opened on this computer and that CloudTrail has not told of."""
    feed = _feeds(ask.account).opened(ask.account.region)
    told = {event.session for event in feed.events.values()} if feed is not None else set()
    own = OwnSessions()
    ends = own.known()
    found = [
        _own_entry(record, ends[record.session])
        for record in own.records
        if record.kind == "opened" and record.session not in told and ask.within(record.at)
        and opened_by(record, ask.account) and _about(ask, record)
    ]  # fmt: skip
    return ActivityAnswer(found)


def _about(ask: ActivityAsk, record: SessionRecord) -> bool:
    target = ask.target
    if record.cluster != short_name(target.cluster):
        return False
    if target.task_arn:
        return short_name(record.task) == short_name(target.task_arn)
    return not target.service or record.service == target.service


def _own_entry(opened: SessionRecord, last: SessionRecord) -> ActivityEntry:
    ended = last.kind == "ended"
    words = "open, or its end is not known"
    if ended:
        how = f", {_HOW[last.ending]}" if last.ending in _HOW else ""
        words = f"for {span((last.at - opened.at).total_seconds())}{how}"
    task = short_name(opened.task)
    return ActivityEntry(
        key=_key(opened.session),
        layer=_SESSIONS,
        at=opened.at,
        who="you",
        what=f"session in {opened.container} of task {task[:8]} {words}",
        sign=Sign.FINE if ended else Sign.MOVING,
        service=opened.service,
        thing=task,
        details=(
            ("session", opened.session), ("container", opened.container), ("task", task),
            ("reason", opened.reason), ("ended", last.reason if ended else ""),
        ),
    )  # fmt: skip


OWN_SOURCE = ActivitySource(_SESSIONS, "own sessions", _read_own, "kept on this computer")
SESSION_SOURCE = ActivitySource(_SESSIONS, "sessions in CloudTrail", _read_sessions, "90 days")
CHANGE_SOURCE = ActivitySource(_CHANGES, "changes in CloudTrail", _read_changes, "90 days")
AUDIT_SOURCES = (OWN_SOURCE, SESSION_SOURCE, CHANGE_SOURCE)
"""What the timeline of activity lists. Own sessions come first: CloudTrail's word replaces them."""
