"""Whether the operator is active: otherwise AWS is called less often, and memory is tidied.

And when to do what can wait.
"""

from __future__ import annotations

import time

from ecs_tui.store.connections import Connections
from ecs_tui.ui.gc_tuning import GcTuning

IDLE_SECONDS = 120.0
"""Seconds without a key or a mouse event after which AWS is called less often."""
PATIENCE_SECONDS = 5.0
"""Seconds for which what can wait waits for a list that loads."""


class Activity:
    """When the operator last did something.

    Attributes:
        gc_tuning: Collects garbage while nothing is typed.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._at = time.monotonic()
        self._away = False
        self._loaded_at = self._at
        self.gc_tuning = GcTuning(self._at)

    def active(self) -> None:
        """Called at input, or when the terminal gets the focus: refresh at the normal rate."""
        self._at = time.monotonic()
        if self._away or self._connections.current.refresher.slowed:
            self._away = False
            for connection in self._connections.all:
                connection.refresher.idle(False)

    def away(self) -> None:
        """Called when the outer terminal has lost the focus: refresh less often."""
        self._away = True

    def has_time(self, *, loading: bool) -> bool:
        """Whether to do what can wait, such as warming up: while a list loads, its names come first.

        Args:
            loading: Whether a list that is shown is being loaded.
        """
        now = time.monotonic()
        if not loading:
            self._loaded_at = now
        return not loading or now - self._loaded_at > PATIENCE_SECONDS

    def tick(self) -> None:
        """Called once a second: slow down refreshes while idle, collect garbage."""
        now = time.monotonic()
        idle = self._away or now - self._at > IDLE_SECONDS
        for connection in self._connections.all:
            connection.refresher.idle(idle)
        self.gc_tuning.on_object_count(sum(each.inventory.size for each in self._connections.all))
        self.gc_tuning.collect_when_quiet(now, self._at)
