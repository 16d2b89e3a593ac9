"""Creates the services of the demo account: their definitions, deployments so far, and tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from moto.ecs.models import Service

from ecs_tui.demo.account import DAY, ClusterSpec, ServiceSpec
from ecs_tui.demo.balancing import balanced
from ecs_tui.demo.deployment_history import image_of, past_deployments
from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.demo.lifecycle import TaskLifecycle
from ecs_tui.demo.logs_seed import log_configuration
from ecs_tui.demo.state import DeploymentState, ServiceState, TaskState
from ecs_tui.system import wall_clock


def tags_of(pairs: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    """Tags as ECS has them."""
    return [{"key": key, "value": value} for key, value in pairs]


def create_service(
    backend: DemoEcsBackend, cluster: ClusterSpec, spec: ServiceSpec, network: dict[str, Any]
) -> None:
    """Create a service with what it has behind it, and with running tasks."""
    now = wall_clock.now()
    arn = _definition(backend, cluster, spec, spec.revision)
    service = _create(backend, cluster, spec, network, arn)
    state = _state(backend, cluster, spec, arn, now)
    backend.service_states[f"{cluster.name}:{spec.name}"] = state
    event = f"was unable to place a task because {spec.unplaced}. For more information, see the "
    event += "Troubleshooting section of the Amazon ECS Developer Guide."
    event = event if spec.unplaced else "has reached a steady state."
    begun = state.primary.created_at
    state.say(backend.names, begun + 50, f"(service {spec.name}) {event}")
    earlier = [
        _definition(backend, cluster, spec, revision)
        for revision in range(max(1, spec.revision - spec.earlier), spec.revision)
    ]
    if earlier:  # for the others, when somebody asks
        past_deployments(service, state, backend.describe_task_definition(arn), earlier)
    deployment = state.primary
    _start_tasks(backend, cluster, spec, network, state, now)
    if spec.deploying:
        newer = _definition(backend, cluster, spec, spec.revision + 1)
        backend.deploy(service, state, newer, now - 30)
        state.primary.start_takes = spec.start_takes
        state.primary.agent_takes = spec.agent_takes
    # Exec may have been enabled after these tasks started, without a new deployment.
    deployment.exec_enabled = _tasks_exec(spec)


def _tasks_exec(spec: ServiceSpec) -> bool:
    return spec.exec_enabled if spec.tasks_exec_enabled is None else spec.tasks_exec_enabled


def _create(
    backend: DemoEcsBackend,
    cluster: ClusterSpec,
    spec: ServiceSpec,
    network: dict[str, Any],
    arn: str,
) -> Service:
    fargate = cluster.launch_type == "FARGATE"
    behind = [balanced(backend.region_name, cluster.name, spec)] if spec.load_balancer else None
    return super(DemoEcsBackend, backend).create_service(
        cluster.name,
        spec.name,
        spec.desired,
        arn,
        tags=tags_of(spec.tags),
        launch_type=cluster.launch_type,
        platform_version=spec.platform_version if fargate else None,
        propagate_tags=spec.propagate,
        network_configuration=network if fargate else None,
        load_balancers=behind,
        deployment_controller={"type": spec.controller} if spec.controller != "ECS" else None,
    )


def _state(
    backend: DemoEcsBackend, cluster: ClusterSpec, spec: ServiceSpec, arn: str, now: float
) -> ServiceState:
    every = spec.crash_every
    turns = -(-spec.failed // spec.desired) if every else 0
    deployed = now - min(spec.age, spec.task_age + 60 + turns * every)
    moving = bool(spec.unplaced or every)
    deployment = DeploymentState(
        backend.deployment_id(),
        arn,
        deployed,
        deployed,
        _tasks_exec(spec),
        rollout="IN_PROGRESS" if moving else "COMPLETED",
        failed=spec.failed,
        start_takes=spec.start_takes,
        agent_takes=spec.agent_takes,
    )
    return ServiceState(
        spec.containers,
        spec.exec_enabled,
        now - spec.age,
        deployments=[deployment],
        provider=spec.provider,
        ipv6_only=spec.ipv6_only,
        salt="" if cluster.digests else None,
    )


def _start_tasks(
    backend: DemoEcsBackend,
    cluster: ClusterSpec,
    spec: ServiceSpec,
    network: dict[str, Any],
    state: ServiceState,
    now: float,
) -> None:
    # Start times differ, so that one task is the newest.
    for number in range(spec.desired):
        lifecycle = TaskLifecycle(
            now - spec.task_age + number * min(30.0, spec.task_age / 20),
            DAY if spec.unplaced else min(spec.start_takes, spec.task_age / 2),
            spec.agent_takes,
        )
        task = _task_state(cluster, spec, state, lifecycle)
        task.unplaced, task.registered = bool(spec.unplaced), True
        _place(backend, cluster, spec, network, task)


def crashed_tasks(
    backend: DemoEcsBackend, clusters: Sequence[ClusterSpec], network: dict[str, Any]
) -> None:
    """Create as many stopped tasks as the deployments of crash-looping services count."""
    now = wall_clock.now()
    for cluster in clusters:
        for spec in cluster.services:
            if spec.crash_every:
                state = backend.service_states[f"{cluster.name}:{spec.name}"]
                for number in range(spec.failed):
                    task = _task_state(cluster, spec, state, _crashed(spec, now, number))
                    task.stop_code = "EssentialContainerExited"
                    task.stopped_reason = "Essential container in task exited"
                    _place(backend, cluster, spec, network, task)


def _crashed(spec: ServiceSpec, now: float, number: int) -> TaskLifecycle:
    """The `number`th before those that run now: each took the place of one that had failed."""
    turn, slot = divmod(number, spec.desired)
    created = now - spec.task_age - (turn + 1) * spec.crash_every + slot * spec.task_age / 20
    stop_at = created + spec.start_takes + spec.exits_after
    return TaskLifecycle(created, spec.start_takes, spec.agent_takes, stop_at=stop_at)


def _task_state(
    cluster: ClusterSpec, spec: ServiceSpec, state: ServiceState, lifecycle: TaskLifecycle
) -> TaskState:
    fargate = cluster.launch_type == "FARGATE"
    return TaskState(
        lifecycle=lifecycle,
        containers=spec.containers,
        runtime_ids=(),
        exec_enabled=_tasks_exec(spec),
        zone="",
        platform_version=spec.platform_version if fargate else "",
        service_key=f"{cluster.name}:{spec.name}",
        deployment=state.primary.id,
        provider=spec.provider,
        ipv6_only=spec.ipv6_only,
        salt=state.salt,
    )


def _place(
    backend: DemoEcsBackend,
    cluster: ClusterSpec,
    spec: ServiceSpec,
    network: dict[str, Any],
    task: TaskState,
) -> None:
    """Place a task of a service's present deployment."""
    primary = backend.service_states[f"{cluster.name}:{spec.name}"].primary
    backend.place(
        cluster=backend._get_cluster(cluster.name),
        task_definition=primary.task_definition,
        group=f"service:{spec.name}",
        launch_type=cluster.launch_type,
        network=network if cluster.launch_type == "FARGATE" else None,
        tags=tags_of(spec.tags) if spec.propagate == "SERVICE" else [],
        started_by=primary.id,
        state=task,
    )


