"""`ecs-tui ls`: lists the resources of one kind and writes each page when it arrives."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.cli.find import check_account, cluster_arns
from ecs_tui.cli.output import CsvWriter, JsonWriter, TableColumn, TableWriter, Writer
from ecs_tui.cli.rows import Row, cluster_row, container_row, instance_row, service_row, task_row
from ecs_tui.errors import (
    AwsError,
    EcsTuiError,
    ExpiredCredentials,
    NoCredentials,
    NoNetwork,
    NoRegion,
    NotFound,
    ResourceGone,
)
from ecs_tui.model.arn import short_name
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.container import EXEC_AGENT, Container
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.reference import Reference
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean
from ecs_tui.system.echo import echo
from ecs_tui.system.exit_status import ExitStatus
from ecs_tui.system.streams import OutputFailed

_EVERYWHERE = (NoCredentials, ExpiredCredentials, NoRegion, NoNetwork)
"""Errors that every other cluster would have too."""
Refused = Callable[[str, AwsError], None]


def _of(key: str) -> Callable[[Row], object]:
    return lambda row: row[key]


def _name_in(key: str) -> Callable[[Row], object]:
    """The last part of an ARN; `family:revision` for a task definition."""
    return lambda row: short_name(row[key] or "")


def _launch(row: Row) -> object:
    """The capacity provider, which is more specific (FARGATE_SPOT), else the launch type."""
    if "capacityProviderName" in row:
        return row["capacityProviderName"] or row["launchType"]
    providers = [item["capacityProvider"] for item in row["capacityProviderStrategy"]]
    return "+".join(providers) or row["launchType"]


def _exec_agent(row: Row) -> object:
    agents = row["managedAgents"]
    return next((item["lastStatus"] for item in agents if item["name"] == EXEC_AGENT), None)


def _agent(row: Row) -> object:
    connected = "connected" if row["agentConnected"] else "disconnected"
    return f"{row['versionInfo']['agentVersion'] or ''} {connected}".strip()


def _attribute(name: str) -> Callable[[Row], object]:
    return lambda row: next(
        (item["value"] for item in row["attributes"] if item["name"] == name), None
    )


def _free(resource: str) -> Callable[[Row], object]:
    def of(row: Row) -> object:
        free, total = (
            next(item["integerValue"] for item in row[kind] if item["name"] == resource)
            for kind in ("remainingResources", "registeredResources")
        )
        return f"{free}/{total}"

    return of


_CLUSTER = TableColumn("CLUSTER", _of("clusterName"), shrinks=True)
_DEFINITION = "TASK_DEFINITION"
_TABLE: dict[str, tuple[TableColumn, ...]] = {
    "clusters": (
        _CLUSTER,
        TableColumn("STATUS", _of("status")),
        TableColumn("SERVICES", _of("activeServicesCount")),
        TableColumn("RUNNING", _of("runningTasksCount")),
        TableColumn("PENDING", _of("pendingTasksCount"), priority=2),
        TableColumn("INSTANCES", _of("registeredContainerInstancesCount"), priority=3),
        TableColumn("EXEC_LOGGING", _of("execLogging"), shrinks=True, priority=1),
    ),
    "services": (
        _CLUSTER,
        TableColumn("SERVICE", _of("serviceName"), shrinks=True),
        TableColumn("STATUS", _of("status"), priority=3),
        TableColumn("DESIRED", _of("desiredCount")),
        TableColumn("RUNNING", _of("runningCount")),
        TableColumn("PENDING", _of("pendingCount"), priority=5),
        TableColumn(_DEFINITION, _name_in("taskDefinition"), shrinks=True, priority=2),
        TableColumn("LAUNCH", _launch, shrinks=True, priority=4),
        TableColumn("EXEC", _of("enableExecuteCommand"), priority=1),
        TableColumn("DEPLOYMENT", _of("deployment"), shrinks=True),
    ),
    "tasks": (
        _CLUSTER,
        TableColumn("SERVICE", lambda row: row["serviceName"] or row["group"], shrinks=True),
        TableColumn("TASK", _of("taskId"), shrinks=True),
        TableColumn("STATUS", _of("lastStatus")),
        TableColumn("HEALTH", _of("healthStatus"), priority=2),
        TableColumn("EXEC", _of("enableExecuteCommand"), priority=3),
        TableColumn("SHELL", _of("execReadiness"), priority=1),
        TableColumn(_DEFINITION, _name_in("taskDefinitionArn"), shrinks=True, priority=4),
        TableColumn("LAUNCH", _launch, shrinks=True, priority=5),
        TableColumn("ZONE", _of("availabilityZone"), priority=6),
        TableColumn("PRIVATE_IP", _of("privateIpv4Address"), priority=7),
    ),
    "containers": (
        _CLUSTER,
        TableColumn("TASK", _of("taskId"), shrinks=True),
        TableColumn("CONTAINER", _of("name"), shrinks=True),
        TableColumn("STATUS", _of("lastStatus")),
        TableColumn("HEALTH", _of("healthStatus"), priority=3),
        TableColumn("AGENT", _exec_agent, priority=2),
        TableColumn("SHELL", _of("execReadiness")),
        TableColumn("REASON", _of("execReadinessReason"), shrinks=True, priority=1),
        TableColumn("IMAGE", _of("image"), shrinks=True, priority=4),
    ),
    "instances": (
        _CLUSTER,
        TableColumn(
            "INSTANCE", lambda row: row["ec2InstanceId"] or row["containerInstanceId"], shrinks=True
        ),
        TableColumn("STATUS", _of("status")),
        TableColumn("AGENT", _agent),
        TableColumn("RUNNING", _of("runningTasksCount")),
        TableColumn("TYPE", _attribute("ecs.instance-type"), priority=1),
        TableColumn("ZONE", _attribute("ecs.availability-zone"), priority=2),
        TableColumn("CPU_FREE", _free("CPU"), priority=3),
        TableColumn("MIB_FREE", _free("MEMORY"), priority=4),
    ),
}
_NO_TASK = Task("", "", "")
KEYS: dict[str, tuple[str, ...]] = {
    "clusters": tuple(cluster_row(Cluster("", ""))),
    "services": tuple(service_row(Service("", "", ""))),
    "tasks": tuple(task_row(_NO_TASK)),
    "containers": tuple(container_row(_NO_TASK, Container("", "", "", ""))),
    "instances": tuple(instance_row(ContainerInstance("", "", ""))),
}
"""The keys of each kind's rows, in order."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A cluster whose rows are missing, and the error."""

    cluster: str
    error: AwsError


