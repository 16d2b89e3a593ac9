"""`ecs-tui deploy`: starts a new deployment of a service with the same settings."""

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

NAME = "deploy"
HELP = f"""Force a new deployment of a service, and wait for it.

The service keeps its settings; its tasks are replaced. An ARN or console URL of the service
replaces CLUSTER SERVICE.

{STATUSES}
"""
PARAMETERS: tuple[click.Parameter, ...] = (
    click.Argument(["cluster"]),
    click.Argument(["service"], required=False),
    *OPERATE_PARAMETERS,
)


def run(
    source: AccountSource, cluster: str, service: str | None, **choices: Unpack[OperateOptions]
) -> int:
    """Carry it out; returns the exit status."""
    from ecs_tui.system.crash import run_job

    return run_job(deploy(source, cluster, service, **choices))


async def deploy(
    source: AccountSource, cluster: str, service: str | None, **choices: Unpack[OperateOptions]
) -> int:
    """Plan it and carry it out; returns the exit status.

    Raises:
        EcsTuiError: The service was not found, or the call failed.
    """
    from ecs_tui.cli.operate import Choices, change_service
    from ecs_tui.operations.services import read_deployment_plan

    return await change_service(
        source, cluster, service, NAME, read_deployment_plan, Choices(**choices)
    )


SUBCOMMAND = Subcommand(NAME, HELP, run, PARAMETERS)
