"""A load balancer of a service: the target groups in which ECS registers its tasks, and its rules."""

from __future__ import annotations

from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """One of `loadBalancers[]` of a service, a task set or a service revision.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LoadBalancer.html

    Attributes:
        target_group: The ARN of the target group; "" for a Classic Load Balancer.
        name: The name of a Classic Load Balancer, else "".
        container: The container that gets the traffic, on `port`.
        alternate: The ARN of the other target group of a blue/green, linear or canary deployment.
        production_rule: The ARN of the listener rule (or listener) with the production traffic.
        test_rule: The same for the test traffic.
    """

    target_group: str = ""
    name: str = ""
    container: str = ""
    port: int = 0
    alternate: str = ""
    production_rule: str = ""
    test_rule: str = ""

    @property
    def target_groups(self) -> tuple[str, ...]:
        """The ARNs of its target groups."""
        return tuple(arn for arn in (self.target_group, self.alternate) if arn)
