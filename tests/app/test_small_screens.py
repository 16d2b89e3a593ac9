"""Smaller screens by keys: Escape closes an input line first, filters come back, refused fixes."""

from __future__ import annotations

import pytest

from ecs_tui.ui.commands import COMMANDS, DOCK
from ecs_tui.ui.dialogs.access import AccessScreen
from ecs_tui.ui.dialogs.plan import PlanScreen
from tests.support.app import names, open_services, running_app, screen_text, select
from tests.support.demo import Demo
from tests.support.limits import until


def test_commands_have_names_of_their_own_that_can_be_typed() -> None:
    """Names of commands are typed after `:`."""
    every = (*COMMANDS, *DOCK)
    called = [name for command in every for name in (command.id, *command.aliases)]
    assert all(name and name == name.lower() and " " not in name for name in called)
    assert len(set(called)) == len(called)
    assert {"quit", "shell", "refresh", "filter", "goto", "doctor", "access", "policy",
            "broadcast", "zoom", "rename", "stopped", "sort", "reverse"} <= set(called)  # fmt: skip


@pytest.mark.asyncio
async def test_escape_closes_the_line_first_and_then_the_screen(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        select(app, "web")
        await pilot.press("I")
        await until(lambda: isinstance(app.screen, AccessScreen), "access")
        screen = app.screen
        assert isinstance(screen, AccessScreen)
        await until(lambda: len(screen.answers) == len(screen.targets), "all answers")
        await pilot.press("p")
        assert screen.input.has_class("-typing") and screen.input.has_focus
        await pilot.press("escape")
        assert app.screen is screen
        assert not screen.input.has_class("-typing") and screen.table.has_focus
        await pilot.press("p", "enter")  # nothing typed: the principal stays
        assert not screen.input.has_class("-typing")
        assert "alice" in screen.principal
        await pilot.press("j", "j", "k")
        assert screen.table.cursor == min(1, len(screen.targets) - 1)
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "back")


@pytest.mark.asyncio
async def test_back_returns_to_the_row_and_the_filter(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        await pilot.press("slash", *"web", "enter")
        await until(
            lambda: names(app) == [name for name in names(app) if "web" in name], "filtered"
        )
        select(app, "web")
        await pilot.press("enter")
        await until(lambda: app.browser.place.view == "tasks" and names(app), "its tasks")
        assert app.browser.table.filter == ""
        await pilot.press("escape")
        await until(lambda: app.browser.place.view == "services", "back")
        await until(lambda: app.browser.table.filter == "web", "the filter is the same")
        assert app.browser.view.name_of(app.browser.table.current) == "web"
        assert all("web" in name for name in names(app))


@pytest.mark.asyncio
async def test_a_fix_that_aws_refuses_says_so_and_is_over(demo: Demo) -> None:
    demo.set_faults(deny=["ecs:UpdateService"])
    try:
        async with running_app(demo.account()) as (app, pilot):
            await open_services(app, pilot, "staging")
            select(app, "sandbox")
            await pilot.press("D")
            await until(lambda: getattr(app.screen, "over", False), "all verdicts")
            await pilot.press("enter")
            await until(lambda: isinstance(app.screen, PlanScreen), "the fix")
            screen = app.screen
            assert isinstance(screen, PlanScreen)
            await pilot.press("s")  # nothing is ready: no shell
            assert app.screen is screen
            await pilot.press("y")
            await until(lambda: screen.state == "over", "it is over")
            await until(lambda: "✖ Access denied: ecs:UpdateService" in screen_text(app), "why")
            assert not app.browser.dock.panes
            await pilot.press("escape")
            await until(lambda: app.screen is not screen, "closed")
    finally:
        demo.set_faults(deny=[])


@pytest.mark.asyncio
async def test_another_role_is_asked_about_by_its_name_alone(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        select(app, "orders")
        await pilot.press("enter")
        await until(lambda: app.browser.place.view == "tasks" and names(app), "its tasks")
        await pilot.press("I")
        await until(lambda: isinstance(app.screen, AccessScreen), "access")
        screen = app.screen
        assert isinstance(screen, AccessScreen)
        await until(lambda: len(screen.answers) == len(screen.targets) == 1, "the only answer")
        await pilot.press("p", *"role/dev", "enter")
        await until(lambda: screen.principal == "arn:aws:iam::123456789012:role/dev", "who")
        await until(lambda: "0 allowed" in screen_text(app), "the answer for that role")
