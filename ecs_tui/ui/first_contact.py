"""What is offered once for each connection: to enter an MFA code, and to end sessions that were left."""

from __future__ import annotations

from textual.screen import Screen

from ecs_tui.errors import MfaRequired
from ecs_tui.store.connections import Connection
from ecs_tui.ui.commands.accounts import enter_code
from ecs_tui.ui.commands.audit import offer_left
from ecs_tui.ui.workspace import ScreenWorkspace


def offer_once(screen: Screen[None], workspace: ScreenWorkspace, connection: Connection) -> None:
    """Offer what a connection's identity, or its lack, calls for; a code not over a focused shell."""
    error = connection.error
    if error is None and not connection.asked_for_left:
        connection.asked_for_left = True
        screen.run_worker(offer_left(workspace, connection), group="left sessions")
    if isinstance(error, MfaRequired) and not connection.asked_for_code and screen.is_current:
        connection.asked_for_code = True
        from ecs_tui.terminal.widget import TerminalView

        if not isinstance(screen.focused, TerminalView):
            screen.run_worker(enter_code(workspace, connection, error.serial), group="action")
