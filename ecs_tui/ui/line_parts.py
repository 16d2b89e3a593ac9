"""Lines that are put together from parts: what is cut first where they do not fit."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from ecs_tui.record import dataclass
from ecs_tui.ui.table.columns import shortened

GAP_CELLS = 2
"""Cells between two parts."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a line.

    Attributes:
        forms: Its texts, longest first; "" as the last one if it may be left out.
        ranks: For each step to the next form, when it is taken: the highest rank first.
        right: Whether it stands at the right end.
        style: The style of its text, "" for the line's.
    """

    forms: tuple[str, ...]
    ranks: tuple[int, ...] = ()
    right: bool = False
    style: str = ""


def fitted(parts: Sequence[Part], room: int) -> list[tuple[Part, str]]:
    """The text of each part that is shown, so that all fit into `room` cells.

    What still does not fit with every part in its shortest form is for `composed` to cut.
    """
    at = [0] * len(parts)

    def shown() -> list[tuple[Part, str]]:
        pairs = [(part, part.forms[at[n]]) for n, part in enumerate(parts)]
        return [(part, text) for part, text in pairs if text]

    def needed() -> int:
        texts = [text for _, text in shown()]
        return sum(map(cell_len, texts)) + GAP_CELLS * max(0, len(texts) - 1)

    while needed() > room:
        steps = [(part.ranks[at[n]], n) for n, part in enumerate(parts) if at[n] < len(part.ranks)]
        if not steps:
            break
        at[max(steps)[1]] += 1
    return shown()


def composed(parts: Sequence[Part], room: int) -> Content:
    """The line: parts at the left and at the right end, fitted into `room` cells."""
    shown = fitted(parts, room)
    left = [pair for pair in shown if not pair[0].right]
    right = [pair for pair in shown if pair[0].right]
    used = sum(cell_len(text) for _, text in shown) + GAP_CELLS * max(0, len(shown) - 1)
    if used > room:  # every part is in its shortest form: its end is cut
        words = (" " * GAP_CELLS).join(text for _, text in shown)
        return Content(shortened(words, room))
    pieces: list[tuple[str, str]] = []
    for number, group in enumerate((left, right)):
        if number and group:
            between = GAP_CELLS if left else 0
            pieces.append((" " * (room - used + between), ""))
        for index, (part, text) in enumerate(group):
            pieces.append((" " * GAP_CELLS if index else "", ""))
            pieces.append((text, part.style))
    return Content.assemble(*pieces)


def column(pieces: Sequence[tuple[str, str]], width: int) -> list[tuple[str, str]]:
    """(text, style) pieces cut or filled to exactly `width` cells: columns do not move."""
    found: list[tuple[str, str]] = []
    free = width
    for text, style in pieces if width > 0 else ():
        words = shortened(text, free)
        if words:
            found.append((words, style))
            free -= cell_len(words)
        if free <= 0:
            break
    return [*found, (" " * max(0, free), "")]


def part_at(line: str, cell: int, separator: str) -> tuple[int, str]:
    """(number, text) of the part of a line at a cell; (-1, "") between two parts and outside of them."""
    start = 0
    for number, part in enumerate(line.split(separator)):
        text = part.strip()
        first = start + cell_len(part) - cell_len(part.lstrip())
        if text and first <= cell < first + cell_len(text):
            return number, text
        start += cell_len(part) + cell_len(separator)
    return -1, ""
