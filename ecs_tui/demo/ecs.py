"""ECS as the demo has it: moto's backend with a scheduler of services, and with ExecuteCommand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.base_backend import BackendDict
from moto.core.exceptions import JsonRESTError
from moto.ecs.exceptions import EcsClientException, InvalidParameterException
from moto.ecs.models import (
    Cluster,
    ContainerInstance,
    ContainerInstanceFailure,
    Service,
    Task,
)

from ecs_tui.demo.account import ContainerSpec
from ecs_tui.demo.deployments import check_update
from ecs_tui.demo.scheduler import ServiceScheduler
from ecs_tui.demo.state import DeploymentState, ServiceState
from ecs_tui.demo.tasks import service_key
from ecs_tui.demo.transcripts import RecordPlace, place_of
from ecs_tui.demo.views import service_view
from ecs_tui.model.arn import short_name
from ecs_tui.system import wall_clock

NOT_ENABLED = (
    "The execute command failed because execute command was not enabled when the task was run "
    "or the execute command agent isn’t running. Wait and try again or run a new task with "
    "execute command enabled and try again."
)
NOT_CONNECTED = "The execute command failed due to an internal error. Try again later."


class TargetNotConnected(JsonRESTError):
    """The exec agent is unreachable, although ECS reports it as RUNNING."""

    def __init__(self, message: str) -> None:
        super().__init__("TargetNotConnectedException", message)


class DemoEcsBackend(ServiceScheduler):
    """The operations on services and clusters, and sessions."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.play: Callable[[float], None] | None = None
        """Plays an incident's script up to a time."""
        self.providers: dict[str, tuple[tuple[str, str], ...]] = {}

    def converge(self, now: float) -> None:
        """Let happen what is due: an incident's script, if one is played, and the scheduler."""
        if self.play is not None:
            self.play(now)
        else:
            super().converge(now)

    # -- services

    def create_service(
        self, cluster_str: str, service_name: str, *args: Any, **kwargs: Any
    ) -> Service:
        """As moto's, then start the service's tasks."""
        exec_enabled = kwargs.pop("enable_execute_command", False)
        configuration = kwargs.pop("deployment_configuration", None)
        service = super().create_service(cluster_str, service_name, *args, **kwargs)
        now = wall_clock.now()
        key = service_key(service)
        self.service_states[key] = ServiceState(
            containers=self.container_specs(service.task_definition or ""),
            exec_enabled=exec_enabled,
            created_at=now,
            deployments=[
                DeploymentState(
                    self.deployment_id(), service.task_definition or "", now, now, exec_enabled
                )
            ],
            configuration=dict(configuration or {}),
        )
        self.record(service, self.service_states[key], now)
        self.converge(now)
        return service

    def update_service(self, service_properties: dict[str, Any]) -> Service:
        """The parts of UpdateService that the demo needs, with a rolling deployment."""
        cluster = self._get_cluster(service_properties.get("cluster", "default"))
        service = self._get_service(cluster.name, short_name(service_properties["service"]))
        check_update(service, service_properties)
        state = self.service_states[service_key(service)]
        now = wall_clock.now()
        state.configuration |= service_properties.get("deployment_configuration") or {}
        if (desired := service_properties.get("desired_count")) is not None:
            service.desired_count = desired
        if (enable := service_properties.get("enable_execute_command")) is not None:
            state.exec_enabled = enable
        for name in ("propagate_tags", "platform_version", "network_configuration"):
            if service_properties.get(name) is not None:
                setattr(service, name, service_properties[name])
        wanted = service_properties.get("task_definition")
        if wanted:
            wanted = self.describe_task_definition(wanted).arn
        if (wanted and wanted != state.primary.task_definition) or service_properties.get(
            "force_new_deployment"
        ):
            self.deploy(service, state, wanted or state.primary.task_definition, now)
        state.steady = False
        self.converge(now)
        return service

    def delete_service(self, cluster_name: str, service_name: str, force: bool) -> Service:
        """As moto's, then stop the service's tasks."""
        service = super().delete_service(cluster_name, short_name(service_name), force)
        service.desired_count = 0
        self.service_states[service_key(service)].steady = False
        self.converge(wall_clock.now())
        return service

    def services_view(self, services: list[Service]) -> list[dict[str, Any]]:
        """`services[]` of DescribeServices."""
        now = wall_clock.now()
        return [
            service_view(
                service, self.service_states[service_key(service)], self.counts(service, now)
            )
            for service in services
        ]

    def counts(self, service: Service, now: float) -> dict[str, tuple[int, int]]:
        """(running, pending) tasks of a service, by the ID of their deployment."""
        counts: dict[str, tuple[int, int]] = {}
        for task in self.by_service[service_key(service)]:
            state = self.state_of(task)
            if state.lifecycle.desired(now) == "STOPPED":
                continue
            running, pending = counts.get(state.deployment, (0, 0))
            up = state.lifecycle.status(now) == "RUNNING"
            counts[state.deployment] = (running + up, pending + (not up))
        return counts

    # -- tasks

    def stop_task(self, cluster_str: str, task_str: str, reason: str) -> Task:
        """StopTask: the task starts to stop; its service starts another one."""
        task = self.find_task(self._get_cluster(cluster_str), task_str)
        if task is None:
            raise InvalidParameterException("The referenced task was not found.")
        now = wall_clock.now()
        self.stop(task, "UserInitiated", reason or "Task stopped by user", now)
        key = self.state_of(task).service_key
        if key:
            self.service_states[key].steady = False
        self.converge(now)
        return task

    def execute_command(
        self, cluster_str: str, task_str: str, container: str, command: str, interactive: bool
    ) -> dict[str, Any]:
        """ExecuteCommand, with AWS's error messages."""
        cluster = self._get_cluster(cluster_str)
        if not interactive:
            raise InvalidParameterException("Interactive is the only mode supported currently.")
        task = self.find_task(cluster, task_str)
        if task is None:
            raise InvalidParameterException("The referenced task was not found.")
        now = wall_clock.now()
        state = self.state_of(task)
        names = [spec.name for spec in state.containers]
        if not container:
            if len(names) > 1:
                raise InvalidParameterException(
                    "Container name must be specified when a task has more than one container."
                )
            container = names[0]
        if container not in names:
            raise InvalidParameterException(
                "The container name specified was not found in the task."
            )
        index = names.index(container)
        view = self.view_of(task, now)
        agents = view["containers"][index].get("managedAgents", [])
        agent = agents[0]["lastStatus"] if agents else ""
        if view["lastStatus"] != "RUNNING" or not state.exec_enabled or agent != "RUNNING":
            raise InvalidParameterException(NOT_ENABLED)
        if not state.containers[index].reaches_ssmmessages:
            raise TargetNotConnected(NOT_CONNECTED)
        if self.gateway is None:
            raise EcsClientException("This account has no gateway for sessions.")
        session = self.gateway.open(
            task_id=task.id,
            label=f"{task.group.split(':')[-1]}/{container}",
            command=command,
            runtime_id=state.runtime_ids[index],
            target=f"ecs:{cluster.name}_{task.id}_{state.runtime_ids[index]}",
            kms_key=_session_key(cluster),
            place=self._place_of(cluster, task, state.containers[index]),
        )
        return {
            "clusterArn": cluster.arn,
            "containerArn": view["containers"][index]["containerArn"],
            "containerName": container,
            "interactive": True,
            "session": session,
            "taskArn": task.task_arn,
        }

    def _place_of(self, cluster: Cluster, task: Task, container: ContainerSpec) -> RecordPlace:
        """Where the transcript of a session in a container goes."""
        definition = self.describe_task_definition(task.task_definition_arn)
        log_configuration = next(
            (
                item.get("logConfiguration")
                for item in definition.container_definitions
                if item["name"] == container.name
            ),
            None,
        )
        return place_of(
            (cluster.configuration or {}).get("executeCommandConfiguration"),
            log_configuration,
            self.region_name,
            script=container.script,
        )

    # -- clusters

    def refresh_counts(self, clusters: list[Cluster]) -> None:
        """Set the counts that DescribeClusters returns."""
        now = wall_clock.now()
        for cluster in clusters:
            states = [self.state_of(task) for task in self.tasks.get(cluster.name, {}).values()]
            live = [state for state in states if state.lifecycle.desired(now) == "RUNNING"]
            up = sum(state.lifecycle.status(now) == "RUNNING" for state in live)
            cluster.running_tasks_count = up
            cluster.pending_tasks_count = len(live) - up
            cluster.active_services_count = sum(
                service.cluster_name == cluster.name and service.status == "ACTIVE"
                for service in self.services.values()
            )

    def describe_container_instances(
        self, cluster_str: str, list_container_instance_ids: list[str]
    ) -> tuple[list[ContainerInstance], list[ContainerInstanceFailure]]:
        """As moto's, with the tasks on each instance, and what they leave of its resources."""
        found, failures = super().describe_container_instances(
            cluster_str, list_container_instance_ids
        )
        for instance in found:
            self._refresh_instance(instance)
        return found, failures

    def _refresh_instance(self, instance: ContainerInstance) -> None:
        now, arn = wall_clock.now(), instance.container_instance_arn
        here = [
            task
            for task in self.tasks.get(instance.cluster_name, {}).values()
            if task.container_instance_arn == arn
            and self.state_of(task).lifecycle.status(now) != "STOPPED"
        ]
        up = sum(self.state_of(task).lifecycle.status(now) == "RUNNING" for task in here)
        instance.running_tasks_count, instance.pending_tasks_count = up, len(here) - up
        containers = [
            container
            for task in here
            for container in self.describe_task_definition(
                task.task_definition_arn
            ).container_definitions
        ]
        for kind in ("cpu", "memory"):
            used = sum(int(each.get(kind) or 0) for each in containers)
            total = _resource(instance.registered_resources, kind)["integerValue"]
            _resource(instance.remaining_resources, kind)["integerValue"] = max(0, total - used)

    def providers_view(self, cluster_name: str) -> list[dict[str, Any]]:
        """`capacityProviders[]` of DescribeCapacityProviders for a cluster."""
        arn = f"arn:aws:ecs:{self.region_name}:{self.account_id}:capacity-provider/"
        known = {"FARGATE": "FARGATE", "FARGATE_SPOT": "FARGATE_SPOT"}
        known |= dict(self.providers.get(short_name(cluster_name), ()))
        return [
            {"capacityProviderArn": f"{arn}{name}", "name": name, "status": "ACTIVE", "type": kind}
            for name, kind in known.items()
            if name in (self._get_cluster(cluster_name).capacity_providers or ())
        ]


def _resource(resources: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return next(item for item in resources if item["name"] == kind.upper())


def _session_key(cluster: Cluster) -> str:
    """The KMS key that encrypts the cluster's exec sessions, or ""."""
    configuration = (cluster.configuration or {}).get("executeCommandConfiguration") or {}
    return str(configuration.get("kmsKeyId", ""))


demo_ecs_backends: BackendDict[DemoEcsBackend] = BackendDict(DemoEcsBackend, "ecs")
