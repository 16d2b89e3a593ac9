"""`ecs-tui rollback`: goes back to the revision of a service before its last deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from ecs_tui.cli.operate_options import (
    OPERATE_PARAMETERS,
    STATUSES,
    AccountSource,
    OperateOptions,
)
from ecs_tui.cli.subcommand import Subcommand

if TYPE_CHECKING:
    from ecs_tui.aws.account import Account
    from ecs_tui.operations.plan import Plan

NAME = "rollback"
HELP = f"""Roll back a service, and wait until that holds.

A deployment in progress is stopped, and ECS goes back to the revision before. Otherwise the task
definition of an earlier revision is deployed again; the plan names the differences that it does not
restore: network, load balancers, image digests. An ARN or console URL of the service replaces
CLUSTER SERVICE.

{STATUSES}
"""
PARAMETERS: tuple[click.Parameter, ...] = (
    click.Argument(["cluster"]),
    click.Argument(["service"], required=False),
    click.Option(
        ["--to"], default="", metavar="REVISION",
        help="FAMILY:REVISION to go back to.  [default: the revision before]",
    ),
    *OPERATE_PARAMETERS,
)  # fmt: skip


def run(
    source: AccountSource,
    cluster: str,
    service: str | None,
    to: str,
    **choices: Unpack[OperateOptions],
) -> int:
    """Carry it out; returns the exit status."""
    from ecs_tui.system.crash import run_job

    return run_job(rollback(source, cluster, service, to, **choices))


async def rollback(
    source: AccountSource,
    cluster: str,
    service: str | None,
    to: str,
    **choices: Unpack[OperateOptions],
) -> int:
    """Plan it and carry it out; returns the exit status.

    Raises:
        EcsTuiError: The service was not found, there is nothing to go back to, or a call failed.
    """
    from ecs_tui.cli.operate import Choices, change_service

    return await change_service(
        source,
        cluster,
        service,
        NAME,
        lambda account, place, name: _plan(account, place, name, to),
        Choices(**choices),
    )


async def _plan(account: Account, cluster: str, service: str, to: str) -> Plan:
    """The plan: that of the deployment in progress, else that of the chosen revision."""
    from ecs_tui.errors import WrongUsage
    from ecs_tui.model.text import clean
    from ecs_tui.operations.rollback import (
        RollbackOptions,
        choice_named,
        plan_rollback,
        read_rollback,
        read_rollback_to,
    )
    from ecs_tui.operations.service_deployments import plan_stop

    if ":" in to:
        return await read_rollback_to(account, cluster, service, to)
    found = await read_rollback(account, cluster, service)
    if isinstance(found, RollbackOptions):
        return plan_rollback(found, choice_named(found, to) if to else found.choices[0])
    if to:
        raise WrongUsage(
            f"A deployment of {clean(found.target)} is in progress: it goes back to "
            f"{clean(found.before) or 'nothing'}.",
            "Leave --to out, or name a task definition: --to FAMILY:REVISION",
        )
    return plan_stop(found)


SUBCOMMAND = Subcommand(NAME, HELP, run, PARAMETERS)
