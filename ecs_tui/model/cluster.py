"""A cluster and its ECS Exec configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from ecs_tui.record import dataclass

_NO_TAGS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class ExecConfiguration:
    """`configuration.executeCommandConfiguration` of a cluster.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ExecuteCommandConfiguration.html
    """

    logging: str = "DEFAULT"
    kms_key_id: str = ""
    log_group: str = ""
    log_encryption: bool = False
    s3_bucket: str = ""
    s3_prefix: str = ""
    s3_encryption: bool = False

    def destination(self) -> str:
        """Where sessions are logged, in a few words: a log group, a bucket, or nowhere."""
        if self.logging == "NONE":
            return "none"
        if self.logging == "DEFAULT":
            return "task's awslogs"
        places = [
            place
            for place in (self.log_group, self.s3_bucket and f"s3://{self.s3_bucket}")
            if place
        ]
        return " + ".join(places) or "OVERRIDE, no destination"


def refusal(reason: str) -> str:
    """The short error code in a reason of `not_read`: `AccessDenied`."""
    return reason.partition(":")[0].removesuffix("Exception")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster as DescribeClusters returns it. The counts are ECS's own.

    `not_read`: values of `include` that AWS refused, each with its reason, `CODE: words`.
    `gone`: ListClusters returns it, but DescribeClusters does not.
    """

    arn: str
    name: str
    status: str = ""
    active_services: int = 0
    running_tasks: int = 0
    pending_tasks: int = 0
    instances: int = 0
    exec_configuration: ExecConfiguration | None = None
    capacity_providers: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    not_read: Mapping[str, str] = field(default_factory=dict)
    described: bool = True
    gone: bool = False

    @property
    def configuration_known(self) -> bool:
        """Whether the cluster's ECS Exec configuration could be read."""
        return "CONFIGURATIONS" not in self.not_read

    @property
    def exec_logging(self) -> str:
        """Where exec sessions are logged; a cluster without the setting logs as DEFAULT."""
        if not self.described:
            return ""
        if not self.configuration_known:
            return f"not readable: {refusal(self.not_read['CONFIGURATIONS'])}"
        return (self.exec_configuration or ExecConfiguration()).destination()
