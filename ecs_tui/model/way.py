"""Where a task stands in the network, as far as ECS Exec is concerned."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Way:
    """From a subnet to ssmmessages: an endpoint's id, or the target of the default route."""

    subnet: str
    vpc: str
    endpoint: str = ""
    out: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """An EC2 instance: its subnet and the ARN of its instance profile ("" without one)."""

    id: str
    subnet: str = ""
    profile: str = ""
