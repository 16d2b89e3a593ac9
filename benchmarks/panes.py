"""Panes in the real app: through a session, beside a refreshing list, several printing, idle."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.events import Key

from ecs_tui.aws.api import ecs
from ecs_tui.session.plugin import BUILTIN, command_line
from ecs_tui.system.pty import PtyProcess
from ecs_tui.terminal.engines.make import make_engine
from tests.support.app import names, open_services, running_app, select
from tests.support.demo import Demo, demo_account
from tests.support.limits import until
from tests.support.ready_target import ready_target

COLUMNS, ROWS = 120, 40
ECHO = "#!/bin/sh\n[ \"$1\" = --version ] && echo 1.2.700.0 && exit\nprintf '# '; exec cat\n"
FLOOD = """#!/bin/sh
[ "$1" = --version ] && echo 1.2.700.0 && exit
printf '# '; read line
while :; do seq 100000 199999; done
"""


@asynccontextmanager
async def app_with_plugin(
    script: str, *flags: str, cluster: str = "prod"
) -> AsyncIterator[tuple[Any, Any]]:
    """The app whose session client is a script, so that no gateway takes part in the measure."""
    with demo_account(*flags) as demo, tempfile.TemporaryDirectory() as folder:
        plugin = Path(folder) / "session-manager-plugin"
        plugin.write_text(script)
        plugin.chmod(0o700)
        async with running_app(
            demo.account(), size=(COLUMNS, ROWS), plugin="system", plugin_path=str(plugin),
            cache=False,
        ) as (app, pilot):  # fmt: skip
            await open_services(app, pilot, cluster)
            yield app, pilot


async def open_shells(app: Any, count: int) -> None:
    """So many shells in one service; the keys go to the list."""
    browser = app.browser
    select(app, "orders")
    for number in range(1, count + 1):
        await browser.on_key(Key("s", "s"))
        await until(lambda want=number: len(browser.dock.panes) == want)  # type: ignore[misc]
        await until(lambda: browser.dock.panes[-1].session.live, "open")
        browser.table.focus()
        await until(lambda: browser.table.has_focus, "the list has the keys")


async def bare_client(demo: Demo, file: Path) -> float:
    """Seconds for the file through the built-in client on a PTY that is only drained."""
    account = demo.account()
    target = await ready_target(account)
    tail = bytearray()

    def output(data: bytes) -> None:
        tail.extend(data)
        del tail[:-4096]

    started_session = await ecs.execute_command(
        account, target.cluster, target.task_arn, target.container, "/bin/sh"
    )
    command = command_line(
        BUILTIN,
        session_id=started_session.session_id,
        token=started_session.token,
        stream_url=started_session.stream_url,
        target=target.ssm_target,
        region=account.region,
        profile="",
        ssm_endpoint=account.endpoint_url or "",
        environ={**os.environ, **await account.child_environment()},
    )
    pty = PtyProcess(command.argv, command.env, output, lambda status: None, COLUMNS, ROWS)
    await until(lambda: b"#" in tail, "a prompt")
    started = time.perf_counter()
    pty.write(f"cat {file}; echo THE-''END\r".encode())
    await until(lambda: b"THE-END" in tail, "the end", 120)
    seconds = time.perf_counter() - started
    pty.signal(signal.SIGTERM)
    await asyncio.sleep(1)
    pty.close()
    await account.close()
    return seconds


async def through_the_pane(demo: Demo, file: Path) -> float:
    """Seconds for the same in the app's pane, until its last line is on the screen."""
    async with running_app(demo.account(), size=(COLUMNS, ROWS), plugin="builtin", cache=False) as (
        app,
        pilot,
    ):
        await open_services(app, pilot)
        await open_shells(app, 1)
        pane = app.browser.dock.panes[0]

        def shows(text: str) -> bool:
            return any(text in run.text for row in pane.link.picture.lines[-6:] for run in row)

        await until(lambda: shows("#") or pane.link.picture.lines, "a prompt")
        started = time.perf_counter()
        pane.session.write(f"cat {file}; echo THE-''END\r".encode())
        lines = pane.link.picture
        await until(
            lambda: any("THE-END" in run.text for row in lines.lines for run in row), "end", 120
        )
        return time.perf_counter() - started
    raise AssertionError("not reached")


async def echo_beside_a_list(times: int) -> list[float]:
    """Seconds from a byte written to the session's PTY to its cell drawn, 2,000 rows refreshing."""
    found = []
    async with app_with_plugin(ECHO, "--services", "2000", "--tasks", "4000") as (app, pilot):
        browser = app.browser
        await open_shells(app, 1)
        pane = browser.dock.panes[0]
        await pilot.press("escape", "escape")
        await until(lambda: "scale" in names(app), "clusters")
        select(app, "scale")
        await browser.on_key(Key("enter", "\r"))
        await until(lambda: len(browser.table.rows) == 2000, "all names", 60)
        services = browser.inventory.services
        await until(lambda: all(s.described for s in services("scale")), "described", 120)
        pane.view.focus()
        for number in range(times):
            if number % 40 == 0:
                browser.refresher.refresh_now()
            await asyncio.sleep(0.02)
            before = pane.view.redrawn_rows
            started = time.perf_counter()
            pane.session.write(b"\x7f" if number % 2 else b"x")
            while pane.view.redrawn_rows == before:  # each turn of the loop, no pause
                await asyncio.sleep(0)
                assert time.perf_counter() < started + 5, "no echo"
            found.append(time.perf_counter() - started)
    return found


