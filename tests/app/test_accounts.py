"""Several profiles and regions: switching, one list for all, new logins, finding resources."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from textual import events

from ecs_tui.aws.account import Account
from ecs_tui.model.text import clean
from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.ui.dialogs.profile_picker import ProfilePicker
from ecs_tui.ui.prompt.matcher import Finder, Match
from tests.support.app import head_text, names, open_services, running_app, screen_text, select
from tests.support.aws_files import only_config
from tests.support.demo import Demo
from tests.support.dialogs import choose_profiles
from tests.support.identity_center import center_process
from tests.support.limits import until as wait
from tests.support.program_terminal import ProgramTerminal
from tests.support.stub_sso import CODE

pytestmark = pytest.mark.asyncio
START_URL = "https://corp.awsapps.example/start"


@pytest.fixture
def profiles(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config file: two profiles that work, one without a region, one broken, one with SSO."""
    keys = demo.environment
    config = tmp_path / "config"
    good = (
        f"aws_access_key_id = {keys['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {keys['AWS_SECRET_ACCESS_KEY']}\n"
    )
    config.write_text(
        f"[profile home]\nregion = us-east-1\n{good}"
        f"[profile abroad]\nregion = eu-west-1\n{good}"
        f"[profile nowhere]\n{good}"
        "[profile broken]\nregion = us-east-1\ncredential_process = /bin/false\n"
        "[profile sso]\nregion = us-east-1\nsso_region = us-east-1\n"
        f"sso_start_url = {START_URL}\nsso_account_id = 123456789012\nsso_role_name = dev\n"
    )
    only_config(config, monkeypatch)
    return config


def home(demo: Demo) -> Account:
    return Account("home", None, demo.endpoint)


