"""Read-only mode: keys, dialogs, fixes and the command line, also after each switch of account.

The tests look at the calls that reach AWS: the demo account counts them.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from ecs_tui import errors
from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs, ecs_changes
from ecs_tui.aws.api.ssm import resume_session, terminate_session
from ecs_tui.aws.pace import Pace
from ecs_tui.aws.read_only import _IN_POLICIES, ALLOWED
from ecs_tui.config.policy import CallPolicy
from ecs_tui.doctor.exec_check import Doctor
from ecs_tui.doctor.facts import PluginFact
from ecs_tui.doctor.gather import Gatherer
from ecs_tui.doctor.plans import _PLANS, make_plan
from ecs_tui.errors import EcsTuiError
from ecs_tui.session.session import Target
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.commands import COMMANDS
from ecs_tui.ui.dialogs.doctor import DoctorScreen
from ecs_tui.ui.dialogs.plan import PlanScreen
from tests.support.app import head_text, names, open_services, running_app, screen_text, select
from tests.support.aws_files import only_config
from tests.support.command import run_command
from tests.support.demo import Demo
from tests.support.dialogs import choose_profiles
from tests.support.limits import until as wait

pytestmark = pytest.mark.asyncio
TASK = "arn:aws:ecs:eu-west-1:123456789012:task/prod-eu/0123456789abcdef0123456789abcdef"


@pytest.fixture
def profiles(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two profiles of the demo account, each in its own region."""
    keys = demo.environment
    config = tmp_path / "config"
    config.write_text(
        "".join(
            f"[profile {name}]\nregion = {region}\n"
            f"aws_access_key_id = {keys['AWS_ACCESS_KEY_ID']}\n"
            f"aws_secret_access_key = {keys['AWS_SECRET_ACCESS_KEY']}\n"
            for name, region in (("first", "us-east-1"), ("abroad", "eu-west-1"))
        )
    )
    only_config(config, monkeypatch)


def changes(demo: Demo) -> set[str]:
    """The operations that reached the demo account and are no reads."""
    calls = demo.counts()["calls"]
    assert calls, "some reads have arrived: it is this account that is looked at"
    reads = {_IN_POLICIES.get(name, name): allowed for name, allowed in ALLOWED.items()}
    return {
        name
        for name in calls
        if name.partition(":")[2] not in reads.get(name.partition(":")[0], ())
    }


CHANGES: list[Callable[[Account], Awaitable[Any]]] = [
    lambda account: ecs.execute_command(account, "prod-eu", TASK, "app", "/bin/sh"),
    lambda account: ecs_changes.update_service(
        account, "prod-eu", "web-eu", enableExecuteCommand=True
    ),
    lambda account: ecs_changes.tag_resource(account, TASK, {"team": "web"}),
    lambda account: ecs_changes.stop_task(account, "prod-eu", TASK, "a test"),
    lambda account: ecs_changes.run_task(account, cluster="prod-eu", taskDefinition="web-eu"),
    lambda account: terminate_session(account, "a-session"),
    lambda account: resume_session(account, "a-session"),
]
"""All functions that call an operation which changes something."""


async def refuses_all(account: Account) -> None:
    """`Account` refuses each change; called directly, botocore's client refuses it as well."""
    # With a call budget of its own: the app's lists go on using the account's.
    sibling = account.sibling(account.profile, account.region, Pace())
    for each in (account, sibling):
        for change in CHANGES:
            with pytest.raises(errors.ReadOnly):
                await change(each)
    assert sibling.pace.calls == 0, "what is refused takes nothing of the budget"
    await sibling.close()
    client: Any = await account.ecs()
    with pytest.raises(errors.ReadOnly):
        await client.stop_task(cluster="prod-eu", task=TASK)


