"""Shells in the app: opened, typed into, and commanded by the prefix key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.dock.pane import ShellPane
from tests.support.app import PREFIX, open_services, open_shell, running_app, screen_text
from tests.support.demo import Demo
from tests.support.limits import DEADLINE, until


class Shells:
    """The app with shells in its dock.

    Attributes:
        app, pilot: As Textual makes them.
        dock: The app's dock.
    """

    def __init__(self, app: EcsTuiApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot
        self.dock = app.browser.dock

    async def open(self, service: str) -> ShellPane:
        """Open a shell in a task of a service and wait for its prompt."""
        if self.app.focused is not self.app.browser.table:
            await self.prefix("l")
        return await open_shell(self.app, self.pilot, service)

    async def prefix(self, *keys: str) -> None:
        """Press the prefix key, then these. Where the list has the focus, go to the shell first."""
        if not any(pane.view.has_focus for pane in self.dock.panes):
            await self.pilot.press(PREFIX)
        await self.pilot.press(PREFIX, *keys)

    async def type(self, line: str) -> None:
        """Type a line and Enter."""
        await self.pilot.press(*line, "enter")

    async def shows(self, text: str, deadline: float = DEADLINE) -> None:
        """Wait until the text is on the screen, at most `deadline` seconds."""
        try:
            await until(lambda: text in screen_text(self.app), "", deadline)
        except AssertionError:
            screen = screen_text(self.app)
            raise AssertionError(f"not on the screen: {text!r}\n{screen}") from None


@asynccontextmanager
async def shells(
    demo: Demo, *services: str, size: tuple[int, int] = (130, 40), **settings: Any
) -> AsyncIterator[Shells]:
    """Run the app on cluster `prod` of the demo account, with a shell in each of these services.

    Args:
        demo: The demo account; faults of its sessions' link are taken back.
        services: Names of services; the shells are opened in their order.
        size: (columns, lines) of the screen.
        settings: Fields of `Settings`; the session client is the built-in one by default.
    """
    demo.set_link(silent=False, ignore_client=False, refuse=False)
    settings.setdefault("plugin", "builtin")
    async with running_app(demo.account(), size=size, **settings) as (app, pilot):
        made = Shells(app, pilot)
        await open_services(app, pilot)
        for service in services:
            await made.open(service)
        yield made
