"""Every deed of the operator, as one object each. Footer, help, palette and keys come from here."""

from ecs_tui.ui.actions.accounts import ACCOUNTS
from ecs_tui.ui.actions.base import Action
from ecs_tui.ui.actions.browse import BROWSE
from ecs_tui.ui.actions.dock import DOCK, DockAction
from ecs_tui.ui.actions.doctor import DOCTOR
from ecs_tui.ui.actions.look import LOOK
from ecs_tui.ui.actions.shell import SHELL

ACTIONS: tuple[Action, ...] = (*BROWSE, *LOOK, *SHELL, *DOCTOR, *ACCOUNTS)

__all__ = ["ACTIONS", "DOCK", "Action", "DockAction"]
