"""`ecs-tui scale`: sets the desired count of a service."""

from __future__ import annotations

from typing import Any

import click

from ecs_tui.cli.operate_options import OPERATE_PARAMETERS, STATUSES, AccountSource
from ecs_tui.cli.subcommand import Subcommand

NAME = "scale"
HELP = f"""Set the desired count of a service, and wait until as many tasks run.

If Application Auto Scaling manages the count, its range is shown: it may set the count back.

{STATUSES}
"""
PARAMETERS: tuple[click.Parameter, ...] = (
    click.Argument(["cluster"]),
    click.Argument(["service"]),
    click.Argument(["count"], type=click.IntRange(0), metavar="N"),
    *OPERATE_PARAMETERS,
)


def run(source: AccountSource, cluster: str, service: str, count: int, **choices: Any) -> int:
    """Carry it out; returns the exit status."""
    from ecs_tui.system.crash import run_job

    return run_job(scale(source, cluster, service, count, **choices))


async def scale(
    source: AccountSource, cluster: str, service: str, count: int, **choices: Any
) -> int:
    """Plan it and carry it out; returns the exit status.

    Raises:
        EcsTuiError: The service was not found, or the call failed.
    """
    from ecs_tui.cli.find import check_account
    from ecs_tui.cli.operate import Choices, carry_out, service_of
    from ecs_tui.model.reference import parse_target
    from ecs_tui.operations.services import read_scale_plan

    reference = parse_target(cluster, service)
    name = service_of(reference, NAME)
    account = source.account(reference)
    try:
        await check_account(account, reference)
        plan = await read_scale_plan(account, reference.cluster, name, count)
        return await carry_out(account, plan, Choices(**choices))
    finally:
        await account.close()


SUBCOMMAND = Subcommand(NAME, HELP, run, PARAMETERS)
