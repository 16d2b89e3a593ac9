"""A container instance: the EC2 instance that tasks of launch type EC2 run on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class ContainerInstance:
    """A container instance as DescribeContainerInstances returns it.

    `not_read`: values of `include` that AWS refused, each with its reason.
    `gone`: ListContainerInstances returns it, but DescribeContainerInstances does not.
    """

    arn: str
    id: str
    cluster_arn: str
    ec2_id: str = ""
    status: str = ""
    agent_connected: bool = False
    agent_version: str = ""
    docker_version: str = ""
    running_tasks: int = 0
    pending_tasks: int = 0
    instance_type: str = ""
    zone: str = ""
    cpu_free: int = 0
    cpu_total: int = 0
    memory_free: int = 0
    memory_total: int = 0
    registered_at: datetime | None = None
    described: bool = True
    gone: bool = False
    os_type: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    not_read: Mapping[str, str] = field(default_factory=dict)
