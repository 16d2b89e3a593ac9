"""The columns of the tables that `ecs-tui ls` prints, by resource."""

from __future__ import annotations

from collections.abc import Callable

from ecs_tui.cli.output import Row, TableColumn
from ecs_tui.model.arn import short_name
from ecs_tui.model.container import EXEC_AGENT


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
TABLES: dict[str, tuple[TableColumn, ...]] = {
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
