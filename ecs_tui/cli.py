"""The command line: flags, subcommands, exit statuses. It imports only what a command needs."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ecs_tui import __version__
from ecs_tui.echo import echo
from ecs_tui.errors import EcsTuiError, SettingsError

if TYPE_CHECKING:
    from ecs_tui.aws.account import Account
    from ecs_tui.settings import Settings

KINDS = ("clusters", "services", "tasks", "containers")


_DEMO_ENDS = 3.0
"""Seconds that the demo account's server has to end its shells."""


class _Parsed(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases only
    """A flag's value by a function that raises ValueError, and the form it must have."""

    def __init__(self, name: str, parse: Callable[[str], Any], form: str) -> None:
        self.name, self._parse, self._form = name, parse, form

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value, or a usage error that shows the form."""
        if not isinstance(value, str):
            return value
        try:
            return self._parse(value)
        except ValueError:
            self.fail(f"{value!r} is not {self._form}", param, ctx)


def _seconds(text: str) -> float:
    scale = 0.001 if text.endswith("ms") else 1.0
    return _positive(text.removesuffix("ms").removesuffix("s")) * scale


def _bucket(text: str) -> tuple[float, float]:
    burst, _, rate = text.partition(",")
    return _positive(burst), _positive(rate)


def _share(text: str) -> float:
    value = _positive(text.removesuffix("%"))
    return min(1.0, value / 100 if text.endswith("%") else value)


def _positive(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise ValueError(text)
    return value


DURATION = _Parsed("duration", _seconds, "a duration such as 50ms or 0.2s")
BUCKET = _Parsed("bucket", _bucket, "BURST,RATE such as 100,20")
SHARE = _Parsed("share", _share, "a share such as 1%")


class ErrorGroup(click.Group):
    """Turns whatever a command raises into one sentence on stderr and an exit status.

    2 for a wrong setting, 1 for other errors, 70 for one that nobody expected, 141 (as from
    SIGPIPE) without a word when nobody reads the output any more.
    """

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; no error ends it with a traceback, unless `--debug` asks for it."""
        from ecs_tui import crash
        from ecs_tui.streams import OutputFailed, flushed, hold_descriptors

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
        except EcsTuiError as error:
            _fail(ctx, error, str(error), 2 if isinstance(error, SettingsError) else 1)
        except Exception as error:
            words = str(crash.report(ctx.invoked_subcommand or "ecs-tui", error))
            _fail(ctx, error, words, crash.EXIT_STATUS)


def _fail(ctx: click.Context, error: Exception, message: str, status: int) -> NoReturn:
    from ecs_tui import crash

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
    help="See this one too, in one list; can be given several times.",
)  # fmt: skip
@click.option("--endpoint-url", help="Use this endpoint for every service.")
@click.option("--cluster", help="Open this cluster.")
@click.option("--service", help="Open this service of --cluster.")
@click.option("--read-only", is_flag=True, default=None, help="Refuse every change, and shells.")
@click.option("--shell", help="What to run in a container.  [default: /bin/sh]")
@click.option("--refresh", type=float, help="Seconds between refreshes.  [default: 10]")
@click.option("--plugin", type=click.Choice(["auto", "system", "builtin"]), help="Session client.")
@click.option("--engine", type=click.Choice(["auto", "ghostty", "pyte"]), help="Terminal engine.")
@click.option("--config", metavar="FILE", help="Config file (TOML).")
@click.option("--no-cache", is_flag=True, default=None, help="Neither show nor keep a snapshot.")
@click.option("--record", is_flag=True, default=None, help="Record every shell (asciicast, 0600).")
@click.option("--log-file", metavar="FILE", help="Write every AWS call to this file.")
@click.option("--debug", is_flag=True, help="Show a traceback with an error.")
@click.pass_context
def main(ctx: click.Context, /, config: str | None, debug: bool, **flags: Any) -> None:
    """A terminal dashboard for Amazon ECS, with ECS Exec in a split pane.

    Without a command it opens the dashboard.
    """
    from ecs_tui.settings import load

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

    from ecs_tui.files import append_private

    logger = logging.getLogger("ecs_tui")
    logger.propagate = False
    if not path:
        logger.addHandler(logging.NullHandler())
        return
    try:
        handle = append_private(Path(path))
    except OSError as error:
        raise EcsTuiError(f"The log file {path} cannot be written: {error.strerror}.") from error
    handler = logging.StreamHandler(os.fdopen(handle, "a", encoding="utf-8"))
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)


