"""What is known of a list: the List calls that decide its content, and its freshness."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import field

from ecs_tui.errors import EcsTuiError
from ecs_tui.record import dataclass
from ecs_tui.store.kinds import Kind
from ecs_tui.store.source import EVERY_CLUSTER, Scope

__all__ = [
    "EVERY_CLUSTER", "Changed", "Freshness", "Kind", "Listener", "Scope", "calls", "clock",
]  # fmt: skip


def clock() -> float:
    """The running loop's time in seconds: monotonic, and the same clock as its timers."""
    return asyncio.get_running_loop().time()


def calls(scope: Scope) -> tuple[Scope, ...]:
    """The List calls that decide the content of a list, its own first.

    A draining task has the desired status STOPPED and still runs, so running tasks
    are also listed among the stopped ones. Public reports differ on whether ECS honours the
    service's name together with STOPPED, so the cluster's stopped tasks are listed as well.
    """
    if not scope.kind.by_status:
        return (scope,)
    stopped = Scope(scope.kind, scope.cluster, scope.service, stopped=True)
    of_cluster = Scope(scope.kind, scope.cluster, stopped=True)
    return tuple(dict.fromkeys((scope, stopped, of_cluster)))


@dataclass(slots=True)
class Freshness:
    """The freshness of a scope: when it was loaded, what failed, whether a call is in flight.

    Times are monotonic seconds, None for never.

    Attributes:
        fetched_at: When any of its calls was last answered.
        listed_at: When its newest complete List call was answered.
        asked_at: When that List call was started.
        arrived_at: When it was opened on the screen.
        outdated_at: When something happened that only its next List call can show.
        pages: Pages of its last List call.
        saved_at: When the snapshot that is shown was saved; seconds since the epoch.
    """

    fetched_at: float | None = None
    listed_at: float | None = None
    asked_at: float | None = None
    arrived_at: float | None = None
    outdated_at: float | None = None
    list_error: EcsTuiError | None = None
    describe_error: EcsTuiError | None = None
    lists: int = 0
    pages: int = 1
    saved_at: float | None = None

    @property
    def error(self) -> EcsTuiError | None:
        """The last failure, unless the call has succeeded since."""
        return self.list_error or self.describe_error

    @property
    def loading(self) -> bool:
        """Whether a List call is in flight."""
        return self.lists > 0

    @property
    def answered(self) -> bool:
        """Whether a List call that was started after the list was opened is complete."""
        return self.asked_at is not None and (
            self.arrived_at is None or self.asked_at >= self.arrived_at
        )

    @property
    def outdated(self) -> bool:
        """Whether its newest List call was started before `outdated_at`."""
        return self.outdated_at is not None and (
            self.asked_at is None or self.asked_at < self.outdated_at
        )


@dataclass(frozen=True, slots=True)
class Changed:
    """Some objects of a kind were added, changed or removed, or only a scope's freshness changed."""

    scope: Scope
    keys: frozenset[str] = field(default_factory=frozenset)


Listener = Callable[[Changed], None]
