"""Where a container's output goes, as its definition says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from ecs_tui.record import dataclass

KEPT_OPTIONS = frozenset(
    {
        "awslogs-group", "awslogs-region", "awslogs-stream-prefix", "awslogs-stream",
        "awslogs-endpoint", "awslogs-create-group", "awslogs-datetime-format",
        "awslogs-multiline-pattern", "mode", "max-buffer-size",
        "Name", "region", "log_group_name", "log_stream_name", "log_stream_prefix",
        "delivery_stream", "stream", "bucket", "Host", "Index", "host",
    }
)  # fmt: skip
"""Names of the options that are kept. Others may be secrets: tokens of Splunk, Datadog's API key.

Sources: "Use the awslogs log driver", "Send Amazon ECS logs to an AWS service or AWS Partner" (FireLens)
in the ECS developer guide, and Docker's page of the awslogs driver.
"""


@dataclass(frozen=True, slots=True)
class LogConfiguration:
    """The log configuration of a container definition.

    Attributes:
        driver: The log driver, such as `awslogs`; "" if the definition has no log configuration.
        options: The driver's options, of `KEPT_OPTIONS` only.
        hidden: Names of options whose values are secrets.
        router: `fluentbit` or `fluentd` if the container is a FireLens log router, else "".
    """

    driver: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    router: str = ""
