"""Column layout: which columns fit, how wide each is, and how long cells are shortened."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from rich.cells import cell_len, set_cell_size

from ecs_tui.resources.base import Column
from ecs_tui.ui.table.cells import Cells

GAP_CELLS = 2
"""Cells between two columns."""
MIN_CELLS = 12
"""Cells to which columns are narrowed, in the wide view, before one is dropped."""
LEAST_CELLS = 4
"""Cells below which no column is narrowed at all."""
ELLIPSIS = "…"


def title_width(column: Column) -> int:
    """Cells that its title and the sort arrow need."""
    return cell_len(column.title) + 2


def says_nothing(column: Column, rows: Sequence[object], cells: Cells) -> bool:
    """Whether all rows have the same cell in it, and one that tells nothing (`Column.normal`)."""
    if not column.normal or not rows:
        return False
    only = (column,)
    first = cells.of(rows[0], only)[0].text
    return first in column.normal and all(cells.of(row, only)[0].text == first for row in rows)


def fit(
    columns: Sequence[Column],
    wanted: Mapping[str, int],
    room: int,
    *,
    wide: bool = False,
    idle: Collection[str] = (),
    keep: str = "",
) -> dict[str, int]:
    """The keys of the shown columns, from left to right, with their widths in cells.

    Each column first gets the width it wants, up to `Column.widest`. If that is too much, columns
    are dropped: those that say nothing first, then by priority; then the widest ones are narrowed.
    Cells that are left over go to columns that would be cut: first to columns of names
    (`Column.middle`), then by priority. Columns that say nothing make room for what is cut.

    Args:
        columns: All columns of the view.
        wanted: Cells that the longest cell of each column needs, by key.
        room: Cells of the list, the first of which is for marks.
        wide: Whether columns are narrowed before one is dropped.
        idle: Keys of columns that say nothing (`says_nothing`).
        keep: The key of a column that is not dropped, "" for none.
    """
    widths = _fit(columns, wanted, room, wide, idle, keep)
    while not wide and any(width < wanted[key] for key, width in widths.items()):
        free = [c for c in columns if c.key in widths and c.key in idle and c.priority > 0]
        if not free:
            break
        gone = max(free, key=lambda c: c.priority)
        columns = [column for column in columns if column is not gone]
        widths = _fit(columns, wanted, room, wide, idle, keep)
    return widths


def _fit(
    columns: Sequence[Column],
    wanted: Mapping[str, int],
    room: int,
    wide: bool,
    idle: Collection[str],
    keep: str,
) -> dict[str, int]:
    widths = {c.key: min(wanted[c.key], max(c.widest, title_width(c))) for c in columns}
    kept = {key: min(width, MIN_CELLS) for key, width in widths.items()} if wide else widths
    droppable = [
        (c.key in idle, c.priority, number)
        for number, c in enumerate(columns)
        if c.priority > 0 and c.key != keep
    ]
    needed, gone = _needed(kept.values()), set()
    for _, _, number in sorted(droppable, reverse=True):
        if needed <= room:
            break
        gone.add(number)
        needed -= kept[columns[number].key] + GAP_CELLS
    shown = [column for number, column in enumerate(columns) if number not in gone]
    widths = {c.key: widths[c.key] for c in shown}
    free = room - _needed(widths.values())
    while free < 0 and max(widths.values()) > LEAST_CELLS:
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


def _needed(widths: Collection[int]) -> int:
    """Cells that columns of these widths need, with the mark before and the gaps between them."""
    return 1 + sum(widths) + GAP_CELLS * (len(widths) - 1)


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