async def print_listing(
    account: Account, kind: str, reference: Reference, output: str
) -> ExitStatus:
    """Write the list to stdout; returns the exit status.

    Args:
        kind: A key of `KEYS`.
        reference: The cluster and service to list; an empty one for all clusters.
        output: table, json or csv.

    Raises:
        EcsTuiError: Nothing has that name, or a call to AWS failed. Earlier rows have been written.
    """
    writer = _writer(kind, output)
    left_out: list[LeftOut] = []
    failure: EcsTuiError | None = None
    whole = False
    try:
        await check_account(account, reference)
        service = reference.service_arn or reference.service
        async for page in rows(
            account, kind, reference.cluster, service,
            lambda name, error: left_out.append(LeftOut(name, error)),
        ):  # fmt: skip
            writer.page(page)
        whole = True
    except EcsTuiError as error:
        failure = error
    finally:
        await account.close()
        if not isinstance(sys.exc_info()[1], OutputFailed):
            writer.end(whole=whole)
    for sentence in _sentences(left_out):
        echo(f"ecs-tui: {sentence}", err=True)
    if failure is not None:
        if not left_out:
            raise failure
        echo(f"ecs-tui: {failure}", err=True)
    return ExitStatus.NOT_ASKED if left_out else ExitStatus.YES


def _writer(kind: str, output: str) -> Writer:
    if output == "json":
        return JsonWriter()
    if output == "csv":
        return CsvWriter(KEYS[kind])
    terminal = sys.stdout is not None and sys.stdout.isatty()
    return TableWriter(_TABLE[kind], shutil.get_terminal_size().columns if terminal else 0)


def _sentences(left_out: Sequence[LeftOut]) -> list[str]:
    """One message for each reason: thirty clusters with denied access have one message."""
    reasons: dict[tuple[type, str], list[LeftOut]] = {}
    for item in left_out:
        reasons.setdefault((type(item.error), item.error.operation), []).append(item)
    sentences = []
    for items in reasons.values():
        names = [clean(short_name(item.cluster)) for item in items]
        some = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        noun = "cluster" if len(names) == 1 else "clusters"
        sentences.append(f"Rows are missing for {noun} {some}. {items[0].error}")
    return sentences


