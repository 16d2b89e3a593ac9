"""Column layout: which columns fit, how wide each is, and how long cells are shortened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len, set_cell_size

from ecs_tui.resources.base import Column

GAP_CELLS = 2
"""Cells between two columns."""
MIN_CELLS = 12
"""Cells below which no column is narrowed."""
ELLIPSIS = "…"


def title_width(column: Column) -> int:
    """Cells that its title and the sort arrow need."""
    return cell_len(column.title) + 2


def fit(columns: Sequence[Column], wanted: Mapping[str, int], room: int) -> dict[str, int]:
    """The keys of the shown columns, from left to right, with their widths in cells.

    Each column first gets the width it wants, up to `Column.widest`. If that is too much, columns
    are dropped by priority, then the widest ones are narrowed. Cells that are left over go to
    columns that would be cut: first to columns of names (`Column.middle`), then by priority.

    Args:
        columns: All columns of the view.
        wanted: Cells that the longest cell of each column needs, by key.
        room: Cells of the list, the first of which stays empty.
    """
    shown = list(columns)
    widths = {c.key: min(wanted[c.key], max(c.widest, title_width(c))) for c in columns}
    while _needed(shown, widths) > room:
        droppable = [c for c in shown if c.priority > 0]
        if not droppable:
            break
        shown.remove(max(droppable, key=lambda c: (c.priority, shown.index(c))))
    widths = {c.key: widths[c.key] for c in shown}
    free = room - _needed(shown, widths)
    while free < 0 and max(widths.values()) > MIN_CELLS:
        widths[max(widths, key=lambda key: widths[key])] -= 1
        free += 1
    for column in sorted(shown, key=lambda c: (not c.middle, c.priority)):
        more = min(max(0, free), wanted[column.key] - widths[column.key])
        if more > 0:
            widths[column.key] += more
            free -= more
    return widths


def shows_more(new: Mapping[str, int], old: Mapping[str, int], wanted: Mapping[str, int]) -> bool:
    """Whether `new` shows more columns than `old`, or as many of which fewer are cut."""

    def cut(widths: Mapping[str, int]) -> int:
        return sum(width < wanted[key] for key, width in widths.items())

    return len(new) > len(old) or (len(new) == len(old) and cut(new) < cut(old))


def _needed(columns: Sequence[Column], widths: Mapping[str, int]) -> int:
    return 1 + sum(widths[column.key] for column in columns) + GAP_CELLS * (len(columns) - 1)


def shortened(text: str, size: int, *, middle: bool = False) -> str:
    """`text` in at most `size` cells; `middle` keeps both ends, because names differ there."""
    if cell_len(text) <= size:
        return text
    if not middle or size < 5:
        return set_cell_size(text, max(0, size - 1)) + ELLIPSIS
    tail = (size - 1) // 2
    end, used = len(text), 0
    while end > 0 and used + cell_len(text[end - 1]) <= tail:
        end -= 1
        used += cell_len(text[end])
    return set_cell_size(text, size - 1 - used) + ELLIPSIS + text[end:]
