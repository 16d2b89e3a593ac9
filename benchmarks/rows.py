"""The one row shape of all benchmarks, and how it is printed."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass


@dataclass
class Row:
    """One answer. `ratio` is value / yardstick_value; `ok` says whether `bar` was reached."""

    question: str
    value: float
    unit: str
    yardstick: str = ""
    yardstick_value: float | None = None
    ratio: float | None = None
    bar: str = ""
    ok: bool = True


def compared(question: str, value: float, unit: str, yardstick: str, by: float, most: float) -> Row:
    """A row that holds where value / yardstick is at most `most`."""
    ratio = value / by if by else 0.0
    return Row(question, value, unit, yardstick, by, round(ratio, 3), f"<= {most} x", ratio <= most)


def limited(question: str, value: float, unit: str, most: float) -> Row:
    """A row that holds where the value is at most `most`."""
    return Row(question, value, unit, bar=f"<= {most}", ok=value <= most)


def median(sample: Callable[[], float], times: int) -> float:
    """The median of `times` samples."""
    return statistics.median(sample() for _ in range(times))


def percentile(values: list[float], part: float) -> float:
    """The value below which `part` (0..1) of the values lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def finish(rows: list[Row]) -> None:
    """Print and end: exit status 1 if any row is not ok."""
    if "--json" in sys.argv:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        for row in rows:
            against = (
                f"  {row.yardstick}: {row.yardstick_value:.3f}  ratio {row.ratio}"
                if row.yardstick_value is not None
                else ""
            )
            mark = "ok " if row.ok else "NOT"
            print(
                f"{mark}  {row.question:<58} {row.value:9.3f} {row.unit:<5} {row.bar:<10}{against}"
            )
    sys.exit(0 if all(row.ok for row in rows) else 1)
