"""The audit's rows: who called what on which container. The page and the command line make them from
the events of CloudTrail; no refresher reads them."""

from __future__ import annotations

from dataclasses import field
from datetime import UTC, datetime

from ecs_tui.aws.account import Account
from ecs_tui.model.audit_event import AuditEvent
from ecs_tui.model.audit_flag import AuditFlag
from ecs_tui.model.rules.audit_events import is_direct
from ecs_tui.model.text import clean, iso, span
from ecs_tui.model.transcript import TranscriptRef
from ecs_tui.record import dataclass
from ecs_tui.resources.base import Cell, Column, Place, RawView, Resource, plain, told_by_page
from ecs_tui.resources.facts import Fact, when
from ecs_tui.resources.flat import Row, TableColumn, value_of, with_nulls
from ecs_tui.resources.transcript import transcript_place
from ecs_tui.store.inventory import Inventory, Kind, Scope

AUDIT_VIEW = "audit"
"""The view of places that show the timeline."""
_NEVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An event as the timeline shows it.

    Attributes:
        event: The event.
        label: `profile@region` of the connection that read it.
        who: The person, as far as the record tells.
        kind: What kind of identity it is, with its role.
        mfa: yes, no or unknown; "" for AWS's own calls.
        client: The client that made the call.
        service: The name of the service, from the event or from what is remembered of the task.
        what: The command, or the change, in a few words.
        result: ok, denied and by what, or the error's code.
        flags: Its marks.
        seconds: How long the session lasted; None where its end is not known.
        ended_by: Who ended the session; "" if that is not known.
        note: What else is to be said about it, in a sentence.
        inventory: The loaded data of the connection.
    """

    event: AuditEvent
    label: str
    who: str
    kind: str
    mfa: str
    client: str
    service: str
    what: str
    result: str
    flags: tuple[AuditFlag, ...] = ()
    seconds: float | None = None
    ended_by: str = ""
    note: str = ""
    inventory: Inventory | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        """Its identity in the list: CloudTrail's ID of the event."""
        return self.event.id


def flat_row(row: AuditRow) -> Row:
    """The row for files and programs, with CloudTrail's names where it has one."""
    event = row.event
    return with_nulls(
        {
            "eventTime": iso(event.at),
            "eventName": event.name,
            "eventSource": event.service,
            "who": row.who,
            "identity": row.kind,
            "identityArn": event.who.arn,
            "mfa": row.mfa,
            "accessKeyId": event.access_key,
            "sourceIPAddress": event.address,
            "client": row.client,
            "userAgent": event.user_agent,
            "account": event.account,
            "awsRegion": event.region,
            "cluster": event.target.cluster,
            "service": row.service,
            "task": event.target.task,
            "container": event.target.container,
            "what": row.what,
            "command": event.command,
            "result": row.result,
            "errorCode": event.error_code,
            "errorMessage": event.error_message,
            "sessionId": event.session,
            "seconds": None if row.seconds is None else round(row.seconds, 3),
            "endedBy": row.ended_by,
            "marks": [flag.key for flag in row.flags],
            "note": row.note,
            "eventID": event.id,
        }
    )


AUDIT_TABLE = (
    TableColumn("WHEN", value_of("eventTime"), key="eventTime"),
    TableColumn("WHO", value_of("who"), shrinks=True, key="who"),
    TableColumn("IDENTITY", value_of("identity"), shrinks=True, priority=4, key="identity"),
    TableColumn("MFA", value_of("mfa"), priority=7, key="mfa"),
    TableColumn("FROM", value_of("sourceIPAddress"), priority=3, key="sourceIPAddress"),
    TableColumn("CLIENT", value_of("client"), shrinks=True, priority=5, key="client"),
    TableColumn("CLUSTER", value_of("cluster"), shrinks=True, priority=2, key="cluster"),
    TableColumn("SERVICE", value_of("service"), shrinks=True, priority=2, key="service"),
    TableColumn("TASK", value_of("task"), shrinks=True, priority=1, key="task"),
    TableColumn("CONTAINER", value_of("container"), shrinks=True, priority=1, key="container"),
    TableColumn("WHAT", value_of("what"), shrinks=True, key="what"),
    TableColumn("RESULT", value_of("result"), shrinks=True, key="result"),
    TableColumn("SECONDS", value_of("seconds"), priority=6, key="seconds"),
    TableColumn(
        "MARKS", lambda row: " ".join(row["marks"]), shrinks=True, priority=1, key="marks"
    ),
)  # fmt: skip
"""The columns of `ecs-tui audit`."""


# -- cells


def _when(row: AuditRow, now: datetime) -> Cell:
    """The local time; with the date if it is not today's."""
    if row.event.at is None:
        return Cell("unknown", "off")
    then, today = row.event.at.astimezone(), now.astimezone().date()
    return Cell(f"{then:%H:%M:%S}" if then.date() == today else f"{then:%Y-%m-%d %H:%M:%S}")


def _result(row: AuditRow, _: datetime) -> Cell:
    tone = "bad" if row.event.denied else "warning" if row.event.failed else ""
    return Cell(clean(row.result), tone)


def _marks(row: AuditRow, _: datetime) -> Cell:
    if not row.flags:
        return Cell("")
    words = ", ".join(flag.title for flag in row.flags)
    if row.event.denied:
        return Cell(f"✖ {words}", "bad")
    bad = any(flag.bad for flag in row.flags)
    return Cell(f"▲ {words}" if bad else words, "warning" if bad else "")


def _mfa(row: AuditRow, _: datetime) -> Cell:
    return Cell(row.mfa, "off" if row.mfa == "unknown" else "")


