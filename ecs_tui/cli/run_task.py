"""`ecs-tui run-task`: runs standalone tasks."""

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

NAME = "run-task"
HELP = f"""Run standalone tasks, and wait until they run.

The task definition may also be an ARN. With --exec, the wait ends when a shell can be opened.
--like takes the network, the launch type or the capacity providers, and the platform version from
a service.

{STATUSES}
"""
PARAMETERS: tuple[click.Parameter, ...] = (
    click.Argument(["cluster"]),
    click.Argument(["definition"], metavar="FAMILY[:REVISION]"),
    click.Option(["--like"], default="", metavar="SERVICE", help="Run it like this service's tasks."),
    click.Option(["--count"], type=int, default=1, help="Number of tasks, 1 to 10.  [default: 1]"),
    click.Option(["--exec", "exec_enabled"], is_flag=True, help="Enable ECS Exec."),
    click.Option(
        ["--tag", "tags"], multiple=True, metavar="KEY=VALUE", help="Tag the tasks (repeatable)."
    ),
    click.Option(
        ["--launch-type"], type=click.Choice(["FARGATE", "EC2", "EXTERNAL"]),
        help="Launch type, instead of the service's.",
    ),
    click.Option(
        ["--capacity-provider", "providers"], multiple=True, metavar="NAME[:WEIGHT[:BASE]]",
        help="Capacity provider strategy, instead of the service's (repeatable).",
    ),
    click.Option(
        ["--started-by"], default="", metavar="TEXT",
        help="What startedBy says.  [default: ecs-tui]",
    ),
    *OPERATE_PARAMETERS,
)  # fmt: skip


class RunTaskOptions(OperateOptions):
    """The values of `PARAMETERS`, by name."""

    cluster: str
    definition: str
    like: str
    count: int
    exec_enabled: bool
    tags: tuple[str, ...]
    launch_type: str | None
    providers: tuple[str, ...]
    started_by: str


def run(source: AccountSource, **options: Unpack[RunTaskOptions]) -> int:
    """Carry it out; returns the exit status."""
    from ecs_tui.system.crash import run_job

    return run_job(run_task(source, **options))


async def run_task(
    source: AccountSource,
    cluster: str,
    definition: str,
    like: str,
    count: int,
    exec_enabled: bool,
    tags: tuple[str, ...],
    launch_type: str | None,
    providers: tuple[str, ...],
    started_by: str,
    **choices: Unpack[OperateOptions],
) -> int:
    """Plan it and carry it out; returns the exit status.

    Raises:
        EcsTuiError: The definition or the service was not found, or the call failed.
    """
    from ecs_tui.cli.find import check_account
    from ecs_tui.cli.operate import Choices, carry_out
    from ecs_tui.model.reference import parse_place
    from ecs_tui.operations.run_task import (
        STARTED_BY,
        RunRequest,
        parse_strategy,
        parse_tags,
        read_run_plan,
    )

    reference = parse_place(cluster, like)
    request = RunRequest(
        reference.cluster,
        definition,
        count,
        reference.service_arn or reference.service,
        launch_type or "",
        parse_strategy(providers),
        exec_enabled,
        parse_tags(tags),
        started_by or STARTED_BY,
    )
    account = source.account(reference)
    try:
        await check_account(account, reference)
        plan = await read_run_plan(account, request)
        return await carry_out(account, plan, Choices(**choices))
    finally:
        await account.close()


SUBCOMMAND = Subcommand(NAME, HELP, run, PARAMETERS)
