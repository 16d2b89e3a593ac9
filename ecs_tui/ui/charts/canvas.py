"""Draws lines with braille dots, by plotille; docs/architecture.md says why by that library.

plotille turns lines into dots of braille characters, two by four in a cell. It is given no colours: the
theme colours the characters, so that themes of few colours and NO_COLOR need nothing here.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

BLANK = "\u2800"
"""A braille character without dots; the others follow it, their dots as bits."""
DOTS_X, DOTS_Y = 2, 4
"""Dots of a cell."""

Point = tuple[float, float]
"""A time and a value."""


class _Canvas(Protocol):
    """The part of `plotille.Canvas` that is used."""

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None: ...

    def point(self, x: float, y: float) -> None: ...

    def plot(self, linesep: str) -> str: ...


def dots(
    runs: Sequence[Sequence[Point]],
    size: tuple[int, int],
    across: tuple[float, float],
    up: tuple[float, float],
    *,
    every: int = 1,
) -> list[str]:
    """Lines through points, as rows of braille characters from top to bottom.

    Args:
        runs: Points that are joined, in the order of their times; between two runs is a gap.
        size: (columns, rows) in cells.
        across: The first and the last time.
        up: The lowest and the highest value; both are drawn.
        every: Of the segments of a line each n-th is drawn: 2 and more make it dotted, which tells it
            from others without colour.
    """
    columns, rows = size
    canvas = _new(columns, rows, across, up)
    for run in runs:
        if len(run) == 1:
            canvas.point(*run[0])
        for number, (one, other) in enumerate(pairwise(run)):
            if every == 1:
                canvas.line(*one, *other)
            elif not number % every:
                canvas.point(*one)
    return canvas.plot("\n").split("\n")


def _new(columns: int, rows: int, across: tuple[float, float], up: tuple[float, float]) -> _Canvas:
    from plotille import Canvas  # 80 ms the first time, only for those who look at charts

    first, last = across
    low, high = up
    # plotille leaves out its upper ends; ours are drawn, in the last column and the top row of dots.
    wide, tall = columns * DOTS_X, rows * DOTS_Y
    right = first + max(last - first, 1e-9) * wide / (wide - 1)
    top = low + max(high - low, 1e-9) * tall / (tall - 1)
    made: _Canvas = Canvas(columns, rows, xmin=first, ymin=low, xmax=right, ymax=top)
    return made


def joined(one: str, other: str) -> str:
    """A braille character with the dots of both."""
    return chr(ord(one) | ord(other))
