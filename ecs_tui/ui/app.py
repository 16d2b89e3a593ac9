"""The app: wires account, settings and screen together, and ends all of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import Callable

from textual import events
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

from ecs_tui import crash
from ecs_tui.aws.account import Account
from ecs_tui.echo import echo
from ecs_tui.hangup import Ending
from ecs_tui.pty import give_way
from ecs_tui.settings import Settings
from ecs_tui.terminal.driver import TerminalDriver
from ecs_tui.terminal.recode import canonical
from ecs_tui.terminal.typed import TypedKey
from ecs_tui.ui import guard
from ecs_tui.ui.drawn import forget_removed_widgets
from ecs_tui.ui.screens.browser import Browser

log = logging.getLogger("ecs_tui.ui")

WAY = 0.025
"""Seconds that floods of output wait for a key to be drawn: about two frames."""
END_WITHIN = 3.0
"""Seconds for sessions, snapshots and clients when the app is told to end."""
HUNG_UP = 129
"""Exit status when the terminal is gone: that of SIGHUP, whether or not it came."""
THEMES = {"auto": "textual-dark", "dark": "textual-dark", "light": "textual-light"}


def _is_new(event: events.Event) -> bool:
    """Whether it is a key, a click or a paste: no movement, no modifier, no key that is let go."""
    if isinstance(event, TypedKey):
        return bool(canonical(event.data))
    return isinstance(event, (events.Key, events.MouseDown, events.Paste))


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
        self._failures = guard.Failures()
        self.fatal: crash.Crash | None = None
        self._said_why = False
        self._unlisten: Callable[[], None] = lambda: None
        guard.install()

    def pop_screen(self) -> AwaitComplete:
        """Close the dialog on top, and forget what it had drawn.

        A dialog that is dismissed twice (two keys at once, two reports of one fault) must not take
        the lists with it.
        """
        if self.screen is self.browser:
            return AwaitComplete()
        closing = super().pop_screen()
        forget_removed_widgets()
        return closing

    def run_on_terminal(self) -> int:
        """Run until it is left or told to end; returns the exit status."""
        self._ending = Ending(self._told_to_end, self._abandon)
        try:
            self.run()
        except Exception as error:
            self.fatal = self.fatal or crash.report("the screen", error)
        self._say_why()
        status = crash.EXIT_STATUS if self.fatal is not None else self.return_code
        return self._ending.status or status or 0

    def on_mount(self) -> None:
        """Show the browser."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(crash.in_loop)
        self._unlisten = crash.listen(self._crashed)
        self.push_screen(self.browser)
        if self._ending is not None and self._ending.status is not None:
            self._start_end()  # told so while it started

    async def on_event(self, event: events.Event) -> None:
        """A key comes before whatever the shells print."""
        if isinstance(event, events.InputEvent):
            give_way(WAY)
            self.browser.active()
            if _is_new(event):
                self.browser.answered()
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
                await self.browser.end(END_WITHIN - 0.2)
        except TimeoutError:
            log.warning("not everything had ended within %s s", END_WITHIN)
        finally:
            told = self._ending.status if self._ending is not None else 0
            self.exit(return_code=told or (crash.EXIT_STATUS if self.fatal else 0))

    def _abandon(self) -> None:
        """The process is ended by force: give back a terminal that is still there."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.abandon()
        self._say_why()

    # -- what nobody expected

    def _handle_exception(self, error: Exception) -> None:
        """Textual's place for what workers, timers, callbacks and drawing raise."""
        if not self._running or not self.browser.is_mounted:
            self.cannot_go_on("the start of the screen", error)
        else:
            self.caught("", error)

    def caught(self, job: str, error: BaseException) -> None:
        """Something failed that nobody expected: the app goes on where it can."""
        found, can_go_on = self._failures.add(job, error)
        if not can_go_on:
            self._give_up(found)
        elif isinstance(self.screen, ModalScreen) and not self.screen.children:
            self.call_later(self.screen.dismiss)  # a dialog whose contents could not be made

    def cannot_go_on(self, job: str, error: BaseException) -> None:
        """What failed is needed by everything else: sessions are ended, then the app."""
        self._give_up(crash.report(job, error))

    def _give_up(self, found: crash.Crash) -> None:
        if self.fatal is not None:
            return
        self.fatal = found
        self._return_code = crash.EXIT_STATUS
        if self._ending is not None:
            self._ending.begin(crash.EXIT_STATUS)
        else:
            self._told_to_end()

    def panic(self, *renderables: object) -> None:
        """Textual's thread for the input ended."""
        self.cannot_go_on("the terminal's input", RuntimeError("its thread ended"))

    def _crashed(self, found: crash.Crash) -> None:
        """Say so in the footer; in any thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._note, found)

    def _note(self, found: crash.Crash) -> None:
        # A note is drawn: where drawing fails it would fail for ever.
        if self.browser.is_attached and not found.drawing:
            self.browser.note(str(found), 15, news=True)

    def _say_why(self) -> None:
        """On the terminal that has been given back, once."""
        if self.fatal is not None and not self._said_why:
            self._said_why = True
            # Textual's own stderr is still in place where the process is ended by force.
            with contextlib.redirect_stderr(sys.__stderr__):
                echo(f"ecs-tui: {self.fatal}", err=True)

    async def on_unmount(self) -> None:
        """However the app ends, its sessions, workers and clients end with it."""
        self._unlisten()
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
