"""What is read without a key: identities, task definitions, and the snapshots of the last run."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from textual.screen import Screen

from ecs_tui.errors import EcsTuiError
from ecs_tui.store.connections import Connection
from ecs_tui.ui.navigation import Navigation

MAX_PAUSE_SECONDS = 60.0
"""Maximum seconds between two attempts to read the identity or a task definition."""
_NOTE_SECONDS = 12.0


class BackgroundReader:
    """Reads in workers of the screen, again and again until AWS has answered.

    Args:
        screen: Owns the workers.
        at: The connections and the place shown.
        pause: Seconds until the second attempt.
        news: Shows a note that no key caused, for some seconds.
        identified: Called when more, or less, is known about a connection's identity.
        loaded: Called when a task definition has been read.
    """

    def __init__(
        self,
        screen: Screen[None],
        at: Navigation,
        pause: float,
        news: Callable[[str, float], None],
        identified: Callable[[Connection], None],
        loaded: Callable[[], None],
    ) -> None:
        self._screen, self._at, self._pause = screen, at, pause
        self._news, self._identified, self._loaded = news, identified, loaded

    # -- identities

    def identify(self, connection: Connection) -> None:
        """Read the identity of a connection, at once even if an attempt is waiting."""
        group = f"identify {id(connection)}"
        self._screen.run_worker(self._identify(connection), group=group, exclusive=True)

    async def _identify(self, connection: Connection) -> None:
        """Read identity and account alias; retry until AWS has answered."""
        pause, known = self._pause, False
        with contextlib.suppress(EcsTuiError):  # it is reported with the list
            await (
                connection.account.ecs()
            )  # before the client for the identity: the list is awaited
        while True:
            if not known:
                await connection.identify()
                known = connection.error is None
                self._identified(connection)
            if known and await connection.find_alias():
                self._identified(connection)
                return
            await asyncio.sleep(pause)
            pause = min(MAX_PAUSE_SECONDS, 2 * pause)

    def refresh_now(self) -> None:
        """Refresh the shown lists now, and read missing identities again."""
        shown = list(self._at.shown)
        self._screen.run_worker(self._renew_and_refresh(shown), group="keys", exclusive=True)

    async def _renew_and_refresh(self, shown: list[Connection]) -> None:
        """Use new credentials if another tool has changed the AWS files, then refresh."""
        for connection in shown:
            if await connection.account.renew_if_changed():
                self.identify(connection)
            connection.inventory.lookups.retry()
            connection.refresher.refresh_now()
        for each in self._at.connections.all:
            if each.error is not None:
                self.identify(each)

    # -- task definitions

    def load_definition(self) -> None:
        """Read the task definition of the task whose containers are shown."""
        group = "definition"
        self._screen.run_worker(self._load_definition(), group=group, exclusive=True)

    async def _load_definition(self) -> None:
        """Read it; retry while the task's containers are shown."""
        inventory = self._at.inventory
        task = inventory.task(self._at.place.task_arn)
        if task is None or not task.task_definition:
            return
        pause, noted = self._pause, ""
        while True:
            try:
                await inventory.task_definition(task.task_definition)
            except EcsTuiError as error:
                if self._at.place.task_arn != task.arn:
                    return
                if str(error) != noted:
                    noted = str(error)
                    self._news(noted, 15.0)
            else:
                self._loaded()
                return
            await asyncio.sleep(pause)
            pause = min(MAX_PAUSE_SECONDS, 2 * pause)
            if self._at.place.task_arn != task.arn:
                return

    # -- snapshots

    def restore(self, connection: Connection, cluster: str) -> None:
        """Show the snapshot of the cluster list ("") or of a cluster, once."""
        if connection.is_restored(cluster):
            return
        if not cluster:  # a short list, shown in the first frame
            self._report(connection.restore())
        else:
            work = self._restored(connection.restore_cluster(cluster))
            self._screen.run_worker(work, group="restore")

    async def _restored(self, work: Awaitable[str]) -> None:
        self._report(await work)

    def _report(self, problem: str) -> None:
        if problem:
            self._news(problem, _NOTE_SECONDS)

    def save(self) -> None:
        """Write the snapshots of what has changed."""
        self._screen.run_worker(self._at.connections.save(), group="save", exclusive=True)
