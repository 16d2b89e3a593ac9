"""Pasted addresses in `:`: what they are recognised as, where they lead, and what is said if nowhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from ecs_tui.aws.account import Account
from ecs_tui.config.policy import CallPolicy
from ecs_tui.errors import NotFound
from ecs_tui.model.address import Reference
from ecs_tui.model.pasted import MAX_CHARACTERS
from ecs_tui.model.task import Task
from ecs_tui.resources import Place
from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.dialogs.profile_picker import ProfilePicker
from ecs_tui.ui.dialogs.search import SearchScreen
from ecs_tui.ui.dialogs.text import TextScreen
from ecs_tui.ui.landing import land
from ecs_tui.ui.prompt.matcher import Finder
from tests.support.app import names, open_services, running_app, screen_text
from tests.support.aws_files import only_config
from tests.support.demo import Demo
from tests.support.footer import says
from tests.support.limits import until
from tests.support.stub_aws import ARN, DEFINITION, INSTANCE, StubAws
from tests.support.stub_clusters import StubClusters

pytestmark = pytest.mark.asyncio
OWN, OTHER = "123456789012", "999999999999"
HERE, THERE = "us-east-1", "eu-west-1"
ID = "77".ljust(32, "0")
CONSOLE = "console.aws.amazon.com/ecs/v2/clusters"


async def task_of_web(demo: Demo) -> Task:
    """A task of the service `web`, as another process would see it."""
    inventory = Inventory(demo.account())
    scope = Scope(Kind.TASK, "prod", "web")
    try:
        await inventory.load(scope)
        return inventory.of(scope)[0]  # type: ignore[no-any-return]
    finally:
        await inventory.account.close()


async def paste(app: EcsTuiApp, pilot: Pilot[None], text: str) -> str:
    """Open `:`, paste a text, and return what the screen shows then."""
    await pilot.press("colon")
    await until(lambda: app.browser.prompt.is_open, "the prompt")
    line = app.browser.prompt.query_one("#prompt", Input)
    app.post_message(events.Paste(text))
    await until(lambda: bool(line.value), "pasted")
    await pilot.pause()
    return screen_text(app)


async def go(app: EcsTuiApp, pilot: Pilot[None], text: str) -> str:
    """Paste a text and press enter; returns what `:` showed before that."""
    shown = await paste(app, pilot, text)
    await pilot.press("enter")
    await until(lambda: not app.browser.prompt.is_open, "closed")
    return shown


async def test_the_arn_of_a_task_that_is_not_loaded(demo: Demo) -> None:
    task = await task_of_web(demo)
    async with running_app(demo.account(), size=(140, 36)) as (app, pilot):
        await until(lambda: "prod" in names(app), "the clusters")
        shown = await go(app, pilot, f"\n{task.arn}\r\n")
        assert f"▸ task {task.id[:8]}… in prod, {HERE}, account {OWN}" in shown
        assert len(app.browser.prompt.matches) == 1
        await until(lambda: app.browser.place.task_arn == task.arn, "there")
        assert (app.browser.place.cluster, app.browser.place.service) == ("prod", "web")
        await until(lambda: "envoy" in names(app), "its containers")
        await pilot.press("escape")
        await until(lambda: app.browser.place.view == "clusters", "back where one came from")


async def test_an_alarm_in_another_region_of_the_account(demo: Demo) -> None:
    alarm = {
        "AlarmArn": f"arn:aws:cloudwatch:{THERE}:{OWN}:alarm:cpu",
        "Trigger": {"Dimensions": [{"value": "web-eu", "name": "ServiceName"},
                                   {"value": "prod-eu", "name": "ClusterName"}]},
    }  # fmt: skip
    text = json.dumps({"Type": "Notification", "Message": json.dumps(alarm)}, indent=2)
    async with running_app(demo.account(), size=(140, 36)) as (app, pilot):
        await until(lambda: "prod" in names(app), "the clusters")
        shown = await go(app, pilot, text)
        assert f"service web-eu in prod-eu, {THERE}, account {OWN}" in shown
        await until(lambda: app.browser.place.service == "web-eu", "there")
        assert app.browser.account.region == THERE
        await until(lambda: bool(names(app)), "its tasks")
        await go(app, pilot, f"https://{HERE}.{CONSOLE}/prod/services/web/events?region={HERE}")
        await until(lambda: app.browser.place.view == "events", "the open connection is used again")
        assert app.browser.account.region == HERE
        assert len(app.browser.connections.all) == 2


async def test_a_url_without_an_account_prefers_who_knows_the_cluster(demo: Demo) -> None:
    async with running_app(demo.account(), accounts=[f"@{THERE}"], size=(140, 36)) as (app, pilot):
        await until(lambda: {"prod", "prod-eu"} <= {row.name for row in app.browser.table.rows})
        await go(app, pilot, "ClusterName=prod-eu ServiceName=web-eu")
        await until(lambda: app.browser.place.service == "web-eu", "there")
        assert app.browser.account.region == THERE


async def test_a_bare_task_id_is_looked_for_in_all_clusters(demo: Demo) -> None:
    task = await task_of_web(demo)
    async with running_app(demo.account(), size=(140, 36), refresh=600) as (app, pilot):
        await until(lambda: "prod" in names(app), "the clusters")
        shown = await go(app, pilot, task.id)
        assert "Look in all clusters" in shown
        await until(lambda: app.browser.place.task_arn == task.arn, "there")
        await until(lambda: "envoy" in names(app), "its containers")
        await pilot.press("escape", "colon", *task.id[:7])
        await until(lambda: len(app.browser.prompt.matches) == 2, "loaded, and the search")
        assert app.browser.prompt.matches[0].place == Place("containers", "prod", "web", task.arn)
        await pilot.press("escape")
        assert "Look in" not in await paste(app, pilot, task.id), "it is loaded"


async def test_a_search_shows_its_progress_and_is_cancelled(demo: Demo) -> None:
    task = await task_of_web(demo)
    async with running_app(demo.account(), size=(140, 36), refresh=600) as (app, pilot):
        await until(lambda: "prod" in names(app), "the clusters")
        demo.set_faults(latency=2.0)
        try:
            await go(app, pilot, task.id)
            await until(lambda: isinstance(app.screen, SearchScreen), "the search")
            await until(lambda: f"Looking for task {task.id[:8]}…" in screen_text(app), "shown")
            await until(lambda: "clusters asked in" in screen_text(app), "how far it is")
            await pilot.press("escape")
            await until(lambda: app.screen is app.browser, "cancelled")
        finally:
            demo.set_faults(latency=0.0)
        assert app.browser.place.view == "clusters"
        await pilot.press("colon", *"staging", "enter")
        await until(lambda: app.browser.place.cluster == "staging", "and keys are the list's")


async def test_what_is_gone_says_so(demo: Demo) -> None:
    async with running_app(demo.account(), size=(160, 36)) as (app, pilot):
        await until(lambda: "prod" in names(app), "the clusters")
        await go(app, pilot, f"arn:aws:ecs:{HERE}:{OWN}:task/prod/{'f' * 32}")
        await says(app, f"Task {'f' * 32} not found in cluster prod.", "ECS keeps stopped tasks")
        assert app.browser.place.view == "clusters"
        await go(app, pilot, "f" * 32)
        await says(app, "not found in", "clusters. ECS keeps stopped tasks for about an hour.")


async def test_an_account_that_nobody_reaches_is_named(demo: Demo) -> None:
    async with running_app(demo.account(), size=(160, 36)) as (app, pilot):
        await until(lambda: "prod" in names(app), "the clusters")
        await go(app, pilot, f"arn:aws:ecs:{THERE}:{OTHER}:service/prod/web")
        await says(app, f"Service web is in account {OTHER}, region {THERE}: no open connection",
                   "Open a profile that does with ctrl+p.")  # fmt: skip
        await go(app, pilot, "https://cn-north-1.console.amazonaws.cn/ecs/v2/clusters/prod")
        await says(app, "region cn-north-1 (partition aws-cn): no open connection reaches it.")
        assert app.browser.place.view == "clusters" and len(app.browser.connections.all) == 1


async def test_to_land_raises_what_the_note_says(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, _):
        await until(lambda: "prod" in names(app), "the clusters")
        await until(lambda: app.browser.navigation.connection.caller, "whose account it is")
        with pytest.raises(NotFound, match="no profile is known to reach it"):
            await land(app.browser.workspace, Reference("prod", region=HERE, account=OTHER))


@pytest.fixture
def profiles(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`home` has the demo's keys; `ops` is another account's."""
    keys = demo.environment
    good = (
        f"aws_access_key_id = {keys['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {keys['AWS_SECRET_ACCESS_KEY']}\n"
    )
    config = tmp_path / "config"
    config.write_text(
        f"[profile home]\nregion = {HERE}\n{good}"
        f"[profile ops]\nregion = {HERE}\nsso_account_id = {OTHER}\n{good}"
    )
    only_config(config, monkeypatch)
    return config


