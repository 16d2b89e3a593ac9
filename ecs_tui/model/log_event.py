"""Log events, as CloudWatch Logs returns them, and pages of them."""

from __future__ import annotations

from datetime import UTC, datetime

from ecs_tui.record import dataclass

LogEventKey = tuple[str, int, int, str]
"""What tells two log events apart: stream, timestamp, ingestion time, message.

Live tails give events no ID, so that only these can be compared. Several events may have the same
key: a program that writes one line twice within a millisecond.
"""


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One log event. Times are milliseconds since 1970, as in the API: there may be thousands a second.

    Attributes:
        group: Name or ARN of its log group.
        stream: Name of its log stream.
        written: When it was written, as the container's host says; -1 if AWS does not say.
        message: The text as the program wrote it, with any control characters.
        ingested: When CloudWatch Logs received it; -1 if AWS does not say.
    """

    group: str
    stream: str
    written: int
    message: str
    ingested: int = -1

    @property
    def at(self) -> datetime | None:
        """When it was written, in UTC; None if AWS does not say, or if it is no possible time."""
        return as_time(self.written)

    @property
    def key(self) -> LogEventKey:
        """What tells it apart from others in its group."""
        return (self.stream, self.written, self.ingested, self.message)


def as_time(milliseconds: int) -> datetime | None:
    """The time, in UTC, of milliseconds since 1970; None if negative, or if it is no possible time."""
    if milliseconds < 0:
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def as_milliseconds(moment: datetime) -> int:
    """The milliseconds since 1970 of a time with an offset."""
    return round(moment.timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of log events.

    Attributes:
        events: The events, in the order of the answer; may be empty although more pages follow.
        token: The token of the next page; "" after the last one.
        answered: AWS's clock when it answered, in milliseconds since 1970 and to the second; -1
            if the answer does not say.
    """

    events: tuple[LogEvent, ...]
    token: str = ""
    answered: int = -1


@dataclass(frozen=True, slots=True)
class TailUpdate:
    """What a live tail sends each second.

    Attributes:
        events: The new log events; often none.
        sampled: Whether there were more than 500, of which these are a sample.
    """

    events: tuple[LogEvent, ...]
    sampled: bool = False
