"""Redeploy, scale, stop and run tasks by keys: the plan, its confirmation, progress and outcome."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from textual.pilot import Pilot

from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.commands.operate import OPERATE
from ecs_tui.ui.dialogs.base import Dialog
from ecs_tui.ui.dialogs.key_line import key_line, key_of
from ecs_tui.ui.dialogs.plan import PlanScreen
from ecs_tui.ui.dialogs.run_task import RunTaskScreen
from ecs_tui.ui.dialogs.scale import ScaleScreen
from tests.support.app import (
    names,
    open_services,
    pane_text,
    running_app,
    screen_text,
    select,
)
from tests.support.demo import Demo
from tests.support.limits import until
from tests.support.stub_aws import SERVICE_RAW, StubAws

pytestmark = pytest.mark.asyncio
CHANGES = ("ecs:UpdateService", "ecs:StopTask", "ecs:RunTask")
WRITES = ("Create", "Delete", "Execute", "Put", "Register", "Run", "Stop", "Tag", "Update")


async def shown(app: EcsTuiApp, kind: type[Any]) -> Any:
    return await until(lambda: app.screen if isinstance(app.screen, kind) else None, kind.__name__)


async def says(app: EcsTuiApp, *words: str, deadline: float = 40) -> None:
    try:
        await until(lambda: all(word in screen_text(app) for word in words), "", deadline)
    except AssertionError:
        raise AssertionError(f"not on the screen: {words}\n{screen_text(app)}") from None


def made(demo: Demo) -> dict[str, int]:
    """How often each change was made."""
    calls = demo.counts()["calls"]
    return {name: calls[name] for name in CHANGES if name in calls}


async def plan_of(app: EcsTuiApp, pilot: Pilot[None], service: str, key: str) -> PlanScreen:
    select(app, service)
    await pilot.press(key)
    screen: PlanScreen = await shown(app, PlanScreen)
    return screen


async def test_a_new_deployment_is_shown_confirmed_and_followed(demo: Demo) -> None:
    demo.counts(reset=True)
    async with running_app(demo.account(), size=(140, 40)) as (app, pilot):
        await open_services(app, pilot, "staging")
        screen = await plan_of(app, pilot, "orders", "f")
        await says(app, "Start a new deployment of staging/orders", "Replaces the 2 tasks of")
        await says(app, "y apply   c copy   esc cancel")
        await pilot.press("enter", "space", "Y")
        assert screen.state == "shown", "only y confirms"
        await pilot.press("c")
        words = shlex.split(app.clipboard)
        assert words[:8] == [
            "aws", "ecs", "update-service", "--cluster", "staging", "--service", "orders",
            "--force-new-deployment",
        ]  # fmt: skip
        assert made(demo) == {}
        await pilot.press("y")
        await says(app, "Waiting until the deployment is completed", "new tasks 0/2 running")
        await says(app, "esc close (continues in the background)")
        await pilot.press("y", "y")
        await says(app, "● new tasks 2/2 running · old tasks 0. The deployment is completed.")
        assert (screen.state, made(demo)) == ("over", {"ecs:UpdateService": 1})
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "closed")


async def test_whatever_its_key_a_change_opens_a_dialog_first(demo: Demo) -> None:
    ids = ("deploy", "scale", "run-task", "rollback", "record-sessions", "stop")
    keys = {name: f"f{number}" for number, name in enumerate(ids, start=13)}
    demo.counts(reset=True)
    async with running_app(demo.account(), size=(140, 40), keys=keys) as (app, pilot):
        browser = app.browser
        await open_services(app, pilot)
        for name, key in keys.items():
            select(app, "cart")
            if name == "stop":
                await pilot.press("enter")
                await until(lambda: browser.place.view == "tasks" and names(app), "tasks")
            await pilot.press(key)
            await until(lambda: app.screen is not browser, name)
            assert isinstance(app.screen, Dialog)
            await pilot.press("escape")
            await until(lambda: app.screen is browser, f"{name} is cancelled")
    calls = {name.partition(":")[2] for name in demo.counts()["calls"]}
    assert not [name for name in calls if name.startswith(WRITES)]


async def test_production_wants_the_name_and_escape_changes_nothing(demo: Demo) -> None:
    demo.counts(reset=True)
    async with running_app(demo.account(), size=(140, 40)) as (app, pilot):
        await open_services(app, pilot)
        screen = await plan_of(app, pilot, "cart", "f")
        await pilot.press("y")
        await says(app, 'Type "cart" to confirm.', "enter confirm   esc cancel")
        await pilot.press("enter")
        await says(app, 'Doesn\'t match "cart".')
        await pilot.press(*"prod", "enter")
        assert screen.state == "shown"
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "cancelled")
        assert made(demo) == {}
        screen = await plan_of(app, pilot, "cart", "f")
        await pilot.press("y", *"cart", "enter")
        await until(lambda: screen.running.changed, "it is done")
        assert made(demo) == {"ecs:UpdateService": 1}


async def test_a_plan_goes_on_when_its_dialog_is_left_and_its_outcome_is_told(demo: Demo) -> None:
    async with running_app(demo.account(), size=(140, 40)) as (app, pilot):
        await open_services(app, pilot, "staging")
        screen = await plan_of(app, pilot, "payments", "f")
        await pilot.press("y")
        await until(lambda: screen.running.changed, "it is accepted")
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "left")
        assert screen.state == "running"
        words = "● Start a new deployment of staging/payments: new tasks 2/2 running"
        await until(lambda: app.browser.bars.notes.words.startswith(words), "its outcome", 60)
        assert screen.state == "over"


async def test_scaling_asks_for_the_count_first(demo: Demo) -> None:
    async with running_app(demo.account(), size=(140, 40)) as (app, pilot):
        await open_services(app, pilot, "staging")
        select(app, "checkout")
        await pilot.press("u")
        await shown(app, ScaleScreen)
        await says(app, "Desired count 2, 2 running.", "enter show the plan   ↑ more   ↓ fewer")
        await pilot.press("3", "enter")
        await shown(app, PlanScreen)
        await says(app, "Scale staging/checkout from 2 to 3 tasks", "desiredCount  2 → 3")
        await pilot.press("y")
        await says(app, "● 3/3 tasks running. checkout is scaled to 3.")
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "closed")
        rows = app.browser.table
        await until(
            lambda: any(row.service.desired == 3 for row in rows.rows), "the list is refreshed"
        )
        select(app, "web")
        await pilot.press("u", "escape")
        await until(lambda: app.screen is app.browser, "cancelled")


async def test_a_task_is_stopped_from_its_list(demo: Demo) -> None:
    async with running_app(demo.account(), size=(140, 40)) as (app, pilot):
        await open_services(app, pilot, "staging")
        select(app, "web")
        await pilot.press("enter")
        await until(lambda: app.browser.place.view == "tasks" and names(app), "its tasks")
        task = app.browser.table.current.id
        await pilot.press("S")
        screen = await shown(app, PlanScreen)
        await says(app, f"Stop task web/{task[:12]} in staging", "Service web will start")
        await pilot.press("y")
        await says(app, "● 1/1 tasks stopped.")
        assert screen.plan.calls[0].parameters["task"].endswith(task)
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "closed")

        def running() -> list[str]:
            rows = app.browser.table.rows
            return [row.id for row in rows if row.last_status != "STOPPED"]

        await until(lambda: task not in running(), "it is with the stopped ones")


async def test_all_marked_tasks_are_stopped_by_one_plan(demo: Demo) -> None:
    demo.counts(reset=True)
    async with running_app(demo.account(), size=(140, 40)) as (app, pilot):
        await open_services(app, pilot, "staging")
        select(app, "orders")
        await pilot.press("enter")
        await until(lambda: app.browser.place.view == "tasks" and len(names(app)) > 1, "its tasks")
        await until(lambda: all(row.described for row in app.browser.table.rows), "described")
        two = names(app)[:2]
        await pilot.press("g", "space", "j", "space", "S")
        screen = await shown(app, PlanScreen)
        assert [call.parameters["task"].split("/")[-1] for call in screen.plan.calls] == two
        await pilot.press("y")
        await says(app, "● 2/2 tasks stopped.")
        assert made(demo) == {"ecs:StopTask": 2}
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "closed")


async def test_a_task_is_run_like_those_of_a_service_and_entered(demo: Demo) -> None:
    async with running_app(demo.account(), size=(140, 40), plugin="builtin") as (app, pilot):
        await open_services(app, pilot, "staging")
        select(app, "web")
        await pilot.press("T")
        form = await shown(app, RunTaskScreen)
        await says(app, "Run a task in staging", "staging-web:133", "environment=staging")
        await pilot.press("tab", "0", "enter")
        await says(app, "0 tasks cannot be started at once.")
        assert app.screen is form
        await pilot.press("backspace", "1", "enter")
        screen = await shown(app, PlanScreen)
        await says(app, "Run 1 task of staging-web:133 in staging", "Uses the network of service")
        await says(app, "k stop the task when the shell closes [no]")
        await pilot.press("k")
        await says(app, "when the shell closes [yes]")
        await pilot.press("y")
        await says(app, "1/1 tasks running", "s open a shell   esc close")
        assert screen.running.ready.started_by == "ecs-tui"
        await pilot.press("s")
        await until(lambda: app.browser.dock.current and "#" in pane_text(app), "a prompt")
        pane = app.browser.dock.current
        assert pane is not None and pane.target.task_arn == screen.running.ready.arn


async def test_a_request_that_cannot_be_planned_comes_back_with_the_reason(demo: Demo) -> None:
    async with running_app(demo.account(), size=(140, 40)) as (app, pilot):
        await open_services(app, pilot, "staging")
        select(app, "orders")
        await pilot.press("T")
        first = await shown(app, RunTaskScreen)
        await pilot.press("tab", "tab", *"nope", "tab", *"gpu", "enter")
        await says(app, 'Service "nope" not found in cluster staging', "gpu:1:0")
        assert app.screen is not first and isinstance(app.screen, RunTaskScreen)
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "cancelled")


async def test_what_ecs_does_not_start_is_told_and_no_shell_is_offered(demo: Demo) -> None:
    async with running_app(demo.account(), size=(140, 40)) as (app, pilot):
        await open_services(app, pilot, "batch")
        select(app, "train")
        await pilot.press("T")
        await shown(app, RunTaskScreen)
        await pilot.press("enter")
        screen = await shown(app, PlanScreen)
        await pilot.press("y")
        await says(app, "✖ ECS did not start a task: RESOURCE:MEMORY")
        assert screen.state == "over" and "open a shell" not in screen_text(app)
        await pilot.press("s")
        assert app.screen is screen


async def test_where_nothing_can_be_done_the_key_says_why(demo: Demo) -> None:
    async with running_app(demo.account(), size=(140, 40)) as (app, pilot):
        await until(lambda: "staging" in names(app), "clusters")
        for key, words in (("f", "Select a service first."), ("u", "Select a service first."),
                           ("S", "Select a task first.")):  # fmt: skip
            await pilot.press(key)
            await until(lambda words=words: app.browser.bars.notes.words == words, words)  # type: ignore[misc]
            app.browser.note("")
        assert {command.id for command in OPERATE} == {"deploy", "scale", "stop", "run-task"}


async def test_what_a_plan_needs_and_aws_refuses_is_a_note(stub: StubAws) -> None:
    raw = {**SERVICE_RAW, "deploymentController": {"type": "CODE_DEPLOY"}}
    stub.answers["ecs:DescribeServices"] = {"services": [raw]}
    options: dict[str, Any] = {"cache": False, "cluster": "stub"}
    async with running_app(stub.account(), (140, 40), **options) as (app, pilot):
        await until(lambda: names(app) == ["web"], "its service")
        await until(lambda: app.browser.table.rows[0].service.described, "described")
        await pilot.press("f")
        await until(lambda: "is not deployed by ECS" in app.browser.bars.notes.words, "why not")
        assert "aws deploy create-deployment" in app.browser.bars.notes.words
        stub.answers["ecs:DescribeServices"] = {
            "services": [{**raw, "schedulingStrategy": "DAEMON"}]
        }
        await pilot.press("r")
        await until(lambda: app.browser.table.rows[0].service.scheduling == "DAEMON", "a daemon")
        await pilot.press("u")
        await until(lambda: "scheduling strategy DAEMON" in app.browser.bars.notes.words, "why not")
        assert app.screen is app.browser


async def test_the_keys_of_a_dialog_are_looked_up(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot, "staging")
        screen = await plan_of(app, pilot, "orders", "f")
        assert key_of(screen, "go") == "y" and key_of(screen, "leave") == "esc"
        assert key_of(screen, "no-such") == ""
        assert key_line(screen, {"go": "do it", "no-such": "x", "copy": "copy"}) == (
            "y do it   c copy   ? keys"
        )
