"""Which rows of a list have a problem: by the sign of the row, or by a problem that was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ecs_tui.model.rules.health import Sign, task_sign
from ecs_tui.model.rules.waiting import tells_failure
from ecs_tui.model.service import ServiceEvent
from ecs_tui.model.task import Task
from ecs_tui.resources.base import Place, Resource
from ecs_tui.resources.problems import ProblemRow
from ecs_tui.resources.registry import RESOURCES
from ecs_tui.store.inventory import Inventory

ONLY_PROBLEMS = "is:problem"
"""The word of a filter that leaves only rows with a problem."""
_BY_SIGN = frozenset(
    {"clusters", "accounts", "services", "all-services", "tasks", "containers", "instances",
     "capacity-providers", "daemons"}
)  # fmt: skip
"""Lists whose rank is that of a sign: 0 is bad, 1 a warning."""


def _by_itself(row: object) -> bool:
    """Whether a row that has no rank of a sign has a problem."""
    if isinstance(row, Task):
        return task_sign(row) is Sign.BAD
    if isinstance(row, ServiceEvent):
        return tells_failure(row)
    return not (isinstance(row, ProblemRow) and row.seen.hidden)


_OWN = frozenset({"stopped-tasks", "events", "problems"})


def may_have_trouble(name: str) -> bool:
    """Whether rows of a list can have a problem."""
    return name in _BY_SIGN or name in _OWN


def trouble_of(
    view: Resource, place: Place, inventories: Sequence[Inventory]
) -> Callable[[object], bool]:
    """A function that tells whether a row of a list has a problem.

    Args:
        view: The list.
        place: The place shown.
        inventories: The loaded data of the connections that are shown.
    """
    if view.name in _OWN:
        return _by_itself
    if view.name not in _BY_SIGN:
        return lambda row: True
    rank = RESOURCES[view.name].rank
    found = {
        (seen.problem.thing.cluster, seen.problem.thing.name)
        for each in inventories
        for seen in each.problems
        if not seen.hidden
    }

    def troubled(row: object) -> bool:
        sign = rank(row)
        if isinstance(sign, int) and sign < 2:
            return True
        return (place.cluster or view.cluster_of(row), view.name_of(row)) in found

    return troubled
