"""What a managed policy allows today: events that attach it name only its ARN."""

from __future__ import annotations

from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class PolicyToday:
    """A policy's default version as it is now; it may have been another one at the time of an event.

    Attributes:
        actions: The actions about sessions that it allows.
        problem: Why it could not be read, in a sentence; "" if it was.
    """

    actions: tuple[str, ...] = ()
    problem: str = ""
