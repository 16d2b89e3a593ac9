"""Pictures of the main screens, compared with those in `__snapshots__`.

Ages in this account are whole minutes or more, and nothing changes in the cluster `staging`. The
header line (port, age of the data, calls a minute) differs in each run and is left out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from ecs_tui.config.sections import WatchSettings
from ecs_tui.config.settings import Settings
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.dialogs.access import AccessScreen
from ecs_tui.ui.dialogs.plan import PlanScreen
from tests.support.app import (
    PREFIX,
    clusters_counted,
    looked_up,
    names,
    open_services,
    pane_text,
    select,
)
from tests.support.demo import Demo
from tests.support.limits import until

Steps = Callable[[EcsTuiApp, Pilot[None]], Awaitable[None]]


async def clusters(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await until(lambda: "staging" in names(app), "clusters")
    await until(lambda: all(row.described for row in app.browser.table.rows), "described")
    await clusters_counted(app)  # columns are fitted to what has been seen: always the same
    await until(lambda: looked_up(app), "what the rows want to know")
    await pilot.press("slash", *"name:a", "enter")  # prod is deployed to all the time
    await until(lambda: "prod" not in names(app), "the quiet ones")


async def services(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await open_services(app, pilot, "staging")
    await until(lambda: all(row.agents[1] for row in app.browser.table.rows), "agents")


async def filtered(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await services(app, pilot)
    await pilot.press("slash", *"name:a", "enter")


async def tasks(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await services(app, pilot)
    select(app, "checkout")
    await pilot.press("enter")
    await until(lambda: names(app), "tasks")
    await until(lambda: all(row.described for row in app.browser.table.rows), "described")


async def containers(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await tasks(app, pilot)
    await pilot.press("enter")
    await until(lambda: app.browser.place.view == "containers" and names(app), "containers")


async def shell(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await containers(app, pilot)
    await pilot.press("s")
    await until(lambda: "#" in pane_text(app), "a prompt")
    await pilot.press(*"printf '\\e[1;32mgreen\\e[0m \\e[7mrev\\e[0m 漢字\\n'", "enter")
    await until(lambda: "\ngreen" in pane_text(app), "colours")
    pane = app.browser.dock.current
    assert pane is not None
    pane.frame.display = False  # it counts seconds


async def leaving(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await shell(app, pilot)
    await pilot.press(PREFIX, "l", "q")
    await until(lambda: app.screen is not app.browser, "the question")


async def help_page(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await clusters(app, pilot)
    await pilot.press("question_mark")
    await until(lambda: app.screen is not app.browser, "help")


async def doctor(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await open_services(app, pilot, "exec-cases")
    select(app, "exec-off")
    await until(lambda: app.browser.navigation.connection.caller is not None, "the caller")
    await pilot.press("D")
    await until(lambda: getattr(app.screen, "over", False), "all verdicts")


async def fix(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await open_services(app, pilot, "exec-cases")
    select(app, "exec-off")
    await pilot.press("D")
    await until(lambda: getattr(app.screen, "over", False), "all verdicts")
    await pilot.press("enter")
    await until(lambda: isinstance(app.screen, PlanScreen), "the fix")
    command = app.screen.query_one("#command", Static)
    command.update(str(command.render()).replace(str(app.account.endpoint_url), "http://demo"))


async def access(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await open_services(app, pilot, "staging")
    await pilot.press("I")
    await until(lambda: isinstance(app.screen, AccessScreen), "access")
    screen = app.screen
    assert isinstance(screen, AccessScreen)
    await until(lambda: len(screen.answers) == len(screen.targets) > 0, "all answers")


async def policy(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await open_services(app, pilot, "staging")
    await pilot.press("colon", *"policy", "enter")
    await until(lambda: app.screen is not app.browser, "the generator")


SCREENS = (
    clusters,
    services,
    filtered,
    tasks,
    containers,
    shell,
    leaving,
    help_page,
    fix,
    access,
    policy,
)
CASES = [
    # So low that findings with random ids are below the visible part.
    pytest.param(doctor, (120, 24), "dark", id="doctor"),
    *[pytest.param(steps, (120, 32), "dark", id=steps.__name__) for steps in SCREENS],
    *[
        pytest.param(steps, (80, 24), "dark", id=f"{steps.__name__}-80x24")
        for steps in (services, containers, shell, doctor)
    ],
    *[
        pytest.param(steps, (120, 32), "light", id=f"{steps.__name__}-light")
        for steps in (services, containers, shell)
    ],
]


@pytest.mark.parametrize(("steps", "size", "theme"), CASES)
def test_screen(
    demo: Demo, snap_compare: Any, steps: Steps, size: tuple[int, int], theme: str
) -> None:
    app = EcsTuiApp(
        demo.account(),
        Settings.of(
            plugin="builtin",
            theme=theme,
            refresh=600,
            flash=False,
            cache=False,
            watch=WatchSettings(opened=False),
        ),
    )

    async def run(pilot: Pilot[None]) -> None:
        await until(lambda: app.screen is app.browser, "the browser is shown")
        app.browser.bars.head.display = False
        await steps(app, pilot)
        await until(lambda: looked_up(app), "what the rows want to know")
        app.browser.warm_worker.close()
        await app.browser.refresher.close()
        for line in app.screen.query(Input):
            line.cursor_blink = False
        await pilot.pause(0.3)

    assert snap_compare(app, terminal_size=size, run_before=run)
