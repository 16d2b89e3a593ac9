"""Layout of names and values in two columns, each wrapped to its width in cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from rich.cells import cell_len, chop_cells, set_cell_size

GAP_CELLS = 2
"""Cells between the two columns."""
_LOOSE = re.compile(r"(?<![→›●◐▲✖○]) ")
"""A space at which a line may be broken."""
MAX_NAME_CELLS = 28
"""Maximum cells of the names' column: tag keys may have 128 characters."""


def two_columns(facts: Sequence[tuple[str, str]], width: int) -> str:
    """The facts as lines of `name  value` that are at most `width` cells wide.

    Args:
        facts: Names and values, cleaned for the screen.
        width: Maximum width in cells; 0 for no limit: then only names are wrapped.
    """
    if not facts:
        return ""
    names = name_cells(facts, width)
    room = max(1, width - names - GAP_CELLS) if width else 0
    lines = []
    for name, value in facts:
        both = zip_longest(wrapped(name, names), wrapped(value, room), fillvalue="")
        lines += [
            f"{set_cell_size(left, names)}{' ' * GAP_CELLS}{right}".rstrip() for left, right in both
        ]
    return "\n".join(lines)


def name_cells(facts: Sequence[tuple[str, str]], width: int) -> int:
    """The width of the names' column in cells, at most half of `width`; 0 for no limit."""
    most = min(MAX_NAME_CELLS, max(1, (width - GAP_CELLS) // 2)) if width else MAX_NAME_CELLS
    return min(most, max((cell_len(name) for name, _ in facts), default=0))


def wrapped(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells, broken at spaces if possible; width 0: one line.

    A sign or an arrow stays with the word after it.
    """
    if not width or cell_len(text) <= width:
        return [text]
    lines, line = [], ""
    for word in _LOOSE.split(text):
        longer = f"{line} {word}" if line else word
        if cell_len(longer) <= width:
            line = longer
        elif cell_len(word) > width:  # the word is cut anyway, so it begins in the current line
            *whole, line = chop_cells(longer, width)
            lines += whole
        else:
            lines.append(line)
            line = word
    return [*lines, line]
