"""What a query of CloudWatch Logs Insights will probably scan, and what that costs."""

from __future__ import annotations

from collections.abc import Iterable

from ecs_tui.model.log_group import LogGroup
from ecs_tui.record import dataclass

DOLLARS_PER_GB = 0.005
"""The price of a scanned gigabyte in most regions (CloudWatch's price page); it differs in some."""
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class ScanEstimate:
    """How much a query will probably scan: stored bytes x window / time that the group keeps.

    Attributes:
        bytes: Bytes; None if AWS does not say how much the groups hold.
        words: The estimate and how it was made, in words.
    """

    bytes: float | None
    words: str


def estimate(groups: Iterable[LogGroup], since: int, until: int, now: int) -> ScanEstimate:
    """What a query over these groups will probably scan. It assumes that lines come evenly.

    Args:
        since, until, now: Milliseconds since 1970.
    """
    total, known = 0.0, False
    for group in groups:
        age = now - group.created if group.created >= 0 else None
        kept = group.retention_days * _DAY_MS if group.retention_days else age
        kept = min(kept, age) if kept is not None and age is not None else kept
        if not kept or kept <= 0:
            continue
        known = True
        start = max(since, now - kept)
        total += group.stored_bytes * max(0, min(until, now) - start) / kept
    if not known:
        return ScanEstimate(None, "AWS does not say how much these log groups hold.")
    return ScanEstimate(
        total,
        f"Estimate: {size_words(total)} to scan, {cost_words(total)} "
        "(stored bytes × window ÷ retention; AWS counts stored bytes once a day).",
    )


def size_words(size: float) -> str:
    """Bytes in one unit, as AWS bills them: 1 GB = 10^9 bytes."""
    for unit, scale in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}"
    return f"{size:.0f} B"


def cost_words(size: float, dollars_per_gb: float = DOLLARS_PER_GB) -> str:
    """What scanning so many bytes costs."""
    dollars = size / 1e9 * dollars_per_gb
    return f"about ${dollars:.2f}" if dollars >= 0.01 else "less than $0.01"
