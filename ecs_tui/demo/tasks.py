"""moto's ECS backend with tasks that have a lifecycle: placed, listed, described, tagged."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.models import Cluster, EC2ContainerServiceBackend, Service, Task, TaskDefinition

from ecs_tui.demo.account import ContainerSpec
from ecs_tui.demo.deployment_records import image_digest
from ecs_tui.demo.failure import TaskFailure
from ecs_tui.demo.state import DeploymentState, IdGenerator, ServiceState, TaskState
from ecs_tui.demo.views import task_view
from ecs_tui.model.arn import cluster_name, short_name
from ecs_tui.system import wall_clock

ZONES = ("a", "b", "c")
FORGET_SECONDS = 3600.0
"""Seconds after which a stopped task is removed; in ECS about an hour."""
BROKEN = "broken"
"""In the tag of an image: its container exits soon after its start."""


class TaskBackend(EC2ContainerServiceBackend):
    """The tasks of all clusters, and the states of tasks and services that moto lacks."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.lock = threading.RLock()
        self.names = IdGenerator(20261123)
        self.service_states: dict[str, ServiceState] = {}
        self.task_states: dict[str, TaskState] = {}
        self._states: dict[str, TaskState] = {}
        self.by_service: dict[str, list[Task]] = defaultdict(list)
        self.begun = wall_clock.now()
        self.failures: dict[str, TaskFailure] = {}
        """How the tasks of a task definition (ARN) fail."""
        self.obstacles: dict[str, str] = {}
        """Why the tasks of a task definition (ARN) cannot be placed, as in the events."""
        self.on_stop: Callable[[Task], None] | None = None
        self.on_deploy: Callable[[Service, DeploymentState, float], None] | None = None
        self.on_place: Callable[[Task, TaskState, TaskDefinition], None] | None = None

    def state_of(self, task: Task) -> TaskState:
        return self._states[task.id]  # moto computes an ARN anew each time, which is slow

    def forget(self, task: Task) -> None:
        """Remove a task and its state."""
        self.task_states.pop(task.task_arn, None)
        self._states.pop(task.id, None)
        self.tasks[short_name(task.cluster_arn)].pop(task.task_arn, None)

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
        on: str = "",
    ) -> Task:
        """Create a task in a cluster: on a container instance for EC2, else on Fargate.

        A task with `state.unplaced` gets neither an instance nor a zone. `on` is the ID of the
        container instance; "" for any.
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
            if on:
                chosen = [self.container_instances[cluster.name][on]]
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
        if state.salt is not None:
            images = [item.get("image", "") for item in definition.container_definitions]
            state.digests = tuple(image_digest(image, state.salt) for image in images)
        arn = task.task_arn
        self.task_states[arn] = self._states[task.id] = state
        self.tasks[cluster.name][arn] = task
        if state.service_key:
            self.by_service[state.service_key].append(task)
        if self.on_place is not None:
            self.on_place(task, state, definition)
        return task

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
        now = wall_clock.now()
        wanted = desiredStatus or "RUNNING"
        if service_name and wanted == "RUNNING":
            service = self._get_service(cluster.name, short_name(service_name))
            tasks = list(self.by_service[service_key(service)])
        else:
            tasks = list(self.tasks.get(cluster.name, {}).values())
        found = []
        for task in tasks:
            state = self.state_of(task)
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
        now = wall_clock.now()
        views, failures = [], []
        for name in wanted:
            task = self.find_task(cluster, name)
            if task is None:
                arn = name if name.startswith("arn:") else f"{cluster.arn}/{name}"
                failures.append({"arn": arn, "reason": "MISSING"})
            else:
                views.append(self.view_of(task, now))
        return views, failures

    def task_view_of(self, task: Task) -> dict[str, Any]:
        """One task as RunTask and StopTask return it."""
        return self.view_of(task, wall_clock.now())

    def view_of(self, task: Task, now: float) -> dict[str, Any]:
        definition = self.describe_task_definition(task.task_definition_arn)
        images = {item["name"]: item.get("image", "") for item in definition.container_definitions}
        return task_view(task, self.state_of(task), images, now)

    def find_task(self, cluster: Cluster, name: str) -> Task | None:
        """The cluster's task with this ARN or ID; None if there is none."""
        task_id = short_name(name)
        arn = f"arn:aws:ecs:{self.region_name}:{self.account_id}:task/{cluster.name}/{task_id}"
        return self.tasks.get(cluster.name, {}).get(arn)

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
        """Specs of a task definition's containers: from `known` by name, else healthy ones.

        A container whose image has a tag with `BROKEN` exits soon after its start.
        """
        before = {spec.name: spec for spec in known if BROKEN not in spec.image}
        definition = self.describe_task_definition(task_definition)
        found = []
        for item in definition.container_definitions:
            image = item.get("image", "")
            broken = BROKEN in image.rpartition(":")[2]
            made = ContainerSpec(
                item["name"],
                image,
                readonly_root=item.get("readonlyRootFilesystem", False),
                exits_after=1.0 if broken else 0.0,
                exit_code=1 if broken else 0,
            )
            found.append(made if broken else before.get(item["name"]) or made)
        return tuple(found)


def service_key(service: Service) -> str:
    """The key of a service in `TaskBackend.service_states`."""
    return f"{service.cluster_name}:{service.name}"


def target_group_of(service: Service) -> str:
    """The ARN of its first target group; "" without one."""
    return str(service.load_balancers[0]["targetGroupArn"]) if service.load_balancers else ""
