"""The timeline: rows of events, joined by session, the newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from ecs_tui.audit.flags import AROUND, flags_of
from ecs_tui.model.arn import short_name
from ecs_tui.model.audit_event import AuditEvent
from ecs_tui.model.audit_flag import AuditFlag
from ecs_tui.model.policy_today import PolicyToday
from ecs_tui.model.rules.audit_events import (
    EXEC_SESSION,
    inside_task,
    is_direct,
    layer_of,
    made_by_ecs,
    opens_door,
)
from ecs_tui.model.rules.who import client_of, kind_of, mfa_of, name_of, result_of
from ecs_tui.record import dataclass
from ecs_tui.resources.audit import AuditRow
from ecs_tui.store.inventory import Inventory

_LONG_AGO = float("-inf")


@dataclass(frozen=True, slots=True)
class TimelineSource:
    """Where events come from.

    Attributes:
        label: `profile@region` of the connection.
        service_of: The service of a task, by the task's ID; "" if it is not known.
        inventory: The loaded data of the connection, or None.
    """

    label: str = ""
    service_of: Callable[[str], str] = lambda _: ""
    inventory: Inventory | None = None


class AuditTimeline:
    """The rows of one connection.

    Args:
        source: Where its events come from.

    Attributes:
        version: A number that changes with the rows.
    """

    def __init__(self, source: TimelineSource) -> None:
        self.source = source
        self.version = 0
        self._rows: dict[str, AuditRow] = {}
        self._events: dict[str, AuditEvent] = {}
        self._starts: dict[str, str] = {}
        """The ID of the event that opened a session, by the session."""
        self._ends: dict[str, AuditEvent] = {}
        self._by_ecs: dict[str, str] = {}
        """The StartSession that ECS made for an ExecuteCommand, by the session."""
        self._today: Mapping[str, PolicyToday] = {}
        self._known_ends: dict[str, datetime] = {}
        self._marked: Mapping[str, tuple[AuditFlag, ...]] = {}
        self._sorted: list[AuditRow] | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, events: Iterable[AuditEvent]) -> None:
        """Add events; those that were added before are ignored."""
        changed: set[str] = set()
        for event in events:
            if event.id in self._events:
                continue
            self._events[event.id] = event
            changed.add(event.id)
            changed |= self._join(event)
        for identity in changed:
            self._make(self._events[identity])
        if changed:
            self.version += 1
            self._sorted = None

    def _join(self, event: AuditEvent) -> set[str]:
        """Note what a session's event tells about its other events; returns those that change."""
        session, changed = event.session, set[str]()
        if not session or event.failed:
            return changed
        if event.name == "StartSession" and made_by_ecs(event.who):
            self._by_ecs[session] = event.id
            changed.add(event.id)
        elif event.name in ("ExecuteCommand", "StartSession"):
            known = self._events.get(self._starts.get(session, ""))
            if known is None or event.name == "ExecuteCommand":
                self._starts[session] = event.id
            if known is not None:
                changed.add(known.id)
            if session in self._by_ecs:
                changed.add(self._by_ecs[session])
            # What was resumed or ended of it has been waiting for its start.
            changed |= {each.id for each in self._of_session(session)}
        elif event.name == "TerminateSession":
            self._ends[session] = event
            if session in self._starts:
                changed.add(self._starts[session])
        return changed

    def _of_session(self, session: str) -> list[AuditEvent]:
        end = self._ends.get(session)
        return [] if end is None else [end]

    def policies(self, today: Mapping[str, PolicyToday]) -> None:
        """Take what managed policies allow today, by their ARNs."""
        new = {arn for arn, found in today.items() if self._today.get(arn) != found}
        self._today = dict(today)
        self._again(event for event in self._events.values() if event.policy in new)

    def ends(self, known: Mapping[str, datetime]) -> None:
        """Take when sessions ended, by their IDs, from this program's own log or Session Manager.

        A session that ends by itself leaves no event in CloudTrail. Of several times the first holds.
        """
        new = known.keys() - self._known_ends.keys()
        self._known_ends |= {session: known[session] for session in new}
        starts = (self._events.get(self._starts.get(session, "")) for session in new)
        self._again(event for event in starts if event is not None)

    def marked(self, known: Mapping[str, tuple[AuditFlag, ...]]) -> None:
        """Take the marks in the transcripts of sessions, by the sessions' IDs."""
        new = [each for each, flags in known.items() if self._marked.get(each, ()) != flags]
        self._marked = dict(known)
        starts = (self._events.get(self._starts.get(session, "")) for session in new)
        self._again(event for event in starts if event is not None)

    def named(self) -> None:
        """Look up again the services of tasks without one: more tasks are loaded."""
        without = (
            row.event
            for row in self._rows.values()
            if not row.service and row.event.target.task
            and self.source.service_of(row.event.target.task)
        )  # fmt: skip
        self._again(list(without))

    def _again(self, events: Iterable[AuditEvent]) -> None:
        made = list(events)
        for event in made:
            self._make(event)
        if made:
            self.version += 1
            self._sorted = None

    def _make(self, event: AuditEvent) -> None:
        if not self._shown(event):
            self._rows.pop(event.id, None)
            return
        today = self._today.get(event.policy, PolicyToday())
        row = row_of(event, self.source, today.actions)
        if today.problem and not event.grants:
            row = replace(row, note=f"What the policy allows is unknown: {today.problem}")
        start = self._events.get(self._starts.get(event.session, ""))
        if event.name in ("ResumeSession", "TerminateSession") and start is not None:
            row = replace(
                row,
                event=replace(event, target=start.target),
                service=self._service(start),
                flags=(*row.flags, AROUND)
                if event.name == "ResumeSession" and is_direct(start)
                else row.flags,
            )
        if start is event:
            row = self._with_end(row)
            if marks := self._marked.get(event.session):
                row = replace(row, flags=(*row.flags, *marks))
        self._rows[event.id] = row

    def _shown(self, event: AuditEvent) -> bool:
        layer = layer_of(event)
        if layer == "changes":
            return opens_door(event)
        if layer == "policies":
            today = self._today.get(event.policy, PolicyToday())
            return bool(event.grants or today.actions or today.problem)
        if event.name == "StartSession" and made_by_ecs(event.who):
            # ECS opens a session for each ExecuteCommand: it is joined to it, never a second access.
            return event.session not in self._starts
        if event.name in ("ResumeSession", "TerminateSession"):
            return event.session.startswith(EXEC_SESSION) or event.session in self._starts
        return layer == "sessions"

    def _with_end(self, row: AuditRow) -> AuditRow:
        event, end = row.event, self._ends.get(row.event.session)
        at = self._known_ends.get(event.session) or (end.at if end is not None else None)
        if at is None or event.at is None or at < event.at:
            return row
        return replace(
            row,
            seconds=(at - event.at).total_seconds(),
            ended_by=name_of(end.who) if end is not None else "",
        )

    def _service(self, event: AuditEvent) -> str:
        target = event.target
        return target.service or (self.source.service_of(target.task) if target.task else "")

    @property
    def rows(self) -> list[AuditRow]:
        """All rows, the newest first."""
        if self._sorted is None:
            self._sorted = sorted(self._rows.values(), key=time_of, reverse=True)
        return self._sorted

    def opener(self, session: str) -> AuditEvent | None:
        """The event that opened a session, None if it is not known."""
        return self._events.get(self._starts.get(session, ""))


