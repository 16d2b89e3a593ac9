"""The command line: flags, subcommands, exit statuses. It imports only what a command needs."""

from __future__ import annotations

import dataclasses
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ecs_tui import __version__
from ecs_tui.cli.arguments import BUCKET, DURATION, PERCENTAGE, WithCommand, target_and_command
from ecs_tui.errors import EcsTuiError, SettingsError, WrongUsage
from ecs_tui.system.echo import echo
from ecs_tui.system.exit_status import of_error, of_signal

if TYPE_CHECKING:
    from ecs_tui.aws.account import Account
    from ecs_tui.config.settings import Settings
    from ecs_tui.model.reference import Reference
    from ecs_tui.system.terminal_type import TerminalType

KINDS = ("clusters", "services", "tasks", "containers", "instances")
OUTPUTS = ("table", "json", "csv")
_DEMO_END_SECONDS = 3.0
"""Seconds that the demo server has to end its shells before it is killed."""


class ErrorGroup(click.Group):
    """Turns any exception of a command into one message on stderr and an exit status.

    The statuses are in `system/exit_status.py`. Besides: 141 (as after SIGPIPE), without a message,
    if the reader has closed stdout, and 130 after Ctrl+C.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error shows a traceback only with `--debug`."""
        from ecs_tui.system import crash
        from ecs_tui.system.streams import OutputFailed, flushed, hold_descriptors

        hold_descriptors()
        crash.install()
        try:
            with flushed():
                return super().invoke(ctx)
        except OutputFailed as error:
            if not error.unread:
                echo(f"ecs-tui: {error}", err=True)
            sys.exit(error.status)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except KeyboardInterrupt:
            sys.exit(of_signal(signal.SIGINT))
        except EcsTuiError as error:
            _fail(ctx, error, str(error), of_error(error))
        except Exception as error:
            words = str(crash.report(ctx.invoked_subcommand or "ecs-tui", error))
            _fail(ctx, error, words, crash.EXIT_STATUS)


def _fail(ctx: click.Context, error: Exception, message: str, status: int) -> NoReturn:
    from ecs_tui.system import crash

    if ctx.params.get("debug"):
        echo(crash.traceback_text(error).rstrip(), err=True)
    echo(f"ecs-tui: {message}", err=True)
    sys.exit(status)


@click.group(
    cls=ErrorGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="ecs-tui")
@click.option("--profile", help="AWS profile.")
@click.option("--region", help="AWS region.")
@click.option(
    "--account", "accounts", multiple=True, metavar="PROFILE@REGION",
    help="Also open this profile and region (repeatable).",
)  # fmt: skip
@click.option("--endpoint-url", help="Send all AWS calls to this endpoint.")
@click.option("--cluster", help="Start in this cluster.")
@click.option("--service", help="Start in this service (requires --cluster).")
@click.option("--read-only", is_flag=True, default=None, help="Disable changes and shells.")
@click.option("--shell", help="Shell to run in containers.  [default: /bin/sh]")
@click.option("--refresh", type=float, help="Seconds between refreshes.  [default: 10]")
@click.option(
    "--plugin", type=click.Choice(["auto", "system", "builtin"]), help="Session client to use."
)
@click.option(
    "--engine", type=click.Choice(["auto", "ghostty", "pyte"]), help="Terminal emulator engine."
)
@click.option("--config", metavar="FILE", help="Config file (TOML).")
@click.option("--no-cache", is_flag=True, default=None, help="Don't read or write snapshots.")
@click.option("--record", is_flag=True, default=None, help="Record all shells as asciicast.")
@click.option("--log-file", metavar="FILE", help="Log every AWS call to this file.")
@click.option("--debug", is_flag=True, help="Show a traceback with an error.")
@click.pass_context
def main(ctx: click.Context, /, config: str | None, debug: bool, **flags: Any) -> None:
    """A terminal dashboard for Amazon ECS, with ECS Exec in a split pane.

    Without a command it opens the dashboard.
    """
    from ecs_tui.config.settings import load

    flags["cache"] = False if flags.pop("no_cache") else None
    flags["record"] = ["*"] if flags["record"] else None
    flags["accounts"] = list(flags["accounts"]) or None
    ctx.obj = load(flags, config)
    _log_to(ctx.obj.log_file)
    if ctx.invoked_subcommand is None:
        _open_app(ctx.obj)


