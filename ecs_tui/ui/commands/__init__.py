"""All commands, one object each; footer, help page, go-to line and keys are made from them."""

from ecs_tui.ui.commands.accounts import ACCOUNTS
from ecs_tui.ui.commands.all_services import AllServices
from ecs_tui.ui.commands.base import Command
from ecs_tui.ui.commands.browse import BROWSE, SCREEN
from ecs_tui.ui.commands.dock import DOCK, DockCommand
from ecs_tui.ui.commands.doctor import DOCTOR
from ecs_tui.ui.commands.inspect import INSPECT
from ecs_tui.ui.commands.operate import OPERATE
from ecs_tui.ui.commands.places import go_to_lists
from ecs_tui.ui.commands.shell import SHELL

_OWN: tuple[Command, ...] = (
    *BROWSE, AllServices(), *INSPECT, *SHELL, *OPERATE, *DOCTOR, *ACCOUNTS
)  # fmt: skip
_LISTS = go_to_lists(frozenset(command.id for command in _OWN))
COMMANDS: tuple[Command, ...] = (*_OWN, *_LISTS, *SCREEN)
"""Those of the main screen."""

BY_ID: dict[str, Command] = {command.id: command for command in (*COMMANDS, *DOCK)}

__all__ = ["BY_ID", "COMMANDS", "DOCK", "Command", "DockCommand"]
