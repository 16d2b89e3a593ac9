"""The shells in the dock: opening, typing into several, requests of programs, and ending."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from ecs_tui.aws.api import ecs
from ecs_tui.config import state
from ecs_tui.errors import AccessDenied, EcsTuiError, ExecFailed
from ecs_tui.model.arn import short_name
from ecs_tui.model.command import Command, Origin
from ecs_tui.model.text import counted
from ecs_tui.session.remote import wait_for_terminations
from ecs_tui.session.session import Target
from ecs_tui.store.connections import Connection
from ecs_tui.terminal.input import Paste
from ecs_tui.terminal.paste import Pasted, too_long
from ecs_tui.terminal.process import WarmWorker
from ecs_tui.ui.commands.doctor import open_doctor
from ecs_tui.ui.dialogs.confirm import ConfirmScreen
from ecs_tui.ui.dialogs.link import LinkScreen
from ecs_tui.ui.dialogs.paste import PasteScreen
from ecs_tui.ui.dock.pane import PaneContext, ShellPane
from ecs_tui.ui.dock.shell_choice import ShellChoice
from ecs_tui.ui.dock.successors import Successors, notice_about
from ecs_tui.ui.footer import focused_pane
from ecs_tui.ui.links import may_open

if TYPE_CHECKING:
    from ecs_tui.ui.main_screen import Browser

WIDE_COLUMNS = 140
"""Columns from which the dock is beside the list, unless the operator chose otherwise."""
WATCH_ENDED_SECONDS = 60.0
"""Seconds for which the task of an ended shell is still refreshed: its state may show why."""
END_SECONDS = 1.5
"""Seconds that quitting waits for calls that open or terminate sessions.