def _log_to(path: str) -> None:
    import logging
    import os
    from pathlib import Path

    from ecs_tui.system.atomic_file import append_private

    logger = logging.getLogger("ecs_tui")
    logger.propagate = False
    if not path:
        logger.addHandler(logging.NullHandler())
        return
    try:
        handle = append_private(Path(path))
    except OSError as error:
        raise SettingsError(f"Cannot write log file {path}: {error.strerror}.") from error
    handler = logging.StreamHandler(os.fdopen(handle, "a", encoding="utf-8"))
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)


def _account(
    settings: Settings,
    ask_code: Callable[[str], Awaitable[str]] | None,
    reference: Reference | None = None,
) -> Account:
    """The account to call, in the region of the ARN or URL if there is one.

    Raises:
        WrongUsage: `--region` is another region.
    """
    from ecs_tui.aws.account import Account
    from ecs_tui.aws.pace import Pace

    region = settings.region
    if reference is not None and reference.region:
        given = click.get_current_context().find_root().params.get("region")
        if given and given != reference.region:
            raise WrongUsage(
                f"--region is {given}, but the target is in {reference.region}.",
                "Leave --region out.",
            )
        region = reference.region
    return Account(
        settings.profile,
        region,
        settings.endpoint_url,
        read_only=settings.read_only,
        pace=Pace(settings.burst, settings.rate),
        ask_code=ask_code,
    )


def _needs_terminal(settings: Settings) -> TerminalType:
    """The type of the terminal. If the dashboard cannot run on it, exit with status 2."""
    if settings.service and not settings.cluster:
        raise click.UsageError("--service needs --cluster.")
    # A stream is None if its descriptor is closed.
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        echo(
            "ecs-tui: the dashboard needs a terminal for input and output; "
            "in scripts use ecs-tui ls, exec or doctor.",
            err=True,
        )
        sys.exit(2)
    from ecs_tui.system import terminal_type

    try:
        return terminal_type.find()
    except terminal_type.UnfitTerminal as error:
        echo(f"ecs-tui: {error}; in scripts use ecs-tui ls, exec or doctor.", err=True)
        sys.exit(2)


def _open_app(settings: Settings, account: Account | None = None) -> None:
    import os

    terminal = _needs_terminal(settings)
    # Milliseconds to wait for the rest of an escape sequence. Short: vi users type `Esc :` fast.
    os.environ.setdefault("ESCDELAY", "25")
    # Textual draws at the next tick: at 60 per second, a key would wait up to 17 ms. There are no
    # ticks while nothing changes.
    os.environ.setdefault("TEXTUAL_FPS", "500")
    # Textual reads this on import. For terminals with fewer than 256 colours we reduce them.
    os.environ["TEXTUAL_COLOR_SYSTEM"] = "truecolor" if terminal.colours > 256 else "256"
    from ecs_tui.ui.app import EcsTuiApp

    account = account or _account(settings, None)
    sys.exit(EcsTuiApp(account, settings, terminal).run_on_terminal())


