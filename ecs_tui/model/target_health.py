"""The health of a load balancer's targets, as the load balancer sees them."""

from __future__ import annotations

from collections.abc import Iterable

from ecs_tui.record import dataclass

LEAVING = frozenset({"draining", "unhealthy.draining"})
"""States of targets that are being deregistered: they are counted with nothing."""


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """A target group, as DescribeTargetGroups returns it.

    Attributes:
        load_balancers: ARNs of the load balancers that route to it; none while it is unused.
        check_path: The path of the health check; "" for protocols without one.
        check_port: Its port, or `traffic-port`.
        check_seconds: Seconds between two checks.
        healthy_after: Checks in a row after which a target is healthy.
        unhealthy_after: Checks in a row after which a target is unhealthy.
    """

    arn: str
    name: str
    protocol: str = ""
    port: int | None = None
    load_balancers: tuple[str, ...] = ()
    check_path: str = ""
    check_port: str = ""
    check_seconds: int | None = None
    healthy_after: int | None = None
    unhealthy_after: int | None = None


@dataclass(frozen=True, slots=True)
class TargetHealth:
    """One target of a target group, as DescribeTargetHealth returns it.

    Source: TargetHealth in the Elastic Load Balancing API reference (2015-12-01).

    Attributes:
        target_group: ARN of its target group.
        id: An IP address (target type `ip`), or the ID of an EC2 instance (`instance`).
        port: The port that receives traffic; None if AWS does not say.
        zone: Its Availability Zone; "" if AWS does not say.
        state: initial, healthy, unhealthy, unhealthy.draining, unused, draining or unavailable.
        reason: Why it is not healthy, such as `Target.Timeout`; "" if it is.
        description: The same in AWS's words.
        check_port: The port of the health check; "" if AWS does not say.
    """

    target_group: str
    id: str
    port: int | None = None
    zone: str = ""
    state: str = ""
    reason: str = ""
    description: str = ""
    check_port: str = ""

    @property
    def healthy(self) -> bool:
        """Whether the load balancer sends it traffic as a healthy target."""
        return self.state == "healthy"

    @property
    def failing(self) -> bool:
        """Whether its health check fails; a target that is new or unused does not fail."""
        return self.state in ("unhealthy", "unhealthy.draining")

    @property
    def why(self) -> str:
        """Its reason and AWS's words for it: `Target.Timeout: Request timed out`."""
        return ": ".join(word for word in (self.reason, self.description) if word)


@dataclass(frozen=True, slots=True)
class TargetCounts:
    """How many targets of a service are healthy.

    Attributes:
        healthy: Healthy targets.
        registered: All of them, without those that are being deregistered or receive no traffic.
        failing: Targets whose health check fails.
        unused: Targets in target groups that receive no traffic, as the idle one of a blue/green
            deployment.
    """

    healthy: int = 0
    registered: int = 0
    failing: int = 0
    unused: int = 0

    def __str__(self) -> str:
        if not self.registered and self.unused:
            return f"{self.unused} unused"
        return f"{self.healthy}/{self.registered}"


def count_targets(targets: Iterable[TargetHealth]) -> TargetCounts:
    """Count the targets of all target groups of a service."""
    healthy = registered = failing = unused = 0
    for target in targets:
        if target.state in LEAVING:
            continue
        if target.state == "unused":
            unused += 1
            continue
        registered += 1
        healthy += target.healthy
        failing += target.failing
    return TargetCounts(healthy, registered, failing, unused)


def targets_at(targets: Iterable[TargetHealth], addresses: Iterable[str]) -> list[TargetHealth]:
    """The targets of one task, whose IDs are its addresses or its EC2 instance's ID."""
    known = frozenset(address for address in addresses if address)
    return [target for target in targets if target.id in known]
