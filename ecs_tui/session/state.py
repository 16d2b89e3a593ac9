"""The states of a session, and how it can end."""

from __future__ import annotations

from enum import StrEnum

END_SECONDS = 1.5
"""Seconds that quitting waits for calls that open or terminate sessions.

Without them, shells would keep running in containers.
"""


class State(StrEnum):
    """The state of a session."""

    OPENING = "opening"
    OPEN = "open"
    STALLED = "stalled"
    CLOSED = "closed"


class Ending(StrEnum):
    """How a session ended."""

    EXITED = "exited"
    """The remote end closed it without a message: the command has ended."""
    TOLD = "told"
    """The remote end closed it with a reason, for example idleness."""
    LOST = "lost"
    """The connection broke and could not be resumed."""
    HERE = "here"
    """The operator closed it."""
    FAILED = "failed"
    """It was never opened, or its client exited unexpectedly."""
