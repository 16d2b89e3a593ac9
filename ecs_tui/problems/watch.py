"""Watches the clusters that were opened in this run, and those of `[watch]`, over all connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime

from ecs_tui.config.settings import Settings
from ecs_tui.model.problem import SeenProblem, Severity
from ecs_tui.problems.connection_watch import ConnectionWatch
from ecs_tui.problems.history import ProblemHistory
from ecs_tui.problems.watched import WatchState
from ecs_tui.record import dataclass
from ecs_tui.store.connections import Connection, Connections
from ecs_tui.store.inventory import EVERY_CLUSTER, clock
from ecs_tui.system.crash import keep_running
from ecs_tui.system.wall_clock import moment

TICK_SECONDS = 1.0
"""Seconds between two checks of what is due."""
SAVE_SECONDS = 60.0
"""Seconds between two writes of the history."""
EVERY = EVERY_CLUSTER
"""In `[watch]`: all clusters of the first account."""


@dataclass(frozen=True, slots=True)
class UnwatchedCounts:
    """What is known of the clusters that are not watched: their counts, from DescribeClusters.

    Attributes:
        clusters: How many there are.
        services, running, pending: The sums of their counts.
    """

    clusters: int = 0
    services: int = 0
    running: int = 0
    pending: int = 0


class ProblemWatch:
    """The watch over all connections, and what it has found.

    Args:
        connections: The open connections.
        settings: The settings.
        history: What is remembered of problems.
        changed: Called when the problems may have changed.
        opened: Called with a connection that `[watch]` names and that was not open.
        now: The time of AWS.

    Attributes:
        found: The problems of all watched clusters, worst first; hidden ones are last.
        version: A number that changes with them.
    """

    def __init__(
        self,
        connections: Connections,
        settings: Settings,
        history: ProblemHistory,
        changed: Callable[[], None] = lambda: None,
        opened: Callable[[Connection], None] = lambda connection: None,
        now: Callable[[], datetime] = moment,
    ) -> None:
        self._connections, self._settings, self.history = connections, settings, history
        self._changed, self._opened, self._now = changed, opened, now
        self._watches: dict[int, ConnectionWatch] = {}
        self._saved_at = 0.0
        self.found: list[SeenProblem] = []
        self.version = 0

    # -- what is watched

    def visit(self, connection: Connection, cluster: str) -> None:
        """Watch a cluster that was opened, `*` for all, for the rest of this run."""
        if not cluster or not self._settings.watch.opened:
            return
        if cluster == EVERY:
            self._of(connection).everything = True
        else:
            self._of(connection).watch(cluster)

    def _of(self, connection: Connection) -> ConnectionWatch:
        found = self._watches.get(id(connection))
        if found is None:
            every, share = self._settings.refresh, self._settings.watch.calls_per_minute
            found = ConnectionWatch(connection, every, share, self._now)
            self._watches[id(connection)] = found
        return found

    def _configured(self) -> None:
        """Watch the clusters of `[watch]`."""
        for name in self._settings.watch.clusters:
            cluster, _, label = name.partition("@")
            connection = self._connections.all[0]
            if label:
                known = len(self._connections.all)
                connection = self._connections.open_label(label)
                if len(self._connections.all) > known:
                    self._opened(connection)
            if cluster == EVERY:
                self._of(connection).everything = True
            else:
                self._of(connection).watch(cluster, configured=True)

    # -- running

    async def run(self) -> None:
        """Watch until it is cancelled."""
        self.history.load()
        self._configured()
        await keep_running("the watch of problems", self._run)

    async def _run(self) -> None:
        while True:
            await self.step()
            await asyncio.sleep(TICK_SECONDS)

    async def step(self) -> None:
        """Start the calls that are due, and judge what has changed."""
        for watch in list(self._watches.values()):
            await watch.connection.restore_stopped()
            watch.advance()
            if await watch.judge():
                self._take(watch)
        if clock() - self._saved_at >= SAVE_SECONDS:
            self._saved_at = clock()
            self.history.save()

    def _take(self, watch: ConnectionWatch) -> None:
        evaluated = [each for each in watch.clusters.values() if each.evaluated]
        problems = [problem for each in evaluated for problem in each.problems]
        names = [each.name for each in evaluated if each.complete]
        seen = self.history.update(watch.connection.label, names, problems, self._now())
        seen.sort(key=lambda each: each.hidden)
        watch.inventory.show_problems(seen)
        self._publish()

    def _publish(self) -> None:
        every = [each for watch in self._watches.values() for each in watch.inventory.problems]
        # Those of one thing stay together: the order of each connection is kept.
        self.found = sorted(every, key=lambda each: (each.hidden, each.problem.severity))
        self.version += 1
        self._changed()

    async def close(self) -> None:
        """Save the history and cancel what is in flight."""
        for watch in self._watches.values():
            await watch.close()
        self.history.save()

    # -- what it knows

    @property
    def shown(self) -> list[SeenProblem]:
        """The problems that are not hidden, worst first."""
        return [each for each in self.found if not each.hidden]

    def take_new(self) -> list[SeenProblem]:
        """The problems that have not announced themselves yet; from now on they count as announced."""
        return self.history.new(self.found)

    def counts(self) -> dict[Severity, int]:
        """How many problems there are by severity, without hidden ones."""
        found = dict.fromkeys(Severity, 0)
        for each in self.shown:
            found[each.problem.severity] += 1
        return found

    @property
    def watched(self) -> int:
        """How many clusters are watched."""
        return sum(len(watch.clusters) for watch in self._watches.values())

    def states(self) -> list[WatchState]:
        """The state of each watched cluster."""
        return [state for watch in self._watches.values() for state in watch.states()]

    def calls_per_minute(self) -> int:
        """The calls of the watch in the last minute, over all connections."""
        at = clock()
        return sum(watch.calls.last_minute(at) for watch in self._watches.values())

    def unwatched(self) -> UnwatchedCounts:
        """The counts of the clusters that are not watched."""
        found = [
            each
            for connection in self._connections.all
            for each in connection.inventory.clusters
            if each.described and not each.gone and each.status != "INACTIVE"
            and each.name not in self._names(connection)
        ]  # fmt: skip
        return UnwatchedCounts(
            len(found),
            sum(each.active_services for each in found),
            sum(each.running_tasks for each in found),
            sum(each.pending_tasks for each in found),
        )

    def _names(self, connection: Connection) -> Iterable[str]:
        watch = self._watches.get(id(connection))
        return watch.clusters.keys() if watch is not None else ()

    def connection_of(self, seen: SeenProblem) -> Connection | None:
        """The connection of a problem."""
        return self._connections.of(seen.label)

    # -- the operator's choices

    def hide(self, seen: SeenProblem, note: str = "") -> None:
        """Hide a problem until it changes, with a note."""
        self.history.hide(seen, note)
        self._again()

    def show(self, seen: SeenProblem) -> None:
        """Show a hidden problem again."""
        self.history.show(seen)
        self._again()

    def _again(self) -> None:
        self.history.save()
        for watch in self._watches.values():
            self._take(watch)
