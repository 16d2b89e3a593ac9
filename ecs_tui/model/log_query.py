"""A query of CloudWatch Logs Insights: its state, its results, and what it scanned."""

from __future__ import annotations

from collections.abc import Mapping

from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class QueryStatus:
    """How far a query is.

    Attributes:
        status: Scheduled, Running, Complete, Failed, Cancelled, Timeout or Unknown.
        rows: The results so far: the values of each by the names of fields.
        matched, scanned: Numbers of log events.
        scanned_bytes: Bytes, which AWS bills.
        token: The token of the next page of results; "" for none.
    """

    status: str
    rows: tuple[Mapping[str, str], ...] = ()
    matched: float = 0.0
    scanned: float = 0.0
    scanned_bytes: float = 0.0
    token: str = ""

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.status not in ("Scheduled", "Running", "Unknown")


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """What is asked.

    Attributes:
        groups: ARNs of 1 to 50 log groups.
        query: The query, in Logs Insights' own language.
        since, until: Seconds since 1970; both are included.
        limit: Maximum results.
    """

    groups: tuple[str, ...]
    query: str
    since: int
    until: int
    limit: int = 1000
