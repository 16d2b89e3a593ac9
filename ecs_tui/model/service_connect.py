"""Service Connect of a service: its namespace, and the names under which others call it."""

from __future__ import annotations

from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class ConnectAlias:
    """One of `clientAliases[]`: the DNS name ("" for the default one) and the port that clients use."""

    dns_name: str = ""
    port: int = 0


@dataclass(frozen=True, slots=True)
class ConnectService:
    """One of `services[]`: a port of the task definition that others call by a name.

    Attributes:
        port_name: The name of the port mapping in the task definition.
        discovery_name: Its name in Cloud Map; the port's name if AWS returns none.
    """

    port_name: str
    discovery_name: str = ""
    aliases: tuple[ConnectAlias, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceConnect:
    """`serviceConnectConfiguration`. A client has no `services`.

    Source:
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectConfiguration.html
    """

    enabled: bool = False
    namespace: str = ""
    services: tuple[ConnectService, ...] = ()
