"""Problems of the watched clusters, worst first; found by `problems/`, kept in the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from datetime import datetime

from ecs_tui.model.arn import with_target_group_names
from ecs_tui.model.problem import Evidence, SeenProblem, Severity
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.text import age_of, clean, counted
from ecs_tui.record import dataclass
from ecs_tui.resources.base import TONES, Cell, Column, Place, Resource, plain, told_by_page
from ecs_tui.resources.facts import Fact, when
from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.system.wall_clock import moment

PROBLEMS_VIEW = "problems"
"""The view of the page of problems."""
SIGNS = {Severity.FAILING: Sign.BAD, Severity.DEGRADED: Sign.WARNING, Severity.NOTICE: Sign.MOVING}


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A problem, with the loaded data of its connection."""

    seen: SeenProblem
    inventory: Inventory = field(compare=False)

    @property
    def key(self) -> str:
        """The row's identity in the list."""
        return self.seen.key

    @property
    def arn(self) -> str:
        """The ARN of what has the problem, or ""."""
        return self.seen.problem.thing.arn

    @property
    def name(self) -> str:
        """The name of what has the problem."""
        return self.seen.problem.thing.name

    @property
    def stopped_task(self) -> Task | None:
        """The stopped task that shows the problem best, or None."""
        named = (
            self.inventory.task(each.task_arn)
            for each in self.seen.problem.evidence
            if each.task_arn
        )
        return next((task for task in named if task is not None and task.stopping), None)

    @property
    def service(self) -> Service | None:
        """The service that has the problem, or None."""
        thing = self.seen.problem.thing
        if thing.kind != "service":
            return None
        return self.inventory.service(thing.cluster, thing.name)


def merged(accounts: Sequence[tuple[str, Inventory]]) -> list[ProblemRow]:
    """The rows for (label, inventory) of each connection."""
    return [_row(seen, inventory) for _, inventory in accounts for seen in inventory.problems]


def _row(seen: SeenProblem, inventory: Inventory) -> ProblemRow:
    """The row of a problem; the same object until it changes."""
    return inventory.derived(("problem", seen.key), (seen,), lambda: ProblemRow(seen, inventory))


def problem_lines(inventory: Inventory, cluster: str, service: str) -> list[str]:
    """What is wrong with a service, in a line for each problem, the worst first."""
    now = moment()
    return [
        clean(f"{sign_of(seen)} {seen.problem.sentence}, for {age_of(seen.since, now)}")
        for seen in inventory.problems
        if not seen.hidden
        and service
        and (seen.problem.thing.kind, seen.problem.thing.cluster, seen.problem.thing.name)
        == ("service", cluster, service)
    ]


def sign_of(seen: SeenProblem) -> Sign:
    """The sign of a problem; a hidden one is off."""
    return Sign.OFF if seen.hidden else SIGNS[seen.problem.severity]


def _since(row: ProblemRow, now: datetime) -> Cell:
    sign = sign_of(row.seen)
    words = age_of(row.seen.since, now)
    # Not dated by AWS: at least as old as this.
    return Cell(f"{sign} {words if row.seen.dated else f'>{words}'}", TONES[sign])


def _what(row: ProblemRow, _: datetime) -> Cell:
    problem = row.seen.problem
    times = f" (back {counted(row.seen.times - 1, 'time')})" if row.seen.times > 1 else ""
    return Cell(clean(f"{problem.what}{times}"), TONES[sign_of(row.seen)], sentence=True)


def _why(row: ProblemRow, _: datetime) -> Cell:
    return Cell(clean(row.seen.problem.why or row.seen.problem.cause), sentence=True)


def _facts(row: ProblemRow, inventory: Inventory, now: datetime) -> list[Fact]:
    """The problem in full: what, why, since when, what shows it, what to do."""
    seen, problem = row.seen, row.seen.problem
    dated = "" if seen.dated else " (first seen; AWS does not date it)"
    return [
        (problem.thing.kind, problem.thing.words),
        ("problem", problem.sentence),
        ("cause", problem.cause),
        ("since", f"{when(seen.since, now)}{dated}"),
        ("last seen", when(problem.last, now)),
        ("next", problem.advice),
        *(
            (_evidence_name(each, now), with_target_group_names(each.words))
            for each in problem.evidence
        ),
        ("hidden", "until it changes" if seen.hidden else ""),
        ("note", seen.note),
        ("began", f"{seen.times} times" if seen.times > 1 else ""),
        ("account", seen.label),
        ("rule", f"{problem.rule}: {problem.source}"),
    ]


def _evidence_name(evidence: Evidence, now: datetime) -> str:
    if evidence.at is None:
        return evidence.kind
    return f"{evidence.at.astimezone():%H:%M:%S} {evidence.kind}"


def _enter(place: Place, row: ProblemRow) -> Place | None:
    """Where the thing is shown; the page itself opens the evidence."""
    thing = row.seen.problem.thing
    if thing.kind == "service":
        return Place("tasks", cluster=thing.cluster, service=thing.name)
    if thing.kind == "instance":
        return Place("tasks", cluster=thing.cluster, instance=thing.arn)
    if thing.kind == "task":
        return Place("tasks", cluster=thing.cluster, stopped=True)
    if thing.kind == "capacity-provider":
        return Place("capacity-providers", cluster=thing.cluster)
    return Place("services", cluster=thing.cluster)


PROBLEMS: Resource[ProblemRow] = Resource(
    name=PROBLEMS_VIEW,
    kind="problem",
    row=ProblemRow,
    within="",
    columns=(
        Column(
            "since", "  SINCE", _since, lambda row: -row.seen.since.timestamp(), priority=0,
            live=True,
        ),
        Column(
            "where", "WHERE", lambda row, _: plain(row.seen.problem.thing.words),
            lambda row: row.seen.problem.thing.words, priority=0, middle=True,
        ),
        Column("what", "WHAT", _what, lambda row: row.seen.problem.what, priority=0, widest=48),
        Column("why", "WHY", _why, lambda row: row.seen.problem.why, priority=0, widest=60),
        Column(
            "cause", "CAUSE", lambda row, _: plain(row.seen.problem.cause),
            lambda row: row.seen.problem.cause, priority=3, widest=24,
        ),
        Column(
            "account", "ACCOUNT", lambda row, _: plain(row.seen.label), lambda row: row.seen.label,
            priority=4, middle=True,
        ),
        Column("note", "NOTE", lambda row, _: plain(row.seen.note), lambda row: row.seen.note,
               priority=2, normal=("",), widest=24),
    ),
    scopes=lambda place: (Scope(Kind.CLUSTER),),
    rows=lambda inventory, place: [],
    key=lambda row: row.key,
    name_of=lambda row: row.name,
    enter=_enter,
    facts=_facts,
    rank=lambda row: (row.seen.hidden, row.seen.problem.severity),
    in_order=True,
    cluster_of=lambda row: row.seen.problem.thing.cluster,
    service_of=lambda row: row.service,
    definition_of=lambda row: row.service.task_definition if row.service is not None else "",
    is_empty=told_by_page,
    merged=merged,
    empty="No problems in the watched clusters.",
)  # fmt: skip
