"""ECS's events of state changes, kept in CloudWatch Logs for the clusters where that is switched on.

An EventBridge rule of Container Insights writes them into the group
`/aws/events/ecs/containerinsights/CLUSTER/performance`. Source: "Container Insights Amazon ECS
lifecycle events" in the CloudWatch user guide, and "Amazon ECS events" in the developer guide.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from moto.ecs.models import Service, Task
from moto.logs.models import LogGroup, logs_backends

from ecs_tui.demo.state import DeploymentState, when
from ecs_tui.demo.tasks import TaskBackend
from ecs_tui.model.arn import short_name

_ROLLOUTS = {
    "IN_PROGRESS": ("SERVICE_DEPLOYMENT_IN_PROGRESS", "INFO", "in progress."),
    "COMPLETED": ("SERVICE_DEPLOYMENT_COMPLETED", "INFO", "completed."),
    "FAILED": ("SERVICE_DEPLOYMENT_FAILED", "ERROR", "failed: tasks failed to start."),
}
"""`eventName`, `eventType` and the end of `reason` of a deployment's events, by its roll-out."""


def group_name(cluster: str) -> str:
    """The log group of a cluster's events."""
    return f"/aws/events/ecs/containerinsights/{cluster}/performance"


class StateEvents:
    """Writes the events of one region."""

    def __init__(self, backend: TaskBackend) -> None:
        self._backend = backend

    def stopped(self, task: Task) -> None:
        """A task has been told to stop: keep the event of when it has stopped."""
        end = self._backend.state_of(task).lifecycle.stopped_at
        group = self._group(short_name(task.cluster_arn))
        if group is None or end is None:
            return
        view = self._backend.view_of(task, end)
        view.pop("tags", None)
        self._write(
            group, "ECS Task State Change", [task.task_arn], view | {"updatedAt": when(end)}, end
        )

    def deployed(self, service: Service, deployment: DeploymentState, now: float) -> None:
        """A deployment has begun, was completed or has failed."""
        group = self._group(service.cluster_name)
        if group is None:
            return
        name, kind, words = _ROLLOUTS[deployment.rollout]
        detail = {
            "eventType": kind,
            "eventName": name,
            "clusterArn": service.cluster_arn,
            "deploymentId": deployment.id,
            "updatedAt": when(now),
            "reason": deployment.reason or f"ECS deployment {deployment.id} {words}",
        }
        self._write(group, "ECS Deployment State Change", [service.arn], detail, now)

    def _group(self, cluster: str) -> LogGroup | None:
        logs = logs_backends[self._backend.account_id][self._backend.region_name]
        return logs.groups.get(group_name(cluster))

    def _write(
        self, group: LogGroup, kind: str, resources: list[str], detail: dict[str, Any], at: float
    ) -> None:
        digest = hashlib.sha256(f"{kind}{resources}{at}".encode()).hexdigest()
        event = {
            "version": "0",
            "id": "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32])),
            "detail-type": kind,
            "source": "aws.ecs",
            "account": self._backend.account_id,
            "time": f"{when(at):%Y-%m-%dT%H:%M:%SZ}",
            "region": self._backend.region_name,
            "resources": resources,
            "detail": detail,
        }
        stream = hashlib.sha256(group.name.encode()).hexdigest()[:32]
        if stream not in group.streams:
            group.create_log_stream(stream)
        message = json.dumps(event, default=_text)
        group.streams[stream].put_log_events([{"timestamp": int(at * 1000), "message": message}])


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
    raise TypeError(f"not a value of ECS's: {value!r}")
