"""The operating system of a task's containers."""

from __future__ import annotations

from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition


def runs_windows(
    task: Task,
    definition: TaskDefinition | None = None,
    instance: ContainerInstance | None = None,
) -> bool | None:
    """Whether they are Windows containers; None while unknown.

    The first of these that is set decides: `platformFamily` of the task (Fargate only),
    `runtimePlatform.operatingSystemFamily` of its definition, the attribute `ecs.os-type` of its
    container instance. If none is set, tasks on Fargate and of daemons are Linux.
    """
    if task.platform_family:
        return task.platform_family.casefold().startswith("windows")
    if definition is not None and definition.os_family:
        return definition.windows
    if instance is not None and instance.os_type:
        return instance.os_type.casefold() == "windows"
    return None if task.container_instance_arn else False
