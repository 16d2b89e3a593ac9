"""What is said about a copy: no terminal confirms one, and some drop it."""

from __future__ import annotations

import pytest

from ecs_tui.ui.app import EcsTuiApp
from tests.support.app import open_services, running_app, screen_text
from tests.support.demo import Demo
from tests.support.dialogs import copied
from tests.support.limits import until

pytestmark = pytest.mark.asyncio


def told(app: EcsTuiApp, words: str) -> bool:
    """Whether a notification says so."""
    return any(words in each.message for each in app._notifications)


async def test_in_tmux_the_first_copy_says_what_may_keep_it(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    async with running_app(demo.account(), size=(80, 24)) as (app, pilot):
        await open_services(app, pilot)
        assert await copied(app, pilot, "name")
        await until(lambda: told(app, "tmux set -g set-clipboard"), "the hint")
        app.clear_notifications()
        arn = await copied(app, pilot, "ARN")
        await until(lambda: f"Copied {arn}"[:70] in screen_text(app), "copied again")
        assert not app._notifications, "it is said once"


async def test_each_text_of_the_menu_is_one_line_at_80_columns(demo: Demo) -> None:
    async with running_app(demo.account(), size=(80, 24)) as (app, pilot):
        await open_services(app, pilot)
        await pilot.press("c")
        await until(lambda: "console link " in screen_text(app), "the menu")
        lines = screen_text(app).split("\n")
        first = next(number for number, line in enumerate(lines) if " ARN  " in line)
        words = ["ARN", "name", "console link", "definition link", "command"]
        for line, word in zip(lines[first:], words, strict=False):
            assert f" {word}  " in line, line


async def test_elsewhere_only_the_copy_is_noted(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        name = await copied(app, pilot, "name")
        await until(lambda: f"Copied {name}" in screen_text(app), "the note")
        assert not app._notifications
