"""`ecs-tui info`: prints what a bug report needs, without secrets."""

from __future__ import annotations

import locale
import os
import platform
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Unpack
from urllib.parse import urlsplit

from ecs_tui import __version__
from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.cli.columns import RowFormat
from ecs_tui.cli.options import GivenOutput, OutputOptions, Printer, output_parameters
from ecs_tui.cli.output import TableColumn
from ecs_tui.cli.subcommand import Invocation, Subcommand
from ecs_tui.config.settings import Settings
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.text import clean, counted
from ecs_tui.record import dataclass
from ecs_tui.session.plugin import PluginChoice, find_plugin
from ecs_tui.system import terminal_type
from ecs_tui.system.crash import run_job
from ecs_tui.system.echo import echo, sign
from ecs_tui.system.exit_status import ExitStatus

PACKAGES = ("textual", "aiobotocore", "botocore", "aiohttp", "pyghostty", "pyte", "awscrt", "moto")
SIGNS = {True: Sign.FINE, False: Sign.BAD, None: " "}
RESULTS = {True: "ok", False: "failed", None: None}


@dataclass(frozen=True, slots=True)
class InfoLine:
    """One line; `ok` is the result of its test, None if nothing is tested."""

    section: str
    name: str
    value: str
    ok: bool | None = None


LINES = RowFormat(
    "lines",
    ("section", "name", "value", "ok"),
    (
        TableColumn("SECTION", lambda row: row["section"]),
        TableColumn("NAME", lambda row: row["name"]),
        TableColumn("RESULT", lambda row: RESULTS[row["ok"]]),
        TableColumn("VALUE", lambda row: row["value"], shrinks=True),
    ),
)


def run(invocation: Invocation, **output: Unpack[GivenOutput]) -> int:
    """Print all facts; returns the exit status."""
    options = OutputOptions.of(**output)
    account = invocation.account()
    return run_job(print_info(account, invocation.settings, invocation.config, options))


SUBCOMMAND = Subcommand(
    name="info",
    help="""Show what a bug report needs, and test the connection to AWS.

    Versions, terminal, paths, the source of credentials; no secrets.

    Exit status: 0 AWS answers, 3 no answer.
    """,
    run=run,
    parameters=output_parameters("text"),
)


def versions() -> list[InfoLine]:
    """The versions of this program, Python, the system, and the important libraries."""
    lines = [
        InfoLine("versions", "ecs-tui", __version__),
        InfoLine(
            "versions", "python", f"{platform.python_version()} {platform.python_implementation()}"
        ),
        InfoLine(
            "versions", "system", f"{platform.system()} {platform.release()} {platform.machine()}"
        ),
    ]
    for name in PACKAGES:
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "not installed"
        lines.append(InfoLine("versions", name, found))
    return lines


def terminal(settings: Settings) -> list[InfoLine]:
    """The terminal's variables and size, and the engine that draws shells."""
    from ecs_tui.terminal.engines.make import make_engine

    inside = [name for name in ("TMUX", "STY", "SSH_CONNECTION") if os.environ.get(name)]
    size = shutil.get_terminal_size()
    try:
        engine = make_engine(settings.engine, 80, 24, 0)
        used = type(engine).__name__.removesuffix("Engine").casefold()
    except EcsTuiError as error:
        used = str(error)
    return [
        InfoLine("terminal", "TERM", os.environ.get("TERM", "not set")),
        InfoLine("terminal", "COLORTERM", os.environ.get("COLORTERM", "not set")),
        InfoLine("terminal", "program", os.environ.get("TERM_PROGRAM", "not reported")),
        InfoLine("terminal", "within", ", ".join(inside) or "not in tmux, screen or ssh"),
        InfoLine("terminal", "size", f"{size.columns} x {size.lines}"),
        InfoLine("terminal", "encoding", locale.getpreferredencoding(False)),
        InfoLine("terminal", "NO_COLOR", "set" if os.environ.get("NO_COLOR") else "not set"),
        *dashboard(),
        InfoLine("terminal", "engine", used),
    ]


CHARACTERS = {
    "unicode": "Unicode",
    "console": "those of the Linux console",
    "ascii": "ASCII",
}
MODES = {
    "none": "none",
    "cursor": "hides the cursor",
    "screen": "alternate screen, pastes, focus",
    "all": "alternate screen, pastes, focus, keyboard protocol, size reports",
}