async def test_another_region_and_back(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        await choose_profiles(app, pilot, "ctrl+r", "eu-west-1")
        await wait(lambda: names(app) == ["prod-eu"], "its clusters")
        assert "eu-west-1" in head_text(app)
        await pilot.press("enter")
        await wait(lambda: "web-eu" in names(app), "its services")
        await pilot.press("escape", "escape")
        await wait(lambda: "web" in names(app), "back where one came from")
        assert app.browser.account.region == "us-east-1"


async def test_switching_while_loads_are_in_flight_cancels_them(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        browser = app.browser
        await wait(lambda: "prod" in names(app), "clusters")
        demo.set_faults(latency=1.0)
        try:
            select(app, "prod")
            await pilot.press("enter")
            old = browser.connections.current
            await wait(lambda: any(look.jobs for look in old.refresher._looks), "under way")
            await choose_profiles(app, pilot, "ctrl+r", "eu-west-1")
            assert browser.connections.current is not old
            assert not old.refresher._looks
            demo.set_faults(latency=0.0)
            await wait(lambda: names(app) == ["prod-eu"], "the other region's clusters")
            assert old.inventory.freshness(Scope(Kind.SERVICE, "prod")).loading is False
        finally:
            demo.set_faults(latency=0.0)


async def test_profiles_together_one_of_them_broken(demo: Demo, profiles: Path) -> None:
    async with running_app(home(demo), size=(140, 36)) as (app, pilot):
        await wait(lambda: "prod" in names(app), "clusters")
        await choose_profiles(app, pilot, "ctrl+p", "home", "abroad", "broken")
        await wait(
            lambda: {"prod", "prod-eu"} <= {row.name for row in app.browser.table.rows}, "both"
        )
        await wait(lambda: "could not be fetched" in screen_text(app), "what is the matter")
        text = screen_text(app)
        assert "home@us-east-1" in text
        assert "abroad@eu-west-1" in text
        assert "3 accounts" in text
        select(app, "prod-eu")
        await pilot.press("enter")
        await wait(lambda: "web-eu" in names(app), "into the other account")
        assert app.browser.account.profile == "abroad"
        await pilot.press("colon", *"check", "enter")
        await wait(lambda: app.browser.place.service == "checkout-eu", "its own come first")
        await pilot.press("colon", *"prod", "enter")
        await wait(lambda: app.browser.account.profile == "home", "names of all are found")


async def test_from_the_command_line_several_at_once(demo: Demo, profiles: Path) -> None:
    pairs = ["abroad@eu-west-1", "nowhere@ap-south-1"]
    async with running_app(home(demo), accounts=pairs) as (app, _):
        await wait(lambda: "prod-eu" in names(app), "the merged list")
        await wait(lambda: "no clusters" in screen_text(app), "an empty one says so")


async def test_favourites_stand_first_and_are_remembered(demo: Demo, profiles: Path) -> None:
    async with running_app(home(demo)) as (app, pilot):
        await wait(lambda: "prod" in names(app), "clusters")
        await pilot.press("ctrl+p")
        screen = await wait(
            lambda: app.screen if isinstance(app.screen, ProfilePicker) else None, "the choice"
        )
        await wait(lambda: screen.shown, "the profiles are read")
        assert screen.shown[0] == "abroad"
        screen.names_list.highlighted = screen.shown.index("sso")
        await pilot.press("f")
        assert screen.shown[0] == "sso"
        await pilot.press("slash", *"brok", "enter")
        assert screen.shown == ["broken"]
        await pilot.press("escape")
    async with running_app(home(demo)) as (app, pilot):
        await wait(lambda: "prod" in names(app), "clusters")
        await pilot.press("ctrl+p")
        await wait(lambda: isinstance(app.screen, ProfilePicker), "the choice")
        await wait(lambda: "★ sso" in screen_text(app), "it is remembered")


async def test_a_profile_without_region_keeps_the_one_in_use(demo: Demo, profiles: Path) -> None:
    async with running_app(home(demo)) as (app, pilot):
        await wait(lambda: "prod" in names(app), "clusters")
        await choose_profiles(app, pilot, "ctrl+p", "nowhere")
        await wait(lambda: app.browser.account.profile == "nowhere", "it")
        await wait(lambda: "prod" in names(app), "its clusters")
        assert app.browser.account.region == "us-east-1"


async def test_an_expired_sso_login_is_renewed_in_place(
    demo: Demo, profiles: Path, tmp_path: Path, own_places: Path
) -> None:
    cache = tmp_path / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    digest = hashlib.sha1(START_URL.encode()).hexdigest()
    old = {
        "startUrl": START_URL, "region": "us-east-1", "accessToken": "x",
        "expiresAt": "2020-01-01T00:00:00Z",
    }  # fmt: skip
    (cache / f"{digest}.json").write_text(json.dumps(old))
    with center_process(tmp_path / "center") as center:
        env = {
            "HOME": str(tmp_path),
            "AWS_CONFIG_FILE": str(profiles),
            "AWS_ENDPOINT_URL": demo.endpoint,
            "AWS_ENDPOINT_URL_SSO_OIDC": center.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "PATH": "/usr/bin:/bin",
            "XDG_CACHE_HOME": str(own_places),
        }
        outer = ProgramTerminal(env, "--profile", "sso", size=(120, 30))
        try:
            await outer.shows("The SSO login of profile sso is missing or expired")
            await outer.shows("i log in")
            outer.keys("i")
            await outer.shows(CODE)
            center.confirm(demo.secret)
            await outer.shows("Logged in. sso@us-east-1 is refreshing again")
            await outer.shows("staging")
            outer.keys("q")
            assert await outer.ends() == 0
        finally:
            outer.pty.close()


async def test_expired_keys_without_a_login_say_so_and_go_on_when_renewed(demo: Demo) -> None:
    demo.set_faults(expired=True)
    try:
        async with running_app(demo.account()) as (app, pilot):
            await wait(lambda: "have expired" in screen_text(app), "expired")
            await pilot.press("i")
            await wait(lambda: "These credentials have no login" in screen_text(app), "why not")
            demo.set_faults(expired=False)
            await pilot.press("r")
            await wait(lambda: "prod" in names(app), "it goes on")
    finally:
        demo.set_faults(expired=False)


async def test_when_the_terminal_has_no_focus_aws_is_asked_less(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await wait(lambda: "prod" in names(app), "clusters")
        app.post_message(events.AppBlur())
        await wait(lambda: app.browser.refresher.slowed, "slower")
        await wait(lambda: "ago (idle" in screen_text(app), "it says so")
        await pilot.press("j")
        await wait(lambda: not app.browser.refresher.slowed, "a key: as before")


async def test_the_head_line_tells_calls_budget_and_throttling(demo: Demo) -> None:
    async with running_app(demo.account(), size=(140, 30)) as (app, _):
        await wait(lambda: "/min" in screen_text(app), "calls a minute")
        app.browser.account.pace.throttle("ecs", "ListServices")
        await wait(lambda: re.search("▲ (1 call )?throttled", screen_text(app)), "what AWS refused")


async def test_anything_known_is_found_by_a_part_of_its_name(demo: Demo) -> None:
    inventory = Inventory(demo.account())
    await inventory.load(Scope(Kind.CLUSTER))
    for scope in (Scope(Kind.SERVICE, "prod"), Scope(Kind.TASK, "prod")):
        await inventory.load(scope)
    finder = Finder(
        [("default@us-east-1", inventory)],
        "prod",
        [
            Match("command", name, "", None, command=name, hint="help")
            for name in ("shell", "stopped")
        ],
    )
    task = next(item for item in inventory.tasks("prod", "web"))
    for text, kind, name in (
        ("prod", "cluster", "prod"),
        ("chkt", "service", "checkout"),
        ("envoy", "container", "envoy"),
        (task.id[:8], "task", task.id),
        (task.private_ip, "ip", task.private_ip),
        ("web:131", "task definition", "web:131"),
        ("appmesh-envoy:v1", "image", "aws-appmesh-envoy:v1.29.12.1-prod"),
        ("stop", "command", "stopped"),
    ):
        matches = finder.find(text)
        assert any(match.kind == kind and name in match.name for match in matches), (text, matches)
        assert all(clean(match.where) for match in matches)
    assert finder.find("") == []
    assert finder.find("qqqqzzz") == []
    await inventory.account.close()


async def test_what_is_found_is_shown_while_typing_and_chosen_by_arrows(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        await pilot.press("colon", *"er")
        await wait(lambda: len(app.browser.prompt.matches) > 2, "matches")
        first, second = app.browser.prompt.matches[:2]
        assert first.name in screen_text(app)
        await pilot.press("down")
        await wait(lambda: f"▸ {second.kind}" in screen_text(app), "the second one")
        await pilot.press("escape")
        assert not app.browser.prompt.is_open
        assert app.browser.table.has_focus
