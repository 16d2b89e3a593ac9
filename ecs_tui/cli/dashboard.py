"""`ecs-tui`, `ecs-tui dashboard`: opens the dashboard, at an ARN, a console URL or an alarm if one is given."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from ecs_tui.cli.subcommand import Invocation, Subcommand
from ecs_tui.errors import WrongUsage
from ecs_tui.system.echo import echo

if TYPE_CHECKING:
    from ecs_tui.aws.account import Account
    from ecs_tui.config.settings import Settings
    from ecs_tui.system.terminal_type import TerminalType
    from ecs_tui.ui.start import StartPlace


def run(invocation: Invocation, *, address: str | None) -> int:
    """Open the dashboard until the operator quits; returns the exit status.

    Raises:
        EcsTuiError: `address` names nothing that the dashboard could show.
    """
    from ecs_tui.ui import gc_tuning

    gc_tuning.hold()
    if address is None:
        terminal = needs_terminal(invocation.settings)
        return open_app(invocation.settings, invocation.account(interactive=False), terminal)
    from ecs_tui.model.address import shown
    from ecs_tui.model.pasted import recognise

    reference = recognise(address)
    if reference is None:
        raise WrongUsage(
            f"{shown(address.strip())} contains no ARN, console URL or task ID.",
            "Start at a name with --cluster and --service.",
        )
    terminal = needs_terminal(invocation.settings)
    from ecs_tui.cli.address import find_start
    from ecs_tui.model.text import clean
    from ecs_tui.system.crash import run_job

    profile, start = run_job(find_start(invocation, reference))
    if profile is not None:
        echo(f"ecs-tui: using profile {clean(profile)}, which belongs to that account", err=True)
    account = invocation.account(reference, interactive=False, profile=profile)
    return open_app(invocation.settings, account, terminal, start)


def needs_terminal(settings: Settings) -> TerminalType:
    """The type of the terminal. If the dashboard cannot run on it, exit with status 2."""
    if settings.service and not settings.cluster:
        raise click.UsageError("--service needs --cluster.")
    # A stream is None if its descriptor is closed.
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        echo(
            "ecs-tui: the dashboard needs a terminal for input and output; "
            "in scripts use ecs-tui ls, exec or doctor.",
            err=True,
        )
        sys.exit(2)
    from ecs_tui.system import terminal_type

    try:
        return terminal_type.find()
    except terminal_type.UnfitTerminal as error:
        echo(f"ecs-tui: {error}; in scripts use ecs-tui ls, exec or doctor.", err=True)
        sys.exit(2)


def open_app(
    settings: Settings, account: Account, terminal: TerminalType, start: StartPlace | None = None
) -> int:
    """Run the dashboard; returns the exit status.

    Args:
        start: Where it opens; None for where the settings say.
    """
    # Milliseconds to wait for the rest of an escape sequence. Short: vi users type `Esc :` fast.
    os.environ.setdefault("ESCDELAY", "25")
    # Textual draws at the next tick: at 60 per second, a key would wait up to 17 ms. There are no
    # ticks while nothing changes.
    os.environ.setdefault("TEXTUAL_FPS", "500")
    # Textual reads this on import. For terminals with fewer than 256 colours we reduce them.
    os.environ["TEXTUAL_COLOR_SYSTEM"] = "truecolor" if terminal.colours > 256 else "256"
    from ecs_tui.ui.app import EcsTuiApp
    from ecs_tui.ui.list_views import check_lists

    check_lists(settings.lists)
    return EcsTuiApp(account, settings, terminal, start).run_on_terminal()


SUBCOMMAND = Subcommand(
    name="dashboard",
    help="""Open the dashboard (also without a command).

    ADDRESS is an ARN or a console URL of ECS (a cluster, service, task, container, container
    instance, capacity provider, daemon or task definition), a task ID, or the text of an alarm
    or event that names one of them: the dashboard opens there, in its region. `ecs-tui ADDRESS`
    does the same.

    If the profile in use belongs to another account, and exactly one profile in the AWS
    configuration belongs to that of ADDRESS, that profile is used.
    """,
    run=run,
    parameters=(click.Argument(["address"], required=False),),
)
