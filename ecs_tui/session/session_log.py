"""Writes what was opened and how it ended to this program's own session log."""

from __future__ import annotations

import logging
import os
import platform

from ecs_tui.aws.account import Account
from ecs_tui.model.arn import short_name
from ecs_tui.model.session_record import RecordKind, SessionRecord, line_of
from ecs_tui.session.target import Target
from ecs_tui.system.session_log import append_line
from ecs_tui.system.wall_clock import moment

log = logging.getLogger("ecs_tui.session")


def note_session(
    kind: RecordKind,
    account: Account,
    target: Target,
    session: str,
    *,
    ending: str = "",
    reason: str = "",
) -> None:
    """Append a line; a log that cannot be written does not end a session.

    Args:
        session: The session's ID; nothing is written without one.
        ending: How it ended.
        reason: Why it ended.
    """
    if not session:
        return
    record = SessionRecord(
        kind,
        moment(),
        session,
        account.region,
        account.profile or "",
        account.endpoint_place,
        account.identity,
        cluster=short_name(target.cluster),
        service=target.service,
        task=target.task_arn,
        container=target.container,
        host=platform.node(),
        pid=os.getpid(),
        ending=ending,
        reason=reason,
    )
    try:
        append_line(line_of(record))
    except OSError as error:
        log.warning("the session log was not written: %s", error)
