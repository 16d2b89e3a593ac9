"""A query of Athena: what is asked, and how far it is."""

from __future__ import annotations

from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class AthenaQuery:
    """What is asked.

    Attributes:
        statement: A SELECT.
        workgroup: The workgroup, which says where results are stored and how much may be scanned.
        database: The database of the table; "" if the statement names it.
    """

    statement: str
    workgroup: str
    database: str = ""


@dataclass(frozen=True, slots=True)
class AthenaStatus:
    """How far a query is.

    Attributes:
        state: QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED or UNKNOWN.
        reason: Why it failed.
        scanned_bytes: Bytes, which AWS bills.
    """

    state: str
    reason: str = ""
    scanned_bytes: int = 0

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.state in ("SUCCEEDED", "FAILED", "CANCELLED")
