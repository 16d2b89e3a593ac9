"""`ecs-tui deploy`: starts a new deployment of a service with the same settings."""

from __future__ import annotations

from typing import Any

import click

from ecs_tui.cli.operate_options import OPERATE_PARAMETERS, STATUSES, AccountSource
from ecs_tui.cli.subcommand import Subcommand

NAME = "deploy"
HELP = f"""Force a new deployment of a service, and wait until it is completed.

The service keeps its settings; its tasks are replaced. An ARN or console URL of the service
replaces CLUSTER SERVICE.

{STATUSES}
"""
PARAMETERS: tuple[click.Parameter, ...] = (
    click.Argument(["cluster"]),
    click.Argument(["service"], required=False),
    *OPERATE_PARAMETERS,
)


def run(source: AccountSource, cluster: str, service: str | None, **choices: Any) -> int:
    """Carry it out; returns the exit status."""
    from ecs_tui.system.crash import run_job

    return run_job(deploy(source, cluster, service, **choices))


async def deploy(source: AccountSource, cluster: str, service: str | None, **choices: Any) -> int:
    """Plan it and carry it out; returns the exit status.

    Raises:
        EcsTuiError: The service was not found, or the call failed.
    """
    from ecs_tui.cli.find import check_account
    from ecs_tui.cli.operate import Choices, carry_out, service_of
    from ecs_tui.model.reference import parse_target
    from ecs_tui.operations.services import read_deployment_plan

    reference = parse_target(cluster, service)
    name = service_of(reference, NAME)
    account = source.account(reference)
    try:
        await check_account(account, reference)
        plan = await read_deployment_plan(account, reference.cluster, name)
        return await carry_out(account, plan, Choices(**choices))
    finally:
        await account.close()


SUBCOMMAND = Subcommand(NAME, HELP, run, PARAMETERS)
