"""Log groups and log streams of CloudWatch Logs."""

from __future__ import annotations

from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A log group.

    Attributes:
        kms_key: ARN of its key, "" without one.
        arn: Its ARN without `:*` at the end, as StartLiveTail and StartQuery take it.
        stored_bytes: Bytes stored, compressed or not as AWS counts them; updated about once a day.
        retention_days: Days after which events are deleted; None for never.
        created: Milliseconds since 1970; -1 if AWS does not say.
        kind: Its class: STANDARD, INFREQUENT_ACCESS or DELIVERY.
    """

    name: str
    kms_key: str = ""
    arn: str = ""
    stored_bytes: int = 0
    retention_days: int | None = None
    created: int = -1
    kind: str = ""


@dataclass(frozen=True, slots=True)
class LogStream:
    """A log stream. Times are milliseconds since 1970, -1 if AWS does not say.

    Attributes:
        last_event: When its newest event was written. It may lag an hour behind.
    """

    name: str
    first_event: int = -1
    last_event: int = -1
