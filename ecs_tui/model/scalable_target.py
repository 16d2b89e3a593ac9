"""A scalable target of Application Auto Scaling: the range of a service's desired count."""

from __future__ import annotations

from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class ScalableTarget:
    """The range in which Application Auto Scaling keeps a service's desired count.

    Attributes:
        least: MinCapacity, in tasks.
        most: MaxCapacity, in tasks.
        in_suspended: Whether its policies do not reduce the count for now.
        out_suspended: Whether its policies do not raise the count for now.
    """

    least: int
    most: int
    in_suspended: bool = False
    out_suspended: bool = False

    @property
    def suspended(self) -> bool:
        """Whether its policies change nothing for now."""
        return self.in_suspended and self.out_suspended

    def contains(self, count: int) -> bool:
        """Whether a desired count is within the range."""
        return self.least <= count <= self.most