Without them, shells would keep running in containers.
"""
_MAX_SHOWN_CHARACTERS = 300
"""Maximum characters shown of a text for the clipboard."""


class Shells:
    """Opens and ends the shells in the dock, and passes input to them.

    Attributes:
        last_exit_reason: How the last shell of a task ended, by the task's ARN.
        warm_worker: Keeps a terminal worker ready for the next pane.
        choice: Chooses the commands of shells.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        settings = browser.settings
        self.last_exit_reason: dict[str, str] = {}
        self.choice = ShellChoice(browser)
        self.warm_worker = WarmWorker(settings.engine, settings.scrollback)
        self._stop_after: set[str] = set()
        self._successors = Successors(browser)
        self._split = settings.split if settings.split != "auto" else browser.choices.split

    # -- opening

    def open(
        self,
        target: Target,
        *,
        connection: Connection | None = None,
        stop_after: bool = False,
        command: Command | None = None,
    ) -> None:
        """Open a session in the dock.

        Args:
            target: The container.
            connection: The connection that the container is in; None for the current one.
            stop_after: Whether to stop the task when the session ends.
            command: The command; None for the default one (`ShellChoice.choose`).
        """
        browser = self._browser
        connection = connection or browser.connections.current
        if self._refused(connection):
            return
        if stop_after:
            self._stop_after.add(target.task_arn)
        self.arrange()
        context = PaneContext(
            connection,
            browser.settings,
            self.warm_worker,
            lambda words: browser.note(words, 12),
            lambda words: browser.note(words, 12, news=True),
            self.route,
        )
        command = command or self.choice.choose(target)
        browser.call_later(browser.dock.add, ShellPane(context, target, command))

    def open_successor(self, pane: ShellPane) -> None:
        """Open a shell in the same container of the replacement task."""
        if pane.successor is not None:
            self.open(pane.successor, connection=pane.context.connection, command=pane.command)

    def reopen(self, pane: ShellPane, command: Command | None = None) -> None:
        """Start a new session in place of one that has ended.

        Args:
            pane: The pane of the session that has ended.
            command: The command; None for the shell that the pane offers, else the same one again.
        """
        browser = self._browser
        if not self._refused(pane.context.connection):
            offered = Command(pane.offered, Origin.FALLBACK) if pane.offered else None
            new = ShellPane(pane.context, pane.reopens, command or offered or pane.command)
            new.nickname = pane.nickname
            browser.call_later(browser.dock.replace, pane, new)

    def ask_command(self, pane: ShellPane) -> None:
        """Ask for another command, and run it in place of an ended shell or beside a live one."""
        if not self._refused(pane.context.connection):
            self._browser.run_worker(self._ask_command(pane), group="command", exclusive=True)

    async def _ask_command(self, pane: ShellPane) -> None:
        command = await self.choice.ask(pane.reopens, pane.command.line)
        if command is None:
            self._focus_shell()
        elif not pane.alive and pane in self._browser.dock.panes:
            self.reopen(pane, command)
        else:
            self.open(pane.reopens, connection=pane.context.connection, command=command)

    def _refused(self, connection: Connection) -> bool:
        if connection.account.read_only:
            self._browser.note("Read-only mode: shells are disabled.")
        return connection.account.read_only

    def key_after_end(self, pane: ShellPane, key: str) -> None:
        """Handle a key, by Textual's name, in a pane whose session has ended."""
        if key == "enter":
            self.reopen(pane)
        elif key == "e":
            self.ask_command(pane)
        elif key in ("x", "q"):
            self.close(pane)
        elif key == "escape":
            self._browser.focus_list()
        else:
            self._browser.note(
                "This shell has ended: enter reopens it, e runs another command, x closes it, "
                "esc goes to the list."
            )

    # -- typing

    def _typed_into(self, pane: ShellPane) -> list[ShellPane]:
        """The panes that receive what is typed in `pane`: that one, or all marked ones."""
        return self._browser.dock.marked if pane.marked else [pane]

    def route(self, pane: ShellPane, data: bytes) -> None:
        """Type a key, as the terminal sent it, into every pane that receives it."""
        for each in self._typed_into(pane):
            each.type_key(data)

    def mark(self, pane: ShellPane, on: bool) -> None:
        """Mark a shell, so that typing in one marked shell goes to all of them; or unmark it."""
        pane.marked = on
        pane.show_state()
        self._browser.dock.draw_tabs()
        count = len(self._browser.dock.marked)
        if count > 1:
            words = f"Typing goes to {counted(count, 'marked shell')}."
        elif on:
            words = "Marked. Mark another shell to type into both."
        else:
            words = "Typing goes to one shell only."
        self._browser.note(words)

    # -- the state of their tasks

    def tick(self) -> None:
        """Called once a second: check whether tasks with open shells are stopping or gone."""
        watched: dict[int, list[str]] = {}
        for pane in self._browser.dock.panes:
            connection = pane.context.connection
            task = connection.inventory.task(pane.target.task_arn)
            pane.task_known = pane.task_known or task is not None
            task_notice = notice_about(task, pane.target.container, known=pane.task_known)
            if task is None and pane.task_notice:
                task_notice = pane.task_notice  # it is no longer listed; the known reason stays
            if task_notice and task_notice != pane.task_notice:
                self._browser.note(f"{pane.words}: {task_notice}.", 12, news=True)
            pane.task_notice = task_notice
            pane.session.look(time.monotonic())
            self.choice.look(pane, time.monotonic())
            pane.show_state()
            ended = time.monotonic() - (pane.session.closed_at or time.monotonic())
            if (
                pane.alive
                or ended < WATCH_ENDED_SECONDS
                or (pane.task_notice and pane.successor is None)
            ):
                watched.setdefault(id(connection), []).append(pane.target.task_arn)
        for connection in self._browser.connections.all:
            connection.refresher.watch(watched.get(id(connection), []))
        self._successors.look(time.monotonic())

    # -- requests of programs in containers

    async def ask_clipboard(self, pane: ShellPane) -> None:
        """Ask whether a program in a container may copy a text to the operator's clipboard."""
        text, pane.wanted_text = pane.wanted_text, ""
        lines = text.count("\n") + 1
        shown = text[:_MAX_SHOWN_CHARACTERS].replace("\n", "⏎")
        yes = await self._browser.app.push_screen_wait(
            ConfirmScreen(
                f"A program in {pane.words} wants to copy {counted(len(text), 'character')} "
                f"({counted(lines, 'line')}) to your clipboard.",
                shown,
                "Allow",
            )
        )
        if yes:
            self._browser.app.copy_to_clipboard(text)
            self._browser.note("Copied to clipboard.")
        self._focus_shell()

    def link_clicked(self, url: str, shown: str) -> None:
        """Show the real target of a clicked link, and ask what to do with it."""
        self._browser.run_worker(self._ask_link(url, shown), group="link", exclusive=True)

    async def _ask_link(self, url: str, shown: str) -> None:
        app = self._browser.app
        choice = await app.push_screen_wait(LinkScreen(url, shown, may_open(url)))
        if choice == "open":
            app.open_url(url)
        elif choice == "copy":
            app.copy_to_clipboard(url)
            self._browser.note("Link copied.")
        self._focus_shell()

    def _focus_shell(self) -> None:
        """Focus the current shell after a dialog, or the list if that shell has ended."""
        current = self._browser.dock.current
        if current is not None and current.alive:
            self._browser.dock.focus_current()
        else:
            self._browser.focus_list()

    # -- layout

    def turn(self) -> None:
        """Move the dock beside or below the list, and save the choice."""
        beside = self._browser.query_one("#work").has_class("-beside")
        self._split = self._browser.choices.split = "below" if beside else "beside"
        state.save(self._browser.choices)
        self.arrange()

    def arrange(self) -> None:
        """Place the dock as chosen; by default beside the list in a wide terminal, else below."""
        wide = self._browser.size.width >= WIDE_COLUMNS
        beside = self._split == "beside" or (self._split != "below" and wide)
        self._browser.query_one("#work").set_class(beside, "-beside")

    # -- ending

    def close(self, pane: ShellPane) -> None:
        """End a shell in a worker, and remove it from the dock."""
        self._browser.run_worker(self._close(pane), group="close")

    async def _close(self, pane: ShellPane) -> None:
        await self._browser.dock.close(pane)
        current = self._browser.dock.current
        if current is None or not current.alive:
            self._browser.focus_list()
        self._browser.draw()
        error = await pane.session.termination_error()
        if error is not None:
            words = f"Could not terminate the session of {pane.words}: {error}"
            self._browser.note(words, 20, news=True)

    def ended(self, pane: ShellPane) -> None:
        """Note why a shell ended; if it had the focus, focus the list."""
        browser, session = self._browser, pane.session
        self.last_exit_reason[pane.target.task_arn] = session.reason
        if session.error is None and pane in browser.dock.panes:  # not while it is being closed
            browser.note(f"{pane.words}: {self._offer(pane)}", 12, news=True)
        elif session.error is not None:
            browser.note(str(session.error), 20, news=True)
            browser.run_worker(self._explain(pane), group="explain", exclusive=True)
        if pane.target.task_arn in self._stop_after:
            browser.run_worker(self._stop_task(pane), group="stop")
        # Queued: a change of the focus to this pane may still be pending.
        browser.app.call_later(self._give_keys_back, pane)
        browser.draw()

    def _offer(self, pane: ShellPane) -> str:
        """Why a shell has ended, and the keys to go on."""
        prefix = self._browser.settings.prefix_keys.shown
        if not self.choice.ended(pane):
            return f"{pane.session.reason}. {prefix} enter reopens it, {prefix} x closes it."
        other = f"{prefix} enter opens {pane.offered} there, " if pane.offered else ""
        return f"{pane.missing} {other}{prefix} e runs another command."

    def _give_keys_back(self, pane: ShellPane) -> None:
        """Move the focus from an ended shell to the list, unless it is being read in copy mode."""
        if focused_pane(self._browser) is pane and pane.view.copy_mode is None:
            self._browser.focus_list()

    async def _explain(self, pane: ShellPane) -> None:
        """Open the doctor for a shell that ECS refused, with AWS's error at the top."""
        browser, error = self._browser, pane.session.error
        connection = pane.context.connection
        task = connection.inventory.task(pane.target.task_arn)
        if task is None or not isinstance(error, (AccessDenied, ExecFailed)):
            return
        if browser.app.screen is browser:
            await open_doctor(browser, connection, task, pane.target.container, str(error))

    async def _stop_task(self, pane: ShellPane) -> None:
        """Stop a one-off task whose shell has ended, as the operator chose."""
        target, note = pane.target, self._browser.note
        self._stop_after.discard(target.task_arn)
        try:
            cluster = short_name(target.cluster)
            account = pane.session.account
            await ecs.stop_task(account, cluster, target.task_arn, "its shell ended (ecs-tui)")
            note(f"Stopping one-off task {target.task_id[:12]}.", news=True)
        except EcsTuiError as error:
            note(
                f"Could not stop one-off task {target.task_id[:12]}: {error}",
                20,
                news=True,
            )

    def paste(self, pane: ShellPane, paste: Paste) -> None:
        """Paste a text into a pane; asks first if that is risky (`Pasted.asks`)."""
        if paste.dropped:
            self._browser.note(too_long(paste.dropped), 20)
            return
        pasted = Pasted.of(paste.data, part=paste.part)
        if not pane.alive:
            self._browser.note("This shell has ended: nothing was pasted.")
        elif any(pasted.asks(each.link.picture.modes) for each in self._typed_into(pane)):
            self._browser.run_worker(self._ask_paste(pane, pasted), group="paste")
        else:
            self._paste(pane, pasted)

    def _paste(self, pane: ShellPane, pasted: Pasted) -> None:
        for each in self._typed_into(pane):
            each.paste(pasted)

    async def _ask_paste(self, pane: ShellPane, pasted: Pasted) -> None:
        """Ask before a paste; ask again if its effect has changed by then."""
        agreed = ""
        while (effect := self._effect(pane, pasted)) and effect != agreed:
            screen = PasteScreen(pane.words, pasted, lambda text: self._effect(pane, text))
            if not await self._browser.app.push_screen_wait(screen):
                break
            pasted = screen.pasted
            agreed = screen.effect
        else:
            self._paste(pane, pasted)
        self._focus_shell()

    def _effect(self, pane: ShellPane, pasted: Pasted) -> str:
        """The longest warning about a paste for a shell that receives it, or ""."""
        effects = (pasted.effect(each.link.picture.modes) for each in self._typed_into(pane))
        return max(effects, key=len, default="")

    async def may_leave(self) -> bool:
        """Whether to quit: no shell is open, or the operator agrees that they end."""
        live = self._browser.dock.live
        if not live:
            return True
        names = ", ".join(pane.words for pane in live[:3])
        what = ("their sessions", "them") if len(live) > 1 else ("its session", "it")
        yes = await self._browser.app.push_screen_wait(
            ConfirmScreen(
                f"Quit and close {counted(len(live), 'open shell')}?",
                f"{names}: {what[0]} will be terminated and programs in {what[1]} will receive "
                "SIGHUP.",
                "Quit",
            )
        )
        return bool(yes)

    async def end(self, within: float = END_SECONDS) -> None:
        """End every session and the warm worker; `within`: seconds that AWS has to confirm."""
        began = time.monotonic()
        await asyncio.gather(*(pane.end() for pane in self._browser.dock.panes))
        self.warm_worker.close()
        await wait_for_terminations(max(0.0, within - (time.monotonic() - began)))
