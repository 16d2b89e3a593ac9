"""The shells in the dock: connects the manager of sessions, their panes, and the screen.

Sessions, panes and terminals are imported for the first shell: the first rows need none of them.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from textual.widget import Widget

from ecs_tui.config import state
from ecs_tui.config.key_text import KeyText
from ecs_tui.errors import AccessDenied, EcsTuiError, ExecFailed
from ecs_tui.model.arn import short_name
from ecs_tui.model.rules.recording import recording_of
from ecs_tui.model.text import counted
from ecs_tui.session.state import END_SECONDS
from ecs_tui.store.connections import Connection
from ecs_tui.terminal.process import WarmWorker
from ecs_tui.ui.dock.host import DockHost
from ecs_tui.ui.dock.shell_choice import ShellChoice
from ecs_tui.ui.dock.shell_dialogs import ShellDialogs
from ecs_tui.ui.dock.task_source import InventoryTasks

if TYPE_CHECKING:
    from ecs_tui.model.command import ShellCommand
    from ecs_tui.session.manager import SessionManager
    from ecs_tui.session.shell_session import Notice, ShellSession
    from ecs_tui.session.target import Target
    from ecs_tui.ui.dock.pane import ShellPane

WIDE_COLUMNS = 140
"""Columns from which the dock is beside the list, unless the operator chose otherwise."""
ENDED_KEYS = KeyText(
    "This shell has ended: {closed-reopen} reopens it, {closed-command} runs another command, "
    "{closed-close} closes it, {closed-list} goes to the list."
)


class Shells(ShellDialogs):
    """Opens and ends the shells in the dock, and passes input to them.

    Attributes:
        last_exit_reason: How the last shell of a task ended, by the task's ARN.
        warm_worker: Keeps a terminal worker ready for the next pane.
        choice: Chooses the commands of shells.
    """

    def __init__(self, host: DockHost) -> None:
        super().__init__(host)
        settings = host.settings
        self.last_exit_reason: dict[str, str] = {}
        self.choice = ShellChoice(host)
        self.warm_worker = WarmWorker(settings.engine, settings.scrollback)
        self._manager: SessionManager | None = None
        self._stop_after: set[str] = set()
        self._split = settings.split if settings.split != "auto" else host.choices.split

    @property
    def manager(self) -> SessionManager:
        """Owns their sessions; made at its first use."""
        if self._manager is None:
            from ecs_tui.session.manager import SessionManager
            from ecs_tui.session.shell_session import SessionOptions

            self._manager = SessionManager(SessionOptions.of(self._host.settings), self)
        return self._manager

    # -- opening

    def open(
        self,
        target: Target,
        *,
        connection: Connection | None = None,
        stop_after: bool = False,
        command: ShellCommand | None = None,
        purpose: str = "",
    ) -> None:
        """Open a session in the dock.

        Args:
            target: The container.
            connection: The connection that the container is in; None for the current one.
            stop_after: Whether to stop the task when the session ends.
            command: The command; None for the default one (`ShellChoice.choose`).
            purpose: Why it is opened, as the operator gave it.
        """
        from ecs_tui.ui.dock.pane import PaneContext, ShellPane

        connection = connection or self._host.connections.current
        if self._refused(connection):
            return
        if stop_after:
            self._stop_after.add(target.task_arn)
        self.arrange()
        shell = self.manager.open(
            connection.account,
            target,
            command or self.choice.choose(target),
            tasks=InventoryTasks(connection.inventory),
            start=False,  # the pane does it once its output can be drawn
            purpose=purpose,
        )
        shell.recorded = recording_of(connection.inventory.cluster(target.cluster))
        if shell.recorded.recorded == "unknown":
            self._screen.run_worker(shell.read_recorded())
        context = PaneContext(
            connection,
            self._host.settings,
            self.warm_worker,
            lambda words: self._host.note(words, 12),
            lambda words: self._host.note(words, 12, news=True),
            self.route,
            self._host.keymap,
        )
        self._screen.call_later(self._dock.add, ShellPane(context, shell))

    def open_successor(self, pane: ShellPane) -> None:
        """Open a shell in the same container of the replacement task."""
        if pane.successor is not None:
            self.open(
                pane.successor,
                connection=pane.context.connection,
                command=pane.command,
                purpose=pane.shell.purpose,
            )

    def reopen(self, pane: ShellPane, command: ShellCommand | None = None) -> None:
        """Start a new session in place of one that has ended.

        Args:
            pane: The pane of the session that has ended.
            command: The command; None for the shell that the pane offers, else the same one again.
        """
        if self._refused(pane.context.connection) or pane.shell not in self.manager.sessions:
            return  # it has been opened again already
        from ecs_tui.ui.dock.pane import ShellPane

        shell = self.manager.reopen(pane.shell, command, start=False)
        self._screen.call_later(self._replace, pane, ShellPane(pane.context, shell))

    async def _replace(self, old: ShellPane, new: ShellPane) -> None:
        if old in self._dock.panes:
            await self._dock.replace(old, new)
        else:  # closed before its turn came
            await self.manager.end(new.shell)

    def ask_command(self, pane: ShellPane) -> None:
        """Ask for another command, and run it in place of an ended shell or beside a live one."""
        if not self._refused(pane.context.connection):
            self._screen.run_worker(self._ask_command(pane), group="command", exclusive=True)

    async def _ask_command(self, pane: ShellPane) -> None:
        command = await self.choice.ask(pane.reopens, pane.command.line)
        if command is None:
            self._focus_shell()
        elif not pane.alive and pane in self._dock.panes:
            self.reopen(pane, command)
        else:
            self.open(
                pane.reopens,
                connection=pane.context.connection,
                command=command,
                purpose=pane.shell.purpose,
            )

    def _refused(self, connection: Connection) -> bool:
        if connection.account.read_only:
            self._host.note("Read-only mode: shells are disabled.")
        return connection.account.read_only

    def key_after_end(self, pane: ShellPane, key: str) -> None:
        """Handle a key, by Textual's name, in a pane whose session has ended."""
        command = self._host.keymap.command("a closed shell", key)
        if command == "closed-reopen":
            self.reopen(pane)
        elif command == "closed-command":
            self.ask_command(pane)
        elif command == "closed-close":
            self.close(pane)
        elif command == "closed-list":
            self._host.focus_list()
        else:
            self._host.note(ENDED_KEYS)

    # -- typing

    def route(self, pane: ShellPane, data: bytes) -> None:
        """Type a key, as the terminal sent it, into every pane that receives it."""
        for each in self._typed_into(pane):
            each.type_key(data)

    def mark(self, pane: ShellPane, on: bool) -> None:
        """Mark a shell, so that typing in one marked shell goes to all of them; or unmark it."""
        pane.marked = on
        pane.show_state()
        self._dock.draw_tabs()
        count = len(self._dock.marked)
        if count > 1:
            words = f"Typing goes to {counted(count, 'marked shell')}."
        elif on:
            words = "Marked. Mark another shell to type into both."
        else:
            words = "Typing goes to one shell only."
        self._host.note(words)

    # -- news about sessions

    def tick(self) -> None:
        """Called once a second: look at the sessions, and have their tasks refreshed."""
        now = time.monotonic()
        if self._manager is not None:
            self._manager.tick()
        watched: dict[int, list[str]] = {}
        for pane in self._dock.panes:
            self.choice.look(pane.shell, now)
            pane.show_state()
            if pane.shell.wants_task(now):
                watched.setdefault(id(pane.context.connection), []).append(pane.target.task_arn)
        for connection in self._host.connections.all:
            connection.refresher.watch(watched.get(id(connection), []))

    def session_output(self, shell: ShellSession, data: bytes) -> None:
        """Nothing: its pane draws it."""

    def session_changed(self, shell: ShellSession) -> None:
        """Nothing: its pane shows it."""

    def session_noticed(self, shell: ShellSession, notice: Notice) -> None:
        """Show news about a session in the footer."""
        if notice.kind == "recording":
            self._host.note(notice.words, 12)
        elif notice.kind == "warning":
            self._host.note(notice.words, 12, news=True)
        else:
            words = f"{shell.words}: {notice.words}."
            if notice.kind == "successor":
                words += f" {self._host.keymap.in_shell('successor')} opens a shell in it."
            elif notice.kind == "idle":
                words += f" {self._host.keymap.in_shell('keep-alive')} keeps it alive."
            self._host.note(words, 12, news=True)

    def session_ended(self, shell: ShellSession) -> None:
        """Remember why it ended, and stop its task if the operator chose that."""
        self.last_exit_reason[shell.target.task_arn] = shell.session.reason
        if shell.target.task_arn in self._stop_after:
            self._screen.run_worker(self._stop_task(shell), group="stop")

    # -- layout

    def turn(self) -> None:
        """Move the dock beside or below the list, and save the choice."""
        around = self._dock.parent
        beside = isinstance(around, Widget) and around.has_class("-beside")
        self._split = self._host.choices.split = "below" if beside else "beside"
        state.save(self._host.choices)
        self.arrange()

    def arrange(self) -> None:
        """Place the dock as chosen; by default beside the list in a wide terminal, else below."""
        wide = self._screen.size.width >= WIDE_COLUMNS
        beside = self._split == "beside" or (self._split != "below" and wide)
        around = self._dock.parent
        if isinstance(around, Widget):
            around.set_class(beside, "-beside")

    # -- ending

    def close(self, pane: ShellPane) -> None:
        """End a shell in a worker, and remove it from the dock; asks if a program may be running."""
        self._screen.run_worker(self._close(pane), group="close")

    async def _close(self, pane: ShellPane) -> None:
        if pane not in self._dock.panes or not await self._may_close(pane):
            return
        ending = asyncio.ensure_future(self.manager.end(pane.shell))
        await self._dock.close(pane)
        current = self._dock.current
        if current is None or not current.alive:
            self._host.focus_list()
        self._host.draw()
        await ending
        error = await pane.session.termination_error()
        if error is not None:
            words = f"Could not terminate the session of {pane.words}: {error}"
            self._host.note(words, 20, news=True)

    def ended(self, pane: ShellPane) -> None:
        """Note why a shell ended; if it had the focus, focus the list."""
        session = pane.session
        if session.error is None and pane in self._dock.panes:  # not while it is being closed
            self._host.note(f"{pane.words}: {self._offer(pane)}", 12, news=True)
        elif session.error is not None:
            self._host.note(str(session.error), 20, news=True)
            self._screen.run_worker(self._explain(pane), group="explain", exclusive=True)
        # Queued: a change of the focus to this pane may still be pending.
        self._app.call_later(self._give_keys_back, pane)
        self._host.draw()

    def _offer(self, pane: ShellPane) -> str:
        """Why a shell has ended, and the keys to go on."""
        missing = self.choice.ended(pane.shell)
        reopen, close, other = map(
            self._host.keymap.in_shell, ("reopen", "close-shell", "other-command")
        )
        if missing is None:
            return f"{pane.session.reason}. {reopen} reopens it, {close} closes it."
        pane.offer(missing)
        offered = f"{reopen} opens {pane.offered} there, " if pane.offered else ""
        return f"{missing.what} {offered}{other} runs another command."

    def _give_keys_back(self, pane: ShellPane) -> None:
        """Move the focus from an ended shell to the list, unless it is being read in copy mode."""
        if self._dock.focused is pane and pane.view.copy_mode is None:
            self._host.focus_list()

    async def _explain(self, pane: ShellPane) -> None:
        """Open the exec check for a shell that ECS refused, with AWS's error at the top."""
        error, connection = pane.session.error, pane.context.connection
        task = connection.inventory.task(pane.target.task_arn)
        if task is not None and isinstance(error, (AccessDenied, ExecFailed)):
            await self._host.explain(connection, task, pane.target.container, str(error))

    async def _stop_task(self, shell: ShellSession) -> None:
        """Stop a one-off task whose shell has ended, as the operator chose."""
        from ecs_tui.aws.api import ecs_changes

        target, note = shell.target, self._host.note
        self._stop_after.discard(target.task_arn)
        try:
            cluster = short_name(target.cluster)
            await ecs_changes.stop_task(
                shell.account, cluster, target.task_arn, "its shell ended (ecs-tui)"
            )
            note(f"Stopping one-off task {target.task_id[:12]}.", news=True)
        except EcsTuiError as error:
            note(
                f"Could not stop one-off task {target.task_id[:12]}: {error}",
                20,
                news=True,
            )

    async def end(self, within: float = END_SECONDS) -> None:
        """End every session and terminal; `within`: seconds that AWS has to confirm."""
        if self._manager is not None:
            await self._manager.end_all(within)
        for pane in self._dock.panes:
            pane.link.close()
        self.warm_worker.close()
