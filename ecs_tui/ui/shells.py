"""The shells of the dashboard: opening, ending, and what follows when one ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ecs_tui import remembered
from ecs_tui.aws import ecs
from ecs_tui.errors import AccessDenied, EcsTuiError, ExecFailed
from ecs_tui.model.arn import short_name
from ecs_tui.session.session import Target
from ecs_tui.terminal.process import Spare
from ecs_tui.ui.actions.doctor import examine
from ecs_tui.ui.home import Home
from ecs_tui.ui.screens.confirm import ConfirmScreen
from ecs_tui.ui.widgets.pane import ShellPane

if TYPE_CHECKING:
    from ecs_tui.ui.screens.browser import Browser

WIDE = 140
"""Columns from which the dock stands beside the list unless the operator chose otherwise."""


class Shells:
    """What the browser does with the panes of its dock.

    Attributes:
        said: How the last shell of a task ended, by the task's ARN.
        spare: The worker that waits for the next pane.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        settings = browser.settings
        self.said: dict[str, str] = {}
        self.spare = Spare(settings.engine, settings.scrollback)
        self._stop_after: set[str] = set()
        self._split = settings.split if settings.split != "auto" else browser.remembered.split

    # -- opening

    def open(self, target: Target, *, home: Home | None = None, stop_after: bool = False) -> None:
        """Open a session in the dock; `stop_after`: its task is stopped when it ends."""
        browser = self._browser
        if stop_after:
            self._stop_after.add(target.task_arn)
        self.arrange()
        home = home or browser.homes.current
        pane = ShellPane(
            home.account,
            browser.settings,
            target,
            self.spare,
            lambda words: browser.note(words, 12),
        )
        browser.call_later(browser.dock.add, pane)

    def turn(self) -> None:
        """Dock beside the list, or below it; the choice is remembered."""
        beside = self._browser.query_one("#work").has_class("-beside")
        self._split = self._browser.remembered.split = "below" if beside else "beside"
        remembered.save(self._browser.remembered)
        self.arrange()

    def arrange(self) -> None:
        """Beside where it was chosen so or the terminal is wide, else below."""
        wide = self._browser.size.width >= WIDE
        beside = self._split == "beside" or (self._split != "below" and wide)
        self._browser.query_one("#work").set_class(beside, "-beside")

    # -- ending

    def close(self, pane: ShellPane) -> None:
        """End a shell beside the keys and take it out of the dock."""
        self._browser.run_worker(self._close(pane), group="close")

    async def _close(self, pane: ShellPane) -> None:
        await self._browser.dock.close(pane)
        if not self._browser.dock.panes:
            self._browser.focus_list()
        self._browser.draw()

    def ended(self, pane: ShellPane) -> None:
        """Say why; the operator's keys go back to the list if they were going to that shell."""
        browser, session = self._browser, pane.session
        self.said[pane.target.task_arn] = session.reason
        if session.error is not None:
            browser.note(str(session.error), 20)
            browser.run_worker(self._explain(pane), group="explain", exclusive=True)
        if pane.target.task_arn in self._stop_after:
            browser.run_worker(self._stop_task(pane), group="stop")
        if pane.view.has_focus:
            browser.focus_list()
        browser.draw()

    async def _explain(self, pane: ShellPane) -> None:
        """A shell that ECS refused: the doctor, with what AWS said on top."""
        browser, error = self._browser, pane.session.error
        task = browser.inventory.task(pane.target.task_arn)
        if task is None or not isinstance(error, (AccessDenied, ExecFailed)):
            return
        if browser.app.screen is browser:
            await examine(browser, task, pane.target.container, str(error))

    async def _stop_task(self, pane: ShellPane) -> None:
        """The one-off's shell has ended: so does the one-off, as was asked for."""
        target, note = pane.target, self._browser.note
        self._stop_after.discard(target.task_arn)
        try:
            cluster = short_name(target.cluster)
            account = pane.session.account
            await ecs.stop_task(account, cluster, target.task_arn, "its shell ended (ecs-tui)")
            note(f"The one-off task {target.task_id[:12]} is being stopped.")
        except EcsTuiError as error:
            note(f"The one-off task {target.task_id[:12]} could not be stopped: {error}", 20)

    def ask_paste(self, data: bytes, lines: int) -> None:
        """Several lines into a shell that would run them at once: ask."""
        self._browser.run_worker(self._ask_paste(data, lines), group="paste")

    async def _ask_paste(self, data: bytes, lines: int) -> None:
        pane = self._browser.dock.current
        yes = await self._browser.app.push_screen_wait(
            ConfirmScreen(
                f"Paste {lines} lines into {pane.target.words if pane else 'the shell'}?",
                "The program there does not ask for bracketed paste: each line runs at once.",
                "Paste",
            )
        )
        if yes and pane is not None:
            pane.paste(data)
        self._browser.dock.focus_current()

    async def may_leave(self) -> bool:
        """Ask about open shells; whether the operator agrees that they end."""
        live = self._browser.dock.live
        if not live:
            return True
        names = ", ".join(pane.target.words for pane in live[:3])
        yes = await self._browser.app.push_screen_wait(
            ConfirmScreen(
                f"Quit and end {len(live)} open shell{'s' if len(live) > 1 else ''}?",
                f"{names}: their sessions are terminated, what runs in them gets a hang-up.",
                "Quit",
            )
        )
        return bool(yes)

    async def end(self) -> None:
        """End every session and the spare worker."""
        await asyncio.gather(*(pane.end() for pane in self._browser.dock.panes))
        self.spare.close()
