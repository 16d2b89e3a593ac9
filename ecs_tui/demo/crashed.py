"""The tasks of a crash-looping service that have failed before the demo starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ecs_tui.demo.account import ClusterSpec, ServiceSpec
from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.demo.lifecycle import TaskLifecycle
from ecs_tui.demo.state import TaskState
from ecs_tui.system import wall_clock


def crash_every(spec: ServiceSpec) -> float:
    """Seconds from one task of a crash-looping service to its successor; 0 for other services."""
    crash = max((item.exits_after for item in spec.containers), default=0.0)
    return spec.start_takes + crash + 6.0 if crash else 0.0


def crashed_tasks(
    backend: DemoEcsBackend, clusters: Sequence[ClusterSpec], network: dict[str, Any]
) -> None:
    """Create as many stopped tasks as the deployments of crash-looping services count."""
    now = wall_clock.now()
    for cluster in clusters:
        for spec in cluster.services:
            if crash_every(spec):
                for number in range(spec.failed):
                    _crashed(backend, cluster, spec, network, now, number)


def _crashed(
    backend: DemoEcsBackend,
    cluster: ClusterSpec,
    spec: ServiceSpec,
    network: dict[str, Any],
    now: float,
    number: int,
) -> None:
    """The `number`th before those that run now: each took the place of one that had failed."""
    state = backend.service_states[f"{cluster.name}:{spec.name}"]
    fargate = cluster.launch_type == "FARGATE"
    turn, slot = divmod(number, spec.desired)
    created = now - spec.task_age - (turn + 1) * crash_every(spec) + slot * spec.task_age / 20
    crash = max(each.exits_after for each in spec.containers)
    backend.place(
        cluster=backend._get_cluster(cluster.name),
        task_definition=state.primary.task_definition,
        group=f"service:{spec.name}",
        launch_type=cluster.launch_type,
        network=network if fargate else None,
        tags=[{"key": key, "value": value} for key, value in spec.tags],
        started_by=state.primary.id,
        state=TaskState(
            lifecycle=TaskLifecycle(
                created,
                spec.start_takes,
                spec.agent_takes,
                stop_at=created + spec.start_takes + crash,
            ),
            containers=spec.containers,
            runtime_ids=(),
            exec_enabled=spec.exec_enabled,
            zone="",
            platform_version=spec.platform_version if fargate else "",
            stop_code="EssentialContainerExited",
            stopped_reason="Essential container in task exited",
            service_key=f"{cluster.name}:{spec.name}",
            deployment=state.primary.id,
            provider=spec.provider,
            salt=state.salt,
        ),
    )
