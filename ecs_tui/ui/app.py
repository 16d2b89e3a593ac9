"""The Textual app: connects account, settings and main screen; handles shutdown and crashes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Callable, Sequence

from textual import events
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.filter import LineFilter, Monochrome
from textual.screen import ModalScreen, Screen

from ecs_tui.aws.account import Account
from ecs_tui.config.settings import Settings
from ecs_tui.system import crash
from ecs_tui.system.echo import echo
from ecs_tui.system.hangup import Shutdown
from ecs_tui.system.pty import hold_output
from ecs_tui.system.terminal_type import FULL, TerminalType
from ecs_tui.terminal.background import BackgroundReport, light_by_environment
from ecs_tui.terminal.driver import TerminalDriver
from ecs_tui.terminal.recode import canonical
from ecs_tui.terminal.reduced import Reduced
from ecs_tui.terminal.typed import TypedKey
from ecs_tui.ui import guard
from ecs_tui.ui.clipboard import clipboard_hint
from ecs_tui.ui.dialogs.base import Dialog, bind
from ecs_tui.ui.drawn import forget_removed_widgets
from ecs_tui.ui.main_screen import Browser
from ecs_tui.ui.start import StartPlace
from ecs_tui.ui.themes import FEW_COLOURS, theme_name

log = logging.getLogger("ecs_tui.ui")

KEY_PRIORITY_SECONDS = 0.025
"""Seconds for which large shell output is held back after input, so that the key is drawn first:
about two frames.
"""
END_SECONDS = 3.0
"""Maximum seconds to end sessions, save snapshots and close clients on shutdown."""
HINT_SECONDS = 12.0
"""Seconds for which the hint about the clipboard is shown."""
HUNG_UP_STATUS = 129
"""Exit status if the terminal is gone: 128 + SIGHUP, even if no signal was received."""


def _is_new(event: events.Event) -> bool:
    """Whether it is a key press, a click or a paste; not a mouse move, modifier or key release."""
    if isinstance(event, TypedKey):
        return bool(canonical(event.data))
    return isinstance(event, (events.Key, events.MouseDown, events.Paste))


class EcsTuiApp(App[None], inherit_bindings=False):
    """The dashboard, with a `Browser` as its main screen. `run_on_terminal` starts it."""

    TITLE = "ecs-tui"
    ENABLE_COMMAND_PALETTE = False
    # Textual binds ctrl+q with priority over the focused widget: a shell would never receive it.
    BINDINGS = [bind("quit-anywhere", "quit", "Quit (asks if shells are open)")]

    CSS = """
    App:ansi, Browser:ansi { background: $background; color: $foreground; }
    """

    def __init__(
        self,
        account: Account,
        settings: Settings,
        terminal_type: TerminalType = FULL,
        start: StartPlace | None = None,
    ) -> None:
        self.terminal_type = terminal_type
        self.follows_background = settings.theme == "auto"
        self._reduced = Reduced(terminal_type)
        super().__init__(driver_class=TerminalDriver)
        self.no_color = not terminal_type.colours
        self.account, self.settings = account, settings
        self.command_keys = settings.keymap
        self.set_keymap(self.command_keys.for_textual())
        self.browser = Browser(account, settings, start or StartPlace.of(settings))
        for theme in FEW_COLOURS:
            self.register_theme(theme)
        light = light_by_environment(os.environ)
        self.theme = theme_name(settings.theme, terminal_type.colours, light=light)
        self._process_shutdown: Shutdown | None = None
        self._end_task: asyncio.Task[None] | None = None
        self._failures = guard.Failures()
        self.fatal: crash.Crash | None = None
        self._fatal_reported = False
        self._copied = False
        self._unlisten: Callable[[], None] = lambda: None
        guard.install()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's line filters, with `Reduced` in place of `Monochrome`."""
        # Monochrome, Textual's filter for NO_COLOR, turns colours into greys.
        filters = [item for item in super().get_line_filters() if not isinstance(item, Monochrome)]
        return [*filters, self._reduced] if self._reduced.enabled else filters

    def pop_screen(self) -> AwaitComplete:
        """Close the topmost dialog and free its drawn lines.

        The main screen stays open even if a dialog is dismissed twice (two keys at once, two
        reports of one failure).
        """
        if self.screen is self.browser:
            return AwaitComplete()
        closing = super().pop_screen()
        forget_removed_widgets()
        return closing

    def run_on_terminal(self) -> int:
        """Run until the operator quits, a signal ends it or it crashes; returns the exit status."""
        self._process_shutdown = Shutdown(self._end_requested, self._end_by_force)
        try:
            self.run()
        except Exception as error:
            self.fatal = self.fatal or crash.report("the screen", error)
        self._report_fatal()
        status = crash.EXIT_STATUS if self.fatal is not None else self.return_code
        return self._process_shutdown.status or status or 0

    def get_default_screen(self) -> Screen[None]:
        """The main screen: there is no screen below it."""
        return self.browser

    def on_load(self) -> None:
        """Listen for crash reports, before the main screen starts."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(crash.in_loop)
        self._unlisten = crash.listen(self._crashed)

    def on_mount(self) -> None:
        """End at once if that was requested during the start."""
        if self._process_shutdown is not None and self._process_shutdown.status is not None:
            self._start_end()

    async def on_event(self, event: events.Event) -> None:
        """Handle input before shell output, and track whether the operator is active."""
        if isinstance(event, events.InputEvent):
            hold_output(KEY_PRIORITY_SECONDS)
            self.browser.activity.active()
            if _is_new(event):
                self.browser.answered()
        elif isinstance(event, events.AppBlur):
            self.browser.activity.away()
        elif isinstance(event, events.AppFocus):
            self.browser.activity.active()
        await super().on_event(event)

    def on_paste(self, event: events.Paste) -> None:
        """Give a paste to the prompt if it came in one write with the key that opens it."""
        if self.screen is self.browser and self.browser.prompt.is_open:
            event.stop()
            self.browser.prompt.take_paste(event.text)

    def on_background_report(self, report: BackgroundReport) -> None:
        """Follow the terminal's background; the first frame was drawn without waiting for it."""
        if self.follows_background:
            self.theme = theme_name("auto", self.terminal_type.colours, light=report.light)

    def terminal_lost(self) -> None:
        """Shut down because the terminal is gone, with or without SIGHUP. Called in any thread."""
        if self._process_shutdown is not None:
            self._process_shutdown.begin(HUNG_UP_STATUS)

    def _end_requested(self) -> None:
        """Start the shutdown in the event loop. Called in any thread or in a signal handler."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._start_end)

    def _start_end(self) -> None:
        if self._end_task is None:
            self._end_task = asyncio.create_task(self._end())

    async def _end(self) -> None:
        """End sessions, then clients, then the app, even if a dialog is open."""
        try:
            async with asyncio.timeout(END_SECONDS):
                await self.browser.end(END_SECONDS - 0.2)
        except TimeoutError:
            log.warning("shutdown did not finish within %s s", END_SECONDS)
        finally:
            status = self._process_shutdown.status if self._process_shutdown is not None else 0
            self.exit(return_code=status or (crash.EXIT_STATUS if self.fatal else 0))

    def _end_by_force(self) -> None:
        """Called just before a forced exit: restore the terminal and print the fatal error."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.restore_at_once()
        self._report_fatal()

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a text to the clipboard of the outer terminal (OSC 52).

        The first time, say what may keep it from arriving: no terminal confirms a copy.
        """
        super().copy_to_clipboard(text)
        hint = "" if self._copied else clipboard_hint(self.terminal_type, os.environ)
        self._copied = True
        if hint:
            self.notify(hint, timeout=HINT_SECONDS, markup=False)

    # -- unexpected errors

    def _handle_exception(self, error: Exception) -> None:
        """Override: Textual passes errors raised in workers, timers, callbacks and drawing."""
        if not self.browser.is_mounted:
            self.cannot_go_on("the start of the screen", error)
        elif not self._running:  # a job found its widgets removed
            log.debug("after the end of the screen: %r", error)
        else:
            self.caught("", error)

    def caught(self, job: str, error: BaseException) -> None:
        """Report an unexpected error; end the app if it cannot continue.

        Args:
            job: What failed; "" if only the traceback shows it.
            error: The error.
        """
        found, can_go_on = self._failures.add(job, error)
        if not can_go_on:
            self._give_up(found)
        elif isinstance(self.screen, ModalScreen) and not self.screen.children:
            self.call_later(self.screen.dismiss)  # a dialog whose widgets could not be created

    def cannot_go_on(self, job: str, error: BaseException) -> None:
        """Report an error that the app cannot survive; end the sessions, then the app.

        Args:
            job: What failed.
            error: The error.
        """
        self._give_up(crash.report(job, error))

    def _give_up(self, found: crash.Crash) -> None:
        if self.fatal is not None:
            return
        self.fatal = found
        self._return_code = crash.EXIT_STATUS
        if self._process_shutdown is not None:
            self._process_shutdown.begin(crash.EXIT_STATUS)
        else:
            self._end_requested()

    def panic(self, *renderables: object) -> None:
        """Override: Textual calls it when its input thread fails."""
        self.cannot_go_on("the terminal's input", RuntimeError("the input thread ended"))

    def _crashed(self, found: crash.Crash) -> None:
        """Show a crash report in the footer. Called in any thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._note, found)

    def _note(self, found: crash.Crash) -> None:
        # Not after a drawing error: drawing the note would fail too, again and again.
        if self.browser.is_attached and not found.drawing:
            self.browser.note(str(found), 15, news=True)

    def _report_fatal(self) -> None:
        """Print the fatal error, once; the terminal has been restored by then."""
        if self.fatal is not None and not self._fatal_reported:
            self._fatal_reported = True
            # On a forced exit Textual's replacement of stderr is still installed.
            with contextlib.redirect_stderr(sys.__stderr__):
                echo(f"ecs-tui: {self.fatal}", err=True)

    async def on_unmount(self) -> None:
        """End sessions, terminal workers and clients, however the app ends."""
        self._unlisten()
        if self._end_task is not None:
            await self._end_task
        else:
            await self.browser.end()

    def action_suspend_process(self) -> None:
        """Stop the process group, as ctrl+z does in a shell; shells in containers keep running."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.suspend(group=True)

    async def on_dialog_keys_asked(self, event: Dialog.KeysAsked) -> None:
        """Show the keys of a dialog over it."""
        from ecs_tui.ui.dialogs.help import HelpScreen, KeyGroup

        rows = tuple(event.rows)
        await self.push_screen(HelpScreen([KeyGroup("In this dialog", rows)]))

    async def action_quit(self) -> None:
        """Override: quit only after the operator has confirmed that open shells end."""
        self.browser.leave()
