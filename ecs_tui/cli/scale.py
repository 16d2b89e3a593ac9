"""`ecs-tui scale`: sets the desired count of a service."""

from __future__ import annotations

from typing import Unpack

import click

from ecs_tui.cli.operate_options import (
    OPERATE_PARAMETERS,
    STATUSES,
    AccountSource,
    OperateOptions,
)
from ecs_tui.cli.subcommand import Subcommand

NAME = "scale"
HELP = f"""Set a service's desired count, and wait for the tasks.

If Application Auto Scaling manages the count, its range is shown: it may set the count back.

{STATUSES}
"""
PARAMETERS: tuple[click.Parameter, ...] = (
    click.Argument(["cluster"]),
    click.Argument(["service"]),
    click.Argument(["count"], type=click.IntRange(0), metavar="N"),
    *OPERATE_PARAMETERS,
)


def run(
    source: AccountSource, cluster: str, service: str, count: int, **choices: Unpack[OperateOptions]
) -> int:
    """Carry it out; returns the exit status."""
    from ecs_tui.system.crash import run_job

    return run_job(scale(source, cluster, service, count, **choices))


async def scale(
    source: AccountSource, cluster: str, service: str, count: int, **choices: Unpack[OperateOptions]
) -> int:
    """Plan it and carry it out; returns the exit status.

    Raises:
        EcsTuiError: The service was not found, or the call failed.
    """
    from ecs_tui.cli.operate import Choices, change_service
    from ecs_tui.operations.services import read_scale_plan

    return await change_service(
        source,
        cluster,
        service,
        NAME,
        lambda account, place, name: read_scale_plan(account, place, name, count),
        Choices(**choices),
    )


SUBCOMMAND = Subcommand(NAME, HELP, run, PARAMETERS)
