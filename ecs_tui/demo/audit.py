"""What the demo account knows for audits: its calls and its history, and sessions.

The history is made when the first call needs it, and most modules are imported then.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ecs_tui.demo.audit_sessions import KnownSession, SessionBook
from ecs_tui.record import dataclass
from ecs_tui.system import wall_clock

if TYPE_CHECKING:
    from ecs_tui.demo.audit_history import PastEvents
    from ecs_tui.demo.audit_writer import PastSession, PlacedTask
    from ecs_tui.demo.cloudtrail_calls import CallRecorder, MadeCall
    from ecs_tui.demo.cloudtrail_record import TrailIdentity, TrailRecord
    from ecs_tui.demo.logs_recorded import RecordedLog

DEFAULT_EVENTS = 400
"""Events of the history; `ecs-tui demo --history N` makes more."""
DEFAULT_DELAY = 2.0
"""Seconds from a call to its event; minutes in AWS."""


@dataclass(slots=True)
class AuditSettings:
    """What can be changed while the demo runs, by `PUT /_ecs-tui/audit`.

    Attributes:
        events: About how many events the history has; only before it is made.
        delay: Seconds from a call to its event.
        rate: LookupEvents a second; 0 for no limit.
    """

    events: int
    delay: float = DEFAULT_DELAY
    rate: float = 2.0


class DemoAudit:
    """The account's audit data; `audit_answers` answers calls with it.

    Args:
        book: The sessions since the demo began.
    """

    def __init__(self, account: str, settings: AuditSettings, book: SessionBook) -> None:
        self.account, self.settings, self._book = account, settings, book
        self.recorder: CallRecorder | None = None
        self._began = wall_clock.now()
        self._running: dict[str, list[PlacedTask]] = {}
        self._history: PastEvents | None = None
        self._made: dict[str, list[TrailRecord]] = {}
        self._streams: dict[tuple[str, str], Mapping[str, RecordedLog]] = {}
        self._terminated: dict[str, float] = {}
        self._lock = threading.Lock()

    # -- what is known

    def began(self, regions: Iterable[str]) -> None:
        """Remember the tasks that run: the history's last sessions are in them."""
        from ecs_tui.demo.audit_writer import PlacedTask
        from ecs_tui.demo.ecs import demo_ecs_backends

        self._began = wall_clock.now()
        for region in regions:
            backend = demo_ecs_backends[self.account][region]
            for key, tasks in backend.by_service.items():
                if tasks:
                    state = backend.state_of(tasks[0])
                    names = [spec.name for spec in state.containers]
                    runtimes = dict(zip(names, state.runtime_ids, strict=False))
                    place = f"{region}/{key.replace(':', '/')}"
                    self._running[place] = [PlacedTask(tasks[0].id, runtimes)]

    @property
    def start(self) -> float:
        """When the demo began, in seconds since 1970."""
        return self._began

    @property
    def history(self) -> PastEvents:
        """The events and sessions before the demo began."""
        with self._lock:
            if self._history is None:
                from ecs_tui.demo.audit_history import history

                self._history = history(
                    self.account, self._began, self.settings.events, self._running
                )
            return self._history

    def sessions(self) -> list[KnownSession]:
        """All sessions: those of the history, and those since then."""
        from ecs_tui.demo.audit_people import ECS_ITSELF
        from ecs_tui.demo.cloudtrail_record import EXEC_DOCUMENT

        known = []
        for past in self.history.sessions.values():
            owner = past.who if past.direct else ECS_ITSELF
            known.append(
                KnownSession(
                    past.id, past.region, past.target, owner.arn(self.account), past.began,
                    "SSM-SessionManagerRunShell" if past.direct else EXEC_DOCUMENT,
                    "debugging" if past.direct else "",
                    past.ended or self._terminated.get(past.id, 0.0),
                )
            )  # fmt: skip
        return known + self._book.all()

    def terminate(self, session_id: str) -> bool:
        """End a session of the history; False if it is none of them."""
        if session_id not in self.history.sessions:
            return False
        self._terminated.setdefault(session_id, wall_clock.now())
        return True

    def made_records(self, until: float) -> list[TrailRecord]:
        """The records of calls to the demo that were made before a time, in seconds since 1970."""
        from ecs_tui.demo.audit_people import ECS_ITSELF
        from ecs_tui.demo.audit_writer import HOME_REGION
        from ecs_tui.demo.cloudtrail_calls import records_of

        calls = self.recorder.calls() if self.recorder is not None else []
        made = {}
        for call in calls:
            found = self._made.get(call.id)
            if found is None:
                who = self._caller(call)
                found = records_of(call, who, ECS_ITSELF, HOME_REGION, self._book.target_of)
            made[call.id] = found
        self._made = made
        return [record for found in made.values() for record in found if record.at <= until]

    def newest_first(self) -> Iterator[TrailRecord]:
        """All records that LookupEvents can return now."""
        from ecs_tui.demo.audit_history import recent_first

        made = self.made_records(wall_clock.now() - self.settings.delay)
        return recent_first(self.history.records, made)

    def _caller(self, call: MadeCall) -> TrailIdentity:
        from moto.iam.models import iam_backends
        from moto.sts.models import sts_backends

        from ecs_tui.demo.cloudtrail_record import TrailIdentity

        key = call.access_key
        for user in list(iam_backends[self.account]["aws"].users.values()):
            if any(each.access_key_id == key for each in user.access_keys):
                return TrailIdentity("IAMUser", user.name, key=key)
        for role in list(sts_backends[self.account]["aws"].assumed_roles):
            if role.access_key_id == key:
                _, _, path = role.role_arn.partition(":role")
                folder, _, name = path.rpartition("/")
                return TrailIdentity(
                    "AssumedRole", name, role.session_name, path=f"{folder}/", key=key
                )
        return TrailIdentity("Root", key=key)

    # -- streams of log groups

    def recorded(self, region: str, group: str) -> Mapping[str, RecordedLog]:
        """The streams of a log group with what happened before, by name."""
        from ecs_tui.demo.audit_logs import (
            may_have_transcripts,
            trail_streams,
            transcript_streams,
        )
        from ecs_tui.demo.cloudtrail import HOME_REGION, TRAIL_GROUP

        if group == TRAIL_GROUP:
            return trail_streams(self.account, self.newest_first()) if region == HOME_REGION else {}
        if not may_have_transcripts(region, group):
            return {}
        found = self._streams.get((region, group))
        if found is None:
            found = self._streams[region, group] = transcript_streams(
                self.past_sessions(), region, group
            )
        return found

    def past_sessions(self) -> Iterable[PastSession]:
        """The sessions of the history."""
        return self.history.sessions.values()

    def change(self, fields: dict[str, Any]) -> None:
        """Change settings.

        Raises:
            ValueError, TypeError: There is no such setting, or its value is not possible.
        """
        for name, value in fields.items():
            if name not in AuditSettings.__slots__:
                raise ValueError(f"no setting {name}")
            setattr(self.settings, name, type(getattr(self.settings, name))(value))
            if name == "events":
                self._history = None
                self._streams.clear()
