"""How a task reaches the AWS services that ECS Exec needs: endpoints, routes, addresses."""

from __future__ import annotations

from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A VPC interface endpoint for an AWS service.

    Attributes:
        id: `vpce-…`.
        service: The service's short name, such as `ssmmessages`.
        state: EC2's state: `available`, `pending`, `pendingAcceptance`, `failed` …
        private_dns: Whether the service's usual DNS name resolves to it within the VPC.
    """

    id: str
    service: str
    state: str = ""
    private_dns: bool = False

    @property
    def usable(self) -> bool:
        """Whether clients that use the service's usual DNS name reach it."""
        return self.state.casefold() == "available" and self.private_dns


@dataclass(frozen=True, slots=True)
class NetworkPath:
    """From a subnet to AWS: the endpoints of its VPC, and the target of its default route.

    `route_target`: the ID of a gateway, `""` without a default route. `owner`: the account that
    owns the subnet. If another account shares the subnet (AWS RAM), only that account can see the
    VPC's endpoints.
    """

    subnet: str
    vpc: str
    endpoints: tuple[Endpoint, ...] = ()
    route_target: str = ""
    owner: str = ""

    def endpoint(self, service: str) -> Endpoint | None:
        """The endpoint for a service, preferably a usable one; None if there is none."""
        found = [item for item in self.endpoints if item.service == service]
        return max(found, key=lambda item: item.usable, default=None)

    @property
    def needs_public_ip(self) -> bool:
        """Whether the default route leads to an internet gateway, which needs a public IP."""
        return self.route_target.startswith("igw-")


@dataclass(frozen=True, slots=True)
class Ec2Instance:
    """An EC2 instance: subnet, ARN of its instance profile, public address ("" without one)."""

    id: str
    subnet: str = ""
    profile: str = ""
    public_ip: str = ""
