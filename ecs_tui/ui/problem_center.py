"""Runs the watch of problems for the dashboard: starts after the first rows, announces what is new.

The rules and their calls are imported when the watch starts: the first rows do not need them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from textual.screen import Screen

from ecs_tui.config.settings import Settings
from ecs_tui.model.problem import Severity
from ecs_tui.resources import Place
from ecs_tui.store.connections import Connection, Connections
from ecs_tui.store.source import EVERY_CLUSTER

if TYPE_CHECKING:
    from textual.worker import Worker

    from ecs_tui.model.problem import SeenProblem
    from ecs_tui.problems.watch import ProblemWatch

TOAST_SECONDS = 12.0
"""Seconds for which the note about a new problem is shown."""


class ProblemCenter:
    """The watch of problems on the main screen.

    Args:
        screen: Owns the workers.
        connections: The open connections.
        settings: The settings.
        opened: Called with a connection that `[watch]` has opened.
        draw: Redraws the bars and the page.

    Attributes:
        watch: What finds problems; None until the first rows are drawn.
    """

    def __init__(
        self,
        screen: Screen[None],
        connections: Connections,
        settings: Settings,
        opened: Callable[[Connection], None],
        draw: Callable[[], None],
    ) -> None:
        self._screen, self._connections, self._settings = screen, connections, settings
        self._opened, self._draw = opened, draw
        self._visited: list[tuple[Connection, str]] = []
        self._title = ""
        self._worker: Worker[None] | None = None
        self.watch: ProblemWatch | None = None

    # -- the watch

    async def start(self) -> None:
        """Start the watch, once."""
        if self.watch is not None:
            return
        await asyncio.to_thread(import_module, "ecs_tui.problems.watch")
        from ecs_tui.problems.history import ProblemHistory
        from ecs_tui.problems.watch import ProblemWatch

        self.watch = ProblemWatch(
            self._connections,
            self._settings,
            ProblemHistory(keep=self._settings.cache),
            self._changed,
            self._opened,
        )
        for connection, cluster in self._visited:
            self.watch.visit(connection, cluster)
        # A function: a coroutine whose worker is cancelled before it starts would never be awaited.
        self._worker = self._screen.run_worker(self.watch.run, group="problems", exclusive=True)

    def visit(self, connection: Connection, place: Place) -> None:
        """Watch the cluster of a place that is shown; in the list of all services, all clusters."""
        cluster = EVERY_CLUSTER if place.view == "all-services" else place.cluster
        if not cluster or (connection, cluster) in self._visited:
            return
        self._visited.append((connection, cluster))
        if self.watch is not None:
            self.watch.visit(connection, cluster)

    async def close(self) -> None:
        """Save the history, and stop."""
        if self._worker is not None:
            self._worker.cancel()
        if self.watch is not None:
            await self.watch.close()

    @property
    def counts(self) -> dict[Severity, int]:
        """The problems by severity; none before the watch has started."""
        return self.watch.counts() if self.watch is not None else {}

    # -- news

    def _changed(self) -> None:
        from ecs_tui.ui.announce import title_words, wanted

        if self.watch is None or not self._screen.is_attached:
            return  # the screen is being closed
        settings = self._settings.problems
        new = wanted(self.watch.take_new(), settings)
        if new:
            self._announce(new)
        title = title_words(self.watch.counts())
        if settings.title and title != self._title and (self._title or title != "ecs-tui"):
            self._title = title
            set_title = getattr(self._screen.app._driver, "title", None)
            if set_title is not None:  # the driver of a test has no terminal
                set_title(title)
        self._draw()

    def _announce(self, new: list[SeenProblem]) -> None:
        from ecs_tui.ui.announce import toast_words

        settings = self._settings.problems
        app, worst = self._screen.app, new[0].problem.severity
        if settings.toast:
            app.notify(
                toast_words(new),
                severity="error" if worst is Severity.FAILING else "warning",
                timeout=TOAST_SECONDS,
                markup=False,
            )
        if settings.bell:
            app.bell()
        if settings.command:
            self._screen.run_worker(self._run(new), group="problem command")

    async def _run(self, new: list[SeenProblem]) -> None:
        from ecs_tui.ui.announce import run_command

        if words := await run_command(self._settings.problems.command, new):
            self._screen.app.notify(words, severity="warning", markup=False)
