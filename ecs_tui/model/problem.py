"""A problem: what is wrong with which thing, since when, why, and what shows it."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import Literal

from ecs_tui.record import dataclass

ThingKind = Literal["service", "task", "instance", "capacity-provider", "cluster"]
EvidenceKind = Literal[
    "event", "task", "deployment", "target", "container", "instance", "capacity", "scaling",
    "alarm", "change", "log",
]  # fmt: skip


class Severity(IntEnum):
    """How urgent a problem is; the most urgent is the smallest.

    FAILING: users notice, or nothing new can start. DEGRADED: less works than should. NOTICE: it works,
    and somebody should know.
    """

    FAILING = 0
    DEGRADED = 1
    NOTICE = 2

    @property
    def word(self) -> str:
        """The word for lists and programs: `failing`."""
        return self.name.casefold()


@dataclass(frozen=True, slots=True)
class AffectedThing:
    """The thing that has a problem.

    Attributes:
        kind: What it is.
        cluster: The name of its cluster.
        name: Its name; of a task or a container instance its ID.
        arn: Its ARN; "" where it has none.
    """

    kind: ThingKind
    cluster: str
    name: str
    arn: str = ""

    @property
    def words(self) -> str:
        """`prod/checkout`; of a cluster its name."""
        return self.cluster if self.kind == "cluster" else f"{self.cluster}/{self.name}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact that shows a problem, as AWS returned it.

    Attributes:
        kind: What the fact is.
        words: The fact, in AWS's words where it has them. Untrusted text.
        at: When it happened, by AWS's clock; None if AWS does not say.
        source: The call that returned it, or the memory of an earlier one: `ecs:DescribeTasks`.
        task_arn: The task that it is about, or "".
    """

    kind: EvidenceKind
    words: str
    at: datetime | None = None
    source: str = ""
    task_arn: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. Texts that contain AWS's words are untrusted: they are cleaned where they are shown.

    Attributes:
        rule: The id of the rule that found it.
        cause: The id of the cause (docs/problems.md lists them).
        severity: How urgent it is.
        thing: What has it.
        what: What is wrong, in a few words.
        why: The cause, in a few words; "" if the rule knows none.
        since: When it began, by AWS's own times; None if they do not say.
        last: When it was last seen in AWS's own times; None if they do not say.
        count: How often it happened.
        evidence: What shows it, the most important first.
        advice: What to do next, in a sentence.
        commands: Ids of commands that help, the first one first.
        source: The AWS page that the rule goes by.
        detail: What distinguishes it from another one of the same cause and thing: a container, a
            target group. Part of its identity.
        state: What must change for a hidden problem to be shown again, besides its severity.
    """

    rule: str
    cause: str
    severity: Severity
    thing: AffectedThing
    what: str
    why: str = ""
    since: datetime | None = None
    last: datetime | None = None
    count: int = 1
    evidence: tuple[Evidence, ...] = ()
    advice: str = ""
    commands: tuple[str, ...] = ()
    source: str = ""
    detail: str = ""
    state: str = ""

    @property
    def key(self) -> str:
        """Its identity: the same problem seen again, or back after a pause, has the same one."""
        return "|".join((self.rule, self.cause, self.thing.kind, self.thing.words, self.detail))

    @property
    def sentence(self) -> str:
        """What and why in one line."""
        return f"{self.what}: {self.why}" if self.why else self.what


@dataclass(frozen=True, slots=True)
class SeenProblem:
    """A problem with its history.

    Attributes:
        label: `profile@region` of the connection.
        problem: The problem as it is now.
        since: When it began: AWS's own time, else when it was first seen (`dated` tells).
        dated: Whether AWS dates the beginning.
        times: How often it has begun within the last days; more than once: it flaps.
        hidden: Whether the operator has hidden it, and it has not changed since.
        note: The operator's note, or "".
    """

    label: str
    problem: Problem
    since: datetime
    dated: bool = True
    times: int = 1
    hidden: bool = False
    note: str = ""

    @property
    def key(self) -> str:
        """Its identity among all connections."""
        return f"{self.label}|{self.problem.key}"


def worst_first(problem: Problem) -> tuple[int, float, str]:
    """The sort key of problems: by severity, then the longest lasting, then by name."""
    since = problem.since.timestamp() if problem.since is not None else float("inf")
    return problem.severity, since, problem.key