def _lasted(row: AuditRow, _: datetime) -> Cell:
    return Cell("" if row.seconds is None else span(row.seconds))


def _facts(row: AuditRow, _: Inventory, now: datetime) -> list[Fact]:
    event, who = row.event, row.event.who
    return [
        ("event", f"{event.service}:{event.name}"),
        *((flag.title, flag.reason) for flag in row.flags),
        ("note", row.note),
        ("when", when(event.at, now)),
        ("who", row.who),
        ("identity", row.kind),
        ("identity arn", who.arn),
        ("mfa", row.mfa),
        ("access key", event.access_key),
        ("called by", who.invoked_by),
        ("from", event.address),
        ("client", row.client),
        ("user agent", event.user_agent),
        ("result", row.result),
        ("error", f"{event.error_code}: {event.error_message}" if event.failed else ""),
        ("command", event.command),
        ("change", row.what if row.what != event.command else ""),
        ("cluster", event.target.cluster),
        ("service", row.service),
        ("task", event.target.task),
        ("container", event.target.container or event.target.runtime),
        ("session", event.session),
        ("lasted", "" if row.seconds is None else span(row.seconds)),
        ("ended by", row.ended_by),
        ("policy", event.policy),
        ("account", event.account),
        ("region", event.region),
        ("read by", row.label),
        ("event id", event.id),
    ]


async def _whole(account: Account, cluster: str, row: AuditRow) -> object:
    """The whole record, as CloudTrail has it, without secrets; nothing is asked for it."""
    return dict(row.event.record) or flat_row(row)


def transcript_of(row: AuditRow) -> Place | None:
    """The transcript of a row's session; None for events that opened, resumed and ended none."""
    event = row.event
    if not event.session:
        return None
    began = ended = 0.0
    if event.at is not None and event.name == "TerminateSession":
        ended = event.at.timestamp()
    elif event.at is not None:
        began = event.at.timestamp()
        ended = began + row.seconds if row.seconds is not None else 0.0
    target = event.target
    return transcript_place(
        TranscriptRef(
            event.session, target.cluster, event.region, target.task, target.container, row.who,
            began, ended, direct=is_direct(event),
        )
    )  # fmt: skip


def _named(place: Place) -> tuple[Scope, ...]:
    """What must be loaded besides: the tasks of the cluster, for the names of their services."""
    if place.cluster:
        return (Scope(Kind.TASK, place.cluster),)
    return (Scope(Kind.CLUSTER),)


AUDIT: Resource[AuditRow] = Resource(
    name=AUDIT_VIEW,
    kind="event",
    row=AuditRow,
    within="",
    columns=(
        Column("when", "WHEN", _when, lambda row: row.event.at or _NEVER, priority=0),
        Column("who", "WHO", lambda row, _: plain(row.who), lambda row: row.who, priority=0,
               widest=28),
        Column("identity", "IDENTITY", lambda row, _: plain(row.kind), lambda row: row.kind,
               priority=4, widest=24),
        Column("mfa", "MFA", _mfa, lambda row: row.mfa, priority=6),
        Column("from", "FROM", lambda row, _: plain(row.event.address),
               lambda row: row.event.address, priority=2, widest=20),
        Column("client", "CLIENT", lambda row, _: plain(row.client), lambda row: row.client,
               priority=5, widest=20),
        Column("cluster", "CLUSTER", lambda row, _: plain(row.event.target.cluster),
               lambda row: row.event.target.cluster, priority=2, middle=True, widest=24),
        Column("service", "SERVICE", lambda row, _: plain(row.service), lambda row: row.service,
               priority=1, middle=True, widest=24),
        Column("task", "TASK", lambda row, _: plain(row.event.target.task[:12]),
               lambda row: row.event.target.task, priority=2),
        Column("container", "CONTAINER", lambda row, _: plain(row.event.target.container),
               lambda row: row.event.target.container, priority=2, middle=True, widest=20),
        Column("what", "WHAT", lambda row, _: Cell(clean(row.what), sentence=True),
               lambda row: row.what, priority=0, widest=24),
        Column("result", "RESULT", _result, lambda row: row.result, priority=1, widest=26,
               normal=("ok",)),
        Column("mark", "MARK", _marks, lambda row: (-len(row.flags), row.flags[0].title if
               row.flags else ""), priority=0, widest=24),
        Column("lasted", "LASTED", _lasted, lambda row: -1.0 if row.seconds is None else
               row.seconds, right=True, priority=3),
        Column("session", "SESSION", lambda row, _: plain(row.event.session),
               lambda row: row.event.session, priority=7, middle=True, widest=24),
        Column("event", "EVENT", lambda row, _: plain(row.event.name),
               lambda row: row.event.name, priority=7),
        Column("account", "ACCOUNT", lambda row, _: plain(row.label), lambda row: row.label,
               priority=6, middle=True),
    ),
    scopes=_named,
    rows=lambda inventory, place: [],
    key=lambda row: row.key,
    name_of=lambda row: row.event.id,
    enter=lambda place, row: transcript_of(row),
    facts=_facts,
    raw=RawView(lambda row: f"event {row.event.name}", _whole),
    in_order=True,
    cluster_of=lambda row: row.event.target.cluster,
    is_empty=told_by_page,
    empty="No events.",
)  # fmt: skip
"""The timeline."""


def blank_keys() -> tuple[str, ...]:
    """The keys of flat rows, in order."""
    blank = AuditRow(AuditEvent("", "", "", None), "", "", "", "", "", "", "", "")
    return tuple(flat_row(blank))
