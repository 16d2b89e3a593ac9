"""ECS's calls that change something, and those that are only made before a change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from ecs_tui.aws.account import Account
from ecs_tui.aws.parse import ecs as parse
from ecs_tui.aws.parse.fields import flag, moment, parts, text
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.record import dataclass

if TYPE_CHECKING:
    from types_aiobotocore_ecs.type_defs import (
        RunTaskResponseTypeDef,
        TagTypeDef,
        UpdateServiceResponseTypeDef,
    )


@dataclass(frozen=True, slots=True)
class Failure:
    """One of `failures[]`: what ECS did not do although it accepted the call.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Failure.html
    """

    arn: str = ""
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StartedTasks:
    """The answer of RunTask: tasks that ECS started, and why it did not start the others."""

    tasks: tuple[Task, ...] = ()
    failures: tuple[Failure, ...] = ()


async def update_service(
    account: Account, cluster: str, service: str, **changes: object
) -> Service:
    """UpdateService with ECS's parameter names; returns the updated service."""
    ecs = await account.ecs()
    update: Callable[..., Awaitable[UpdateServiceResponseTypeDef]] = ecs.update_service
    answer = await account.call(update, cluster=cluster, service=service, **changes)
    return parse.service(answer["service"])


async def stop_service_deployment(
    account: Account, deployment: str, stop: Literal["ROLLBACK", "ABORT"]
) -> None:
    """StopServiceDeployment: ROLLBACK goes back to the revision before, ABORT leaves the tasks as they are.

    Raises:
        AwsError: For example with the code ConflictException if it cannot be stopped any more.
    """
    ecs = await account.ecs()
    await account.call(ecs.stop_service_deployment, serviceDeploymentArn=deployment, stopType=stop)


async def continue_service_deployment(
    account: Account, deployment: str, hook: str, action: Literal["CONTINUE", "ROLLBACK"]
) -> None:
    """ContinueServiceDeployment: answer a hook that waits for a person (`HookRun.waits`)."""
    ecs = await account.ecs()
    await account.call(
        ecs.continue_service_deployment, serviceDeploymentArn=deployment, hookId=hook, action=action
    )


async def tag_resource(account: Account, arn: str, tags: Mapping[str, str]) -> None:
    """Set tags on a task, service or cluster; its other tags stay."""
    ecs = await account.ecs()
    pairs: list[TagTypeDef] = [{"key": key, "value": value} for key, value in tags.items()]
    await account.call(ecs.tag_resource, resourceArn=arn, tags=pairs)


async def stop_task(account: Account, cluster: str, task: str, reason: str) -> None:
    """StopTask; the task's service, if any, starts a replacement."""
    ecs = await account.ecs()
    await account.call(ecs.stop_task, cluster=cluster, task=task, reason=reason)


async def run_task(account: Account, **parameters: object) -> StartedTasks:
    """RunTask with ECS's own parameter names.

    ECS answers with `failures` where it places fewer tasks than wanted, also if it places none.
    botocore sends the same `clientToken` when it repeats a call, so no task is started twice.
    """
    ecs = await account.ecs()
    run: Callable[..., Awaitable[RunTaskResponseTypeDef]] = ecs.run_task
    answer = await account.call(run, **parameters)
    failures = tuple(
        Failure(text(item, "arn"), text(item, "reason"), text(item, "detail"))
        for item in parts(answer, "failures")
    )
    return StartedTasks(tuple(parse.task(item) for item in answer["tasks"]), failures)


async def protected_tasks(
    account: Account, cluster: str, arns: Sequence[str]
) -> dict[str, datetime | None]:
    """Those of up to 100 service tasks that are protected from scale-in, and until when.

    Standalone tasks cannot be protected; ECS returns a failure for each.
    """
    ecs = await account.ecs()
    answer = await account.call(ecs.get_task_protection, cluster=cluster, tasks=list(arns))
    return {
        text(item, "taskArn"): moment(item, "expirationDate")
        for item in parts(answer, "protectedTasks")
        if flag(item, "protectionEnabled")
    }
