"""`ecs-tui wait`: waits until a service has settled, for scripts."""

from __future__ import annotations

import click

from ecs_tui.cli.operate_options import FORMS, AccountSource
from ecs_tui.cli.subcommand import Subcommand

NAME = "wait"
DEFAULT_TIMEOUT = 1800.0
"""Seconds after which it gives up, as the operations of the dashboard do."""
HELP = """Wait until a service has settled.

It has settled once its newest deployment has succeeded and as many tasks run as are desired. Progress
is on stderr, the outcome on stdout. Changes nothing. An ARN or console URL of the service replaces
CLUSTER SERVICE.

\b
Exit status: 0 it has settled; 1 its newest deployment failed or was rolled back, or there is no such
service; 2 wrong usage; 3 a call to AWS failed, or it has not settled within the time.
"""
PARAMETERS: tuple[click.Parameter, ...] = (
    click.Argument(["cluster"]),
    click.Argument(["service"], required=False),
    click.Option(
        ["--timeout"], type=click.FloatRange(0.0, min_open=True), default=DEFAULT_TIMEOUT,
        metavar="SECONDS", help="Give up after this time.  [default: 1800]",
    ),
    click.Option(
        ["--output", "form"], type=click.Choice(FORMS), default="text",
        help="Format of the outcome on stdout.  [default: text]",
    ),
)  # fmt: skip


def run(source: AccountSource, cluster: str, service: str | None, timeout: float, form: str) -> int:
    """Wait; returns the exit status."""
    from ecs_tui.system.crash import run_job

    return run_job(wait(source, cluster, service, timeout, form))


async def wait(
    source: AccountSource, cluster: str, service: str | None, timeout: float, form: str
) -> int:
    """Wait; returns the exit status.

    Raises:
        EcsTuiError: The service was not found, or a call failed.
    """
    from ecs_tui.cli.find import check_account
    from ecs_tui.cli.operate import STATUS_OF, service_of
    from ecs_tui.model.reference import parse_target
    from ecs_tui.model.text import clean, span
    from ecs_tui.operations.calls import Applied
    from ecs_tui.operations.follow import Progress, follow
    from ecs_tui.operations.reading import read_service
    from ecs_tui.operations.settling import ServiceSettled
    from ecs_tui.system.echo import echo, echo_json

    reference = parse_target(cluster, service)
    name = service_of(reference, NAME)
    account = source.account(reference)
    progress = Progress("")
    try:
        await check_account(account, reference)
        found = await read_service(account, reference.cluster, name)
        goal = ServiceSettled(reference.cluster, found.arn)
        async for progress in follow(account, goal, Applied(), give_up=timeout):
            if not progress.over:
                echo(clean(progress.words), err=True)
    finally:
        await account.close()
    words = progress.words
    if progress.outcome == "unknown":
        words = f"{found.name} has not settled within {span(timeout)}."
    if form == "json":
        echo_json(
            {
                "clusterName": reference.cluster.rsplit("/", 1)[-1],
                "serviceName": found.name,
                "result": progress.outcome,
                "message": words,
            }
        )
    else:
        echo(clean(words) if progress.outcome == "done" else f"ecs-tui: {clean(words)}",
             err=progress.outcome != "done")  # fmt: skip
    return STATUS_OF[progress.outcome]


SUBCOMMAND = Subcommand(NAME, HELP, run, PARAMETERS)