def _account(settings: Settings, ask_code: Callable[[str], Awaitable[str]] | None) -> Account:
    from ecs_tui.aws.account import Account
    from ecs_tui.aws.pace import Pace

    return Account(
        settings.profile,
        settings.region,
        settings.endpoint_url,
        read_only=settings.read_only,
        pace=Pace(settings.burst, settings.rate),
        ask_code=ask_code,
    )


def _needs_terminal(settings: Settings) -> None:
    """Refuse to open the dashboard where it cannot be used: exit status 2."""
    if settings.service and not settings.cluster:
        raise click.UsageError("--service needs --cluster.")
    # A closed descriptor leaves None, not a stream.
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        echo(
            "ecs-tui: the dashboard needs a terminal for input and output; "
            "in scripts use ecs-tui ls, exec or doctor.",
            err=True,
        )
        sys.exit(2)


def _open_app(settings: Settings, account: Account | None = None) -> None:
    import os

    _needs_terminal(settings)
    # How long an Escape may be the beginning of a sequence, in ms: in vi `Esc :` is typed fast.
    os.environ.setdefault("ESCDELAY", "25")
    # Textual draws on the next tick of this clock: at 60 a key would wait up to 17 ms for nothing;
    # it stands still while nothing changes.
    os.environ.setdefault("TEXTUAL_FPS", "500")
    from ecs_tui.ui.app import EcsTuiApp

    sys.exit(EcsTuiApp(account or _account(settings, None), settings).run_on_terminal())


@main.command()
@click.option("--serve", is_flag=True, help="Only serve; print one JSON line with the endpoint.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of the endpoint.")
@click.option("--services", type=click.IntRange(0), default=0, help="Add a cluster of this size.")
@click.option("--tasks", type=click.IntRange(0), default=0, help="Tasks of that cluster.")
@click.option("--latency", type=DURATION, default="0", help="Added to each answer: 50ms, 0.2s.")
@click.option("--throttle", type=BUCKET, metavar="BURST,RATE", help="Token buckets like AWS's.")
@click.option("--errors", type=SHARE, default="0", metavar="N%", help="Share of failing calls.")
@click.option("--deny", multiple=True, metavar="ecs:OPERATION", help="Refuse an operation.")
@click.option("--idle", type=DURATION, default="1200s", help="A session ends after so long.")
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
    """Open the dashboard on a pretend AWS account on this machine."""
    if not serve:
        _open_demo(settings)
        return
    try:
        from ecs_tui.demo.server import DemoOptions
        from ecs_tui.demo.server import serve as run
        from ecs_tui.demo.unkind import Unkindness
    except ImportError as error:
        raise EcsTuiError(
            f"The demo needs {error.name}.", "Install it with: pip install 'ecs-tui[demo]'"
        ) from error
    burst, rate = throttle or (0.0, 0.0)
    unkind = Unkindness(latency, frozenset(deny), burst, rate, errors)
    run(DemoOptions(port, services, tasks, unkind, idle), with_parent=with_parent)


def _open_demo(settings: Settings) -> None:
    """Serve from a process of its own, so that it never makes the dashboard wait."""
    import json
    import subprocess

    import msgspec

    from ecs_tui.aws.account import Account, Credentials
    from ecs_tui.children import python_child

    _needs_terminal(settings)
    echo("Starting the pretend account …", err=True)
    argv = python_child("ecs_tui", "demo", "--serve", "--with-parent")
    with subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as child:
        assert child.stdout is not None and child.stdin is not None
        line = child.stdout.readline()
        if not line:
            raise EcsTuiError(
                "The pretend account did not start.", "See why with: ecs-tui demo --serve"
            )
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
            # Its endpoint is another one each time: a snapshot of it would never be found again.
            _open_app(msgspec.structs.replace(settings, cache=False), account)
        finally:
            child.stdin.close()
            try:
                child.wait(_DEMO_ENDS)
            except subprocess.TimeoutExpired:
                child.kill()


