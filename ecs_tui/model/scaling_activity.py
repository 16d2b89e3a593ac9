"""What Application Auto Scaling has done to a service, and the policies and schedules that made it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ecs_tui.record import dataclass

PolicyKind = Literal["TargetTrackingScaling", "StepScaling", "PredictiveScaling", ""]
"""`PolicyType`; "" for one that this version does not know."""


@dataclass(frozen=True, slots=True)
class NotScaledReason:
    """Why an activity did not change the desired count.

    Source: NotScaledReason in the Application Auto Scaling API reference.

    Attributes:
        code: Such as `AlreadyAtMaxCapacity`, `AlreadyAtMinCapacity` or `AutoScalingAnticipatedFlapping`.
        most: MaxCapacity at that time, in tasks; None if AWS does not say.
        least: MinCapacity at that time, in tasks; None if AWS does not say.
        current: The desired count at that time, in tasks; None if AWS does not say.
    """

    code: str
    most: int | None = None
    least: int | None = None
    current: int | None = None


@dataclass(frozen=True, slots=True)
class ScalingActivity:
    """One scaling activity, as DescribeScalingActivities returns it; AWS keeps six weeks of them.

    Attributes:
        resource: `service/CLUSTER/SERVICE`.
        description: "Setting desired count to 4."
        cause: "monitor alarm … in state ALARM triggered policy …", in AWS's words.
        status: Pending, InProgress, Successful, Overridden, Unfulfilled or Failed.
        message: `StatusMessage`: why it failed, in AWS's words.
        not_scaled: Why it changed nothing; only for activities that did not scale.
    """

    id: str
    resource: str
    description: str = ""
    cause: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    status: str = ""
    message: str = ""
    not_scaled: tuple[NotScaledReason, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether ECS did not get the count that Application Auto Scaling set."""
        return self.status in ("Failed", "Unfulfilled")

    @property
    def at_ceiling(self) -> bool:
        """Whether it changed nothing because the count was at its maximum."""
        return any(reason.code == "AlreadyAtMaxCapacity" for reason in self.not_scaled)


@dataclass(frozen=True, slots=True)
class ScalingPolicy:
    """One scaling policy, as DescribeScalingPolicies returns it.

    Attributes:
        resource: `service/CLUSTER/SERVICE`.
        target: The value that target tracking keeps; None for other kinds.
        metric: What it tracks: `ECSServiceAverageCPUUtilization`, or the name of a customized metric.
        steps: The adjustments of step scaling, in words: ("+2 from 0", "+4 from 20").
        out_cooldown: Seconds between two activities that raise the count; None if AWS does not say.
        in_cooldown: Seconds between two activities that reduce the count; None if AWS does not say.
        in_disabled: Whether target tracking never reduces the count.
        alarms: Names of the alarms that trigger it.
    """

    name: str
    resource: str
    kind: PolicyKind = ""
    target: float | None = None
    metric: str = ""
    steps: tuple[str, ...] = ()
    out_cooldown: int | None = None
    in_cooldown: int | None = None
    in_disabled: bool = False
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScheduledAction:
    """One scheduled action, as DescribeScheduledActions returns it.

    Attributes:
        resource: `service/CLUSTER/SERVICE`.
        schedule: `at(…)`, `rate(…)` or `cron(…)`.
        zone: The time zone of the schedule; "" means UTC.
        least: The MinCapacity that it sets, in tasks; None leaves it.
        most: The MaxCapacity that it sets, in tasks; None leaves it.
    """

    name: str
    resource: str
    schedule: str = ""
    zone: str = ""
    least: int | None = None
    most: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def scaled_resource(cluster: str, service: str) -> str:
    """The ID by which Application Auto Scaling names a service: `service/CLUSTER/SERVICE`."""
    return f"service/{cluster}/{service}"
