"""The command line: flags, the list of subcommands, exit statuses.

`--version` and `--help` import no subcommand; every other call imports the one that it needs.
"""

from __future__ import annotations

import signal
import sys
from importlib import import_module
from typing import Any, NamedTuple, NoReturn

import click

from ecs_tui import __version__
from ecs_tui.errors import EcsTuiError, SettingsError
from ecs_tui.system.echo import echo
from ecs_tui.system.exit_status import of_error, of_signal


class Entry(NamedTuple):
    """A subcommand in the list: its name, the module of `cli/` that defines it, its summary."""

    name: str
    module: str
    summary: str


DASHBOARD = Entry("dashboard", "dashboard", "Open the dashboard (also without a command).")
SUBCOMMANDS = (
    DASHBOARD,
    Entry("ls", "ls", "List clusters, services, tasks and other resources."),
    Entry("exec", "exec", "Open a shell or run COMMAND in a container."),
    Entry("logs", "logs", "Print what containers said, merged by time."),
    Entry("problems", "problems", "Print what is wrong in clusters, worst first."),
    Entry("activity", "activity", "Print what happened around a moment, as one timeline."),
    Entry("audit", "audit", "Print who was in which container, and what let them in."),
    Entry("sessions", "sessions", "List or end the sessions that are open in containers."),
    Entry("review", "review", "Print who may open a session in CLUSTER, beside who did."),
    Entry("record", "record", "Print what AWS records of sessions in CLUSTER, or turn it on."),
    Entry("iam-policy", "iam_policy", "Print the least IAM policy for WORK."),
    Entry("doctor", "doctor", "Diagnose why ECS Exec fails, per container."),
    Entry("deploy", "deploy", "Force a new deployment of a service, and wait for it."),
    Entry("scale", "scale", "Set a service's desired count, and wait for the tasks."),
    Entry("rollback", "rollback", "Roll back a service, and wait until that holds."),
    Entry("wait", "wait", "Wait until a service has settled."),
    Entry("stop", "stop", "Stop tasks, and wait until they are stopped."),
    Entry("run-task", "run_task", "Run standalone tasks, and wait until they run."),
    Entry("info", "info", "Show what a bug report needs, and test the connection to AWS."),
    Entry("login", "sign_in", "Log in to IAM Identity Center (SSO)."),
    Entry("cache", "cache", "Show where snapshots are kept, or remove them."),
    Entry("demo", "demo", "Try ecs-tui with a local demo account."),
)


class MainGroup(click.Group):
    """The group of all subcommands: imports each when it is called, and reports its errors.

    Any exception becomes one message on stderr and an exit status, as in `system/exit_status.py`.
    Besides: 141 (as after SIGPIPE), without a message, if the reader has closed stdout, and 130
    after Ctrl+C.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._modules = {entry.name: entry.module for entry in SUBCOMMANDS}
        for name, _, summary in SUBCOMMANDS:  # replaced at their first use
            self.add_command(click.Command(name, help=summary))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the list."""
        return list(self.commands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand with this name; its module is imported."""
        if module := self._modules.pop(cmd_name, ""):
            self.add_command(import_module(f"ecs_tui.cli.{module}").SUBCOMMAND.command())
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of subcommands from their summaries, without importing them."""
        width = formatter.width - max(map(len, self.commands)) - 6
        rows = [(name, each.get_short_help_str(width)) for name, each in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The subcommand that the first word names; for an address, the dashboard."""
        if args[0] not in self.commands:
            from ecs_tui.model.pasted import is_pasted

            if is_pasted(args[0]):
                return DASHBOARD.name, self.get_command(ctx, DASHBOARD.name), args
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
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


EXAMPLES = """\b
Examples:
  ecs-tui                               open the dashboard
  ecs-tui ADDRESS                       open it at an ARN, a URL or an alarm
  ecs-tui --cluster prod --service web  the same, by name
  ecs-tui ls services --sort -running   list the services of all clusters
  ecs-tui exec prod web                 open a shell in a task of a service
  ecs-tui doctor prod web               say why that fails
"""


@click.group(
    cls=MainGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="[COMMAND [ARGS]... | ADDRESS]",
    epilog=EXAMPLES,
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

    Without a command it opens the dashboard; with an ARN, a URL of the ECS console, a task ID or the
    text of an alarm it opens it there.
    """
    from ecs_tui.config.settings import load

    flags["cache"] = False if flags.pop("no_cache") else None
    flags["record"] = ["*"] if flags["record"] else None
    flags["accounts"] = list(flags["accounts"]) or None
    ctx.obj = load(flags, config)
    for note in ctx.obj.notes:
        echo(f"ecs-tui: {note}", err=True)
    _log_to(ctx.obj.log_file)
    if ctx.invoked_subcommand is None:
        command = main.get_command(ctx, DASHBOARD.name)
        assert command is not None
        ctx.invoke(command)


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
