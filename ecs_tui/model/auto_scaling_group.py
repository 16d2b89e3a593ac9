"""An EC2 Auto Scaling group, whose instances a capacity provider uses."""

from __future__ import annotations

from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class AutoScalingGroup:
    """An Auto Scaling group as DescribeAutoScalingGroups returns it, in numbers of instances.

    Attributes:
        least: MinSize.
        most: MaxSize.
        desired: DesiredCapacity.
        in_service: Instances whose lifecycle state is InService.
    """

    name: str
    arn: str
    least: int
    most: int
    desired: int
    in_service: int = 0

    @property
    def at_ceiling(self) -> bool:
        """Whether it may not grow."""
        return self.desired >= self.most
