"""The axes of a chart: round numbers, their words in a unit, and the labels of times. Pure."""

from __future__ import annotations

import math
from datetime import datetime, tzinfo

from ecs_tui.model.metric_panels import PanelUnit

LABEL_CELLS = 7
"""Cells of the labels of the value axis, with the space after them."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_TIME_STEPS = (
    300, 600, 900, 1800, 3600, 2 * 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 2 * 86400, 7 * 86400,
)  # fmt: skip
"""Seconds between two labels of the time axis."""
TIME_LABEL_CELLS = 12
"""Cells that a label of the time axis needs, with the gap to the next."""


def ceiling(peak: float, unit: PanelUnit) -> float:
    """The upper end of the value axis: a round number above the peak.

    Tasks and counts end at whole numbers. Percentages of more than half end at 100, so that a full
    service looks full.
    """
    if unit == "percent" and 50 < peak <= 100:
        return 100.0
    least = 1.0 if unit in ("tasks", "count", "percent") else 0.001
    peak = max(peak, least)
    size = 10.0 ** math.floor(math.log10(peak))
    found = next(step * size for step in _STEPS if step * size >= peak * (1 - 1e-9))
    if unit == "tasks" and found != int(found):
        return float(math.ceil(found))
    return found


def words(value: float, unit: PanelUnit) -> str:
    """A value in its unit, in at most six characters: 78%, 4, 1.2k, 240ms, 1.5s."""
    if unit == "percent":
        return f"{_short(value)}%" if value < 10 and value != int(value) else f"{value:.0f}%"
    if unit == "seconds":
        return f"{_short(value * 1000)}ms" if value < 1 else f"{_short(value)}s"
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{_short(value / size)}{letter}"
    return _short(value)


def _short(value: float) -> str:
    """Two or three digits: 240, 24, 2.4, 0.24."""
    if abs(value) >= 10 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2g}"


def time_labels(
    start: float, end: float, columns: int, zone: tzinfo | None = None
) -> list[tuple[int, str]]:
    """(column, words) of the labels of the time axis, at round local times.

    Args:
        start, end: The range, in seconds since 1970.
        columns: Cells of the axis.
        zone: The time zone; None for the local one.
    """
    most = max(1, columns // TIME_LABEL_CELLS)
    step = next((s for s in _TIME_STEPS if (end - start) / s <= most), _TIME_STEPS[-1])
    found: list[tuple[int, str]] = []
    offset = _offset(start, zone)
    at = math.ceil((start + offset) / step) * step - offset
    while at <= end:
        then = datetime.fromtimestamp(at, zone).astimezone(zone)
        midnight = step >= 86400 or (then.hour, then.minute) == (0, 0)
        label = f"{then:%d %b}" if midnight else f"{then:%H:%M}"
        column = int((at - start) / max(end - start, 1) * (columns - 1))
        if column + len(label) <= columns:
            found.append((column, label))
        at += step
    return found


def _offset(at: float, zone: tzinfo | None) -> float:
    shift = datetime.fromtimestamp(at, zone).astimezone(zone).utcoffset()
    return shift.total_seconds() if shift is not None else 0.0