def dashboard() -> list[InfoLine]:
    """The terminal features that the dashboard would use."""
    try:
        found = terminal_type.find()
    except terminal_type.UnfitTerminal as error:
        return [InfoLine("terminal", "dashboard", f"not shown: {error}")]
    colours = {0: "none", terminal_type.TRUE_COLOUR: "24-bit"}
    return [
        InfoLine(
            "terminal",
            "colours",
            f"{colours.get(found.colours, found.colours)} (from {found.colours_by})",
        ),
        InfoLine(
            "terminal",
            "characters",
            f"{CHARACTERS[found.characters]} (from {found.locale or 'no locale'})",
        ),
        InfoLine("terminal", "modes", MODES[found.modes]),
        InfoLine("terminal", "mouse", "yes" if found.mouse else "no"),
    ]


def places(config: str | None) -> list[InfoLine]:
    """The paths of files that are read and written, and whether they exist."""
    from ecs_tui.config.settings import config_path
    from ecs_tui.store.snapshot import folder
    from ecs_tui.system.atomic_file import state_folder

    paths = {
        "config": Path(config).expanduser() if config else config_path(),
        "state": state_folder(),
        "snapshots": folder(),
    }
    return [
        InfoLine("paths", name, f"{path}" + ("" if path.exists() else " (not found)"))
        for name, path in paths.items()
    ]


async def plugin(settings: Settings) -> list[InfoLine]:
    """The session client that would be used."""
    try:
        found = await find_plugin(PluginChoice(settings.plugin), settings.plugin_path)
    except EcsTuiError as error:
        return [InfoLine("sessions", "client", str(error), False)]
    lines = [InfoLine("sessions", "client", found.words)]
    if not found.builtin:
        lines.append(InfoLine("sessions", "path", found.argv[0]))
    if found.warning:
        lines.append(InfoLine("sessions", "warning", found.warning, False))
    return lines


async def aws(account: Account) -> AsyncIterator[InfoLine]:
    """The configuration and test calls; yields each line as soon as it is known."""
    try:
        source = await account.credentials_source()
    except EcsTuiError as error:
        yield InfoLine("aws", "configuration", str(error), False)
        return
    profile, region = account.profile_setting, account.region_setting
    for name, setting in (("profile", profile), ("region", region)):
        origin = setting.origin if " " in setting.origin else f"from {setting.origin}"
        words = f" ({origin})" if setting.origin else ""
        yield InfoLine("aws", name, (setting.value or "none") + words)
    yield InfoLine("aws", "credentials", source)
    yield InfoLine("aws", "read-only", "yes" if account.read_only else "no")
    for service in ("sts", "ecs", "ssmmessages"):
        try:
            url = await account.endpoint(service)
        except EcsTuiError as error:
            yield InfoLine("connection", service, str(error), False)
            continue
        yield await _reached(service, url)
    yield await _answered("sts:GetCallerIdentity", _caller(account))
    yield await _answered("ecs:ListClusters", _clusters(account))


async def _reached(service: str, url: str) -> InfoLine:
    from ecs_tui.session.reach import reach

    found = await reach(url)
    through = f", through the proxy {found.proxy}" if found.proxy else ""
    host = found.host.removesuffix(":443")
    own = "" if urlsplit(url).scheme == "https" else f" ({urlsplit(url).scheme})"
    return InfoLine("connection", service, f"{host}{own}: {found.words}{through}", found.reached)


async def _answered(name: str, asked: Awaitable[str]) -> InfoLine:
    try:
        return InfoLine("connection", name, await asked, True)
    except EcsTuiError as error:
        return InfoLine("connection", name, str(error), False)


async def _caller(account: Account) -> str:
    caller = await account.caller(alias=False)
    return caller.arn


async def _clusters(account: Account) -> str:
    async for page in ecs.list_clusters(account):
        more = "at least " if len(page) == 100 else ""
        return more + counted(len(page), "cluster")
    return "no answer"


async def print_info(
    account: Account, settings: Settings, config: str | None, options: OutputOptions
) -> ExitStatus:
    """Print each line as soon as it is known; returns the exit status.

    Raises:
        WrongUsage: An option names a column that the lines do not have.
    """
    printer = Printer(LINES, options) if options.form else None
    lines: list[InfoLine] = []
    printed = ""

    def add(line: InfoLine) -> None:
        nonlocal printed
        lines.append(line)
        if printer is not None:
            printer.page([asdict(line)])
            return
        if line.section != printed:
            echo(("\n" if printed else "") + line.section)
            printed = line.section
        echo(f"{sign(SIGNS[line.ok])} {line.name:<22} {clean(line.value)}")

    try:
        for line in (*versions(), *terminal(settings), *places(config), *await plugin(settings)):
            add(line)
        async for line in aws(account):
            add(line)
    finally:
        await account.close()
    if printer is not None:
        printer.end(whole=True)
    sys.stdout.flush()
    asked = [line for line in lines if line.section in ("aws", "connection")]
    failed = any(line.ok is False for line in asked)
    return ExitStatus.NOT_ASKED if failed else ExitStatus.YES