SERVICE = f"arn:aws:ecs:{THERE}:{OTHER}:service/prod-eu/web-eu"


async def test_the_only_profile_of_the_account_is_opened(demo: Demo, profiles: Path) -> None:
    account = Account("home", None, demo.endpoint)
    async with running_app(account, size=(140, 36)) as (app, pilot):
        await until(lambda: "prod" in names(app), "the clusters")
        await go(app, pilot, SERVICE)
        await until(lambda: app.browser.place.service == "web-eu", "there")
        assert (app.browser.account.profile, app.browser.account.region) == ("ops", THERE)
        await says(app, "Opened profile ops, which belongs to that account.")


@pytest.mark.parametrize("chosen", [True, False])
async def test_in_read_only_mode_a_profile_is_opened_by_the_picker_only(
    demo: Demo, profiles: Path, chosen: bool
) -> None:
    account = Account("home", None, demo.endpoint, policy=CallPolicy(read_only=True))
    async with running_app(account, size=(140, 36)) as (app, pilot):
        await until(lambda: "prod" in names(app), "the clusters")
        await go(app, pilot, SERVICE)
        await until(lambda: isinstance(app.screen, ProfilePicker), "the picker")
        await until(
            lambda: f"Select a profile for account {OTHER}, {THERE}" in screen_text(app),
            "it is drawn",
        )
        assert len(app.browser.connections.all) == 1
        await pilot.press("enter" if chosen else "escape")
        await until(lambda: app.screen is app.browser, "closed")
        if chosen:
            await until(lambda: app.browser.place.service == "web-eu", "there")
            assert app.browser.account.read_only
        else:
            assert (len(app.browser.connections.all), app.browser.place.view) == (1, "clusters")


