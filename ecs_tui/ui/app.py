"""The app: wires account, settings and screen together, and ends all of it."""

from __future__ import annotations

import asyncio
import signal

from textual import events
from textual.app import App

from ecs_tui.aws.account import Account
from ecs_tui.pty import give_way
from ecs_tui.settings import Settings
from ecs_tui.ui.screens.browser import Browser

WAY = 0.025
"""Seconds that floods of output wait for a key to be drawn: about two frames."""
THEMES = {"auto": "textual-dark", "dark": "textual-dark", "light": "textual-light"}


class EcsTuiApp(App[None]):
    """The dashboard."""

    TITLE = "ecs-tui"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = []

    def __init__(self, account: Account, settings: Settings) -> None:
        super().__init__()
        self.account, self.settings = account, settings
        self.browser = Browser(account, settings)
        self.theme = THEMES[settings.theme]

    def on_mount(self) -> None:
        """Show the browser; a hang-up or a termination ends every session too."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, self._told_to_end)
            except (RuntimeError, ValueError):
                break  # not the main thread, as in some tests
        self.push_screen(self.browser)

    async def on_event(self, event: events.Event) -> None:
        """A key comes before whatever the shells print."""
        if isinstance(event, events.InputEvent):
            give_way(WAY)
            self.browser.active()
        elif isinstance(event, events.AppBlur):
            self.browser.away()
        elif isinstance(event, events.AppFocus):
            self.browser.active()
        await super().on_event(event)

    def _told_to_end(self) -> None:
        self.run_worker(self._end(), exclusive=True, group="end")

    async def _end(self) -> None:
        await self.browser.end()
        self.exit(return_code=143)

    async def on_unmount(self) -> None:
        """However the app ends, its sessions, workers and clients end with it."""
        await self.browser.end()

    async def action_quit(self) -> None:
        """Textual's own way out goes through the question about open shells."""
        self.browser.leave()
