"""`ecs-tui cache`: shows where snapshots are kept, or removes them."""

from __future__ import annotations

import click

from ecs_tui.cli.subcommand import Invocation, Subcommand
from ecs_tui.model.text import counted
from ecs_tui.store.snapshot import clear, folder, size
from ecs_tui.system.echo import echo
from ecs_tui.system.exit_status import ExitStatus


def run(invocation: Invocation, *, action: str | None) -> int:
    """Print the folder and its size, or remove all snapshots; returns the exit status."""
    if action == "clear":
        files, total = clear()
        echo(f"Removed {counted(files, 'snapshot')}, {total} bytes.", err=True)
    else:
        files, total = size()
        echo(f"{folder()}\t{counted(files, 'file')}\t{total} bytes")
    return ExitStatus.YES


SUBCOMMAND = Subcommand(
    name="cache",
    help="""Show where snapshots are kept, or remove them.

    Prints the folder, the number of files and their size. `cache clear` removes all snapshots.
    """,
    run=run,
    parameters=(
        click.Argument(["action"], type=click.Choice(["clear"]), required=False, metavar="[clear]"),
    ),
    calls_aws=False,
)
