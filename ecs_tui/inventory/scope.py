"""What a list is: its scope, the List calls that decide what stands in it, how fresh it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from ecs_tui.aws import ecs
from ecs_tui.errors import EcsTuiError


def clock() -> float:
    """Seconds of the running loop: monotonic, and what its timers go by."""
    return asyncio.get_running_loop().time()


class Kind(StrEnum):
    """The kinds of things that are kept."""

    CLUSTER = "cluster"
    SERVICE = "service"
    TASK = "task"
    INSTANCE = "instance"


BATCH = {
    Kind.CLUSTER: 100,
    Kind.SERVICE: ecs.SERVICES_A_CALL,
    Kind.TASK: ecs.TASKS_A_CALL,
    Kind.INSTANCE: 100,
}
"""How many one Describe call takes."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a list shows: a kind, of one cluster, of one service, running or stopped."""

    kind: Kind
    cluster: str = ""
    service: str = ""
    stopped: bool = False

    @property
    def within(self) -> tuple[Kind, str]:
        """The kind and the cluster: an ARN means one thing there (old ones name no cluster)."""
        return self.kind, self.cluster


def calls(scope: Scope) -> tuple[Scope, ...]:
    """The List calls whose answers decide what stands in a list, its own first.

    A task that is being drained has the desired status STOPPED and still serves: running tasks
    are also asked for among the stopped ones. Public reports differ on whether ECS honours the
    service's name together with STOPPED, so the cluster's stopped tasks are asked for as well.
    """
    if scope.kind is not Kind.TASK:
        return (scope,)
    stopped = Scope(Kind.TASK, scope.cluster, scope.service, stopped=True)
    of_cluster = Scope(Kind.TASK, scope.cluster, stopped=True)
    return tuple(dict.fromkeys((scope, stopped, of_cluster)))


@dataclass(slots=True)
class Freshness:
    """How a scope's data is: when it was fetched, what went wrong, whether it is being loaded.

    Times are monotonic seconds, None for never.

    Attributes:
        fetched_at: When anything of it was answered last.
        listed_at: When its newest whole list was answered.
        asked_at: When that list was asked for.
        arrived_at: When somebody came to look at it.
        outdated_at: When something happened that only its next list can tell.
        pages: How many pages its list took.
        saved_at: Of a snapshot from disk that is shown until then; seconds since the epoch.
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
        """What went wrong last and has not gone right since."""
        return self.list_error or self.describe_error

    @property
    def loading(self) -> bool:
        """Whether its names are being asked for."""
        return self.lists > 0

    @property
    def answered(self) -> bool:
        """Whether a whole list has been answered that was asked for since somebody arrived."""
        return self.asked_at is not None and (
            self.arrived_at is None or self.asked_at >= self.arrived_at
        )

    @property
    def outdated(self) -> bool:
        """Whether its newest list was asked for before something happened."""
        return self.outdated_at is not None and (
            self.asked_at is None or self.asked_at < self.outdated_at
        )


@dataclass(frozen=True, slots=True)
class Changed:
    """Some objects of a kind are new, different or gone; or only a scope's freshness is."""

    scope: Scope
    keys: frozenset[str] = field(default_factory=frozenset)


Listener = Callable[[Changed], None]
