"""Log events, as CloudWatch Logs returns them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One log event.

    Attributes:
        group: Name or ARN of its log group.
        stream: Name of its log stream.
        at: When it was written; None if AWS does not say.
        message: The text as the program wrote it, with any control characters.
    """

    group: str
    stream: str
    at: datetime | None
    message: str


@dataclass(frozen=True, slots=True)
class TailUpdate:
    """What a live tail sends each second.

    Attributes:
        events: The new log events; often none.
        sampled: Whether there were more than 500, of which these are a sample.
    """

    events: tuple[LogEvent, ...]
    sampled: bool = False
