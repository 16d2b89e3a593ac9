"""`ecs-tui demo`: the demo account, in the dashboard or served for other programs."""

from __future__ import annotations

import json
import subprocess
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from ecs_tui.cli.arguments import BUCKET, DURATION, PERCENTAGE
from ecs_tui.cli.dashboard import needs_terminal, open_app
from ecs_tui.cli.subcommand import Invocation, Subcommand
from ecs_tui.demo.incidents import CLUSTER, INCIDENTS
from ecs_tui.errors import EcsTuiError
from ecs_tui.system.echo import echo
from ecs_tui.system.exit_status import ExitStatus

if TYPE_CHECKING:
    from ecs_tui.config.settings import Settings

_END_SECONDS = 3.0
"""Seconds that the demo server has to end its shells before it is killed."""


def run(
    invocation: Invocation,
    *,
    serve: bool,
    port: int,
    services: int,
    tasks: int,
    latency: float,
    throttle: tuple[float, float] | None,
    errors: float,
    deny: tuple[str, ...],
    idle: float,
    log_rate: float,
    cases: bool,
    incident: str | None,
    history: int,
    trail_delay: float,
    with_parent: bool,
) -> int:
    """Open the dashboard on a demo account, or serve one until stopped; returns the exit status.

    Raises:
        EcsTuiError: A package of the extra `demo` is not installed, or the server did not start.
    """
    if not serve:
        return _open(invocation.settings, cases=cases, incident=incident or "")
    try:
        from ecs_tui.demo.faults import FaultSettings
        from ecs_tui.demo.server import DemoOptions
        from ecs_tui.demo.server import serve as serve_account
    except ImportError as error:
        raise _lacks(str(error.name)) from error
    burst, rate = throttle or (0.0, 0.0)
    faults = FaultSettings(latency, frozenset(deny), burst, rate, errors)
    options = DemoOptions(
        port, services, tasks, faults, idle, log_rate, cases, incident or "", history, trail_delay
    )  # fmt: skip
    serve_account(options, with_parent=with_parent)
    return ExitStatus.YES


def _lacks(package: str) -> EcsTuiError:
    return EcsTuiError(
        f"The demo account needs {package}. Install the extra `demo`: pip install 'ecs-tui[demo]'"
    )


def _open(settings: Settings, *, cases: bool, incident: str) -> int:
    """Run the demo server in a separate process, so that it never blocks the dashboard."""
    from ecs_tui.aws.account import Account, Credentials
    from ecs_tui.system.child import PIPE, open_child, python_child

    terminal = needs_terminal(settings)
    for package in ("moto", "flask"):  # checked here: the child could not show the error
        if find_spec(package) is None:
            raise _lacks(package)
    echo("Starting demo account…", err=True)
    flags = (*(("--cases",) if cases else ()), *(("--incident", incident) if incident else ()))
    if incident:
        echo(f"The pager says: {INCIDENTS[incident]} (in cluster {CLUSTER}).", err=True)
        settings = settings.but(cluster=settings.cluster or CLUSTER)
    argv = python_child("ecs_tui", "demo", "--serve", "--with-parent", *flags)
    with open_child(argv, stdin=PIPE, stdout=PIPE, own_session=True) as child:
        assert child.stdout is not None and child.stdin is not None
        line = child.stdout.readline()
        if not line:
            raise EcsTuiError("Demo account failed to start.", "Details: ecs-tui demo --serve")
        served = json.loads(line)
        env = served["environment"]
        account = Account(
            None,
            served["region"],
            served["endpoint"],
            policy=settings.policy,
            credentials=Credentials(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]),
        )
        try:
            # No snapshots: the endpoint has another port each time, so they would never be read.
            return open_app(settings.but(cache=False), account, terminal)
        finally:
            child.stdin.close()
            try:
                child.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()


SUBCOMMAND = Subcommand(
    name="demo",
    help="""Try ecs-tui with a local demo account.

    It has several clusters in many states; nothing leaves this machine. With --serve it only
    serves the account, for the AWS CLI or for tests.
    """,
    run=run,
    parameters=(
        click.Option(["--serve"], is_flag=True, help="Serve only; print the endpoint as JSON."),
        click.Option(
            ["--port"], type=click.IntRange(0, 65535), default=0, help="Port of the endpoint."
        ),
        click.Option(
            ["--services"], type=click.IntRange(0), default=0, help="Add a cluster of N services."
        ),
        click.Option(
            ["--tasks"], type=click.IntRange(0), default=0, help="Run N tasks in that cluster."
        ),
        click.Option(
            ["--latency"], type=DURATION, default="0", help="Latency added to each call (50ms)."
        ),
        click.Option(
            ["--throttle"], type=BUCKET, metavar="BURST,RATE", help="Throttle as AWS does."
        ),
        click.Option(
            ["--errors"], type=PERCENTAGE, default="0", metavar="N%",
            help="Percent of calls that fail.",
        ),
        click.Option(
            ["--deny"], multiple=True, metavar="ecs:OPERATION", help="Deny this operation."
        ),
        click.Option(
            ["--idle"], type=DURATION, default="1200s", help="Idle timeout for sessions."
        ),
        click.Option(
            ["--log-rate"], type=click.FloatRange(0), default=0, metavar="N",
            help="Lines a second that the service web writes.",
        ),
        click.Option(
            ["--cases"], is_flag=True,
            help="Add clusters with a service for each state of a deployment and each way to fail.",
        ),
        click.Option(
            ["--incident"], type=click.Choice(list(INCIDENTS)),
            help="Play an incident of two minutes in the cluster shop.",
        ),
        click.Option(
            ["--history"], type=click.IntRange(0, 100_000), default=400, metavar="N",
            help="Events in CloudTrail from the 90 days before.",
        ),
        click.Option(
            ["--trail-delay"], type=DURATION, default="2s",
            help="Time until a call's event is in CloudTrail.",
        ),
        click.Option(["--with-parent"], is_flag=True, hidden=True),
    ),
    calls_aws=False,
)  # fmt: skip
