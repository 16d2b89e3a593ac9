"""Lines of this program's own session log: what it opened and how that ended.

The log is a file of JSON lines. AWS has no record of how a session ended, and none that says which program
opened it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from ecs_tui.record import dataclass

RecordKind = Literal["opened", "ended"]
LEFT_FOR = timedelta(days=2)
"""A session without an end that was opened earlier than this is not asked about: ECS has ended it."""
_TEXTS = ("session", "region", "profile", "endpoint", "identity", "cluster", "service", "task",
          "container", "host", "ending", "reason")  # fmt: skip


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A line.

    Attributes:
        kind: Whether the session was opened or has ended.
        at: When, in UTC.
        session: The session's ID.
        region, profile: Through which connection; "" for those of the environment.
        endpoint: Host and port of the endpoint, "" for AWS's own: an emulator's accounts all have one number.
        identity: ARN of the caller, "" if it was not known yet.
        cluster, service, task, container: Names; the task by its ARN.
        host, pid: The process of this program.
        ending: How it ended, in a word; of an end only.
        reason: Why it was opened, as the operator gave it, or why it ended.
    """

    kind: RecordKind
    at: datetime
    session: str
    region: str = ""
    profile: str = ""
    endpoint: str = ""
    identity: str = ""
    cluster: str = ""
    service: str = ""
    task: str = ""
    container: str = ""
    host: str = ""
    pid: int = 0
    ending: str = ""
    reason: str = ""


def line_of(record: SessionRecord) -> str:
    """A record as a line, without its end; members that are empty are left out."""
    made: dict[str, object] = {"event": record.kind, "time": record.at.isoformat()}
    made |= {name: value for name in _TEXTS if (value := getattr(record, name))}
    if record.pid:
        made["pid"] = record.pid
    return json.dumps(made, ensure_ascii=True)


def parse_line(line: str) -> SessionRecord | None:
    """The record in a line; None if it is damaged, as the last line of a crash may be."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("event") not in ("opened", "ended"):
        return None
    at, session = _time(found.get("time")), found.get("session")
    if at is None or not isinstance(session, str) or not session:
        return None
    texts = {name: value for name in _TEXTS if isinstance(value := found.get(name), str)}
    pid = found.get("pid")
    return SessionRecord(
        found["event"], at, pid=pid if isinstance(pid, int) and 0 < pid < 2**31 else 0, **texts
    )  # fmt: skip


def _time(written: object) -> datetime | None:
    if not isinstance(written, str):
        return None
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def by_session(records: Iterable[SessionRecord]) -> Mapping[str, SessionRecord]:
    """The newest record of each session: one that was opened and has no end is still of kind opened."""
    return {record.session: record for record in records}


def left_over(
    records: Iterable[SessionRecord], now: datetime, host: str, alive: Callable[[int], bool]
) -> list[SessionRecord]:
    """Sessions that a process of this program on this host opened and did not live to end.

    Args:
        alive: Whether a process with an ID exists.
    """
    return [
        record
        for record in by_session(records).values()
        if record.kind == "opened"
        and record.host == host
        and now - record.at < LEFT_FOR
        and record.pid
        and not alive(record.pid)
    ]
