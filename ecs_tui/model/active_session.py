"""Sessions as Session Manager lists them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime

from ecs_tui.model.audit_event import AuditTarget
from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class ActiveSession:
    """A session that is open in a container.

    Attributes:
        id: The session's ID.
        target: The container, by the target's name: cluster, task and runtime ID.
        owner: ARN of the identity that opened it in Session Manager. For ECS Exec that may be a role
            of ECS itself.
        since: When it was opened.
        status: Connected, Connecting, Disconnected, Terminating …
        document: Name of the session document; "" if AWS does not say.
        reason: The reason that StartSession was given, "" for none.
    """

    id: str
    target: AuditTarget
    owner: str = ""
    since: datetime | None = None
    status: str = ""
    document: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SessionsInside:
    """Counts of open sessions.

    Attributes:
        sessions: All of them.
        clusters: By the cluster's name.
        tasks: By the task's ID.
        containers: By the container's runtime ID.
    """

    sessions: tuple[ActiveSession, ...] = ()
    clusters: Mapping[str, int] = field(default_factory=dict)
    tasks: Mapping[str, int] = field(default_factory=dict)
    containers: Mapping[str, int] = field(default_factory=dict)

    def in_tasks(self, tasks: Iterable[str]) -> int:
        """How many are open in some tasks, by their IDs."""
        return sum(self.tasks.get(task, 0) for task in tasks) if self.tasks else 0
