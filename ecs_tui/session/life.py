"""How long a session has been idle or without an answer: rules over times, without a clock."""

from __future__ import annotations

from dataclasses import dataclass

IDLE_LIMIT = 20 * 60.0
"""Seconds without traffic after which ECS ends a session; it cannot be changed.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""
WARN_BEFORE = 180.0
"""Seconds before that end from which the countdown is shown."""
KEEP_ALIVE_EVERY = 240.0
SILENT_AFTER = 8.0
"""Seconds without output after a key from which the quiet hint is shown."""


@dataclass(slots=True)
class Life:
    """When something went either way. Times are monotonic seconds; 0.0 is never.

    Attributes:
        traffic_at: The last byte in either direction, or keep-alive.
        typed_at: The last input.
        heard_at: The last output.
    """

    traffic_at: float = 0.0
    typed_at: float = 0.0
    heard_at: float = 0.0

    def typed(self, now: float) -> None:
        """Input went out."""
        self.traffic_at = now
        if self.typed_at <= self.heard_at:
            self.typed_at = now  # the first key that is not answered counts

    def heard(self, now: float) -> None:
        """Output came in."""
        self.traffic_at = self.heard_at = now

    def idle_left(self, now: float) -> float:
        """Seconds until ECS ends the session for idleness."""
        return max(0.0, IDLE_LIMIT - (now - self.traffic_at))

    def countdown(self, now: float) -> float | None:
        """The same where it is time to show it, else None."""
        left = self.idle_left(now)
        return left if self.traffic_at and left <= WARN_BEFORE else None

    def unanswered_for(self, now: float) -> float:
        """Seconds since the first key that no output has followed; 0.0 when there is none."""
        return now - self.typed_at if self.typed_at > self.heard_at else 0.0
