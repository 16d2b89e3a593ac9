"""One watched cluster: when its lists were read, which of its services are suspects, what is wrong."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import field
from datetime import datetime

from ecs_tui.model.problem import Problem
from ecs_tui.model.service import Service
from ecs_tui.model.service_deployment import ServiceDeployment
from ecs_tui.problems.asking import SuspectAnswers
from ecs_tui.problems.cluster_facts import ClusterAnswers
from ecs_tui.problems.suspects import LAST_DEPLOYMENT
from ecs_tui.problems.watch_times import QUIET_CHECK_SECONDS
from ecs_tui.record import dataclass

MINUTE = 60.0


class CallCounter:
    """Counts the calls of the last minute."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()
        self.total = 0

    def add(self, calls: int, at: float) -> None:
        """Count calls that were made at a time (monotonic seconds)."""
        self._times.extend([at] * calls)
        self.total += calls

    def last_minute(self, at: float) -> int:
        """The calls of the minute before a time."""
        while self._times and at - self._times[0] > MINUTE:
            self._times.popleft()
        return len(self._times)


@dataclass(slots=True)
class WatchedCluster:
    """The state of one watched cluster. Times are monotonic seconds.

    Attributes:
        name: The cluster's name.
        configured: Whether `[watch]` names it, rather than that it was opened in this run.
        stopped_at: When its stopped tasks were last asked for; None for never.
        instances_at: When its container instances were.
        running_at: When its running tasks were.
        answers: Its capacity, and when that was asked.
        suspects: What was asked about each suspect, by the service's ARN.
        deployments: The last service deployment of each service that was asked for, by ARN.
        deployments_at: When some were last read for many services together.
        deployment_listed_at: When one was last asked for that nothing else speaks against.
        not_told: Services whose deployments were asked for and are not known.
        reasons: What speaks against each suspect (`suspects.suspicion`).
        asking: Suspects that have not been asked about yet.
        urgent: Services to describe at once: their tasks have just stopped.
        below: Since when each service was seen below its desired count, by ARN.
        problems: What is wrong now.
        denied: Why something is not known, by operation.
        failures: How often in a row its lists failed; it waits until `not_before`.
        basis, evaluated_at: What the problems were made of, and when.
        evaluated: Whether they were made at all.
        complete: Whether everything was read for that: a problem that was not found is over.
    """

    name: str
    configured: bool = False
    stopped_at: float | None = None
    instances_at: float | None = None
    running_at: float | None = None
    answers: ClusterAnswers = field(default_factory=ClusterAnswers)
    answers_at: float | None = None
    suspects: dict[str, SuspectAnswers] = field(default_factory=dict)
    deployments: dict[str, ServiceDeployment] = field(default_factory=dict)
    deployments_at: float = float("-inf")
    deployment_listed_at: float = float("-inf")
    reasons: dict[str, str] = field(default_factory=dict)
    not_told: set[str] = field(default_factory=set)
    asking: set[str] = field(default_factory=set)
    urgent: set[str] = field(default_factory=set)
    below: dict[str, datetime] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    denied: dict[str, str] = field(default_factory=dict)
    failures: int = 0
    not_before: float = 0.0
    basis: tuple[object, ...] = ()
    evaluated_at: float = 0.0
    evaluated: bool = False
    complete: bool = False
    quiet: bool = False
    quiet_at: float = float("-inf")

    def is_quiet(self, at: float, check: Callable[[], bool]) -> bool:
        """Whether the cluster's counts agree with its services; compared every few seconds.

        Args:
            at: Monotonic seconds.
            check: Compares them.
        """
        if at - self.quiet_at >= QUIET_CHECK_SECONDS:
            self.quiet_at, self.quiet = at, check()
        return self.quiet

    def only_deployments(self, arn: str) -> bool:
        """Whether a suspect's last deployment is all that speaks against it."""
        return self.reasons.get(arn) == LAST_DEPLOYMENT

    def remember_deployments(self) -> None:
        """Keep the last deployment of each suspect: it need not be asked for again."""
        for arn, answers in self.suspects.items():
            if answers.deployments:
                self.deployments[arn] = answers.deployments[0]
                self.not_told.discard(arn)
            else:
                self.not_told.add(arn)

    def note_counts(self, services: Iterable[Service], now: datetime) -> None:
        """Note which services are below their desired count, and since when that was seen."""
        below = {
            each.arn: self.below.get(each.arn, now)
            for each in services
            if each.described and each.running < each.desired
        }
        self.below = below


@dataclass(frozen=True, slots=True)
class WatchState:
    """What a page shows of one watched cluster.

    Attributes:
        label: `profile@region` of its connection.
        cluster: Its name.
        configured: Whether `[watch]` names it.
        age: Seconds since its lists were read; None before the first time.
        services_age: Seconds since the service that was described longest ago was; None if one has
            never been.
        period: Seconds between two reads of its stopped tasks.
        suspects: How many services are looked at more closely.
        denied: Why something is not known, by operation.
        error: Why its lists could not be read, or "".
    """

    label: str
    cluster: str
    configured: bool
    age: float | None
    services_age: float | None
    period: float
    suspects: int
    denied: tuple[tuple[str, str], ...] = ()
    error: str = ""
