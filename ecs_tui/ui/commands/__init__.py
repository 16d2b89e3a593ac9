"""All commands, one object each; footer, help page, go-to line and keys are made from them."""

from ecs_tui.ui.commands.accounts import ACCOUNTS
from ecs_tui.ui.commands.base import Action
from ecs_tui.ui.commands.browse import BROWSE
from ecs_tui.ui.commands.dock import DOCK, DockAction
from ecs_tui.ui.commands.doctor import DOCTOR
from ecs_tui.ui.commands.inspect import INSPECT
from ecs_tui.ui.commands.shell import SHELL

ACTIONS: tuple[Action, ...] = (*BROWSE, *INSPECT, *SHELL, *DOCTOR, *ACCOUNTS)

__all__ = ["ACTIONS", "DOCK", "Action", "DockAction"]