async def by_region(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await choose_profiles(app, pilot, "ctrl+r", "eu-west-1")


async def by_profile(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await choose_profiles(app, pilot, "ctrl+p", "abroad")


async def by_several(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await choose_profiles(app, pilot, "ctrl+p", "first", "abroad")
    await wait(lambda: "prod-eu" in names(app), "the clusters of both")
    select(app, "prod-eu")
    await pilot.press("enter")


async def by_login(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await by_region(app, pilot)
    await app.browser.connections.current.renew()


@pytest.mark.parametrize("switch", [by_region, by_profile, by_several, by_login])
async def test_it_holds_after_a_switch(
    demo: Demo, profiles: None, switch: Callable[[EcsTuiApp, Pilot[None]], Awaitable[None]]
) -> None:
    account = Account("first", None, demo.endpoint, policy=CallPolicy(read_only=True))
    demo.counts(reset=True)
    async with running_app(account) as (app, pilot):
        browser = app.browser
        await wait(lambda: "prod" in names(app), "clusters")
        await switch(app, pilot)
        await wait(lambda: browser.account.region == "eu-west-1", "the other region")
        if browser.place.view == "clusters":
            await wait(lambda: "prod-eu" in names(app), "its clusters")
            await pilot.press("enter")
        await wait(lambda: "web-eu" in names(app), "its services")
        assert browser.account is not account
        select(app, "web-eu")
        await pilot.press("s")
        await wait(lambda: "Read-only mode: shell is disabled" in screen_text(app), "it is said")
        assert "READ-ONLY" in head_text(app)
        await refuses_all(browser.account)
        await refuses_all(account)
    assert changes(demo) == set()


async def test_the_account_of_a_flag_is_read_only_too(demo: Demo, profiles: None) -> None:
    account = Account("first", None, demo.endpoint, policy=CallPolicy(read_only=True))
    async with running_app(account, accounts=["abroad@eu-west-1"]) as (app, _):
        await wait(lambda: "prod-eu" in names(app), "the clusters of both")
        assert len(app.browser.connections.all) == 2
        for connection in app.browser.connections.all:
            await refuses_all(connection.account)


async def test_keys_and_the_go_to_line_refuse_what_changes_something(demo: Demo) -> None:
    changing = [command for command in COMMANDS if command.mutates]
    assert [command.id for command in changing] == [
        "shell", "exec", "deploy", "scale", "stop", "run-task", "rollback", "continue", "end-session",
        "left-sessions", "record-sessions", "verify-recording",
    ]  # fmt: skip
    demo.counts(reset=True)
    async with running_app(demo.account(read_only=True)) as (app, pilot):
        await open_services(app, pilot)
        for keys, title in [
            (("s",), "shell"),
            (("colon", *"shell", "enter"), "shell"),
            (("E",), "command"),
            (("colon", *"exec", "enter"), "command"),
            (("f",), "redeploy"),
            (("colon", *"deploy", "enter"), "redeploy"),
            (("u",), "scale"),
            (("S",), "stop task"),
            (("T",), "run task"),
            (("R",), "roll back"),
            (("colon", *"record-sessions", "enter"), "record sessions"),
        ]:
            app.browser.note("")
            select(app, "web")
            await pilot.press(*keys)
            words = f"{title} is disabled"
            await wait(lambda words=words: words in app.browser.bars.notes.words, f"{keys}")
        assert not app.browser.dock.panes
    assert changes(demo) == set()


async def test_the_doctor_shows_every_fix_and_runs_none(demo: Demo) -> None:
    demo.counts(reset=True)
    async with running_app(demo.account(read_only=True), plugin="builtin") as (app, pilot):
        await open_services(app, pilot)
        select(app, "reports")
        await pilot.press("D")
        screen = await wait(
            lambda: app.screen if isinstance(app.screen, DoctorScreen) else None, "the doctor"
        )
        await wait(lambda: screen.over, "all verdicts")
        for key in ("enter", "o", "t"):
            await pilot.press(key)
            fix = await wait(
                lambda: app.screen if isinstance(app.screen, PlanScreen) else None, "a fix"
            )
            await wait(lambda: "Read-only mode: preview only" in screen_text(app), "it is said")
            await pilot.press("y", *fix.plan.typed, "enter", "s")
            assert fix.state == "shown" and not fix.has_class("-typing")
            await pilot.press("escape")
            await wait(lambda: app.screen is screen, "back at the doctor")
        await pilot.press("s")  # "try a shell all the same"
        await wait(lambda: "Read-only mode" in app.browser.bars.notes.words, "it is refused")
        assert not app.browser.dock.panes
    assert changes(demo) == set()


async def test_a_one_off_is_neither_entered_nor_stopped(demo: Demo) -> None:
    demo.counts(reset=True)
    async with running_app(demo.account(read_only=True), plugin="builtin") as (app, pilot):
        await open_services(app, pilot)
        inventory = app.browser.inventory
        task = (await wait(lambda: inventory.service_tasks("prod", "orders"), "a task"))[0]
        app.browser.shells.open(Target.of(task, task.containers[0]), stop_after=True)
        await wait(lambda: "Read-only mode" in app.browser.bars.notes.words, "refused")
        assert not app.browser.dock.panes
    assert changes(demo) == set()


async def no_plugin() -> PluginFact:
    return PluginFact("built in", True, "")


async def test_no_fix_makes_a_call_whoever_applies_it(demo: Demo) -> None:
    account = demo.account(read_only=True)
    demo.counts(reset=True)
    refused = 0
    try:
        for service in ("exec-off", "old-platform", "agent-died", "untagged"):
            arns = [
                arn async for page in ecs.list_tasks(account, "exec-cases", service) for arn in page
            ]
            doctor = Doctor(Gatherer(account, "exec-cases", arns[0], plugin=no_plugin))
            async for _ in doctor.run_exec_check():
                pass
            for fix_id in _PLANS:
                try:
                    fix = make_plan(fix_id, doctor.facts)
                except EcsTuiError:
                    continue
                if fix.calls:
                    refused += 1
                    with pytest.raises(errors.ReadOnly):
                        await fix.apply(account)
    finally:
        await account.close()
    assert refused >= 16
    assert changes(demo) == set()


def by_flag(folder: Path) -> tuple[list[str], dict[str, str]]:
    return ["--read-only"], {}


def by_environment(folder: Path) -> tuple[list[str], dict[str, str]]:
    return [], {"ECS_TUI_READ_ONLY": "1"}


def by_config(folder: Path) -> tuple[list[str], dict[str, str]]:
    path = folder / "config.toml"
    path.write_text("read_only = true\n")
    return ["--config", str(path)], {}


@pytest.mark.parametrize("how", [by_flag, by_environment, by_config])
async def test_the_command_line_opens_no_session(
    demo: Demo, how: Callable[[Path], tuple[list[str], dict[str, str]]], tmp_path: Path
) -> None:
    account = demo.account()
    (arn, *_), *_ = [page async for page in ecs.list_tasks(account, "prod", "orders")]
    await account.close()
    flags, more = how(tmp_path)
    demo.counts(reset=True)
    commands = [(["exec", "prod", arn, "app", "--", "true"], 1, "ecs:ExecuteCommand was blocked")]
    if how is by_flag:  # reads go on
        commands += [(["doctor", "prod", "orders"], 0, "")]
    for argv, status, words in commands:
        env = {**os.environ, **demo.environment, **more}
        done = run_command(env, *flags, "--plugin", "builtin", *argv)
        assert done.returncode == status, (argv, done.stdout + done.stderr)
        assert words in done.stderr
    assert changes(demo) == set()
