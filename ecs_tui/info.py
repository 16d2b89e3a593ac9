"""`ecs-tui info`: what one pastes into a bug report, without secrets."""

from __future__ import annotations

import locale
import os
import platform
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit

from ecs_tui import __version__
from ecs_tui.aws import ecs
from ecs_tui.aws.account import Account
from ecs_tui.echo import echo, echo_json
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.health import Sign
from ecs_tui.model.words import clean, counted
from ecs_tui.session.plugin import PluginChoice, find_plugin
from ecs_tui.settings import Settings

PACKAGES = ("textual", "aiobotocore", "botocore", "aiohttp", "pyghostty", "pyte", "awscrt", "moto")
ASKED_NOTHING = 3
"""The exit status where AWS could not be asked, in whole or in part."""
SIGNS = {True: Sign.FINE, False: Sign.BAD, None: " "}


@dataclass(frozen=True, slots=True)
class Line:
    """One fact; `ok` says how a test went, None where nothing is tested."""

    section: str
    name: str
    value: str
    ok: bool | None = None


def versions() -> list[Line]:
    """This program, Python, the system, and the libraries that matter."""
    lines = [
        Line("versions", "ecs-tui", __version__),
        Line(
            "versions", "python", f"{platform.python_version()} {platform.python_implementation()}"
        ),
        Line(
            "versions", "system", f"{platform.system()} {platform.release()} {platform.machine()}"
        ),
    ]
    for name in PACKAGES:
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "not installed"
        lines.append(Line("versions", name, found))
    return lines


def terminal(settings: Settings) -> list[Line]:
    """What the terminal says of itself, and the engine that draws shells."""
    from ecs_tui.terminal.engine import make_engine

    inside = [name for name in ("TMUX", "STY", "SSH_CONNECTION") if os.environ.get(name)]
    size = shutil.get_terminal_size()
    try:
        engine = make_engine(settings.engine, 80, 24, 0)
        used = type(engine).__name__.removesuffix("Engine").casefold()
    except EcsTuiError as error:
        used = str(error)
    return [
        Line("terminal", "TERM", os.environ.get("TERM", "not set")),
        Line("terminal", "COLORTERM", os.environ.get("COLORTERM", "not set")),
        Line("terminal", "program", os.environ.get("TERM_PROGRAM", "not told")),
        Line("terminal", "within", ", ".join(inside) or "none of tmux, screen, ssh"),
        Line("terminal", "size", f"{size.columns} x {size.lines}"),
        Line("terminal", "encoding", locale.getpreferredencoding(False)),
        Line("terminal", "NO_COLOR", "set" if os.environ.get("NO_COLOR") else "not set"),
        Line("terminal", "engine", used),
    ]


def places(config: str | None) -> list[Line]:
    """Where files are read and written, and whether they are there."""
    from ecs_tui.files import state_folder
    from ecs_tui.inventory.cache import folder
    from ecs_tui.settings import config_path

    paths = {
        "config": Path(config).expanduser() if config else config_path(),
        "state": state_folder(),
        "snapshots": folder(),
    }
    return [
        Line("paths", name, f"{path}" + ("" if path.exists() else " (not there)"))
        for name, path in paths.items()
    ]


async def plugin(settings: Settings) -> list[Line]:
    """The program that carries a session."""
    try:
        found = await find_plugin(PluginChoice(settings.plugin), settings.plugin_path)
    except EcsTuiError as error:
        return [Line("sessions", "client", str(error), False)]
    lines = [Line("sessions", "client", found.words)]
    if not found.builtin:
        lines.append(Line("sessions", "path", found.argv[0]))
    if found.warning:
        lines.append(Line("sessions", "warning", found.warning, False))
    return lines


async def aws(account: Account) -> AsyncIterator[Line]:
    """The account that would be used, and whether it answers: each line as soon as it is known."""
    try:
        source = await account.credentials_source()
    except EcsTuiError as error:
        yield Line("aws", "configuration", str(error), False)
        return
    profile, region = account.profile_setting, account.region_setting
    for name, setting in (("profile", profile), ("region", region)):
        origin = setting.origin if " " in setting.origin else f"from {setting.origin}"
        words = f" ({origin})" if setting.origin else ""
        yield Line("aws", name, (setting.value or "none") + words)
    yield Line("aws", "credentials", source)
    yield Line("aws", "read-only", "yes" if account.read_only else "no")
    for service in ("sts", "ecs", "ssmmessages"):
        try:
            url = await account.endpoint(service)
        except EcsTuiError as error:
            yield Line("connection", service, str(error), False)
            continue
        yield await _reached(service, url)
    yield await _answered("sts:GetCallerIdentity", _caller(account))
    yield await _answered("ecs:ListClusters", _clusters(account))


async def _reached(service: str, url: str) -> Line:
    from ecs_tui.session.reach import reach

    found = await reach(url)
    through = f", through the proxy {found.proxy}" if found.proxy else ""
    host = found.host.removesuffix(":443")
    own = "" if urlsplit(url).scheme == "https" else f" ({urlsplit(url).scheme})"
    return Line("connection", service, f"{host}{own}: {found.words}{through}", found.reached)


async def _answered(name: str, asked: Awaitable[str]) -> Line:
    try:
        return Line("connection", name, await asked, True)
    except EcsTuiError as error:
        return Line("connection", name, str(error), False)


async def _caller(account: Account) -> str:
    caller = await account.caller(alias=False)
    return caller.arn


async def _clusters(account: Account) -> str:
    async for page in ecs.list_clusters(account):
        more = "at least " if len(page) == 100 else ""
        return more + counted(len(page), "cluster")
    return "no answer"


async def print_info(
    account: Account, settings: Settings, config: str | None, *, as_json: bool
) -> int:
    """Print all of it, each line as soon as it is known; returns the exit status."""
    lines: list[Line] = []
    printed = ""

    def add(line: Line) -> None:
        nonlocal printed
        lines.append(line)
        if as_json:
            return
        if line.section != printed:
            echo(("\n" if printed else "") + line.section)
            printed = line.section
        echo(f"{SIGNS[line.ok]} {line.name:<22} {clean(line.value)}")

    try:
        for line in (*versions(), *terminal(settings), *places(config), *await plugin(settings)):
            add(line)
        async for line in aws(account):
            add(line)
    finally:
        await account.close()
    if as_json:
        echo_json([asdict(line) for line in lines])
    sys.stdout.flush()
    asked = [line for line in lines if line.section in ("aws", "connection")]
    return ASKED_NOTHING if any(line.ok is False for line in asked) else 0
