"""Sessions in containers for programs: the rows of `ecs-tui sessions`."""

from __future__ import annotations

from ecs_tui.model.active_session import ActiveSession
from ecs_tui.model.audit_event import AuditTarget
from ecs_tui.model.text import iso
from ecs_tui.resources.flat import Row, TableColumn, value_of, with_nulls
from ecs_tui.resources.sessions import SessionRow


def flat_session(row: SessionRow) -> Row:
    """The row for programs."""
    session = row.session
    return with_nulls(
        {
            "sessionId": session.id,
            "who": row.who,
            "identity": row.identity,
            "owner": session.owner,
            "cluster": session.target.cluster,
            "service": row.service,
            "task": session.target.task,
            "container": session.target.container,
            "runtimeId": session.target.runtime,
            "startDate": iso(session.since),
            "status": session.status,
            "command": row.command,
            "sourceIPAddress": row.address,
            "client": row.client,
            "ours": row.ours,
            "direct": row.direct,
            "recorded": row.recorded,
            "listed": row.listed,
            "knownFrom": row.known_from,
        }
    )


def flat_keys() -> tuple[str, ...]:
    """The keys of flat rows, in order."""
    return tuple(flat_session(SessionRow(ActiveSession("", AuditTarget()), "")))


SESSION_TABLE = (
    TableColumn("WHO", value_of("who"), shrinks=True, key="who"),
    TableColumn("CLUSTER", value_of("cluster"), shrinks=True, key="cluster"),
    TableColumn("SERVICE", value_of("service"), shrinks=True, priority=2, key="service"),
    TableColumn("TASK", value_of("task"), shrinks=True, priority=1, key="task"),
    TableColumn("CONTAINER", value_of("container"), shrinks=True, priority=1, key="container"),
    TableColumn("SINCE", value_of("startDate"), key="startDate"),
    TableColumn("OURS", value_of("ours"), priority=3, key="ours"),
    TableColumn("RECORDED", value_of("recorded"), shrinks=True, priority=2, key="recorded"),
    TableColumn("STATUS", value_of("status"), shrinks=True, priority=4, key="status"),
    TableColumn("SESSION", value_of("sessionId"), shrinks=True, key="sessionId"),
)
"""The columns of `ecs-tui sessions`."""
