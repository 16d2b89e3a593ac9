"""Saves the rows of the timeline in a file that only the operator can read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ecs_tui.audit.export import ExportForm, exported
from ecs_tui.config.state import saved_file
from ecs_tui.resources.audit import AuditRow
from ecs_tui.system.atomic_file import write_private


def save(rows: Sequence[AuditRow], form: ExportForm, what: str) -> Path:
    """Write rows; returns the file's path.

    Args:
        what: The subject, for the file's name.

    Raises:
        OSError: It cannot be written.
    """
    path = saved_file(form, f"audit-{what}" if what else "audit", datetime.now())
    write_private(path, exported(rows, form))
    return path
