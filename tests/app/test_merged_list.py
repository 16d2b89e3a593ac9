"""In the list of several accounts each key acts on the row's account, also after a switch."""

from __future__ import annotations

from typing import Any

import pytest

from ecs_tui.resources import Place
from ecs_tui.store.inventory import Kind, Scope
from ecs_tui.store.lookups import Subject
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.commands import COMMANDS
from ecs_tui.ui.dialogs.access import AccessScreen
from ecs_tui.ui.dialogs.doctor import DoctorScreen
from ecs_tui.ui.dialogs.policy import PolicyScreen
from ecs_tui.ui.dialogs.profile_picker import ProfilePicker
from ecs_tui.ui.dialogs.text import TextScreen
from tests.support.app import facts, names, running_app, screen_text, select
from tests.support.demo import Demo
from tests.support.dialogs import copied
from tests.support.limits import until
from tests.support.stub_aws import FAULTS, StubAws

pytestmark = pytest.mark.asyncio
HERE, THERE = "us-east-1", "eu-west-1"
ARN = f"arn:aws:ecs:{THERE}:123456789012:cluster/prod-eu"


async def on_the_other_row(app: EcsTuiApp) -> None:
    """Wait for both regions, and put the cursor on the cluster of the one that is not current."""
    await until(lambda: {"prod", "prod-eu"} <= set(names(app)), "both regions")
    await until(lambda: all(row.row and row.row.described for row in app.browser.table.rows))
    select(app, "prod-eu")
    assert app.browser.account.region == HERE


def both(demo: Demo, size: tuple[int, int] = (160, 40)) -> Any:
    return running_app(demo.account(), accounts=[f"@{THERE}"], size=size, refresh=600)


async def test_copies_are_the_rows_own(demo: Demo) -> None:
    async with both(demo) as (app, pilot):
        await on_the_other_row(app)
        assert await copied(app, pilot, "ARN") == ARN
        assert f"Copied {ARN}" in screen_text(app)
        assert await copied(app, pilot, "name") == "prod-eu"
        command = await copied(app, pilot, "command")
        words = f"aws ecs describe-clusters --clusters {ARN} --region {THERE}"
        assert command.startswith(words)


async def test_raw_and_details_are_the_rows_own(demo: Demo) -> None:
    async with both(demo) as (app, pilot):
        await on_the_other_row(app)
        await pilot.press("y")
        await until(lambda: isinstance(app.screen, TextScreen), "AWS's own description")
        await until(lambda: f'"clusterArn": "{ARN}"' in screen_text(app), "of the other region")
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "closed")
        await pilot.press("d")
        await until(lambda: facts(app).get("arn") == ARN, "its details")
        assert facts(app)["account"] == f"default@{THERE}"
        await until(lambda: ARN in screen_text(app), "on the screen")
        asked = app.browser.connections.all[1].inventory.lookups
        await until(lambda: asked.answers(Subject.PROVIDERS), "capacity providers of that region")
        assert not app.browser.connections.all[0].inventory.lookups.answers(Subject.PROVIDERS)
        select(app, "prod")
        await until(lambda: facts(app)["account"] == f"default@{HERE}", "the other row's")
        assert facts(app)["arn"].endswith("cluster/prod")


@pytest.mark.parametrize(("key", "view"), [("N", "tasks"), ("n", "instances")])
async def test_places_are_the_rows_own(demo: Demo, key: str, view: str) -> None:
    async with both(demo) as (app, pilot):
        await on_the_other_row(app)
        await pilot.press(key)
        assert (app.browser.place.view, app.browser.place.cluster) == (view, "prod-eu")
        assert app.browser.account.region == THERE
        if key == "N":
            await until(lambda: len(names(app)) == 7, "its tasks")
        await pilot.press("escape")
        await until(lambda: app.browser.place.view == "accounts", "back")
        assert app.browser.account.region == HERE


async def test_access_and_policies_are_about_the_rows_own(demo: Demo) -> None:
    async with both(demo) as (app, pilot):
        await on_the_other_row(app)
        await pilot.press("I")
        screen = await until(
            lambda: app.screen if isinstance(app.screen, AccessScreen) else None, "access"
        )
        services = {place.service for place in screen.targets}
        assert services == {"web-eu", "checkout-eu", "reports-eu"}
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "closed")
        await pilot.press("colon", *"policy", "enter")
        await until(lambda: isinstance(app.screen, PolicyScreen), "the generator")
        await until(lambda: THERE in screen_text(app), "with the row's region")
        assert HERE not in app.screen.document  # type: ignore[attr-defined]


async def test_regions_are_those_of_the_rows_account(demo: Demo) -> None:
    async with both(demo) as (app, pilot):
        await on_the_other_row(app)
        await pilot.press("ctrl+r")
        screen = await until(
            lambda: app.screen if isinstance(app.screen, ProfilePicker) else None, "the choice"
        )
        assert screen.shown[screen.names_list.highlighted or 0] == THERE


async def test_r_asks_all_of_them(demo: Demo) -> None:
    async with both(demo) as (app, pilot):
        await on_the_other_row(app)
        scope = Scope(Kind.CLUSTER)
        every = [
            connection.inventory.freshness(scope) for connection in app.browser.connections.all
        ]
        before = [fresh.asked_at or 0.0 for fresh in every]
        await pilot.press("r")
        await until(
            lambda: all((f.asked_at or 0) > at for f, at in zip(every, before, strict=True)), "both"
        )


