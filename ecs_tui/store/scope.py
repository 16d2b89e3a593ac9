"""What defines a list: its scope, the List calls that decide its content, and its freshness."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from ecs_tui.aws.api import ecs
from ecs_tui.errors import EcsTuiError


def clock() -> float:
    """The running loop's time in seconds: monotonic, and the same clock as its timers."""
    return asyncio.get_running_loop().time()


class Kind(StrEnum):
    """The kinds of objects in the store."""

    CLUSTER = "cluster"
    SERVICE = "service"
    TASK = "task"
    INSTANCE = "instance"

    # Enum's own __hash__ is Python code, and there are some ten thousand lookups a second.
    __hash__ = str.__hash__


BATCH = {
    Kind.CLUSTER: 100,
    Kind.SERVICE: ecs.SERVICES_PER_CALL,
    Kind.TASK: ecs.TASKS_PER_CALL,
    Kind.INSTANCE: 100,
}
"""Maximum objects per Describe call."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a list shows: a kind of object, its cluster and service, running or stopped."""

    kind: Kind
    cluster: str = ""
    service: str = ""
    stopped: bool = False

    @property
    def within(self) -> tuple[Kind, str]:
        """The kind and the cluster, within which an ARN is unique (old ones lack the cluster)."""
        return self.kind, self.cluster


def calls(scope: Scope) -> tuple[Scope, ...]:
    """The List calls that decide the content of a list, its own first.

    A draining task has the desired status STOPPED and still runs, so running tasks
    are also listed among the stopped ones. Public reports differ on whether ECS honours the
    service's name together with STOPPED, so the cluster's stopped tasks are listed as well.
    """
    if scope.kind is not Kind.TASK:
        return (scope,)
    stopped = Scope(Kind.TASK, scope.cluster, scope.service, stopped=True)
    of_cluster = Scope(Kind.TASK, scope.cluster, stopped=True)
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
