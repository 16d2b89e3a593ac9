"""All commands, one object each; footer, help page, go-to line and keys are made from them."""

from ecs_tui.ui.commands.accounts import ACCOUNTS
from ecs_tui.ui.commands.activity import ACTIVITY_COMMANDS
from ecs_tui.ui.commands.all_services import AllServices
from ecs_tui.ui.commands.audit import AUDIT_COMMANDS
from ecs_tui.ui.commands.base import Command
from ecs_tui.ui.commands.browse import BROWSE, SCREEN
from ecs_tui.ui.commands.console import Console
from ecs_tui.ui.commands.dock import DOCK as SHELL_KEYS
from ecs_tui.ui.commands.dock import DockCommand
from ecs_tui.ui.commands.doctor import DOCTOR
from ecs_tui.ui.commands.inspect import INSPECT
from ecs_tui.ui.commands.lists import LISTS
from ecs_tui.ui.commands.logs import LOG_COMMANDS
from ecs_tui.ui.commands.operate import OPERATE
from ecs_tui.ui.commands.places import go_to_lists
from ecs_tui.ui.commands.problems import PROBLEM_COMMANDS
from ecs_tui.ui.commands.record import RECORD_COMMANDS
from ecs_tui.ui.commands.rollback import DEPLOYMENT_COMMANDS
from ecs_tui.ui.commands.shell import SHELL
from ecs_tui.ui.commands.shell_transcript import ShellTranscript
from ecs_tui.ui.commands.transcript import TRANSCRIPT_COMMANDS

_OWN: tuple[Command, ...] = (
    *BROWSE, *LISTS, AllServices(), *PROBLEM_COMMANDS, *INSPECT, *LOG_COMMANDS, *ACTIVITY_COMMANDS, Console(),
    *SHELL, *OPERATE, *DEPLOYMENT_COMMANDS, *DOCTOR, *ACCOUNTS, *AUDIT_COMMANDS, *RECORD_COMMANDS,
)  # fmt: skip
_PLACES = go_to_lists(frozenset(command.id for command in _OWN))
COMMANDS: tuple[Command, ...] = (*_OWN, *_PLACES, *TRANSCRIPT_COMMANDS, *SCREEN)
"""Those of the main screen."""

DOCK: tuple[DockCommand, ...] = (*SHELL_KEYS, ShellTranscript())
"""Those of shells, after the prefix."""

BY_ID: dict[str, Command] = {command.id: command for command in (*COMMANDS, *DOCK)}

__all__ = ["BY_ID", "COMMANDS", "DOCK", "Command", "DockCommand"]
