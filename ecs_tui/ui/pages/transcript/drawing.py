"""Draws rows of a transcript: their cells as the terminal has them, without what is to be hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.strip import Strip

from ecs_tui.audit.masks import MASK
from ecs_tui.terminal.paint import CellLine, Palette
from ecs_tui.terminal.protocol import Attribute, Style
from ecs_tui.ui.pages.transcript.rows import TranscriptRow

_SYSTEMS = {"standard": "STANDARD", "256": "EIGHT_BIT", "truecolor": "TRUECOLOR"}
_HIDES = Attribute.INVISIBLE | Attribute.BLINK
"""Attributes that are left out: nothing in a transcript may be hidden."""
Spans = Sequence[tuple[int, int]]
"""Characters of a row's text: (start, end)."""


class RowDrawer:
    """Draws rows in the theme's colours.

    Args:
        system: Rich's name of the colours that the outer terminal supports.
    """

    def __init__(self, system: str) -> None:
        self._palette = Palette(False, ColorSystem[_SYSTEMS.get(system, "TRUECOLOR")])

    def strip(
        self,
        row: TranscriptRow,
        styles: Mapping[int, Style],
        room: int,
        hits: Spans,
        hit: RichStyle,
        secrets: Spans,
    ) -> Strip:
        """A row.

        Args:
            styles: The styles of its cells, by number.
            room: Its width in cells.
            hits: What is highlighted.
            hit: How.
            secrets: What is hidden.
        """

        def style_of(number: int) -> RichStyle:
            style = styles.get(number, Style())
            shown = Style(
                style.fg, style.bg, style.underline_colour, style.attributes & ~_HIDES,
                style.underline,
            )  # fmt: skip
            return self._palette.rich_style(shown)

        line = CellLine.of(row.runs, style_of)
        line = _masked(line, row.text, secrets)
        for first, last in _cells(row.text, hits):
            line = line.styled(first, last, hit)
        return line.fitted(room, RichStyle.null()).strip()


def _cells(text: str, spans: Spans) -> Spans:
    """Spans of characters as cells."""
    return [(cell_len(text[:start]), cell_len(text[:end])) for start, end in spans]


def _masked(line: CellLine, text: str, spans: Spans) -> CellLine:
    """A line with a mask over some characters."""
    for first, last in _cells(text, spans):
        cover = (Segment(MASK * (last - first), RichStyle(dim=True)), last - first)
        line = CellLine([*line.cut(0, first), cover, *line.cut(last, line.width)])
    return line
