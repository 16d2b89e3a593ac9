"""Sessions that are open in containers: who is inside now, where, since when, and whether it is recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ecs_tui.aws.account import Account
from ecs_tui.config.key_text import KeyText
from ecs_tui.model.active_session import ActiveSession
from ecs_tui.model.arn import short_name
from ecs_tui.model.audit_event import AuditEvent
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.rules.audit_events import EXEC_SESSION, made_by_ecs
from ecs_tui.model.rules.who import client_of, kind_of, name_of
from ecs_tui.model.task import Task
from ecs_tui.model.text import age_of, clean
from ecs_tui.model.transcript import TranscriptRef
from ecs_tui.record import dataclass
from ecs_tui.resources.base import Cell, Column, Place, Resource, plain
from ecs_tui.resources.facts import Fact, when
from ecs_tui.resources.transcript import transcript_place
from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.store.lookups import Lookup, Subject
from ecs_tui.store.source import Source
from ecs_tui.system.wall_clock import moment

if TYPE_CHECKING:
    from ecs_tui.model.session_record import SessionRecord
    from ecs_tui.store.own_sessions import OwnSessions

SESSIONS_VIEW = "sessions"
BEFORE = timedelta(minutes=5)
"""How long before the oldest open session its opener is looked for: clocks differ."""
_EPOCH = datetime.fromtimestamp(0, UTC)


async def _pages(account: Account, _: Scope, __: str) -> AsyncIterator[list[ActiveSession]]:
    from ecs_tui.aws.api.ssm import active_sessions

    async for page in active_sessions(account):
        yield page


SESSION: Source[ActiveSession] = Source(
    "session", _pages, key=lambda item: item.id, in_cluster=False
)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """An open session.

    Attributes:
        session: As Session Manager lists it, or as this program's own log knows it.
        who: The person that opened it; the session's owner, named as such, where no event tells.
        identity: What kind of identity that is; "" where only the owner is known.
        service: The service of its task.
        ours: Whether this program opened it.
        direct: Whether it was opened round ECS, by ssm:StartSession at the container.
        recorded: Whether the exec logging of its cluster has it, in words.
        command: What was run.
        address, client: From where.
        listed: Whether Session Manager lists it.
    """

    session: ActiveSession
    who: str
    identity: str = ""
    service: str = ""
    ours: bool = False
    direct: bool = False
    recorded: str = ""
    command: str = ""
    address: str = ""
    client: str = ""
    listed: bool = True

    @property
    def arn(self) -> str:
        """Its identity in the list."""
        return self.session.id

    @property
    def known_from(self) -> str:
        """What tells of it."""
        if self.listed:
            return "Session Manager"
        return "this program's log" if self.ours else "CloudTrail"


def row_of(
    session: ActiveSession,
    opener: AuditEvent | None,
    own: SessionRecord | None,
    cluster: Cluster | None,
    service: str = "",
    *,
    listed: bool = True,
) -> SessionRow:
    """The row of a session.

    Args:
        session: The session.
        opener: The event that opened it, None if none is found.
        own: What this program's log has about it, None if it did not open it.
        cluster: Its cluster, None if it is not loaded.
        service: The service of its task.
        listed: Whether Session Manager lists it.
    """
    direct = not session.id.startswith(EXEC_SESSION)
    made = opener is not None and made_by_ecs(opener.who)
    if opener is not None and not made:
        who, identity = name_of(opener.who), kind_of(opener.who)
    elif own is not None:
        who, identity = "you", "this program's log"
    else:
        owner = short_name(session.owner) if session.owner else ""
        who, identity = f"owner {owner}" if owner else "unknown", ""
    return SessionRow(
        session,
        who,
        identity,
        service,
        own is not None,
        direct,
        recorded_words(cluster, direct=direct),
        opener.command if opener is not None and opener.name == "ExecuteCommand" else "",
        opener.address if opener is not None and not made else "",
        client_of(opener) if opener is not None and not made else "",
        listed,
    )


def recorded_words(cluster: Cluster | None, *, direct: bool) -> str:
    """Whether AWS records a session: by the exec logging of its cluster."""
    if direct:
        return "unknown: round ECS"
    if cluster is None or not cluster.described or "CONFIGURATIONS" in cluster.not_read:
        return "unknown"
    configuration = cluster.exec_configuration
    logging = configuration.logging if configuration is not None else "DEFAULT"
    if logging == "NONE":
        return "no"
    return "yes" if logging == "OVERRIDE" else "if the task has awslogs"


def openers_lookup(sessions: Sequence[ActiveSession]) -> Lookup[Mapping[str, AuditEvent]] | None:
    """The lookup of the events that opened some sessions, None if there are none."""
    times = [each.since for each in sessions if each.since is not None]
    if not times:
        return None
    since = (min(times) - BEFORE).replace(second=0, microsecond=0)
    return Lookup(Subject.OPENERS, thing=since.isoformat())


# -- rows


def _own(inventory: Inventory) -> OwnSessions:
    from ecs_tui.store.own_sessions import OwnSessions

    return inventory.derived("own sessions", (), OwnSessions)


def _rows(inventory: Inventory, place: Place) -> list[SessionRow]:
    """The sessions that are listed; then those that only CloudTrail and our own log know of."""
    from ecs_tui.resources import unlisted_sessions as unlisted

    listed, own = inventory.of(Scope(SESSION)), _own(inventory)
    lookup = openers_lookup(listed)
    openers, records = _events(inventory, lookup), own.known()
    rows = [
        _row(inventory, each, openers.get(each.id), records.get(each.id), listed=True)
        for each in listed
    ]
    state = inventory.freshness(Scope(SESSION))
    if state.listed_at is not None or state.error is not None:
        known = {each.id for each in listed}
        now, read = moment(), state.error is None
        for session, record in unlisted.own_unlisted(own, inventory.account, known, now, read=read):
            rows.append(_row(inventory, session, None, record, listed=False))
        events = _events(inventory, unlisted.unended_lookup(now)) if not listed and read else {}
        for session, event in unlisted.told_by_events(events, records):
            rows.append(_row(inventory, session, event, None, listed=False))
    return [row for row in rows if _at(row, place)]


def _events(
    inventory: Inventory, lookup: Lookup[Mapping[str, AuditEvent]] | None
) -> Mapping[str, AuditEvent]:
    answer = inventory.lookups.answer(lookup) if lookup is not None else None
    return (answer.value or {}) if answer is not None else {}


def with_container(session: ActiveSession, task: Task) -> ActiveSession:
    """The session with its container's name, by the runtime ID in its target; the same if it has one."""
    target = session.target
    if target.container:
        return session
    named = next((each.name for each in task.containers if each.runtime_id == target.runtime), "")
    return replace(session, target=replace(target, container=named)) if named else session