@pytest.fixture
def second(profiles: Path) -> None:
    """`admin` is of the same account as `ops`."""
    role = f"[profile admin]\nrole_arn = arn:aws:iam::{OTHER}:role/x\nsource_profile = home\n"
    profiles.write_text(profiles.read_text() + role)


@pytest.mark.usefixtures("second")
async def test_several_profiles_of_the_account_are_offered(demo: Demo) -> None:
    async with running_app(Account("home", None, demo.endpoint), size=(140, 36)) as (app, pilot):
        await until(lambda: "prod" in names(app), "the clusters")
        await go(app, pilot, SERVICE)
        screen = await until(
            lambda: app.screen if isinstance(app.screen, ProfilePicker) else None, "the picker"
        )
        await until(lambda: screen.shown == ["admin", "ops"], "those of the account")
        await pilot.press("down", "enter")
        await until(lambda: app.browser.place.service == "web-eu", "there")
        assert app.browser.account.profile == "ops"


async def test_other_kinds_lead_to_their_rows(stub: StubAws) -> None:
    async with running_app(stub.account(), size=(140, 36), cache=False) as (app, pilot):
        await until(lambda: names(app) == ["stub"], "the clusters")
        await go(app, pilot, INSTANCE)
        await until(lambda: app.browser.place.view == "instances", "the list")
        await until(lambda: getattr(app.browser.table.current, "arn", "") == INSTANCE, "its row")
        await go(app, pilot, DEFINITION)
        await until(lambda: isinstance(app.screen, TextScreen), "the definition")
        await until(lambda: '"family": "web"' in screen_text(app), "its JSON")
        await pilot.press("escape")
        assert app.browser.place.view == "instances"
        await go(app, pilot, f"{ARN}:capacity-provider/stub/managed")
        await until(lambda: app.browser.place.view == "capacity-providers", "the list")
        group = f"arn:aws:elasticloadbalancing:{HERE}:111122223333:targetgroup/web/0123456789abcdef"
        await go(app, pilot, group)
        await says(app, "No loaded service or cluster uses target group web.")