async def typed_and_drawn(times: int) -> list[float]:
    """Seconds from a byte that the operator's terminal sends to the echo that it gets: the whole
    program on a PTY, its input thread, its pane, the session's PTY and back."""
    found: list[float] = []
    screen, output = make_engine("auto", COLUMNS, ROWS, 100), bytearray()
    drawn = asyncio.Event()

    def on_output(data: bytes) -> None:
        output.extend(data)
        drawn.set()
        screen.feed(data)

    async def shows(text: str) -> None:
        await until(lambda: text in screen.text(False), text, 60)

    with demo_account() as demo, tempfile.TemporaryDirectory() as folder:
        plugin = Path(folder) / "session-manager-plugin"
        plugin.write_text(ECHO)
        plugin.chmod(0o700)
        env = {**os.environ, **demo.environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        env["PATH"] = f"{folder}:{env['PATH']}"
        argv = [sys.executable, "-m", "ecs_tui", "--plugin", "system", "--no-cache"]
        argv += ["--cluster", "prod", "--service", "orders"]
        pty = PtyProcess(argv, env, on_output, lambda status: None, COLUMNS, ROWS)
        try:
            await shows("1/1")
            pty.write(b"s")
            await shows("Typing into the shell")
            await shows("\n#")  # the prompt
            for number in range(times):
                await asyncio.sleep(0.02)
                if number % 40 == 39:
                    pty.write(b"\x15")
                    await asyncio.sleep(0.1)
                output.clear()
                started = time.perf_counter()
                pty.write(b"Z")
                while b"Z" not in output:
                    drawn.clear()
                    await drawn.wait()
                found.append(time.perf_counter() - started)
        finally:
            pty.signal(signal.SIGTERM)
            await asyncio.sleep(1)
            pty.close()
    return found


async def filtering_while_four_print(times: int) -> tuple[list[float], int]:
    """Seconds from a key in the filter to the list's frame; and the bytes printed meanwhile."""
    found: list[float] = []
    async with app_with_plugin(FLOOD) as (app, _):
        browser = app.browser
        await open_shells(app, 4)
        panes = browser.dock.panes
        for pane in panes:
            pane.session.write(b"\r")
        await until(lambda: all(pane.session.bytes_out > 500_000 for pane in panes), "flood")
        before = sum(pane.session.bytes_out for pane in panes)
        for number in range(times):
            if number % 8 == 0:
                if browser.prompt.is_open:
                    app.post_message(Key("escape", None))
                    await until(lambda: browser.table.has_focus, "closed")
                app.post_message(Key("slash", "/"))
                await until(lambda: app.focused is browser.prompt._line, "open")
            await asyncio.sleep(0.03)
            drawn, key = asyncio.Event(), "name:car"[number % 8]
            text = browser.table.filter
            started = time.perf_counter()
            app.post_message(Key({":": "colon"}.get(key, key), key))
            while browser.table.filter == text:
                await asyncio.sleep(0)
                assert time.perf_counter() < started + 5, "no filter"
            browser.table.call_after_refresh(drawn.set)
            await drawn.wait()
            found.append(time.perf_counter() - started)
        return found, sum(pane.session.bytes_out for pane in panes) - before
    raise AssertionError("not reached")


def cpu_seconds(pids: list[int]) -> float:
    """User and system time of processes."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and all that it has started."""
    found = [pid]
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in path.read_text().split():
            found += family(int(child))
    return found


async def idle_cpu(seconds: float) -> tuple[float, float]:
    """(share of a core that the app takes, its children take) with four open shells, untouched."""
    with demo_account() as demo:
        engine = make_engine("auto", COLUMNS, ROWS, 100)
        env = {**os.environ, **demo.environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        argv = [sys.executable, "-m", "ecs_tui", "--plugin", "builtin"]
        argv += ["--cluster", "prod", "--service", "orders"]
        pty = PtyProcess(argv, env, engine.feed, lambda status: None, COLUMNS, ROWS)
        try:
            for number in range(1, 5):
                await until(lambda: "1/1" in engine.text(False), "the list", 30)
                pty.write(b"s")
                await until(lambda n=number: len(family(pty.pid)) >= 1 + 2 * n, "a shell", 30)  # type: ignore[misc]
                await until(lambda: "● open" in engine.text(False), "open", 30)
                pty.write(b"\x1dl")
                await asyncio.sleep(1)
            await asyncio.sleep(5)
            everyone = family(pty.pid)
            app, rest = cpu_seconds([pty.pid]), cpu_seconds(everyone[1:])
            await asyncio.sleep(seconds)
            return (
                (cpu_seconds([pty.pid]) - app) / seconds,
                (cpu_seconds(everyone[1:]) - rest) / seconds,
            )
        finally:
            pty.signal(signal.SIGTERM)
            await asyncio.sleep(1)
            pty.close()
