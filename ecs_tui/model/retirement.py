"""A retirement of tasks that AWS has announced through AWS Health."""

from __future__ import annotations

from datetime import datetime

from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class Retirement:
    """An event of AWS Health about tasks that AWS is going to stop.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-maintenance.html

    Attributes:
        arn: The event's ARN.
        code: `eventTypeCode`, such as AWS_ECS_TASK_PATCHING_RETIREMENT.
        starts_at: When AWS begins to stop them.
        announced_at: When the event was last updated.
        affected: What it affects, in AWS's words: ARNs or `CLUSTER|SERVICE`; may be incomplete.
    """

    arn: str
    code: str
    starts_at: datetime | None = None
    announced_at: datetime | None = None
    affected: tuple[str, ...] = ()

    def affects(self, cluster: str, service: str = "") -> bool:
        """Whether it names a cluster, or a service of it."""
        for name in self.affected:
            parts = [part for part in name.replace("|", "/").split("/") if part]
            if service and parts[-2:] == [cluster, service]:
                return True
            if not service and cluster in parts:
                return True
        return False