def _row(
    inventory: Inventory,
    session: ActiveSession,
    opener: AuditEvent | None,
    own: SessionRecord | None,
    *,
    listed: bool,
) -> SessionRow:
    """The row of a session; the same object until something about it changes."""
    name = session.target.cluster
    cluster = inventory.cluster(name) if name else None
    task = next(
        (each for each in inventory.known_tasks(name) if each.id == session.target.task), None
    )
    if task is not None:
        session = with_container(session, task)
    service = task.service if task is not None else session.target.service
    basis = (session, opener, own, cluster, service)
    return inventory.derived(
        ("session row", session.id),
        basis,
        lambda: row_of(session, opener, own, cluster, service, listed=listed),
    )


def _at(row: SessionRow, place: Place) -> bool:
    target = row.session.target
    if place.cluster and target.cluster != short_name(place.cluster):
        return False
    if place.task_arn:
        return target.task == short_name(place.task_arn)
    return not place.service or row.service == place.service


def _lookups(inventory: Inventory, _: Place, seen: Sequence[SessionRow]) -> list[Lookup]:
    listed = inventory.of(Scope(SESSION))
    if not listed and inventory.is_empty(Scope(SESSION)):
        from ecs_tui.resources.unlisted_sessions import unended_lookup

        return [unended_lookup(moment())]
    lookup = openers_lookup(listed)
    return [lookup] if seen and lookup is not None else []


def _count(rows: Sequence[SessionRow]) -> str:
    from ecs_tui.resources.unlisted_sessions import count_words

    return count_words(row.listed for row in rows)


def _transcript(row: SessionRow) -> Place:
    """The transcript of a session; it says that the agent writes it when the session has ended."""
    session, target = row.session, row.session.target
    began = session.since.timestamp() if session.since is not None else 0.0
    return transcript_place(
        TranscriptRef(
            session.id, target.cluster, task=target.task, container=target.container, who=row.who,
            began=began, open=row.listed, direct=row.direct,
        )
    )  # fmt: skip


