"""Finds out whether a task runs Windows containers, if DescribeTasks does not return it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import TypeVar

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.platform import runs_windows
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition

T = TypeVar("T")
log = logging.getLogger("ecs_tui.session")
MAX_WAIT_SECONDS = 2.0
"""Seconds to wait for these calls before a shell opens; after that, Linux is assumed."""


async def on_windows(
    account: Account,
    task: Task,
    definition: TaskDefinition | None = None,
    instance: ContainerInstance | None = None,
) -> bool:
    """Whether the task's containers are Windows containers; at most two calls, at the same time.

    Args:
        definition: Its task definition, if it is loaded.
        instance: Its container instance, if it is loaded.
    """
    known = runs_windows(task, definition, instance)
    if known is not None:
        return known
    # In separate calls, because IAM may allow only one of them.
    definition, instance = await asyncio.gather(
        _known(_definition(account, task, definition)), _known(_instance(account, task, instance))
    )
    return bool(runs_windows(task, definition, instance))


async def _definition(
    account: Account, task: Task, known: TaskDefinition | None
) -> TaskDefinition | None:
    return known or await ecs.describe_task_definition(account, task.task_definition)


async def _instance(
    account: Account, task: Task, known: ContainerInstance | None
) -> ContainerInstance | None:
    if known is not None:
        return known
    found = await ecs.describe_instances(account, task.cluster_arn, [task.container_instance_arn])
    return found[0] if found else None


async def _known(call: Awaitable[T]) -> T | None:
    try:
        async with asyncio.timeout(MAX_WAIT_SECONDS):
            return await call
    except (EcsTuiError, TimeoutError) as error:
        log.info("the platform is unknown, so Linux is assumed: %r", error)
        return None
