"""Whether AWS records sessions in a container: by the exec logging of its cluster."""

from __future__ import annotations

from typing import Literal

from ecs_tui.record import dataclass

Recorded = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class RecordingFact:
    """What is known about the recording of sessions.

    Attributes:
        recorded: Whether a transcript is written after a session.
        where: Its destination, in a few words; "" for none.
        reason: Why it is not recorded, or not known, in a sentence; "" if it is recorded.
    """

    recorded: Recorded
    where: str = ""
    reason: str = ""

    @property
    def words(self) -> str:
        """A few words for a frame: `not recorded`, `recording unknown`, or the destination."""
        if self.recorded == "yes":
            return f"recorded in {self.where}"
        return "not recorded" if self.recorded == "no" else "recording unknown"


@dataclass(frozen=True, slots=True)
class SessionClaim:
    """What is claimed for a session that is about to be opened; the policy decides by it.

    Attributes:
        cluster: The cluster's name.
        recording: What is known about its recording, read immediately before.
        reason: Why it is opened, as the operator gave it.
    """

    cluster: str
    recording: RecordingFact
    reason: str = ""
