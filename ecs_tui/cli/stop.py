"""`ecs-tui stop`: stops tasks."""

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
    from ecs_tui.model.reference import Reference

NAME = "stop"
HELP = f"""Stop tasks, and wait until they are stopped.

TASK is a task ID, an ID prefix, an ARN or a console URL. Services replace their tasks.

{STATUSES}
"""
PARAMETERS: tuple[click.Parameter, ...] = (
    click.Argument(["cluster"]),
    click.Argument(["tasks"], nargs=-1, required=True, metavar="TASK..."),
    click.Option(
        ["--reason"], default="", metavar="TEXT",
        help='What ECS keeps as the reason.  [default: "stopped with ecs-tui"]',
    ),
    *OPERATE_PARAMETERS,
)  # fmt: skip


def run(
    source: AccountSource,
    cluster: str,
    tasks: tuple[str, ...],
    reason: str,
    **choices: Unpack[OperateOptions],
) -> int:
    """Carry it out; returns the exit status."""
    from ecs_tui.system.crash import run_job

    return run_job(stop(source, cluster, tasks, reason, **choices))


async def stop(
    source: AccountSource,
    cluster: str,
    tasks: tuple[str, ...],
    reason: str,
    **choices: Unpack[OperateOptions],
) -> int:
    """Plan it and carry it out; returns the exit status.

    Raises:
        EcsTuiError: A task was not found, or the call failed.
    """
    from ecs_tui.cli.find import check_account
    from ecs_tui.cli.operate import Choices, carry_out
    from ecs_tui.model.reference import parse_target
    from ecs_tui.operations.tasks import read_stop_plan

    references = [parse_target(cluster, task) for task in tasks]
    account = source.account(references[0])
    try:
        for reference in references:
            await check_account(account, reference)
        names = await _names(account, references)
        plan = await read_stop_plan(account, references[0].cluster, names, reason)
        return await carry_out(account, plan, Choices(**choices))
    finally:
        await account.close()


async def _names(account: Account, references: list[Reference]) -> list[str]:
    """The ID or ARN of each task; a prefix must fit one running task.

    Raises:
        WrongUsage: A word is not a task.
        NotFound: A prefix fits no task, or several.
    """
    from ecs_tui.aws.api import ecs
    from ecs_tui.errors import NotFound, WrongUsage
    from ecs_tui.model.arn import short_name
    from ecs_tui.model.text import clean

    cluster = references[0].cluster
    running: list[str] = []
    found: list[str] = []
    for reference in references:
        if reference.task and not reference.container:
            found.append(reference.task)
            continue
        prefix = reference.name
        if not prefix or not reference.may_be_task or reference.container:
            named = reference.service or reference.name or reference.container
            raise WrongUsage(f'"{clean(named)}" is not a task.', "Give task IDs or ARNs.")
        if not running:
            pages = [page async for page in ecs.list_tasks(account, cluster)]
            running = [arn for page in pages for arn in page]
        fits = [arn for arn in running if short_name(arn).startswith(prefix)]
        if len(fits) != 1:
            words = f"matches {len(fits)} running tasks" if fits else "matches no running task"
            raise NotFound(
                f'"{clean(prefix)}" {words} in cluster {clean(cluster)}.',
                "Use a longer prefix."
                if fits
                else f"List tasks: ecs-tui ls tasks --cluster {cluster}",
            )
        found += fits
    return found


SUBCOMMAND = Subcommand(NAME, HELP, run, PARAMETERS)
