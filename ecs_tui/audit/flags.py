"""The marks of the audit: each is a rule about one event, declared with its reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ecs_tui.model.audit_event import AuditEvent
from ecs_tui.model.audit_flag import AuditFlag
from ecs_tui.model.rules.audit_events import (
    inside_task,
    is_direct,
    layer_of,
)

AROUND = AuditFlag(
    "around", "round the record",
    "Opened by ssm:StartSession at the container: there is no ecs:ExecuteCommand, and the exec logging "
    "of the cluster need not have it.",
    bad=True,
)  # fmt: skip
DENIED = AuditFlag("denied", "denied", "The caller was not allowed to do it.")
ROOT = AuditFlag("root", "root user", "The root user of the account made the call.", bad=True)
INSIDE = AuditFlag(
    "inside", "from a container",
    "The call was made with the role of a task: from inside a container.",
    bad=True,
)  # fmt: skip
EXEC_ON = AuditFlag(
    "exec-on", "exec on", "New tasks of it can be entered: exec was switched on."
)  # fmt: skip
LOGGING_OFF = AuditFlag(
    "logging-off", "recording off",
    "The exec logging of the cluster was set to NONE: sessions are not recorded.",
    bad=True,
)  # fmt: skip
LOGGING = AuditFlag("logging", "recording changed", "The exec logging of the cluster was set.")
GRANT = AuditFlag(
    "grant", "lets in", "The policy allows somebody to open sessions in containers.", bad=True
)
GRANT_TODAY = AuditFlag(
    "grant-today", "lets in",
    "The event names the policy only; as it is today, it allows somebody to open sessions in containers.",
    bad=True,
)  # fmt: skip
ALL_FLAGS = (
    AROUND, DENIED, ROOT, INSIDE, EXEC_ON, LOGGING_OFF, LOGGING, GRANT, GRANT_TODAY,
)  # fmt: skip
"""All marks that rules of this module give."""


def _around(event: AuditEvent) -> bool:
    return event.name == "StartSession" and is_direct(event)


_RULES: tuple[tuple[AuditFlag, Callable[[AuditEvent], bool]], ...] = (
    (AROUND, _around),
    (DENIED, lambda event: event.denied),
    (ROOT, lambda event: event.who.kind == "root"),
    (INSIDE, lambda event: bool(inside_task(event.who))),
    (EXEC_ON, lambda event: event.exec_on is True and not event.failed),
    (LOGGING_OFF, lambda event: event.exec_logging == "NONE" and not event.failed),
    (LOGGING, lambda event: event.exec_logging not in ("", "NONE") and not event.failed),
    (GRANT, lambda event: bool(event.grants) and not event.failed),
)


def flags_of(event: AuditEvent, today: Sequence[str] = ()) -> tuple[AuditFlag, ...]:
    """The marks of an event.

    Args:
        today: The actions that the managed policy allows today which the event names.
    """
    found = [flag for flag, rule in _RULES if rule(event)]
    if today and not event.grants and not event.failed and layer_of(event) == "policies":
        found.append(GRANT_TODAY)
    return tuple(found)
