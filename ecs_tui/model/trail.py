"""Trails of CloudTrail: where events are delivered for longer than 90 days."""

from __future__ import annotations

from datetime import datetime

from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class Trail:
    """A trail.

    Attributes:
        home: Its home region.
        every_region: Whether it records all regions.
        organization: Whether it records all accounts of the organization.
        log_group: ARN of the log group that it delivers to, without `:*`; "" for none.
        bucket: Name of the bucket that it delivers to.
    """

    name: str
    arn: str
    home: str
    every_region: bool = False
    organization: bool = False
    log_group: str = ""
    bucket: str = ""


@dataclass(frozen=True, slots=True)
class TrailState:
    """What a trail records now.

    Attributes:
        logging: Whether it is switched on.
        management: Whether it records management events that change something, as sessions do.
        delivered: When it last delivered to its bucket.
        error: Why the last delivery failed; "" if it did not.
    """

    logging: bool
    management: bool
    delivered: datetime | None = None
    error: str = ""
