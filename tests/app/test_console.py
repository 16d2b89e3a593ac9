"""The key that opens the AWS console: in a browser, or as a link that is shown and copied."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecs_tui.aws.account import Account
from ecs_tui.ui.dialogs.link import LinkScreen
from tests.support.app import names, open_services, running_app, screen_text, select
from tests.support.aws_files import only_config
from tests.support.demo import Demo
from tests.support.dialogs import copied
from tests.support.footer import says
from tests.support.limits import until

pytestmark = pytest.mark.asyncio
HOST = "https://us-east-1.console.aws.amazon.com/ecs/v2"
WEB = f"{HOST}/clusters/prod/services/web/health?region=us-east-1"


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which the desktop's browser writes the addresses that it opens."""
    program = tmp_path / "bin/xdg-open"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/opened\n')
    program.chmod(0o700)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":0")
    for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "opened"


@pytest.fixture
def profile(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Account:
    """A profile whose calls go to the demo account, as far as the program knows to AWS."""
    keys = demo.environment
    config = tmp_path / "config"
    config.write_text(
        f"[profile work]\nregion = us-east-1\naws_access_key_id = {keys['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {keys['AWS_SECRET_ACCESS_KEY']}\n"
    )
    only_config(config, monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", demo.endpoint)
    return Account("work", None)


def addresses(opened: Path) -> list[str]:
    """The addresses that the browser has opened."""
    return opened.read_text().split() if opened.exists() else []


async def test_the_browser_opens_at_the_selected_row(
    demo: Demo, profile: Account, opened: Path
) -> None:
    async with running_app(profile, size=(160, 36)) as (app, pilot):
        await open_services(app, pilot)
        select(app, "web")
        demo.counts(reset=True)
        await pilot.press("b")
        await says(app, f"Opened in the browser: {WEB}")
        assert addresses(opened) == [WEB]
        assert app.screen is app.browser
        await pilot.press("enter")
        await until(lambda: app.browser.place.view == "tasks" and names(app), "its tasks")
        task = app.browser.table.current
        await pilot.press("b")
        page = f"{HOST}/clusters/prod/tasks/{task.id}/configuration?region=us-east-1"
        await until(lambda: addresses(opened) == [WEB, page], "its page")
        calls = demo.counts()["calls"]
        assert not [
            name for name in calls if not name.split(":")[1].startswith(("List", "Describe", "Get"))
        ]


async def test_over_ssh_the_link_is_shown_and_copied(
    profile: Account, opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")
    async with running_app(profile, size=(120, 36)) as (app, pilot):
        await open_services(app, pilot)
        select(app, "web")
        await pilot.press("b")
        await until(lambda: isinstance(app.screen, LinkScreen), "the link")
        await until(lambda: WEB in screen_text(app), "shown")
        assert "No browser can be opened from here. The link is copied." in screen_text(app)
        assert "open in the browser" not in screen_text(app)
        assert app.clipboard == WEB
        await pilot.press("o")
        assert isinstance(app.screen, LinkScreen), "nothing to open it with"
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "closed")
        assert addresses(opened) == []


async def test_a_merged_list_has_the_region_of_the_row(demo: Demo) -> None:
    async with running_app(demo.account(), accounts=["@eu-west-1"], size=(120, 36)) as (app, pilot):
        await until(lambda: {"prod", "prod-eu"} <= {row.name for row in app.browser.table.rows})
        select(app, "prod-eu")
        await pilot.press("b")
        await until(lambda: isinstance(app.screen, LinkScreen), "the link")
        page = "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod-eu/services"
        await until(lambda: app.clipboard == f"{page}?region=eu-west-1", "copied")
        await until(lambda: f"not AWS's, but that of {demo.endpoint}" in screen_text(app), "why")
        await pilot.press("escape")
        assert await copied(app, pilot, "console link") == f"{page}?region=eu-west-1"


async def test_the_place_without_a_row(demo: Demo) -> None:
    async with running_app(demo.account(), size=(120, 36)) as (app, pilot):
        await open_services(app, pilot)
        await pilot.press("slash", *"nothing-like-this", "enter")
        await until(lambda: not names(app), "no row")
        await pilot.press("b")
        await until(lambda: isinstance(app.screen, LinkScreen), "the link")
        assert app.clipboard == f"{HOST}/clusters/prod/services?region=us-east-1"


async def test_a_partition_without_a_public_console_says_so(demo: Demo, profile: Account) -> None:
    account = Account("work", "us-iso-east-1")
    async with running_app(account, size=(120, 36)) as (app, pilot):
        await until(lambda: app.browser.account.region == "us-iso-east-1", "its region")
        await pilot.press("b")
        await says(app, "The console of partition aws-iso has no public address.")
