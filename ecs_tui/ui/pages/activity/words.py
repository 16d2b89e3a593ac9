"""What the page of activity says above its rows: the range, the layers, why some are empty. No widget."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from rich.cells import cell_len, set_cell_size

from ecs_tui.model.arn import short_name
from ecs_tui.model.text import clean, span
from ecs_tui.record import dataclass
from ecs_tui.resources import Place

RANGES = (900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 3 * 86400, 7 * 86400, 14 * 86400)
"""Seconds of the ranges that the page steps through."""
FIRST_RANGE = 3600
"""The range that is shown first: ECS forgets stopped tasks after an hour."""
ON, OFF = "●", "○"
SHORT_CELLS = 4
"""Cells of the names of layers where the line is narrow."""


@dataclass(frozen=True, slots=True)
class Window:
    """The range of time that is shown.

    Attributes:
        since, until: Its ends.
        around: The time in its middle; None if it ends now.
    """

    since: datetime
    until: datetime
    around: datetime | None = None


def window(seconds: int, around: datetime | None, now: datetime) -> Window:
    """The range of so many seconds that ends now, or has a time in its middle."""
    length = timedelta(seconds=seconds)
    if around is None:
        return Window(now - length, now)
    return Window(around - length / 2, min(now, around + length / 2), around)


def title(place: Place, shown: Window, seconds: int) -> str:
    """`Activity of prod/web, last 1 h`."""
    what = "/".join(name for name in (place.cluster, place.service) if name)
    if place.task_arn:
        what += f" task {short_name(place.task_arn)[:12]}"
    if shown.around is None:
        return f"Activity of {clean(what)}, last {span(seconds)}"
    at = shown.around.astimezone()
    return f"Activity of {clean(what)}, {span(seconds)} around {at:%Y-%m-%d %H:%M:%S}"


def layer_line(
    names: Sequence[str], on: Collection[str], counts: Mapping[str, int], width: int
) -> str:
    """`1● deployments 2  2○ scaling 0 …`: the key, whether it is on, the name, the entries."""

    def form(cells: int, gap: str) -> str:
        parts = [
            f"{number}{ON if name in on else OFF}{gap}{name[:cells]} {counts.get(name, 0)}"
            for number, name in enumerate(names, 1)
        ]
        return "  ".join(parts) if gap else " ".join(parts)

    forms = [form(99, " "), form(99, ""), form(SHORT_CELLS, "")]
    line = next((each for each in forms if cell_len(each) <= width), forms[-1])
    return line if cell_len(line) <= width else set_cell_size(line, max(0, width - 1)) + "…"


def notes(
    names: Sequence[str],
    on: Collection[str],
    counts: Mapping[str, int],
    words: Mapping[str, str],
    width: int,
) -> list[str]:
    """What must be said of the layers that are on: why one is empty, or what is missing.

    Args:
        names: All layers.
        on: Those that are shown.
        counts: The entries of each.
        words: What its sources say.
        width: Cells of a line.
    """
    said = [f"{name}: {words[name]}" for name in names if name in on and words.get(name)]
    quiet = [name for name in names if name in on and not counts.get(name) and not words.get(name)]
    if quiet:
        said.append(f"nothing in this range: {', '.join(quiet)}")
    lines: list[str] = []
    for each in map(clean, said):
        if lines and cell_len(lines[-1]) + 3 + cell_len(each) <= width:
            lines[-1] += f" · {each}"
        else:
            lines.append(each)
    return [line if cell_len(line) <= width else _cut(line, width) for line in lines]


def _cut(line: str, width: int) -> str:
    return set_cell_size(line, max(0, width - 1)).rstrip() + "…"