@main.command("ls")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--cluster", help="Name or ARN; all clusters without it.")
@click.option("--service", help="Name or ARN of a service.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list of flat objects.")
@click.pass_obj
def list_things(
    settings: Settings, kind: str, cluster: str | None, service: str | None, as_json: bool
) -> None:
    """List clusters, services, tasks or containers."""
    from ecs_tui.ask import ask_code
    from ecs_tui.crash import run_job
    from ecs_tui.listing import print_listing

    code = run_job(
        print_listing(
            _account(settings, ask_code),
            kind,
            cluster or settings.cluster,
            service or settings.service,
            as_json=as_json,
        )
    )
    sys.exit(code)


@main.command("info")
@click.option("--json", "as_json", is_flag=True, help="One JSON list of flat objects.")
@click.pass_context
def info(ctx: click.Context, as_json: bool) -> None:
    """Show versions, terminal, paths and credentials' source, and test the connection to AWS.

    For a bug report: it holds no secrets. Exit status: 0 AWS answers, 3 it does not.
    """
    from ecs_tui.ask import ask_code
    from ecs_tui.crash import run_job
    from ecs_tui.info import print_info

    settings: Settings = ctx.obj
    config = ctx.find_root().params.get("config")
    account = _account(settings, ask_code)
    sys.exit(run_job(print_info(account, settings, config, as_json=as_json)))


@main.command("exec", context_settings={"ignore_unknown_options": False})
@click.argument("cluster")
@click.argument("task")
@click.argument("container", required=False)
@click.argument("command", nargs=-1)
@click.pass_context
def exec_command(
    ctx: click.Context, cluster: str, task: str, container: str | None, command: tuple[str, ...]
) -> None:
    """Open a shell, or run COMMAND, in a container, on this terminal.

    TASK is an id, the beginning of one, or an ARN. Put `--` before COMMAND.
    """
    import shlex

    from ecs_tui.ask import ask_code
    from ecs_tui.crash import run_job
    from ecs_tui.shell import run_shell

    settings: Settings = ctx.obj
    # click drops the `--`; what stands after it is the command, even without a container.
    words = list(command)
    if "--" in sys.argv:
        after = sys.argv[sys.argv.index("--") + 1 :]
        before = [word for word in (container, *command) if word is not None]
        before = before[: len(before) - len(after)]
        container, words = (before[0] if before else None), after
    line = shlex.join(words) if words else settings.shell
    sys.exit(
        run_job(
            run_shell(_account(settings, ask_code), settings, cluster, task, container or "", line)
        )
    )


@main.command("doctor")
@click.argument("cluster")
@click.argument("target", required=False, default="", metavar="[SERVICE|TASK]")
@click.option("--container", default="", help="Only this container.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list of flat objects.")
@click.pass_obj
def doctor(settings: Settings, cluster: str, target: str, container: str, as_json: bool) -> None:
    """Find out why one cannot exec into a task, container by container.

    Without SERVICE or TASK each service of CLUSTER is looked at, by its newest task. Exit status:
    0 ready, 1 not ready, 3 could not tell.
    """
    from ecs_tui.ask import ask_code
    from ecs_tui.crash import run_job
    from ecs_tui.examine import examine

    sys.exit(
        run_job(
            examine(
                _account(settings, ask_code), settings, cluster, target, container, as_json=as_json
            )
        )
    )


@main.command("login")
@click.pass_obj
def login(settings: Settings) -> None:
    """Log in to IAM Identity Center (SSO) for the profile in use, by a code in any browser."""
    from ecs_tui.crash import run_job
    from ecs_tui.sign_in import sign_in

    run_job(sign_in(_account(settings, None)))


@main.group("cache", invoke_without_command=True)
@click.pass_context
def cache(ctx: click.Context) -> None:
    """Tell where the snapshots for a fast start lie and how large they are."""
    from ecs_tui.inventory.cache import folder, size

    if ctx.invoked_subcommand is None:
        files, total = size()
        echo(f"{folder()}\t{files} files\t{total} bytes")


@cache.command("clear")
def cache_clear() -> None:
    """Remove all snapshots."""
    from ecs_tui.inventory.cache import clear

    files, total = clear()
    echo(f"Removed {files} snapshots, {total} bytes.", err=True)