def _definition(
    backend: DemoEcsBackend, cluster: ClusterSpec, spec: ServiceSpec, revision: int
) -> str:
    family = spec.name if cluster.name == "prod" else f"{cluster.name}-{spec.name}"
    role = f"arn:aws:iam::{backend.account_id}:role/"
    fargate = cluster.launch_type == "FARGATE"
    containers = [
        {
            "name": item.name,
            "image": image_of(item.image, spec.revision - revision),
            "essential": index == 0,
            "memory": 512,
            "cpu": 256,
            "portMappings": [{"containerPort": item.port, "protocol": "tcp"}] if item.port else [],
            "environment": [{"name": key, "value": value} for key, value in item.environment],
            "readonlyRootFilesystem": item.readonly_root,
            "linuxParameters": {"initProcessEnabled": item.init_process},
            **log_configuration(cluster.name, spec.name, item.name, backend.region_name),
        }
        for index, item in enumerate(spec.containers)
    ]
    known = backend.task_definitions.setdefault(family, {})
    if revision not in known:
        made = backend.register_task_definition(
            family,
            containers,
            tags=[],
            network_mode="awsvpc" if fargate else "bridge",
            requires_compatibilities=["FARGATE"] if fargate else ["EC2"],
            cpu="512",
            memory="65536" if spec.unplaced else "1024",
            task_role_arn=role + spec.task_role if spec.task_role else None,
            execution_role_arn=role + "ecsTaskExecutionRole",
            pid_mode=spec.pid_mode or None,
        )
        # moto starts at revision 1; the families of the demo have had more revisions.
        del known[made.revision]
        made.revision = revision
        made.arn = f"{made.arn.rsplit(':', 1)[0]}:{revision}"
        known[revision] = made
    return known[revision].arn