async def test_a_target_group_of_a_loaded_service(stub: StubAws, clusters: StubClusters) -> None:
    group = f"arn:aws:elasticloadbalancing:{HERE}:111122223333:targetgroup/web/0123456789abcdef"
    made = clusters.add("prod")
    made.service("web", loadBalancers=[{"targetGroupArn": group, "containerName": "app"}])
    async with running_app(stub.account(), size=(140, 36), cache=False) as (app, pilot):
        await until(lambda: names(app) == ["prod"], "the clusters")
        await pilot.press("enter")
        await until(lambda: names(app) == ["web"] and app.browser.table.rows[0].service.described)
        await pilot.press("escape")
        await go(app, pilot, group)
        await until(lambda: app.browser.place.service == "web", "the service behind it")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("arn:aws:s3:us-east-1:123456789012:bucket", "is an ARN of s3, not of ECS."),
        ("https://example.com/x", "is not an AWS console URL."),
        ("\x1b]52;c;eA==\x07 [bold]x[/]" * 2000, "No cluster, service, task or command matches"),
        ("ab" * 10**6, "No cluster, service, task or command matches"),
    ],
)
async def test_other_and_hostile_texts_are_harmless(demo: Demo, text: str, said: str) -> None:
    async with running_app(demo.account(), size=(160, 36)) as (app, pilot):
        await until(lambda: "prod" in names(app), "the clusters")
        shown = await paste(app, pilot, text)
        line = app.browser.prompt.query_one("#prompt", Input)
        assert len(line.value) <= MAX_CHARACTERS and line.value.isprintable()
        assert "No match." in shown or said in shown
        await pilot.press("enter")
        await says(app, said)
        assert app.browser.place.view == "clusters"


async def test_a_paste_replaces_the_selection_and_fits_on_a_small_screen(demo: Demo) -> None:
    task = await task_of_web(demo)
    async with running_app(demo.account(), size=(80, 24)) as (app, pilot):
        await until(lambda: "prod" in names(app), "the clusters")
        shown = await paste(app, pilot, f"look:\n{task.arn}\n")
        line = app.browser.prompt.query_one("#prompt", Input)
        assert line.value == f"look: {task.arn}"
        assert f"▸ task {task.id[:8]}… in prod, {HERE}, account {OWN}" in shown
        line.selection = line.selection._replace(start=0, end=len(line.value))
        app.post_message(events.Paste("prod\n"))
        await until(lambda: line.value == "prod", "replaced")
        await pilot.press("escape")


async def test_long_names_are_cut_with_a_sign(stub: StubAws, clusters: StubClusters) -> None:
    made = clusters.add("prod")
    made.service("checkout-" + "x" * 60)
    async with running_app(stub.account(), size=(80, 24), cache=False) as (app, pilot):
        await until(lambda: names(app) == ["prod"], "the clusters")
        await pilot.press("enter")
        await until(lambda: len(names(app)) == 1, "the service")
        await pilot.press("colon", *"checkout")
        await until(lambda: bool(app.browser.prompt.matches), "found")
        await pilot.pause()
        hit = next(line for line in screen_text(app).split("\n") if "▸" in line)
        assert "xxx…  " in hit and "prod" in hit


@pytest.mark.parametrize("text", ["prod/web", "prod web", "ro/web", "PROD / web"])
async def test_a_service_is_found_as_lists_name_it_with_its_cluster(demo: Demo, text: str) -> None:
    async with running_app(demo.account(), size=(140, 36)) as (app, pilot):
        await open_services(app, pilot)
        finder = Finder([("here", app.browser.inventory)], "prod")
        found = finder.find(text)
        assert (found[0].kind, found[0].name, found[0].where) == (
            "service",
            "web",
            "here › prod › web",
        )
        assert {match.place.cluster for match in found if match.place} == {"prod"}
        for other in ("staging/web", "prod/", "/web", "/", "prod/no-such", "no-such/web"):
            assert not finder.find(other)
