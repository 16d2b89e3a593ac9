"""The remaining time of stopping tasks, and the lookups that it needs."""

from __future__ import annotations

from ecs_tui.model.arn import short_name, target_group_name
from ecs_tui.model.rules.stopping import StopTimes, stop_seconds
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.lookups import Lookup, Subject


def stop_times(inventory: Inventory, task: Task) -> StopTimes:
    """How long a task may take to stop, from the loaded data."""
    definition = inventory.known_definition(task.task_definition)
    stop = None if definition is None else stop_seconds(definition)
    why = ""
    if definition is None:
        why = _failure(inventory, _definition(task), "its task definition")
    delay: int | None = 0
    if task.service:
        service = _service(inventory, task)
        if service is None:
            delay, why = None, why or _failure(inventory, _of_service(task), "its service")
        for arn in service.every_target_group if service is not None else ():
            answer = inventory.lookups.answer(_delay(arn))
            if answer is None or answer.value is None:
                name = f"target group {target_group_name(arn)}"
                delay, why = None, why or _failure(inventory, _delay(arn), name)
                break
            delay = max(delay or 0, answer.value)
    return StopTimes(delay, stop, why)


def stop_lookups(inventory: Inventory, task: Task) -> list[Lookup]:
    """The lookups that `stop_times` needs."""
    found: list[Lookup] = []
    if inventory.known_definition(task.task_definition) is None and task.task_definition:
        found.append(_definition(task))
    if task.service:
        service = _service(inventory, task)
        if service is None:
            found.append(_of_service(task))
        else:
            found += [_delay(arn) for arn in service.every_target_group]
    return found


def _service(inventory: Inventory, task: Task) -> Service | None:
    """The task's service, from the list of services or from a lookup."""
    known = inventory.service(short_name(task.cluster_arn), task.service)
    if known is not None and known.described and not known.gone:
        return known
    answer = inventory.lookups.answer(_of_service(task))
    return answer.value if answer is not None else None


def _failure(inventory: Inventory, lookup: Lookup, name: str) -> str:
    """Why a lookup failed; "" while there is no answer."""
    answer = inventory.lookups.answer(lookup)
    if answer is None:
        return ""
    return f"{name} was not read: {answer.error}" if answer.error else f"{name} is gone"


def _definition(task: Task) -> Lookup[TaskDefinition]:
    return Lookup(Subject.DEFINITION, thing=task.task_definition)


def _of_service(task: Task) -> Lookup[Service]:
    return Lookup(Subject.SERVICE, short_name(task.cluster_arn), task.service)


def _delay(arn: str) -> Lookup[int]:
    return Lookup(Subject.DEREGISTRATION, thing=arn)
