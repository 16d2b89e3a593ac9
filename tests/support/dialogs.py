"""Dialogs of the app, answered by keys."""

from __future__ import annotations

from textual.pilot import Pilot

from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.dialogs.choose import ChooseScreen
from ecs_tui.ui.dialogs.profile_picker import ProfilePicker
from tests.support.limits import until


async def choose_profiles(app: EcsTuiApp, pilot: Pilot[None], key: str, *wanted: str) -> None:
    """Switch profiles (`ctrl+p`) or regions (`ctrl+r`).

    Args:
        key: Opens the dialog.
        wanted: What is chosen; several are marked, then opened together.
    """
    await pilot.press(key)
    screen = await until(
        lambda: app.screen if isinstance(app.screen, ProfilePicker) else None,
        "the choice",
    )
    for name in wanted:
        await until(lambda name=name: name in screen.shown, name)  # type: ignore[misc]
        screen.names_list.highlighted = screen.shown.index(name)
        if len(wanted) > 1:
            await pilot.press("space")
    await pilot.press("enter")
    await until(lambda: not isinstance(app.screen, ProfilePicker), "chosen")


async def copied(app: EcsTuiApp, pilot: Pilot[None], what: str) -> str:
    """Choose an entry of the menu that `c` opens; returns what is in the clipboard then."""
    await pilot.press("c")
    screen = await until(
        lambda: app.screen if isinstance(app.screen, ChooseScreen) else None, "the menu"
    )
    names_of = [name for name, _ in screen._choices]
    for _ in range(names_of.index(what)):
        await pilot.press("j")
    await pilot.press("enter")
    await until(lambda: app.screen is app.browser, "chosen")
    return app.clipboard
