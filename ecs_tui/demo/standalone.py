"""Standalone tasks of the demo account."""

from __future__ import annotations

from typing import Any

from ecs_tui.demo.account import HOUR
from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.demo.lifecycle import TaskLifecycle
from ecs_tui.demo.state import TaskState
from ecs_tui.system import wall_clock


def standalone_tasks(backend: DemoEcsBackend, network: dict[str, Any]) -> None:
    """Create two failed migrations, a running one, and the task of a scheduled rule."""
    now = wall_clock.now()
    cluster = backend._get_cluster("prod")
    definition = backend.describe_task_definition("orders").arn
    containers = backend.service_states["prod:orders"].containers
    for number, (stopped, code, reason) in enumerate(
        (
            (True, "EssentialContainerExited", "Essential container in task exited"),
            (
                True,
                "TaskFailedToStart",
                "CannotPullContainerError: pull image manifest has been retried 1 time(s): "
                "failed to resolve ref orders:2026.10",
            ),
            (False, "", ""),
        )
    ):
        created = now - HOUR / 4 * (number + 1)
        backend.place(
            cluster=cluster,
            task_definition=definition,
            group="family:orders",
            launch_type="FARGATE",
            network=network,
            tags=[],
            started_by="alice",
            state=TaskState(
                lifecycle=TaskLifecycle(
                    created, 4.0, 3.0, stop_at=created + 60 if stopped else None
                ),
                containers=containers,
                runtime_ids=(),
                exec_enabled=True,
                zone="",
                platform_version="1.4.0",
                stop_code=code,
                stopped_reason=reason,
            ),
        )
    backend.place(
        cluster=cluster,
        task_definition=backend.describe_task_definition("reports").arn,
        group="family:reports",
        launch_type="FARGATE",
        network=network,
        tags=[],
        started_by="events-rule/nightly-report",
        state=TaskState(
            lifecycle=TaskLifecycle(now - HOUR / 5, 4.0, 3.0),
            containers=backend.service_states["prod:reports"].containers,
            runtime_ids=(),
            exec_enabled=False,
            zone="",
            platform_version="1.4.0",
        ),
    )
