"""All commands, one object each; footer, help page, go-to line and keys are made from them."""

from ecs_tui.ui.commands.accounts import ACCOUNTS
from ecs_tui.ui.commands.base import Command
from ecs_tui.ui.commands.browse import BROWSE, SCREEN
from ecs_tui.ui.commands.dock import DOCK, DockCommand
from ecs_tui.ui.commands.doctor import DOCTOR
from ecs_tui.ui.commands.inspect import INSPECT
from ecs_tui.ui.commands.shell import SHELL

COMMANDS: tuple[Command, ...] = (*BROWSE, *INSPECT, *SHELL, *DOCTOR, *ACCOUNTS, *SCREEN)
"""Those of the main screen."""

BY_ID: dict[str, Command] = {command.id: command for command in (*COMMANDS, *DOCK)}

__all__ = ["BY_ID", "COMMANDS", "DOCK", "Command", "DockCommand"]
