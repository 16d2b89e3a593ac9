"""Whose lines a page of logs shows."""

from __future__ import annotations

from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class LogTarget:
    """What is chosen within the cluster or the service of a place.

    Attributes:
        tasks: ARNs of tasks; () for all.
        services: Names of services; () for all.
        containers: Names of containers; () for all.
        insights: Whether Container Insights' own log groups are shown, instead of tasks.
        at: The time that is shown first, in milliseconds since 1970; 0 for the newest lines.
    """

    tasks: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    insights: bool = False
    at: int = 0