@main.command()
@click.option("--serve", is_flag=True, help="Serve only; print the endpoint as JSON.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of the endpoint.")
@click.option("--services", type=click.IntRange(0), default=0, help="Add a cluster of N services.")
@click.option("--tasks", type=click.IntRange(0), default=0, help="Run N tasks in that cluster.")
@click.option("--latency", type=DURATION, default="0", help="Latency added to each call (50ms).")
@click.option("--throttle", type=BUCKET, metavar="BURST,RATE", help="Throttle as AWS does.")
@click.option(
    "--errors", type=PERCENTAGE, default="0", metavar="N%", help="Percent of calls that fail."
)
@click.option("--deny", multiple=True, metavar="ecs:OPERATION", help="Deny this operation.")
@click.option("--idle", type=DURATION, default="1200s", help="Idle timeout for sessions.")
@click.option("--with-parent", is_flag=True, hidden=True)
@click.pass_obj
def demo(
    settings: Settings,
    serve: bool,
    port: int,
    services: int,
    tasks: int,
    latency: float,
    throttle: tuple[float, float] | None,
    errors: float,
    deny: tuple[str, ...],
    idle: float,
    with_parent: bool,
) -> None:
    """Try ecs-tui with a local demo account."""
    if not serve:
        _open_demo(settings)
        return
    try:
        from ecs_tui.demo.faults import FaultSettings
        from ecs_tui.demo.server import DemoOptions
        from ecs_tui.demo.server import serve as run
    except ImportError as error:
        raise _lacks_demo(str(error.name)) from error
    burst, rate = throttle or (0.0, 0.0)
    faults = FaultSettings(latency, frozenset(deny), burst, rate, errors)
    run(DemoOptions(port, services, tasks, faults, idle), with_parent=with_parent)


def _lacks_demo(package: str) -> EcsTuiError:
    return EcsTuiError(
        f"The demo account needs {package}. Install the extra `demo`: pip install 'ecs-tui[demo]'"
    )


