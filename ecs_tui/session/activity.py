"""How long a session has been idle or without a response: pure rules; the time is passed in."""

from __future__ import annotations

from ecs_tui.record import dataclass

IDLE_SECONDS = 20 * 60.0
"""Seconds without traffic after which ECS ends a session; it cannot be changed.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""
COUNTDOWN_SECONDS = 180.0
"""Seconds before that end at which the countdown starts."""
KEEP_ALIVE_SECONDS = 240.0
"""Seconds without traffic after which a session with keep-alive sends some."""
QUIET_HINT_SECONDS = 8.0
"""Seconds without output after a key after which `no response` is shown."""


@dataclass(slots=True)
class SessionActivity:
    """When data was sent and received. Times are monotonic seconds; 0.0 means never.

    Attributes:
        traffic_at: The time of the last byte in either direction, or of the last keep-alive.
        typed_at: The time of the first input since the last output.
        received_at: The time of the last output.
    """

    traffic_at: float = 0.0
    typed_at: float = 0.0
    received_at: float = 0.0

    def typed(self, now: float) -> None:
        """Input was sent."""
        self.traffic_at = now
        if self.typed_at <= self.received_at:
            self.typed_at = now  # the first unanswered key counts

    def received(self, now: float) -> None:
        """Output was received."""
        self.traffic_at = self.received_at = now

    def idle_left(self, now: float) -> float:
        """Seconds until ECS ends the session as idle."""
        return max(0.0, IDLE_SECONDS - (now - self.traffic_at))

    def countdown(self, now: float) -> float | None:
        """Seconds until ECS ends the session; None before any traffic or before the countdown."""
        left = self.idle_left(now)
        return left if self.traffic_at and left <= COUNTDOWN_SECONDS else None

    def unanswered_for(self, now: float) -> float:
        """Seconds since the first input that no output has followed; 0.0 if there is none."""
        return now - self.typed_at if self.typed_at > self.received_at else 0.0
