"""ECS: lists as async iterators of pages, descriptions as model objects.

Limits (API reference): List* returns at most 100 ARNs a page; DescribeClusters, DescribeTasks and
DescribeContainerInstances take 100, DescribeServices takes 10.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.paging import pages
from ecs_tui.aws.parse import ecs as parse
from ecs_tui.aws.parse import task_definition as definitions
from ecs_tui.aws.parse.capacity_provider import capacity_provider
from ecs_tui.aws.parse.fields import Raw, part, parts, text
from ecs_tui.errors import ResourceGone
from ecs_tui.model.arn import short_name
from ecs_tui.model.capacity_provider import CapacityProvider
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.daemon import is_daemon_definition
from ecs_tui.model.service import EventOfService, Service
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.record import dataclass

if TYPE_CHECKING:
    from types_aiobotocore_ecs.literals import DesiredStatusType

_T = TypeVar("_T", Cluster, Service, Task, ContainerInstance)
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
    async for page in pages(account, ecs.list_clusters):
        yield [sys.intern(arn) for arn in page["clusterArns"]]


async def list_services(account: Account, cluster: str) -> AsyncIterator[list[str]]:
    """Pages of service ARNs of a cluster (name or ARN)."""
    ecs = await account.ecs()
    async for page in pages(account, ecs.list_services, cluster=cluster, maxResults=100):
        yield [sys.intern(arn) for arn in page["serviceArns"]]


async def list_tasks(
    account: Account, cluster: str, service: str = "", *, stopped: bool = False
) -> AsyncIterator[list[str]]:
    """Pages of task ARNs by desired status; tasks with desired status STOPPED may still be running."""
    ecs = await account.ecs()
    status: DesiredStatusType = "STOPPED" if stopped else "RUNNING"
    found = (
        pages(account, ecs.list_tasks, cluster=cluster, serviceName=service, desiredStatus=status)
        if service
        else pages(account, ecs.list_tasks, cluster=cluster, desiredStatus=status)
    )
    async for page in found:
        yield [sys.intern(arn) for arn in page["taskArns"]]


async def list_instances(account: Account, cluster: str) -> AsyncIterator[list[str]]:
    """Pages of container-instance ARNs of a cluster."""
    ecs = await account.ecs()
    async for page in pages(account, ecs.list_container_instances, cluster=cluster):
        yield [sys.intern(arn) for arn in page["containerInstanceArns"]]


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


async def service_events(
    account: Account, cluster: str, service: str, after: str = ""
) -> AsyncIterator[list[EventOfService]]:
    """One page: the events of a service, the newest first, at most the 100 that ECS keeps.

    Args:
        after: The ID of an event: only newer ones are returned, if ECS still has it.

    Raises:
        ResourceGone: There is no such service.
    """
    ecs = await account.ecs()
    answer = await account.call(ecs.describe_services, cluster=cluster, services=[service])
    found = answer["services"]
    if not found:
        raise ResourceGone(f"Service {short_name(service)} no longer exists.")
    # A deleted service of that name is returned for a while, besides the one that exists.
    alive = [item for item in found if text(item, "status") != "INACTIVE"]
    yield parse.service_events((alive or found)[0], after)


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
    """Up to 100 container instances with their tags."""
    ecs = await account.ecs()
    answer = await account.call_with(
        ecs.describe_container_instances,
        ["TAGS"],
        cluster=cluster,
        containerInstances=list(arns),
    )
    found = [parse.instance(item) for item in answer["containerInstances"]]
    return _with_refused(account, "describe_container_instances", found)


async def describe_capacity_providers(account: Account, cluster: str) -> list[CapacityProvider]:
    """The capacity providers of a cluster, including those of Managed Instances.

    Without the cluster's name, AWS does not return those of Managed Instances, which belong to one
    cluster. At most 10 per page (API reference).
    """
    ecs = await account.ecs()
    found: list[CapacityProvider] = []
    async for page in pages(account, ecs.describe_capacity_providers, cluster=cluster):
        found += [capacity_provider(item) for item in page["capacityProviders"]]
    return found


async def describe_task_definition(account: Account, arn: str) -> TaskDefinition:
    """One revision, by `family:revision` or ARN; a daemon task definition by its ARN."""
    ecs = await account.ecs()
    if is_daemon_definition(arn):
        found = await account.call(ecs.describe_daemon_task_definition, daemonTaskDefinition=arn)
        return definitions.daemon_task_definition(found["daemonTaskDefinition"])
    answer = await account.call_with(ecs.describe_task_definition, ["TAGS"], taskDefinition=arn)
    return definitions.task_definition(answer["taskDefinition"], answer.get("tags"))


@dataclass(frozen=True, slots=True)
class RawCall:
    """The call that describes one resource, for people to read.

    Attributes:
        operation: The client's method.
        names: The parameter for the resource's name.
        found: The member of the answer with the resource.
        include: Values of `include`.
        in_cluster: Whether the call has the parameter `cluster`.
        one: Whether `names` is one name and `found` one structure; otherwise both are lists.
    """

    operation: str
    names: str
    found: str
    include: tuple[str, ...] = ()
    in_cluster: bool = True
    one: bool = False


RAW_CALLS: Mapping[str, RawCall] = {
    "cluster": RawCall(
        "describe_clusters", "clusters", "clusters", in_cluster=False,
        include=("SETTINGS", "CONFIGURATIONS", "TAGS", "STATISTICS", "ATTACHMENTS"),
    ),
    "service": RawCall("describe_services", "services", "services", ("TAGS",)),
    "task": RawCall("describe_tasks", "tasks", "tasks", ("TAGS",)),
    "instance": RawCall(
        "describe_container_instances", "containerInstances", "containerInstances", ("TAGS",)
    ),
    "task-definition": RawCall(
        "describe_task_definition", "taskDefinition", "taskDefinition", ("TAGS",),
        in_cluster=False, one=True,
    ),
}  # fmt: skip
_RAW_DAEMON_DEFINITION = RawCall(
    "describe_daemon_task_definition", "daemonTaskDefinition", "daemonTaskDefinition",
    in_cluster=False, one=True,
)  # fmt: skip


async def raw_description(account: Account, kind: str, cluster: str, name: str) -> Raw:
    """The raw description of one resource of a kind of `RAW_CALLS`: see `described_raw`."""
    daemon = kind == "task-definition" and is_daemon_definition(name)
    call = _RAW_DAEMON_DEFINITION if daemon else RAW_CALLS[kind]
    return await described_raw(account, call, kind, cluster, name)


async def described_raw(account: Account, call: RawCall, kind: str, cluster: str, name: str) -> Raw:
    """The raw description of one resource, for people to read (`y`); never used for rules.

    Args:
        call: The call that describes it.
        kind: What it is, in words, for the error.
        cluster: Name or ARN of the cluster.
        name: Name, ID or ARN of the resource.

    Raises:
        ResourceGone: There is no such resource any more.
    """
    method: Callable[..., Awaitable[Raw]] = getattr(await account.ecs(), call.operation)
    params: dict[str, object] = {call.names: name if call.one else [name]}
    if call.in_cluster:
        params["cluster"] = cluster
    if call.include:
        answer = await account.call_with(method, list(call.include), **params)
    else:
        answer = await account.call(method, **params)
    found = [part(answer, call.found)] if call.one else parts(answer, call.found)
    if not found:
        raise ResourceGone(
            f"{kind.capitalize()} {short_name(name)} no longer exists.", "Refresh the list."
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
