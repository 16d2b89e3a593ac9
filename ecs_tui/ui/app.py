"""The app: wires account, settings and screen together, and ends all of it."""

from __future__ import annotations

import asyncio
import logging

from textual import events
from textual.app import App

from ecs_tui.aws.account import Account
from ecs_tui.hangup import Ending
from ecs_tui.pty import give_way
from ecs_tui.settings import Settings
from ecs_tui.terminal.driver import TerminalDriver
from ecs_tui.ui.screens.browser import Browser

log = logging.getLogger("ecs_tui.ui")

WAY = 0.025
"""Seconds that floods of output wait for a key to be drawn: about two frames."""
END_WITHIN = 3.0
"""Seconds for sessions, snapshots and clients when the app is told to end."""
HUNG_UP = 129
"""Exit status when the terminal is gone: that of SIGHUP, whether or not it came."""
THEMES = {"auto": "textual-dark", "dark": "textual-dark", "light": "textual-light"}


class EcsTuiApp(App[None], inherit_bindings=False):
    """The dashboard."""

    TITLE = "ecs-tui"
    ENABLE_COMMAND_PALETTE = False
    # Textual's own ctrl+q comes before the widget that has the focus: it would never reach a shell.
    BINDINGS = [("ctrl+q", "quit", "quit")]

    def __init__(self, account: Account, settings: Settings) -> None:
        super().__init__(driver_class=TerminalDriver)
        self.account, self.settings = account, settings
        self.browser = Browser(account, settings)
        self.theme = THEMES[settings.theme]
        self._ending: Ending | None = None
        self._end_task: asyncio.Task[None] | None = None

    def run_on_terminal(self) -> int:
        """Run until it is left or told to end; returns the exit status."""
        self._ending = Ending(self._told_to_end, self._abandon)
        self.run()
        return self._ending.status or self.return_code or 0

    def on_mount(self) -> None:
        """Show the browser."""
        self.push_screen(self.browser)
        if self._ending is not None and self._ending.status is not None:
            self._start_end()  # told so while it started

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

    def terminal_lost(self) -> None:
        """The terminal is gone, whether or not the kernel sends SIGHUP too. Any thread."""
        if self._ending is not None:
            self._ending.begin(HUNG_UP)

    def _told_to_end(self) -> None:
        """In any thread or a signal handler: what follows is for the event loop."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._start_end)

    def _start_end(self) -> None:
        if self._end_task is None:
            self._end_task = asyncio.create_task(self._end())

    async def _end(self) -> None:
        """Sessions first, whatever is on the screen."""
        try:
            async with asyncio.timeout(END_WITHIN):
                await self.browser.end()
        except TimeoutError:
            log.warning("not everything had ended within %s s", END_WITHIN)
        finally:
            self.exit(return_code=(self._ending.status if self._ending else 0) or 0)

    def _abandon(self) -> None:
        """The process is ended by force: give back a terminal that is still there."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.abandon()

    async def on_unmount(self) -> None:
        """However the app ends, its sessions, workers and clients end with it."""
        if self._end_task is not None:
            await self._end_task
        else:
            await self.browser.end()

    def action_suspend_process(self) -> None:
        """Stop the whole job, as ctrl+z does in a shell; the shells in containers live on."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.suspend(group=True)

    async def action_quit(self) -> None:
        """Textual's own way out goes through the question about open shells."""
        self.browser.leave()