# -- cells


def _who(row: SessionRow, _: datetime) -> Cell:
    return Cell(clean(row.who), "off" if row.who == "unknown" else "")


def _recorded(row: SessionRow, _: datetime) -> Cell:
    return Cell(row.recorded, {"yes": "", "no": "warning"}.get(row.recorded, "off"))


def _status(row: SessionRow, _: datetime) -> Cell:
    words = f"{row.session.status} ▲ round the record" if row.direct else row.session.status
    tone = "warning" if row.direct else "" if row.listed else "off"
    return Cell(clean(words), tone, sentence=True)


def _facts(row: SessionRow, _: Inventory, now: datetime) -> list[Fact]:
    session = row.session
    return [
        ("session", session.id),
        ("who", row.who),
        ("identity", row.identity),
        ("owner in Session Manager", session.owner),
        ("since", when(session.since, now)),
        ("from", row.address),
        ("client", row.client),
        ("command", row.command),
        ("cluster", session.target.cluster),
        ("service", row.service),
        ("task", session.target.task),
        ("container", session.target.container or session.target.runtime),
        ("opened by this program", "yes" if row.ours else "no"),
        ("recorded by AWS", row.recorded),
        ("status", session.status),
        ("known from", row.known_from),
        ("document", session.document),
        ("reason", session.reason),
    ]


SESSIONS: Resource[SessionRow] = Resource(
    name=SESSIONS_VIEW,
    kind="session",
    row=SessionRow,
    about="List the sessions that are open in containers: who is inside now.",
    within="",
    source=SESSION,
    columns=(
        Column("who", "WHO", _who, lambda row: row.who, priority=0, widest=32),
        Column("cluster", "CLUSTER", lambda row, _: plain(row.session.target.cluster),
               lambda row: row.session.target.cluster, priority=1, middle=True),
        Column("service", "SERVICE", lambda row, _: plain(row.service), lambda row: row.service,
               priority=2, middle=True),
        Column("task", "TASK", lambda row, _: plain(row.session.target.task[:12]),
               lambda row: row.session.target.task, priority=1),
        Column("container", "CONTAINER", lambda row, _: plain(row.session.target.container),
               lambda row: row.session.target.container, priority=1, middle=True),
        Column("since", "SINCE", lambda row, now: plain(age_of(row.session.since, now)),
               lambda row: -(row.session.since or _EPOCH).timestamp(), right=True, live=True,
               priority=0),
        Column("ours", "OURS", lambda row, _: plain("yes" if row.ours else "no"),
               lambda row: row.ours, priority=2),
        Column("recorded", "RECORDED", _recorded, lambda row: row.recorded, priority=1),
        Column("from", "FROM", lambda row, _: plain(row.address), lambda row: row.address,
               priority=4),
        Column("client", "CLIENT", lambda row, _: plain(row.client), lambda row: row.client,
               priority=5, widest=20),
        Column("command", "COMMAND", lambda row, _: Cell(clean(row.command), sentence=True),
               lambda row: row.command, priority=3, widest=40),
        Column("status", "STATUS", _status, lambda row: (not row.listed, row.session.status),
               priority=1, widest=44),
        Column("session", "SESSION", lambda row, _: plain(row.session.id),
               lambda row: row.session.id, priority=6, middle=True),
    ),
    scopes=lambda place: (
        Scope(SESSION), Scope(Kind.CLUSTER),
        *((Scope(Kind.TASK, place.cluster),) if place.cluster else ()),
    ),
    rows=_rows,
    key=lambda row: row.session.id,
    name_of=lambda row: row.session.id,
    enter=lambda place, row: _transcript(row),
    facts=_facts,
    raw=None,
    cluster_of=lambda row: row.session.target.cluster,
    rank=lambda row: (not row.listed, -(row.session.since or _EPOCH).timestamp()),
    count=_count,
    lookups=_lookups,
    empty=KeyText(
        "Session Manager lists no session in a container, and neither CloudTrail nor this program's log "
        "knows one of the last day without an end. Not every session of ECS Exec may be listed: {audit} "
        "shows all that CloudTrail knows."
    ),
)  # fmt: skip
"""Who is inside now."""