async def rows(
    account: Account, kind: str, cluster: str, service: str, refused: Refused | None = None
) -> AsyncIterator[list[Row]]:
    """Yield pages of rows of `kind`, for one cluster or all of them, in AWS's order.

    Args:
        cluster: Name or ARN; "" for all.
        service: Name or ARN; "" for all. Clusters without it are skipped.
        refused: Called for each cluster that could not be read, if all clusters are listed.
            Without it the error is raised.

    Raises:
        NotFound: There is no such cluster, or no cluster has the service.
        AwsError: A call to AWS failed.
    """
    if kind == "clusters":
        async for page in _clusters(account, cluster):
            yield page
        return
    clusters = [cluster] if cluster else [arn async for arn in cluster_arns(account)]
    found = False
    for name in clusters:
        try:
            async for page in _PAGES[kind](account, name, service):
                found = True
                yield page
        except ResourceGone:
            if cluster:
                raise
            # The cluster has just been deleted, or has no such service.
        except AwsError as error:
            if cluster or refused is None or isinstance(error, _EVERYWHERE):
                raise
            refused(name, error)
    if service and not found:
        where = f"Cluster {clean(short_name(cluster))} has no" if cluster else "No cluster has a"
        raise NotFound(
            f"{where} service {clean(short_name(service))!r}.",
            "List them with: ecs-tui ls services",
        )


async def _clusters(account: Account, cluster: str) -> AsyncIterator[list[Row]]:
    if cluster:
        found = await ecs.describe_clusters(account, [cluster])
        if not found:
            raise NotFound(
                f'Cluster "{clean(short_name(cluster))}" not found in {account.region}.',
                "List them with: ecs-tui ls clusters",
            )
        yield [cluster_row(item) for item in found]
        return
    async for page in ecs.list_clusters(account):
        described = await ecs.describe_clusters(account, page) if page else []
        yield [cluster_row(item) for item in described]


async def _services(account: Account, cluster: str, service: str) -> AsyncIterator[list[Row]]:
    if service:
        found = await ecs.describe_services(account, cluster, [service])
        # DescribeServices returns deleted services for a while, ListServices does not.
        if alive := [item for item in found if item.status != "INACTIVE"]:
            yield [service_row(_within(item, cluster)) for item in alive]
        return
    async for page in ecs.list_services(account, cluster):
        size = ecs.SERVICES_PER_CALL
        described = [
            ecs.describe_services(account, cluster, page[start : start + size])
            for start in range(0, len(page), size)
        ]
        async for services in _each(described):
            yield [service_row(_within(item, cluster)) for item in services]


async def _tasks(account: Account, cluster: str, service: str) -> AsyncIterator[list[Row]]:
    async for tasks in _described_tasks(account, cluster, service):
        yield [task_row(task) for task in tasks]


async def _containers(account: Account, cluster: str, service: str) -> AsyncIterator[list[Row]]:
    async for tasks in _described_tasks(account, cluster, service):
        yield [container_row(task, item) for task in tasks for item in task.containers]


async def _described_tasks(
    account: Account, cluster: str, service: str
) -> AsyncIterator[list[Task]]:
    async for page in ecs.list_tasks(account, cluster, service):
        tasks = await ecs.describe_tasks(account, cluster, page) if page else []
        yield [_within(task, cluster) for task in tasks]


async def _instances(account: Account, cluster: str, service: str) -> AsyncIterator[list[Row]]:
    async for page in ecs.list_instances(account, cluster):
        found = await ecs.describe_instances(account, cluster, page) if page else []
        yield [instance_row(_within(item, cluster)) for item in found]


_PAGES: dict[str, Callable[[Account, str, str], AsyncIterator[list[Row]]]] = {
    "services": _services,
    "tasks": _tasks,
    "containers": _containers,
    "instances": _instances,
}


async def _each(asked: Sequence[Awaitable[list[Any]]]) -> AsyncIterator[list[Any]]:
    """The results of parallel calls, in order, as one list.

    If a call fails, the results of the others are yielded before its error is raised.
    """
    found: list[Any] = []
    failure: BaseException | None = None
    for answer in await asyncio.gather(*asked, return_exceptions=True):
        if isinstance(answer, BaseException):
            failure = failure or answer
        else:
            found += answer
    yield found
    if failure is not None:
        raise failure


def _within(item: Any, cluster: str) -> Any:
    """`item` with its cluster's ARN: its own ARN in the old format does not contain the cluster."""
    if item.cluster_arn:
        return item
    return replace(item, cluster_arn=f"{item.arn.rsplit(':', 1)[0]}:cluster/{short_name(cluster)}")
