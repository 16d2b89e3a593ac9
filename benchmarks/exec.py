"""From `s` to the first prompt in the pane. Yardstick: `ecs-tui exec` printing its first byte."""

from __future__ import annotations

import asyncio
import shutil
import statistics
import time
from typing import Any

from benchmarks.rows import Row, finish, limited
from ecs_tui.session.plugin import NAME
from ecs_tui.session.session import Session, State, Target
from tests.support.app import open_services, pane_text, running_app, select
from tests.support.demo import Demo, demo_account
from tests.support.limits import until


async def in_the_pane(demo: Demo, plugin: str, times: int, *, warm: bool = True) -> float:
    """Median seconds from the key to the prompt drawn, with a worker waiting or without one."""
    found = []
    async with running_app(demo.account(), plugin=plugin) as (app, pilot):
        await open_services(app, pilot)
        select(app, "orders")
        await pilot.pause(2)
        for _ in range(times):
            count = len(app.browser.dock.panes)
            if warm:
                await until(lambda: app.browser.warm_worker.pid, "a warm worker")
                await pilot.pause(1)  # it is warm by then
            else:
                app.browser.warm_worker.close()
            started = time.perf_counter()
            await app.browser.on_key(_key("s"))
            await until(lambda before=count: len(app.browser.dock.panes) > before, "a pane")  # type: ignore[misc]
            await until(lambda: app.browser.dock.current is app.browser.dock.panes[-1], "in front")
            await until(lambda: "#" in pane_text(app), "a prompt")
            found.append(time.perf_counter() - started)
            await app.browser.dock.close(app.browser.dock.panes[-1])
            app.browser.table.focus()
            await pilot.pause(0.5)
    return statistics.median(found)


def _key(name: str) -> Any:
    from textual.events import Key

    return Key(name, name)


async def bare(demo: Demo, plugin: str, times: int) -> float:
    """Median seconds of the session alone: no app, no terminal."""
    from ecs_tui.aws.api import ecs
    from ecs_tui.session.plugin import PluginChoice

    found = []
    account = demo.account()
    arns = [arn async for page in ecs.list_tasks(account, "prod", "orders") for arn in page]
    task = (await ecs.describe_tasks(account, "prod", arns))[0]
    target = Target.of(task, task.containers[0])
    for _ in range(times):
        seen = asyncio.Event()
        started = time.perf_counter()
        session = Session(
            account, target, "/bin/sh", lambda data, seen=seen: seen.set(), lambda: None,  # type: ignore[misc]
            plugin=PluginChoice(plugin),
        )  # fmt: skip
        await session.start()
        assert session.state is not State.CLOSED, session.reason
        await asyncio.wait_for(seen.wait(), 20)
        found.append(time.perf_counter() - started)
        await session.close()
    await account.close()
    return statistics.median(found)


def main() -> None:
    """Measure and print."""
    rows: list[Row] = []
    plugins = ["builtin", *(["system"] if shutil.which(NAME) else [])]
    with demo_account() as demo:
        for plugin in plugins:
            without = asyncio.run(bare(demo, plugin, 7))
            with_pane = asyncio.run(in_the_pane(demo, plugin, 7))
            row = limited(f"s to first prompt in the pane ({plugin})", with_pane, "s", 0.5)
            row.yardstick, row.yardstick_value = "session alone, no worker", without
            row.ratio = round(with_pane / without, 2)
            rows.append(row)
            cold = asyncio.run(in_the_pane(demo, plugin, 7, warm=False))
            rows.append(Row(f"  the same, its worker started with the pane ({plugin})", cold, "s"))
    finish(rows)


if __name__ == "__main__":
    main()
