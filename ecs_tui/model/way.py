"""Where a task stands in the network, as far as ECS Exec is concerned."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An interface endpoint of a VPC for one of AWS's services.

    Attributes:
        id: `vpce-…`.
        service: The service's short name, such as `ssmmessages`.
        state: EC2's word: `available`, `pending`, `pendingAcceptance`, `failed` …
        private_dns: Whether the service's usual name leads to it within the VPC.
    """

    id: str
    service: str
    state: str = ""
    private_dns: bool = False

    @property
    def usable(self) -> bool:
        """Whether what uses the service's usual name reaches it."""
        return self.state.casefold() == "available" and self.private_dns


@dataclass(frozen=True, slots=True)
class Way:
    """From a subnet to AWS: the endpoints of its VPC, and the target of its default route."""

    subnet: str
    vpc: str
    endpoints: tuple[Endpoint, ...] = ()
    out: str = ""

    def endpoint(self, service: str) -> Endpoint | None:
        """The endpoint for a service, a usable one first; None without any."""
        found = [item for item in self.endpoints if item.service == service]
        return max(found, key=lambda item: item.usable, default=None)

    @property
    def needs_public_ip(self) -> bool:
        """Whether the way out is an internet gateway, which serves public addresses only."""
        return self.out.startswith("igw-")


@dataclass(frozen=True, slots=True)
class Machine:
    """An EC2 instance: subnet, ARN of its instance profile, public address ("" without one)."""

    id: str
    subnet: str = ""
    profile: str = ""
    public_ip: str = ""
