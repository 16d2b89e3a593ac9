"""Asks for the reason of a session where the policy requires one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecs_tui.model.arn import short_name
from ecs_tui.store.connections import Connection
from ecs_tui.ui.context import Workspace

if TYPE_CHECKING:
    from ecs_tui.session.target import Target


async def ask_reason(workspace: Workspace, connection: Connection, target: Target) -> str | None:
    """The reason; "" where the policy requires none, None if the operator cancels."""
    pattern = connection.account.policy.needs_reason(short_name(target.cluster))
    if not pattern:
        return ""
    from ecs_tui.ui.dialogs.reason import ReasonScreen

    return await workspace.ask(ReasonScreen(target.words, pattern))
