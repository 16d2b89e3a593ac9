"""A container instance: the EC2 machine under tasks of launch type EC2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ContainerInstance:
    """A container instance as DescribeContainerInstances tells it.

    `gone`: ListContainerInstances names it, and DescribeContainerInstances does not know it.
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
