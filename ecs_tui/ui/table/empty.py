"""The words in a list without rows: why there are none, in the middle of the list."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget

_MARGIN_CELLS = 2
_TONES = {"✖": "bad", "▲": "warning", "◐": "moving", "○": "off"}
"""The tone of the sign that the words begin with; the words themselves have the colour of text."""


class EmptyWords:
    """The words, wrapped and centred.

    Args:
        table: The list; its component styles `table--…` are those of the tones.
    """

    def __init__(self, table: Widget) -> None:
        self._table = table
        self._words = ""
        self._wrapped: tuple[str, int, list[str]] = ("", 0, [])

    def say(self, words: str) -> bool:
        """Set the words, one line of text, "" for none; returns whether they are others."""
        changed = words != self._words
        self._words = words
        return changed

    def lines(self, width: int) -> list[str]:
        """The words in lines of at most `width` cells, less a margin."""
        if self._wrapped[:2] != (self._words, width):
            wrapped = Content(self._words).wrap(max(10, width - 2 * _MARGIN_CELLS))
            lines = [line.plain.rstrip() for line in wrapped] if self._words else []
            self._wrapped = self._words, width, lines
        return self._wrapped[2]

    def strip(self, y: int, width: int, height: int) -> Strip:
        """A line of the list's body.

        Args:
            y: The line, from 0.
            width: Cells of a line.
            height: Lines of the body.
        """
        lines, base = self.lines(width), self._table.rich_style
        at = y - max(0, (height - len(lines)) // 2)
        if not 0 <= at < len(lines):
            return Strip.blank(width, base)
        text = lines[at]
        segments = [Segment(" " * max(0, (width - cell_len(text)) // 2))]
        tone = _TONES.get(text[:1]) if at == 0 else None
        if tone is not None:
            full = self._table.get_component_rich_style(f"table--{tone}")
            segments.append(Segment(text[:1], base + full))
            text = text[1:]
        strip = Strip([*segments, Segment(text)]).adjust_cell_length(width)
        return strip.apply_style(base)
