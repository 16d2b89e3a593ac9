"""A session's transcript: of which session, where it is kept, and why there may be none."""

from __future__ import annotations

from typing import Literal

from ecs_tui.model.log_source import LogGroupRef
from ecs_tui.record import dataclass

NoTranscriptReason = Literal[
    "no logging", "no awslogs", "no destination", "open", "not yet", "no script", "denied",
    "expired", "region", "gone", "round", "unknown",
]  # fmt: skip
"""Why there is no transcript."""


@dataclass(frozen=True, slots=True)
class TranscriptRef:
    """A session whose transcript is to be shown. Times are seconds since 1970, 0 if unknown.

    Attributes:
        session: The session's ID.
        cluster: The cluster's name or ARN, "" if unknown.
        region: The region of the session; "" for that of the connection.
        task: The task's ID or ARN, "" if unknown.
        container: The container's name, "" if unknown.
        who: Who opened the session, in words.
        began, ended: When the session was opened and has ended.
        open: Whether the session is still open, as far as is known.
        direct: Whether it was opened by ssm:StartSession, round ECS.
        recording: The path of our own recording instead of AWS's transcript; "" for AWS's.
    """

    session: str
    cluster: str = ""
    region: str = ""
    task: str = ""
    container: str = ""
    who: str = ""
    began: float = 0.0
    ended: float = 0.0
    open: bool = False
    direct: bool = False
    recording: str = ""


@dataclass(frozen=True, slots=True)
class LoggedTranscript:
    """A transcript in a log stream, which has the session's ID as its name."""

    group: LogGroupRef
    stream: str


@dataclass(frozen=True, slots=True)
class StoredTranscript:
    """A transcript in a bucket.

    Attributes:
        region: The region of the session, and of the bucket.
        size: Bytes.
        written: When it was stored, in seconds since 1970; 0 if unknown.
    """

    bucket: str
    key: str
    region: str = ""
    size: int = 0
    written: float = 0.0


@dataclass(frozen=True, slots=True)
class RecordedTranscript:
    """Our own recording of a session, an asciicast file with timing."""

    path: str


TranscriptPlace = LoggedTranscript | StoredTranscript | RecordedTranscript


@dataclass(frozen=True, slots=True)
class NoTranscript:
    """There is no transcript.

    Attributes:
        words: Why, in a sentence or two.
        next_step: What can be done about it; "" for nothing.
    """

    reason: NoTranscriptReason
    words: str
    next_step: str = ""

    def __str__(self) -> str:
        return f"{self.words} {self.next_step}".strip()


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object in a bucket; `modified` in seconds since 1970, 0 if unknown."""

    key: str
    size: int
    modified: float