def _open_demo(settings: Settings) -> None:
    """Run the demo server in a separate process, so that it never blocks the dashboard."""
    import json
    import subprocess
    from importlib.util import find_spec

    import msgspec

    from ecs_tui.aws.account import Account, Credentials
    from ecs_tui.system.child import PIPE, open_child, python_child

    _needs_terminal(settings)
    for package in ("moto", "flask"):  # checked here: the child could not show the error
        if find_spec(package) is None:
            raise _lacks_demo(package)
    echo("Starting demo account…", err=True)
    argv = python_child("ecs_tui", "demo", "--serve", "--with-parent")
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
            read_only=settings.read_only,
            credentials=Credentials(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]),
        )
        try:
            # No snapshots: the endpoint has another port each time, so they would never be read.
            _open_app(msgspec.structs.replace(settings, cache=False), account)
        finally:
            child.stdin.close()
            try:
                child.wait(_DEMO_END_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()


@main.command("ls")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--cluster", default="", help="Name, ARN or console URL.  [default: all]")
@click.option("--service", default="", help="Name, ARN or console URL of a service.")
@click.option("--output", type=click.Choice(OUTPUTS), help="Output format.  [default: table]")
@click.option("--json", "as_json", is_flag=True, help="Short for --output json.")
@click.pass_obj
def list_things(
    settings: Settings, kind: str, cluster: str, service: str, output: str | None, as_json: bool
) -> None:
    """List clusters, services, tasks, containers or container instances.

    Each page is printed when AWS returns it. JSON and CSV use the names of the ECS API; see
    docs/command-line.md.
    """
    from ecs_tui.cli.ask import ask_code
    from ecs_tui.cli.ls import print_listing
    from ecs_tui.model.reference import parse_place
    from ecs_tui.system.crash import run_job

    if as_json and output not in (None, "json"):
        raise click.UsageError(f"--json and --output {output} contradict each other.")
    if kind == "instances" and service:
        raise click.UsageError("Container instances belong to a cluster, not to a --service.")
    place = parse_place(cluster, service)
    if not place.region:  # the defaults are not for an ARN or URL, which is complete
        place = parse_place(cluster or settings.cluster, service or settings.service)
    if kind in ("clusters", "instances"):
        place = dataclasses.replace(place, service="", service_arn="")
    account = _account(settings, ask_code, place)
    form = "json" if as_json else output or "table"
    sys.exit(run_job(print_listing(account, kind, place, form)))


@main.command("info")
@click.option("--json", "as_json", is_flag=True, help="Output as JSON.")
@click.pass_context
def info(ctx: click.Context, as_json: bool) -> None:
    """Show what a bug report needs, and test the connection to AWS.

    Versions, terminal, paths, the source of credentials; no secrets.

    Exit status: 0 AWS answers, 3 no answer.
    """
    from ecs_tui.cli.ask import ask_code
    from ecs_tui.cli.info import print_info
    from ecs_tui.system.crash import run_job

    settings: Settings = ctx.obj
    config = ctx.find_root().params.get("config")
    account = _account(settings, ask_code)
    sys.exit(run_job(print_info(account, settings, config, as_json=as_json)))


@main.command("exec", cls=WithCommand)
@click.argument("words", nargs=-1, metavar="CLUSTER TARGET [CONTAINER] [-- COMMAND...]")
@click.pass_context
def exec_command(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Open a shell or run COMMAND in a container.

    TARGET is SERVICE[/CONTAINER] (its newest healthy task) or TASK[/CONTAINER] (a task ID
    or an ID prefix). An ARN or console URL of a service, task or container replaces CLUSTER
    TARGET.

    Exit status: COMMAND's own if known; otherwise 0 the session ended normally, 1 it failed, was
    closed by you or AWS, or nothing matches, 3 a call to AWS failed or the connection was lost.
    """
    import shlex

    from ecs_tui.cli.ask import ask_code
    from ecs_tui.cli.exec import run_shell
    from ecs_tui.system.crash import run_job

    settings: Settings = ctx.obj
    reference, command = target_and_command(ctx, words)
    line = shlex.join(command)  # "": the container's default shell
    sys.exit(run_job(run_shell(_account(settings, ask_code, reference), settings, reference, line)))


@main.command("doctor")
@click.argument("cluster")
@click.argument("target", required=False)
@click.option("--container", default="", help="Only this container.")
@click.option("--json", "as_json", is_flag=True, help="Output as JSON.")
@click.pass_obj
def doctor(
    settings: Settings, cluster: str, target: str | None, container: str, as_json: bool
) -> None:
    """Diagnose why ECS Exec fails, per container.

    TARGET is SERVICE[/CONTAINER] (its newest healthy task) or TASK[/CONTAINER] (a task ID
    or an ID prefix). Without TARGET, checks the newest task of every service. An ARN or console
    URL replaces CLUSTER TARGET.

    Exit status: 0 ready, 1 not ready, 3 unknown.
    """
    from ecs_tui.cli.ask import ask_code
    from ecs_tui.cli.doctor import run_doctor
    from ecs_tui.model.reference import parse_target
    from ecs_tui.system.crash import run_job

    reference = parse_target(cluster, target, container)
    account = _account(settings, ask_code, reference)
    sys.exit(run_job(run_doctor(account, settings, reference, as_json=as_json)))


@main.command("login")
@click.pass_obj
def login(settings: Settings) -> None:
    """Log in to IAM Identity Center (SSO).

    Uses the current profile. Shows a URL and a code to confirm in any browser.
    """
    from ecs_tui.cli.sign_in import sign_in
    from ecs_tui.system.crash import run_job

    run_job(sign_in(_account(settings, None)))


@main.group("cache", invoke_without_command=True)
@click.pass_context
def cache(ctx: click.Context) -> None:
    """Show the snapshot cache location and size."""
    from ecs_tui.model.text import counted
    from ecs_tui.store.snapshot import folder, size

    if ctx.invoked_subcommand is None:
        files, total = size()
        echo(f"{folder()}\t{counted(files, 'file')}\t{total} bytes")


@cache.command("clear")
def cache_clear() -> None:
    """Remove all snapshots."""
    from ecs_tui.model.text import counted
    from ecs_tui.store.snapshot import clear

    files, total = clear()
    echo(f"Removed {counted(files, 'snapshot')}, {total} bytes.", err=True)
