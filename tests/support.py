"""What tests share: the pretend account as a process, waiting for conditions, driving the app."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from rich.cells import cell_len
from textual.pilot import Pilot

from ecs_tui.aws.account import Account, Credentials
from ecs_tui.settings import Settings
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.widgets.bars import Bar
from ecs_tui.ui.widgets.menu import DockMenu
from ecs_tui.ui.widgets.pane import ShellPane
from ecs_tui.ui.widgets.table import GAP, ResourceTable

T = TypeVar("T")
DEADLINE = 20.0
"""Seconds on a quiet machine."""
TIME_FACTOR = float(os.environ.get("TEST_TIME_FACTOR", "1"))
"""Scales every limit of every test: set it above 1 on a machine that is busy with other work."""
EXHAUSTIVE = bool(os.environ.get("EXHAUSTIVE"))
"""Whether tests with a large matrix of cases run all of it (`make exhaustive`)."""
SEED = int(os.environ.get("TEST_SEED", "20261125"))


def limit(seconds: float) -> float:
    """A test's time limit in seconds, scaled for a busy machine."""
    return seconds * TIME_FACTOR


def sample(cases: Sequence[T], count: int) -> list[T]:
    """`count` of the cases, chosen by `SEED`, in their order; all of them in `make exhaustive`."""
    if EXHAUSTIVE or count >= len(cases):
        return list(cases)
    chosen = sorted(random.Random(SEED).sample(range(len(cases)), count))
    return [cases[index] for index in chosen]


@dataclass(frozen=True)
class Demo:
    """A running pretend account."""

    endpoint: str
    region: str
    environment: dict[str, str]
    pid: int
    secret: str

    def account(self, *, read_only: bool = False, endpoint: str = "") -> Account:
        """A way into it."""
        return Account(
            None,
            self.region,
            endpoint or self.endpoint,
            read_only=read_only,
            credentials=Credentials(
                self.environment["AWS_ACCESS_KEY_ID"], self.environment["AWS_SECRET_ACCESS_KEY"]
            ),
        )

    def counts(self, *, reset: bool = False) -> dict[str, Any]:
        """What the server has counted: calls, throttled, failed, at_once; `reset` starts anew."""
        method = "DELETE" if reset else "GET"
        request = urllib.request.Request(
            f"{self.endpoint}/_ecs-tui/counts",
            method=method,
            headers={"X-Ecs-Tui-Secret": self.secret},
        )
        with urllib.request.urlopen(request) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def mood(self, **fields: Any) -> None:
        """Make it kinder or less kind from now on: fields of `Unkindness`."""
        self._put("unkind", fields)

    def line(self, **fields: Any) -> None:
        """Make the sessions' line worse or better: fields of `Faults`, or `cut=True`."""
        self._put("line", fields)

    def _put(self, what: str, fields: dict[str, Any]) -> None:
        request = urllib.request.Request(
            f"{self.endpoint}/_ecs-tui/{what}",
            method="PUT",
            data=json.dumps(fields).encode(),
            headers={"X-Ecs-Tui-Secret": self.secret},
        )
        urllib.request.urlopen(request).close()


@contextlib.contextmanager
def demo_account(*flags: str) -> Iterator[Demo]:
    """Serve the pretend account from a process of its own until the block ends."""
    argv = [sys.executable, "-m", "ecs_tui", "demo", "--serve", "--with-parent", *flags]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None and child.stdout is not None
        try:
            served = json.loads(child.stdout.readline())
            yield Demo(
                served["endpoint"],
                served["region"],
                served["environment"],
                child.pid,
                served["secret"],
            )
        finally:
            child.stdin.close()
            try:
                child.wait(limit(15))
            except subprocess.TimeoutExpired:
                child.kill()  # or leaving the block would wait for ever
                raise


async def until(condition: Callable[[], Any], what: str = "", deadline: float = DEADLINE) -> Any:
    """Wait until `condition` holds; returns its value; fails saying `what` after the deadline.

    The deadline is in seconds on a quiet machine; see `TIME_FACTOR`.
    """
    deadline = limit(deadline)
    end = time.monotonic() + deadline
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {what or condition}")
        await asyncio.sleep(0.01)
    return value


@contextlib.asynccontextmanager
async def running_app(
    account: Account, size: tuple[int, int] = (120, 36), **settings: Any
) -> AsyncIterator[tuple[EcsTuiApp, Pilot[None]]]:
    """The real app, headless; its shells and clients end with the block."""
    app = EcsTuiApp(account, Settings(**settings))
    async with app.run_test(size=size) as pilot:
        await until(lambda: app.screen is app.browser, "the browser is shown")
        try:
            yield app, pilot
        finally:
            await app.browser.end()


def names(app: EcsTuiApp) -> list[str]:
    """The names of the rows in the list, in order."""
    table = app.browser.table
    return [app.browser.view.name_of(table.rows[i]) for i in table.order]


def select(app: EcsTuiApp, name: str) -> None:
    """Put the cursor on the row called `name`."""
    table = app.browser.table
    table.cursor = names(app).index(name)


async def open_services(app: EcsTuiApp, pilot: Pilot[None], cluster: str = "prod") -> None:
    """Go into a cluster and wait until all its services and tasks are described."""
    browser = app.browser
    await until(lambda: cluster in names(app), f"{cluster} is listed")
    select(app, cluster)
    await pilot.press("enter")
    await until(lambda: browser.place.view == "services" and names(app), "services are listed")
    await until(
        lambda: (
            all(row.service.described for row in browser.table.rows)
            and any(row.agents[1] for row in browser.table.rows)
        ),
        "services are described",
    )


def screen_text(app: EcsTuiApp) -> str:
    """What is on the screen, as text."""
    width, height = app.size
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(seg.text for seg in line)[:width] for line in lines[:height])


def too_wide(app: EcsTuiApp) -> list[str]:
    """What is wider than its place, so that the screen cuts it without a sign.

    The text of the screen cannot tell: it is cut already.
    """
    found = []
    for widget in app.screen.query("*"):
        if not widget.region:
            continue
        if widget.region.right > app.size.width:
            found.append(f"{widget} ends at column {widget.region.right}")
        if isinstance(widget, ResourceTable):
            need = sum(widget._drawn.values()) + GAP * (len(widget._drawn) - 1) + 1
        elif isinstance(widget, (Bar, DockMenu)):
            need = max(cell_len(line) for line in str(widget.render()).split("\n"))
        else:
            continue
        if need > widget.size.width:
            found.append(f"{widget} needs {need} columns and has {widget.size.width}")
    return found


def pane_text(app: EcsTuiApp) -> str:
    """The text of the shell in front, "" without one."""
    pane = app.browser.dock.current
    return "" if pane is None else shell_text(pane)


def shell_text(pane: ShellPane) -> str:
    """The text of a shell, in front or not."""
    return "\n".join("".join(run.text for run in line) for line in pane.link.picture.lines)


async def open_shell(app: EcsTuiApp, pilot: Pilot[None], service: str) -> ShellPane:
    """From the list, a shell in a task of `service`: returns it once it shows a prompt."""
    panes = app.browser.dock.panes
    count = len(panes)
    select(app, service)
    await pilot.press("s")
    await until(lambda: len(panes) > count, f"a shell in {service}")
    pane = panes[-1]
    await until(lambda: "#" in shell_text(pane), "a prompt")
    return pane
