"""moto's ECS backend with additions: task lifecycles, a service scheduler, ExecuteCommand."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from dataclasses import replace
from typing import Any

from moto.core.base_backend import BackendDict
from moto.core.exceptions import JsonRESTError
from moto.ecs.exceptions import EcsClientException, InvalidParameterException
from moto.ecs.models import Cluster, EC2ContainerServiceBackend, Service, Task

from ecs_tui.demo.account import ContainerSpec
from ecs_tui.demo.agent import Gateway
from ecs_tui.demo.lifecycle import TaskLifecycle
from ecs_tui.demo.state import DeploymentState, IdGenerator, ServiceState, TaskState
from ecs_tui.demo.views import service_view, task_view
from ecs_tui.model.arn import cluster_name, short_name

ZONES = ("a", "b", "c")
FORGET_SECONDS = 3600.0
"""Seconds after which a stopped task is removed; in ECS about an hour."""
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


class DemoEcsBackend(EC2ContainerServiceBackend):
    """moto's ECS plus what it lacks. The demo server sets `gateway` before it listens."""

    gateway: Gateway | None = None

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.lock = threading.RLock()
        self.names = IdGenerator(20261123)
        self.service_states: dict[str, ServiceState] = {}
        self.task_states: dict[str, TaskState] = {}
        self.by_service: dict[str, list[Task]] = defaultdict(list)
        self.providers: dict[str, tuple[tuple[str, str], ...]] = {}

    # -- services

    def create_service(
        self, cluster_str: str, service_name: str, *args: Any, **kwargs: Any
    ) -> Service:
        """As moto's, then start the service's tasks."""
        exec_enabled = kwargs.pop("enable_execute_command", False)
        service = super().create_service(cluster_str, service_name, *args, **kwargs)
        now = time.time()
        key = _key(service)
        self.service_states[key] = ServiceState(
            containers=self.container_specs(service.task_definition or ""),
            exec_enabled=exec_enabled,
            created_at=now,
            deployments=[
                DeploymentState(
                    self._deployment_id(), service.task_definition or "", now, now, exec_enabled
                )
            ],
        )
        self.converge(now)
        return service

    def update_service(self, service_properties: dict[str, Any]) -> Service:
        """The parts of UpdateService that the demo needs, with a rolling deployment."""
        cluster = self._get_cluster(service_properties.get("cluster", "default"))
        service = self._get_service(cluster.name, short_name(service_properties["service"]))
        state = self.service_states[_key(service)]
        now = time.time()
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
            self._deploy(service, state, wanted or state.primary.task_definition, now)
        state.steady = False
        self.converge(now)
        return service

    def delete_service(self, cluster_name: str, service_name: str, force: bool) -> Service:
        """As moto's, then stop the service's tasks."""
        service = super().delete_service(cluster_name, short_name(service_name), force)
        service.desired_count = 0
        self.service_states[_key(service)].steady = False
        self.converge(time.time())
        return service

    def _deploy(
        self, service: Service, state: ServiceState, task_definition: str, now: float
    ) -> None:
        for old in state.deployments:
            old.status = "ACTIVE"
            old.updated_at = now
        state.containers = self.container_specs(task_definition, state.containers)
        state.deployments.insert(
            0,
            DeploymentState(self._deployment_id(), task_definition, now, now, state.exec_enabled),
        )
        service.task_definition = task_definition

    def services_view(self, services: list[Service]) -> list[dict[str, Any]]:
        """`services[]` of DescribeServices."""
        now = time.time()
        return [self._service_view(service, now) for service in services]

    def _service_view(self, service: Service, now: float) -> dict[str, Any]:
        counts: dict[str, tuple[int, int]] = {}
        for task in self.by_service[_key(service)]:
            state = self.task_states[task.task_arn]
            if state.lifecycle.desired(now) == "STOPPED":
                continue
            running, pending = counts.get(state.deployment, (0, 0))
            up = state.lifecycle.status(now) == "RUNNING"
            counts[state.deployment] = (running + up, pending + (not up))
        return service_view(service, self.service_states[_key(service)], counts)

    # -- the scheduler, which runs at the start of each request

    def converge(self, now: float) -> None:
        """Bring services closer to their desired state: start, stop, complete deployments."""
        for service in self.services.values():
            state = self.service_states.get(_key(service))
            if state is not None and not state.steady:
                self._converge_service(service, state, now)

    def _converge_service(self, service: Service, state: ServiceState, now: float) -> None:
        tasks = self.by_service[_key(service)]
        self._let_crash(service, state, tasks, now)
        live = [task for task in tasks if self._state(task).lifecycle.stop_at is None]
        primary = state.primary
        new = [task for task in live if self._state(task).deployment == primary.id]
        old = [task for task in live if self._state(task).deployment != primary.id]
        for task in new[service.desired_count :]:
            self._stop(task, "ServiceSchedulerInitiated", self._scaling(service), now)
        # A rolling deployment starts one task at a time, the first deployment all at once.
        starting = [task for task in new if self._state(task).lifecycle.status(now) != "RUNNING"]
        room = service.desired_count - len(new)
        if old:
            room = min(room, 1 - len(starting))
        for _ in range(max(0, room)):
            task = self._start_for(service, state, now)
            state.say(
                self.names,
                now,
                f"(service {service.name}) has started 1 tasks: (task {task.id}).",
            )
        up = len([task for task in new if self._state(task).lifecycle.status(now) == "RUNNING"])
        surplus = up + len(old) - service.desired_count
        for task in old[: max(0, surplus)]:
            self._stop(task, "ServiceSchedulerInitiated", self._scaling(service), now)
            state.say(
                self.names,
                now,
                f"(service {service.name}) has stopped 1 running tasks: (task {task.id}).",
            )
        crashing = any(spec.exits_after for spec in state.containers)
        done = up >= service.desired_count and not old and not crashing
        if done and primary.rollout != "COMPLETED":
            primary.rollout = "COMPLETED"
            primary.updated_at = now
            del state.deployments[1:]
            state.say(self.names, now, f"(service {service.name}) has reached a steady state.")
        agents_up = all(
            self._state(task).lifecycle.agent_running(now) for task in new[: service.desired_count]
        )
        state.steady = (
            primary.rollout == "COMPLETED"
            and len(new) == service.desired_count
            and not old
            and agents_up
            and not crashing
        )

    def _let_crash(
        self, service: Service, state: ServiceState, tasks: list[Task], now: float
    ) -> None:
        for task in tasks:
            mine = self._state(task)
            spec = next((item for item in mine.containers if item.exits_after), None)
            if spec is None or mine.lifecycle.stop_at is not None:
                continue
            crash = mine.lifecycle.running_at + spec.exits_after
            if now < crash:
                continue
            self._stop(
                task, "EssentialContainerExited", "Essential container in task exited", crash
            )
            state.primary.failed += 1
            state.primary.updated_at = now
            if state.primary.failed % 5 == 0:
                state.say(
                    self.names,
                    now,
                    f"(service {service.name}) is unable to consistently start tasks "
                    "successfully. For more information, see the Troubleshooting section.",
                )
        kept = [
            task
            for task in tasks
            if (end := self._state(task).lifecycle.stopped_at) is None or now - end < FORGET_SECONDS
        ]
        if len(kept) != len(tasks):
            gone = {task.task_arn for task in tasks} - {task.task_arn for task in kept}
            tasks[:] = kept
            for arn in gone:
                self.task_states.pop(arn, None)
                self.tasks[service.cluster_name].pop(arn, None)

    @staticmethod
    def _scaling(service: Service) -> str:
        return f"Scaling activity initiated by (deployment of service {service.name})"

    def _stop(self, task: Task, code: str, reason: str, now: float) -> None:
        state = self._state(task)
        if state.lifecycle.stop_at is None:
            state.lifecycle.stop_at = now
            state.stop_code, state.stopped_reason = code, reason
            if self.gateway is not None:
                self.gateway.task_stopping(task.id)

    def _state(self, task: Task) -> TaskState:
        return self.task_states[task.task_arn]

    def _start_for(self, service: Service, state: ServiceState, now: float) -> Task:
        primary = state.primary
        tags = {
            "SERVICE": service.tags,
            "TASK_DEFINITION": self.describe_task_definition(primary.task_definition).tags,
        }.get(service.propagate_tags, [])
        if any(spec.fixed_by_redeploy for spec in state.containers):
            state.containers = tuple(
                replace(spec, agent="RUNNING", agent_reason="") if spec.fixed_by_redeploy else spec
                for spec in state.containers
            )
        platform = service.platform_version or "1.4.0"
        task = self.place(
            cluster=self._get_cluster(service.cluster_name),
            task_definition=primary.task_definition,
            group=f"service:{service.name}",
            launch_type=service.launch_type or "FARGATE",
            network=service.network_configuration or None,
            tags=list(tags or []),
            started_by=primary.id,
            state=TaskState(
                lifecycle=TaskLifecycle(now, primary.start_takes, primary.agent_takes),
                containers=state.containers,
                runtime_ids=(),
                exec_enabled=primary.exec_enabled,
                zone="",
                platform_version="1.4.0" if platform == "LATEST" else platform,
                service_key=_key(service),
                deployment=primary.id,
                provider=state.provider,
                ipv6_only=state.ipv6_only,
            ),
        )
        return task

    # -- tasks

    def place(
        self,
        *,
        cluster: Cluster,
        task_definition: str,
        group: str,
        launch_type: str,
        network: dict[str, Any] | None,
        tags: list[dict[str, str]],
        started_by: str,
        state: TaskState,
        overrides: dict[str, Any] | None = None,
    ) -> Task:
        """Create a task in a cluster: on a container instance for EC2, else on Fargate.

        A task with `state.unplaced` gets neither an instance nor a zone.
        """
        definition = self.describe_task_definition(task_definition)
        instance = ""
        number = len(self.tasks.setdefault(cluster.name, {}))
        zone = ZONES[number % len(ZONES)]
        if launch_type == "EC2" and not state.unplaced:
            instances = list(self.container_instances.get(cluster.name, {}).values())
            old = [item for item in instances if item.version_info["agentVersion"] < "1.50.2"]
            new = [item for item in instances if item not in old]
            wants_old = any(not spec.agent for spec in state.containers)
            chosen = (old if wants_old and old else new) or instances
            if not chosen:
                raise InvalidParameterException(
                    "No Container Instances were found in your cluster."
                )
            place = chosen[number % len(chosen)]
            instance, zone = (
                place.container_instance_arn,
                place.attributes["ecs.availability-zone"][-1],
            )
        if network and "awsvpcConfiguration" in network:
            subnets = network["awsvpcConfiguration"]["subnets"]
            vpc = {**network["awsvpcConfiguration"], "subnets": [subnets[number % len(subnets)]]}
            network = {"awsvpcConfiguration": vpc}
        task = Task(
            cluster=cluster,
            task_definition=definition,
            container_instance_arn=instance or None,
            resource_requirements=None,
            backend=self,
            group=group,
            launch_type=launch_type,
            overrides=overrides or {},
            started_by=started_by,
            tags=tags,
            networking_configuration=network if definition.network_mode == "awsvpc" else None,
            platform_version=state.platform_version,
        )
        task.id = self.names.hex(32)
        state.zone = "" if state.unplaced else f"{self.region_name}{zone}"
        state.runtime_ids = tuple(
            f"{task.id}-{self.names.number(10**10):010}" for _ in state.containers
        )
        self.task_states[task.task_arn] = state
        self.tasks[cluster.name][task.task_arn] = task
        if state.service_key:
            self.by_service[state.service_key].append(task)
        return task

    def run_task(
        self,
        cluster_str: str,
        task_definition_str: str,
        count: int,
        overrides: dict[str, Any] | None,
        started_by: str,
        tags: list[dict[str, str]] | None,
        launch_type: str | None,
        networking_configuration: dict[str, Any] | None = None,
        group: str | None = None,
        platform_version: str | None = None,
        capacity_provider_strategy: list[dict[str, Any]] | None = None,
        enable_execute_command: bool = False,
    ) -> list[Task]:
        """RunTask with exec, tags and overrides."""
        cluster = self._get_cluster(cluster_str)
        definition = self.describe_task_definition(task_definition_str)
        now = time.time()
        return [
            self.place(
                cluster=cluster,
                task_definition=definition.arn,
                group=group or f"family:{definition.family}",
                launch_type=launch_type or "FARGATE",
                network=networking_configuration,
                tags=list(tags or []),
                started_by=started_by or "",
                overrides=overrides,
                state=TaskState(
                    lifecycle=TaskLifecycle(now, 4.0, 3.0),
                    containers=self.container_specs(definition.arn),
                    runtime_ids=(),
                    exec_enabled=enable_execute_command,
                    zone="",
                    platform_version=platform_version or "1.4.0",
                    task_role_override=(overrides or {}).get("taskRoleArn", ""),
                ),
            )
            for _ in range(count)
        ]

    def list_tasks(
        self,
        cluster_str: str | None = None,
        container_instance: str | None = None,
        family: str | None = None,
        started_by: str | None = None,
        service_name: str | None = None,
        desiredStatus: str | None = None,
    ) -> list[Task]:
        """ListTasks with all filters. Like ECS, it ignores the service for stopped tasks."""
        cluster = self._get_cluster(cluster_str or "default")
        now = time.time()
        wanted = desiredStatus or "RUNNING"
        if service_name and wanted == "RUNNING":
            service = self._get_service(cluster.name, short_name(service_name))
            tasks = list(self.by_service[_key(service)])
        else:
            tasks = list(self.tasks.get(cluster.name, {}).values())
        found = []
        for task in tasks:
            state = self._state(task)
            if state.lifecycle.desired(now) != wanted:
                continue
            if family and self._family(task) != family:
                continue
            if started_by and task.started_by != started_by:
                continue
            if container_instance and short_name(container_instance) != short_name(
                task.container_instance_arn or ""
            ):
                continue
            end = state.lifecycle.stopped_at
            if end is not None and now - end > FORGET_SECONDS:
                continue
            found.append(task)
        return found

    @staticmethod
    def _family(task: Task) -> str:
        return short_name(task.task_definition_arn).split(":")[0]

    def tasks_view(
        self, cluster_str: str, wanted: list[str]
    ) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
        """(`tasks[]`, `failures[]`) of DescribeTasks."""
        cluster = self._get_cluster(cluster_str)
        if not wanted:
            raise InvalidParameterException("Tasks cannot be empty.")
        if len(wanted) > 100:
            raise InvalidParameterException("Tasks cannot be more than 100.")
        now = time.time()
        views, failures = [], []
        for name in wanted:
            task = self.find_task(cluster, name)
            if task is None:
                arn = name if name.startswith("arn:") else f"{cluster.arn}/{name}"
                failures.append({"arn": arn, "reason": "MISSING"})
            else:
                views.append(self._task_view(task, now))
        return views, failures

    def task_view_of(self, task: Task) -> dict[str, Any]:
        """One task as RunTask and StopTask return it."""
        return self._task_view(task, time.time())

    def _task_view(self, task: Task, now: float) -> dict[str, Any]:
        definition = self.describe_task_definition(task.task_definition_arn)
        images = {item["name"]: item.get("image", "") for item in definition.container_definitions}
        return task_view(task, self._state(task), images, now)

    def find_task(self, cluster: Cluster, name: str) -> Task | None:
        """The cluster's task with this ARN or ID; None if there is none."""
        task_id = short_name(name)
        arn = f"arn:aws:ecs:{self.region_name}:{self.account_id}:task/{cluster.name}/{task_id}"
        return self.tasks.get(cluster.name, {}).get(arn)

    def stop_task(self, cluster_str: str, task_str: str, reason: str) -> Task:
        """StopTask: the task starts to stop; its service starts another one."""
        task = self.find_task(self._get_cluster(cluster_str), task_str)
        if task is None:
            raise InvalidParameterException("The referenced task was not found.")
        now = time.time()
        self._stop(task, "UserInitiated", reason or "Task stopped by user", now)
        key = self._state(task).service_key
        if key:
            self.service_states[key].steady = False
        self.converge(now)
        return task

    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        """As moto's, and for tasks: moto does not find them by ARNs in the new format."""
        task = self._task_of(arn)
        if task is None:
            super().tag_resource(arn, tags)
            return
        kept = {tag["key"]: tag["value"] for tag in task.tags or []}
        kept |= tags
        task.tags = [{"key": key, "value": value} for key, value in kept.items()]

    def untag_resource(self, resource_arn: str, tag_keys: list[str]) -> None:
        """As moto's, and for tasks."""
        task = self._task_of(resource_arn)
        if task is None:
            super().untag_resource(resource_arn, tag_keys)
        else:
            task.tags = [tag for tag in task.tags or [] if tag["key"] not in tag_keys]

    def _task_of(self, arn: str) -> Task | None:
        if ":task/" not in arn:
            return None
        return self.tasks.get(cluster_name(arn), {}).get(arn)

    def container_specs(
        self, task_definition: str, known: tuple[ContainerSpec, ...] = ()
    ) -> tuple[ContainerSpec, ...]:
        """Specs of a task definition's containers: from `known` by name, else healthy ones."""
        before = {spec.name: spec for spec in known}
        definition = self.describe_task_definition(task_definition)
        return tuple(
            before.get(item["name"])
            or ContainerSpec(
                item["name"],
                item.get("image", ""),
                readonly_root=item.get("readonlyRootFilesystem", False),
            )
            for item in definition.container_definitions
        )

    # -- exec

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
        now = time.time()
        state = self._state(task)
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
        view = self._task_view(task, now)
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
        )
        return {
            "clusterArn": cluster.arn,
            "containerArn": view["containers"][index]["containerArn"],
            "containerName": container,
            "interactive": True,
            "session": session,
            "taskArn": task.task_arn,
        }

    # -- clusters

    def refresh_counts(self, clusters: list[Cluster]) -> None:
        """Set the counts that DescribeClusters returns."""
        now = time.time()
        for cluster in clusters:
            states = [self._state(task) for task in self.tasks.get(cluster.name, {}).values()]
            live = [state for state in states if state.lifecycle.desired(now) == "RUNNING"]
            up = sum(state.lifecycle.status(now) == "RUNNING" for state in live)
            cluster.running_tasks_count = up
            cluster.pending_tasks_count = len(live) - up
            cluster.active_services_count = sum(
                service.cluster_name == cluster.name and service.status == "ACTIVE"
                for service in self.services.values()
            )

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

    def _deployment_id(self) -> str:
        return f"ecs-svc/{self.names.number(10**19):019}"


def _session_key(cluster: Cluster) -> str:
    """The KMS key that encrypts the cluster's exec sessions, or ""."""
    configuration = (cluster.configuration or {}).get("executeCommandConfiguration") or {}
    return str(configuration.get("kmsKeyId", ""))


def _key(service: Service) -> str:
    return f"{service.cluster_name}:{service.name}"


demo_ecs_backends: BackendDict[DemoEcsBackend] = BackendDict(DemoEcsBackend, "ecs")
