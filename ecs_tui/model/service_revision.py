"""A service revision: what ECS deployed as one. It never changes; an update makes a new one."""

from __future__ import annotations

from datetime import datetime

from ecs_tui.model.arn import short_name
from ecs_tui.model.capacity_provider import StrategyItem
from ecs_tui.model.load_balancer import LoadBalancer
from ecs_tui.model.service import Network
from ecs_tui.model.service_connect import ServiceConnect
from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class ContainerImage:
    """One of `containerImages[]`: the image of the definition, and the digest that ECS resolved it to.

    `digest` is "" where version consistency is off for the container, or the registry did not answer.
    """

    container: str
    image: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class ServiceRegistry:
    """One of `serviceRegistries[]`: an entry in Cloud Map."""

    arn: str
    container: str = ""
    port: int = 0


@dataclass(frozen=True, slots=True)
class ServiceVolume:
    """One of `volumeConfigurations[]`: an EBS volume that ECS makes for each task."""

    name: str
    type: str = ""
    gib: int | None = None
    encrypted: bool = False


@dataclass(frozen=True, slots=True)
class ServiceRevision:
    """A service revision as DescribeServiceRevisions returns it.

    AWS has those made after 25 October 2024. Tokens, environment values and tags of volumes are not
    part of it.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceRevision.html

    Attributes:
        capacity: The capacity provider strategy; empty if `launch_type` is set.
        lattice: ARNs of the target groups of VPC Lattice.
        cpu_architecture: ARM64 or X86_64 where the service overrides the task definition's, else "".
        listener_rules: ARNs of the production listener rules of the resolved configuration.
        endpoints: Endpoints of the ingress that ECS manages for the service (Express Mode).
    """

    arn: str
    service_arn: str = ""
    cluster_arn: str = ""
    task_definition: str = ""
    capacity: tuple[StrategyItem, ...] = ()
    launch_type: str = ""
    platform_version: str = ""
    platform_family: str = ""
    load_balancers: tuple[LoadBalancer, ...] = ()
    registries: tuple[ServiceRegistry, ...] = ()
    network: Network | None = None
    images: tuple[ContainerImage, ...] = ()
    guard_duty: bool = False
    connect: ServiceConnect | None = None
    volumes: tuple[ServiceVolume, ...] = ()
    lattice: tuple[str, ...] = ()
    cpu_architecture: str = ""
    listener_rules: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    created_at: datetime | None = None

    @property
    def id(self) -> str:
        """The last part of its ARN: a number of 19 digits."""
        return short_name(self.arn)

    @property
    def revision(self) -> str:
        """`family:revision` of its task definition."""
        return short_name(self.task_definition)

    def image(self, container: str) -> ContainerImage | None:
        """The image of a container, or None."""
        return next((item for item in self.images if item.container == container), None)
