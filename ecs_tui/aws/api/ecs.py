"""ECS: lists as async iterators of pages, descriptions as model objects.

Limits (API reference): List* returns at most 100 ARNs a page; DescribeClusters, DescribeTasks and
DescribeContainerInstances take 100, DescribeServices takes 10.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ecs_tui.aws.account import Account
from ecs_tui.aws.parse import ecs as parse
from ecs_tui.aws.parse.fields import parts, text
from ecs_tui.errors import AwsError, ResourceGone
from ecs_tui.model.arn import short_name
from ecs_tui.model.capacity_provider import CapacityProvider
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.daemon import is_daemon_definition
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.model.text import clean

_T = TypeVar("_T", Cluster, Service, Task)
SERVICES_PER_CALL = 10
TASKS_PER_CALL = 100


@dataclass(frozen=True, slots=True)
class StartedSession:
    """The answer of ExecuteCommand. The token is a secret and is never printed or logged."""

    session_id: str
    stream_url: str
    token: str
    container_name: str
    cluster_arn: str
    task_arn: str

    def __repr__(self) -> str:
        return f"StartedSession({self.session_id!r}, …)"


async def list_clusters(account: Account) -> AsyncIterator[list[str]]:
    """Pages of cluster ARNs."""
    ecs = await account.ecs()
    token = ""
    while True:
        more: Any = {"nextToken": token} if token else {}
        page = await account.call(ecs.list_clusters, **more)
        yield page["clusterArns"]
        token = page.get("nextToken", "")
        if not token:
            return


async def list_services(account: Account, cluster: str) -> AsyncIterator[list[str]]:
    """Pages of service ARNs of a cluster (name or ARN)."""
    ecs = await account.ecs()
    token = ""
    while True:
        more: Any = {"nextToken": token} if token else {}
        page = await account.call(ecs.list_services, cluster=cluster, maxResults=100, **more)
        yield page["serviceArns"]
        token = page.get("nextToken", "")
        if not token:
            return


async def list_tasks(
    account: Account, cluster: str, service: str = "", *, stopped: bool = False
) -> AsyncIterator[list[str]]:
    """Pages of task ARNs by desired status; tasks with desired status STOPPED may still be running."""
    ecs = await account.ecs()
    token = ""
    while True:
        more: Any = {"nextToken": token} if token else {}
        if service:
            more["serviceName"] = service
        page = await account.call(
            ecs.list_tasks,
            cluster=cluster,
            desiredStatus="STOPPED" if stopped else "RUNNING",
            **more,
        )
        yield page["taskArns"]
        token = page.get("nextToken", "")
        if not token:
            return


async def list_instances(account: Account, cluster: str) -> AsyncIterator[list[str]]:
    """Pages of container-instance ARNs of a cluster."""
    ecs = await account.ecs()
    token = ""
    while True:
        more: Any = {"nextToken": token} if token else {}
        page = await account.call(ecs.list_container_instances, cluster=cluster, **more)
        yield page["containerInstanceArns"]
        token = page.get("nextToken", "")
        if not token:
            return


async def describe_clusters(account: Account, arns: Sequence[str]) -> list[Cluster]:
    """Up to 100 clusters with settings, exec configuration and tags."""
    ecs = await account.ecs()
    answer = await account.call_with(
        ecs.describe_clusters,
        ["SETTINGS", "CONFIGURATIONS", "TAGS", "STATISTICS"],
        clusters=list(arns),
    )
    found = [parse.cluster(item) for item in answer["clusters"]]
    return _with_refused(account, "describe_clusters", found)


async def describe_services(account: Account, cluster: str, arns: Sequence[str]) -> list[Service]:
    """Up to 10 services with their tags; deleted ones are missing."""
    ecs = await account.ecs()
    answer = await account.call_with(
        ecs.describe_services, ["TAGS"], cluster=cluster, services=list(arns)
    )
    found = [parse.service(item) for item in answer["services"]]
    return _with_refused(account, "describe_services", found)


async def describe_tasks(account: Account, cluster: str, arns: Sequence[str]) -> list[Task]:
    """Up to 100 tasks with their tags; those that ECS has dropped are missing."""
    ecs = await account.ecs()
    answer = await account.call_with(
        ecs.describe_tasks, ["TAGS"], cluster=cluster, tasks=list(arns)
    )
    found = [parse.task(item) for item in answer["tasks"]]
    return _with_refused(account, "describe_tasks", found)


def _with_refused(account: Account, operation: str, found: list[_T]) -> list[_T]:
    """The same objects, with `not_read` set to the values of `include` that AWS refused."""
    refused = account.extras.refused(operation)
    return [replace(item, not_read=refused) for item in found] if refused else found


async def describe_instances(
    account: Account, cluster: str, arns: Sequence[str]
) -> list[ContainerInstance]:
    """Up to 100 container instances."""
    ecs = await account.ecs()
    answer = await account.call(
        ecs.describe_container_instances, cluster=cluster, containerInstances=list(arns)
    )
    return [parse.instance(item) for item in answer["containerInstances"]]


async def describe_capacity_providers(account: Account, cluster: str) -> list[CapacityProvider]:
    """The capacity providers of a cluster, including those of Managed Instances.

    Without the cluster's name, AWS does not return those of Managed Instances, which belong to one
    cluster. At most 10 per page (API reference).
    """
    ecs = await account.ecs()
    found: list[CapacityProvider] = []
    token = ""
    while True:
        more: Any = {"nextToken": token} if token else {}
        page: Any = await account.call(ecs.describe_capacity_providers, cluster=cluster, **more)
        found += [parse.capacity_provider(item) for item in page["capacityProviders"]]
        token = page.get("nextToken", "")
        if not token:
            return found


async def describe_task_definition(account: Account, arn: str) -> TaskDefinition:
    """One revision, by `family:revision` or ARN; a daemon task definition by its ARN."""
    ecs = await account.ecs()
    if is_daemon_definition(arn):
        found = await account.call(ecs.describe_daemon_task_definition, daemonTaskDefinition=arn)
        return parse.daemon_task_definition(found["daemonTaskDefinition"])
    answer = await account.call_with(ecs.describe_task_definition, ["TAGS"], taskDefinition=arn)
    return parse.task_definition(answer["taskDefinition"], answer.get("tags"))


async def raw_description(account: Account, kind: str, cluster: str, name: str) -> Any:
    """The raw description of one resource, for people to read (`y`); never used for rules.

    Args:
        kind: cluster, service, task, instance or task-definition.
        cluster: Name or ARN of the cluster.
        name: Name, ID or ARN of the resource.
    """
    ecs = await account.ecs()
    answer: Any
    if kind == "cluster":
        answer = await account.call_with(
            ecs.describe_clusters,
            ["SETTINGS", "CONFIGURATIONS", "TAGS", "STATISTICS", "ATTACHMENTS"],
            clusters=[name],
        )
        found = answer["clusters"]
    elif kind == "service":
        answer = await account.call_with(
            ecs.describe_services, ["TAGS"], cluster=cluster, services=[name]
        )
        found = answer["services"]
    elif kind == "task":
        answer = await account.call_with(
            ecs.describe_tasks, ["TAGS"], cluster=cluster, tasks=[name]
        )
        found = answer["tasks"]
    elif kind == "instance":
        answer = await account.call(
            ecs.describe_container_instances, cluster=cluster, containerInstances=[name]
        )
        found = answer["containerInstances"]
    elif is_daemon_definition(name):
        answer = await account.call(ecs.describe_daemon_task_definition, daemonTaskDefinition=name)
        found = [answer["daemonTaskDefinition"]]
    else:
        answer = await account.call_with(
            ecs.describe_task_definition, ["TAGS"], taskDefinition=name
        )
        found = [answer["taskDefinition"]]
    if not found:
        raise ResourceGone(
            f"{kind.capitalize()} {short_name(name)} no longer exists.", "Press r to refresh."
        )
    return found[0]


async def execute_command(
    account: Account, cluster: str, task: str, container: str, command: str
) -> StartedSession:
    """Start an interactive session with one call of ExecuteCommand.

    Raises:
        AwsError: AccessDenied, ExecFailed, ResourceGone …, each with the next step.
    """
    ecs = await account.ecs()
    answer = await account.call(
        ecs.execute_command,
        cluster=cluster,
        task=task,
        container=container,
        command=command,
        interactive=True,
    )
    session = answer["session"]
    return StartedSession(
        session_id=text(session, "sessionId"),
        stream_url=text(session, "streamUrl"),
        token=text(session, "tokenValue"),
        container_name=text(answer, "containerName", container),
        cluster_arn=text(answer, "clusterArn", cluster),
        task_arn=text(answer, "taskArn", task),
    )


async def update_service(account: Account, cluster: str, service: str, **changes: Any) -> Service:
    """UpdateService with ECS's parameter names; returns the updated service."""
    ecs = await account.ecs()
    answer = await account.call(ecs.update_service, cluster=cluster, service=service, **changes)
    return parse.service(answer["service"])


async def tag_resource(account: Account, arn: str, tags: Mapping[str, str]) -> None:
    """Set tags on a task, service or cluster; its other tags stay."""
    ecs = await account.ecs()
    pairs: Any = [{"key": key, "value": value} for key, value in tags.items()]
    await account.call(ecs.tag_resource, resourceArn=arn, tags=pairs)


async def stop_task(account: Account, cluster: str, task: str, reason: str) -> None:
    """StopTask; the task's service, if any, starts a replacement."""
    ecs = await account.ecs()
    await account.call(ecs.stop_task, cluster=cluster, task=task, reason=reason)


async def run_task(account: Account, **parameters: Any) -> Task:
    """RunTask for one task, with ECS's own parameter names.

    Raises:
        AwsError: Also if ECS accepts the call but places no task; the message has ECS's reason.
    """
    ecs = await account.ecs()
    answer = await account.call(ecs.run_task, count=1, **parameters)
    if not answer["tasks"]:
        reason = next((text(item, "reason") for item in parts(answer, "failures")), "")
        reason = clean(reason) or "no reason given"
        raise AwsError(f"ECS did not start a task: {reason}.", operation="ecs:RunTask")
    return parse.task(answer["tasks"][0])