def time_of(row: AuditRow) -> float:
    """When it was, in seconds since 1970; rows without a time are the oldest."""
    return row.event.at.timestamp() if row.event.at is not None else _LONG_AGO


def row_of(event: AuditEvent, source: TimelineSource, today: tuple[str, ...] = ()) -> AuditRow:
    """The row of an event by itself.

    Args:
        event: The event.
        source: Where it comes from.
        today: The actions that the managed policy allows today which the event names.
    """
    target = event.target
    return AuditRow(
        event,
        source.label,
        name_of(event.who),
        kind_of(event.who),
        mfa_of(event.who),
        client_of(event),
        target.service or (source.service_of(target.task) if target.task else ""),
        what_of(event, today),
        result_of(event),
        flags_of(event, today),
        note=_note(event),
        inventory=source.inventory,
    )


def what_of(event: AuditEvent, today: tuple[str, ...] = ()) -> str:
    """The command, or the change, in a few words."""
    if event.name == "ExecuteCommand":
        return event.command or "(the command is not recorded)"
    if event.service == "ssm":
        return f"ssm:{event.name} {event.command}".rstrip()
    if event.exec_logging:
        return f"{event.name}: exec logging {event.exec_logging}"
    if event.exec_on is not None:
        return f"{event.name}: exec {'on' if event.exec_on else 'off'}"
    if event.service == "iam":
        policy = short_name(event.policy)
        words = " ".join(each for each in (event.name, event.subject, policy) if each)
        if event.grants:
            return f"{words}: allows {', '.join(event.grants)}"
        return f"{words}: allows {', '.join(today)} today" if today else words
    return event.name


def _note(event: AuditEvent) -> str:
    if event.name == "StartSession" and made_by_ecs(event.who):
        return "ECS opened it for an ExecuteCommand that has not been read."
    if task := inside_task(event.who):
        return f"Called from inside task {task}."
    return ""