async def test_a_row_without_a_cluster_is_nothing_to_copy(demo: Demo) -> None:
    account = demo.account()
    async with running_app(account, accounts=["@ap-south-1"], size=(120, 24)) as (app, pilot):
        await until(lambda: "no clusters" in screen_text(app), "an empty region")
        table = app.browser.table
        rows = [table.rows[index] for index in table.order]
        table.cursor = next(at for at, row in enumerate(rows) if row.row is None)
        for key in ("c", "y"):
            await pilot.press(key)
            await until(lambda: "This row is not an AWS resource." in screen_text(app), key)
        await pilot.press("N")
        await until(lambda: "Select a cluster first." in screen_text(app), "nor to go to")
        await pilot.press("d")
        await until(lambda: facts(app) == {"account": "default@ap-south-1"}, "what it is")


@pytest.mark.usefixtures("stub_keys")
async def test_a_connection_is_found_by_what_it_was_called_before_its_region_was_known() -> None:
    """A connection has another label before its region is known: that leads to it too."""
    from ecs_tui.aws.account import Account

    async with running_app(Account(), accounts=[f"@{THERE}"], cache=False) as (app, _):
        first, other = app.browser.connections.all
        early = f"{first.account.name}@…"
        await until(lambda: first.account.region == HERE, "its region")
        assert app.browser.connections.of(early) is first
        assert app.browser.connections.of(other.label) is other


@pytest.mark.parametrize("key", ["D", "s"])
async def test_what_waits_speaks_of_the_account_it_was_asked_in(stub: StubAws, key: str) -> None:
    """The tasks of the service arrive after the operator has switched to another region."""
    account = stub.account(timeout_seconds=30)
    options: dict[str, Any] = {"refresh": 600, "cache": False, "plugin": "builtin"}
    async with running_app(account, (120, 30), accounts=[f"@{THERE}"], **options) as (app, pilot):
        browser = app.browser
        await until(lambda: len(names(app)) == 2, "both")
        first, other = browser.connections.all
        stub.faults["ecs:ListTasks"] = FAULTS["never"]
        browser.go(Place("services", cluster="stub"), connection=first)
        await until(lambda: names(app) == ["web"], "services")
        await until(lambda: browser.table.rows[0].service.described, "described")
        asked = stub.calls["ecs:ListTasks"]
        await pilot.press(key)
        await until(lambda: stub.calls["ecs:ListTasks"] > asked, "its tasks are asked for")
        browser.go(Place(), connection=other)
        stub.heal()
        if key == "s":
            pane = await until(lambda: browser.dock.panes and browser.dock.panes[0], "a shell")
            assert pane.context.connection is first
            return
        screen = await until(
            lambda: app.screen if isinstance(app.screen, DoctorScreen) else None, "the doctor"
        )
        assert screen._account is first.account
        await until(lambda: screen.over, "all verdicts")
        of_doctor = [call for call in stub.signed if call.operation == "ecs:DescribeTaskDefinition"]
        assert {call.region for call in of_doctor} == {HERE}


LEAVE_ALONE = {"quit", "suspend", "refresh", "profiles", "login", "goto", "filter",
               "all-services", "waiting"}  # fmt: skip
"""These leave the app, call all accounts, or open an input line."""


async def test_no_key_asks_another_account_than_the_rows(stub: StubAws) -> None:
    """Every command, one after the other, on a row of the region that is not current."""
    options: dict[str, Any] = {"refresh": 600, "cache": False}
    account = stub.account(timeout_seconds=30)
    async with running_app(account, (160, 40), accounts=[f"@{THERE}"], **options) as (app, pilot):
        browser = app.browser
        first, other = browser.connections.all
        await until(lambda: len(names(app)) == 2, "both")
        await until(lambda: all(row.row and row.row.described for row in browser.table.rows))
        await until(lambda: first.caller and other.caller, "who we are")
        await until(lambda: all(row.row.counted and row.row.failing is not None
                                for row in browser.table.rows), "their services")  # fmt: skip
        stub.signed.clear()
        done = []
        for command in COMMANDS:
            if command.id in LEAVE_ALONE:
                continue
            # Open details would look up the row that the list comes back with, which is the other one.
            browser.workspace.toggle_details(False)
            browser.go(Place("accounts"), connection=first)
            rows = [browser.table.rows[index] for index in browser.table.order]
            browser.table.cursor = [row.inventory is other.inventory for row in rows].index(True)
            await browser.perform(command)
            await until(lambda: all(look.listing is None and not look.now and not look.jobs
                                    for look in other.refresher._looks), "it has asked")  # fmt: skip
            if app.screen is not browser and command.id == "raw":
                await until(lambda: '"clusterArn"' in screen_text(app), "the description")
            while app.screen is not browser:
                await pilot.press("escape")
            done.append(command.id)
        assert {"open", "copy", "raw", "details", "tasks", "access", "regions"} <= set(done)
        wanted = {"ecs:DescribeClusters", "ecs:ListTasks", "ecs:ListContainerInstances"}

        def asked() -> set[str]:
            return {call.operation for call in stub.signed if call.operation.startswith("ecs:")}

        assert wanted <= asked()
        regions = {call.region for call in stub.signed if call.operation.startswith("ecs:")}
        assert regions == {THERE}
