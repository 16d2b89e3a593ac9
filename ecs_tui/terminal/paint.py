"""Converts cells for drawing: engine styles to Rich's styles, rows to strips; adds highlights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from rich.cells import cell_len
from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.strip import Strip

from ecs_tui.terminal.characters import in_ascii
from ecs_tui.terminal.engines.cells import EMOJI_STYLE, drawable, fitted, is_one_cell
from ecs_tui.terminal.protocol import NO_COLOUR, RGB, Attribute, Run, Style
from ecs_tui.terminal.selection import Selection

CURSOR = RichStyle(reverse=True)
CURSOR_AWAY = RichStyle(underline=True)
SELECTED = RichStyle(reverse=True)
MATCH = RichStyle(color="black", bgcolor="yellow")
COPY_CURSOR = RichStyle(reverse=True, bold=True, underline=True)
_DEFAULT = Color.default()
_NULL = RichStyle.null()
_CUBE = (0, 95, 135, 175, 215, 255)
"""The levels of the 6x6x6 cube in the 256 colours (xterm's 256colres.pl)."""


class CellLine:
    """A row of the screen as segments, each with its width in cells by the engine's count.

    The engine's count is used rather than Rich's: programs in the container move the cursor by it,
    and so does a terminal that supports the characters. If the two counts of a segment differ, it
    contains only one cell.
    """

    __slots__ = ("_pieces",)

    def __init__(self, pieces: list[tuple[Segment, int]]) -> None:
        self._pieces = pieces

    @classmethod
    def of(
        cls,
        runs: Sequence[Run],
        style_of: Callable[[int], RichStyle],
        text_of: Callable[[Run], str] | None = None,
    ) -> CellLine:
        """The line for the runs of a row.

        Args:
            style_of: Rich's style for the number of a style.
            text_of: The text to draw for a run, as wide as the run; None for the default.
        """
        text_of = text_of or _text
        return cls(
            [
                (Segment(text_of(run), style_of(run.style)), run.width)
                for run in runs
                if run.width > 0
            ]
        )

    def cut(self, first: int, last: int) -> list[tuple[Segment, int]]:
        """(segment, width in cells) for the cells from `first` to `last` - 1."""
        found: list[tuple[Segment, int]] = []
        at = 0
        for segment, width in self._pieces:
            start, end = max(first - at, 0), min(last - at, width)
            at += width
            if start >= end:
                continue
            if end - start == width:
                found.append((segment, width))
            elif cell_len(segment.text) != width:
                found.append((Segment(" " * (end - start), segment.style), end - start))
            else:
                part = segment.split_cells(start)[1] if start else segment
                found.append((part.split_cells(end - start)[0], end - start))
        return found

    def styled(self, first: int, last: int, look: RichStyle) -> CellLine:
        """The line with the style `look` added to the cells from `first` to `last` - 1.

        A reversed cell is drawn without reverse if `look` is reversed, so that it stands out.
        """
        first, last = max(0, first), min(last, self.width)
        if first >= last:
            return self
        over = [
            (Segment(segment.text, _overlaid(segment.style or _NULL, look)), width)
            for segment, width in self.cut(first, last)
        ]
        return CellLine([*self.cut(0, first), *over, *self.cut(last, self.width)])

    def selected(self, line: int, selection: Selection) -> CellLine:
        """The line with its selected cells highlighted; `line` is its number in the scrollback."""
        columns = selection.on_line(line, self.width)
        return self if columns is None else self.styled(*columns, SELECTED)

    @property
    def width(self) -> int:
        """Width in cells."""
        return sum(width for _, width in self._pieces)

    def fitted(self, width: int, plain: RichStyle) -> CellLine:
        """The line cut to `width` cells, or padded with blanks of the style `plain`."""
        missing = width - self.width
        if missing > 0:
            return CellLine([*self._pieces, (Segment(" " * missing, plain), missing)])
        return self if missing == 0 else CellLine(self.cut(0, width))

    def strip(self) -> Strip:
        """The line as Textual draws it."""
        return Strip([segment for segment, _ in self._pieces], self.width)


def ascii_text(run: Run) -> str:
    """The text of a run for a terminal that shows only ASCII."""
    return in_ascii(drawable(run.text), run.width)


def _text(run: Run) -> str:
    text = drawable(run.text)
    size = cell_len(text)
    if size == run.width:
        return text
    if size > run.width and EMOJI_STYLE in text:
        # With the emoji variation selector it is wide; the engine counted it without.
        text = text.replace(EMOJI_STYLE, "")
        if cell_len(text) == run.width:
            return text
    return text if is_one_cell(text, run.width) else fitted(text, run.width)


def _overlaid(style: RichStyle, look: RichStyle) -> RichStyle:
    turned_back = look.reverse and style.reverse
    return style + look + RichStyle(reverse=False) if turned_back else style + look


class Palette:
    """Converts the engine's styles to Rich's.

    Args:
        own: Whether colours 0 to 15 and the default colours are the outer terminal's own, as for a
            program that runs in it directly; otherwise they are those of the app's theme.
        system: The colours that the outer terminal supports.
    """

    def __init__(self, own: bool, system: ColorSystem) -> None:
        self.own = own
        self.system = system
        self.plain = RichStyle.from_color(_DEFAULT, _DEFAULT) if own else _NULL

    def rich_style(self, style: Style) -> RichStyle:
        """Rich's style for one of the engine's."""
        flags = Attribute(style.attributes & 0xFF)
        made = RichStyle(
            color=self._colour(style.fg),
            bgcolor=self._colour(style.bg),
            bold=Attribute.BOLD in flags or None,
            italic=Attribute.ITALIC in flags or None,
            dim=Attribute.FAINT in flags or None,
            blink=Attribute.BLINK in flags or None,
            reverse=Attribute.INVERSE in flags or None,
            conceal=Attribute.INVISIBLE in flags or None,
            strike=Attribute.STRIKE in flags or None,
            overline=Attribute.OVERLINE in flags or None,
            underline=style.underline == 1 or style.underline > 2 or None,
            underline2=style.underline == 2 or None,
        )
        if self.own and self.system is ColorSystem.TRUECOLOR:
            more = _underline(style)
            if more:
                # Rich lacks these, so they are added to its SGR parameters. Terminals with 24-bit
                # colours support them; very old ones would read the digits as colours.
                made._ansi = ";".join(filter(None, [Strip.render_ansi(made, self.system), *more]))
        return made

    def _colour(self, number: int) -> Color | None:
        if number == NO_COLOUR:
            return _DEFAULT if self.own else None
        if number & RGB:
            if self.system is ColorSystem.EIGHT_BIT:
                return Color.from_ansi(nearest_256(number & 0xFFFFFF))
            return Color.from_rgb(number >> 16 & 0xFF, number >> 8 & 0xFF, number & 0xFF)
        return Color.from_ansi(number & 0xFF)


def _underline(style: Style) -> list[str]:
    """SGR 4:3, 4:4 and 4:5 (curly, dotted, dashed) and SGR 58 (underline colour)."""
    more = []
    if 3 <= style.underline <= 5:
        more.append(f"4:{style.underline}")
    colour = style.underline_colour
    if style.underline and colour != NO_COLOUR:
        if colour & RGB:
            more.append(f"58:2::{colour >> 16 & 0xFF}:{colour >> 8 & 0xFF}:{colour & 0xFF}")
        else:
            more.append(f"58:5:{colour & 0xFF}")
    return more


@lru_cache(4096)
def nearest_256(rgb: int) -> int:
    """The number (16 to 255) of the colour that is nearest to 0xRRGGBB by Euclidean distance."""
    wanted = (rgb >> 16 & 0xFF, rgb >> 8 & 0xFF, rgb & 0xFF)
    steps = [min(range(6), key=lambda i: abs(_CUBE[i] - part)) for part in wanted]
    cube = 16 + 36 * steps[0] + 6 * steps[1] + steps[2]
    grey = min(23, max(0, round((sum(wanted) / 3 - 8) / 10)))

    def distance(parts: Sequence[int]) -> int:
        return sum((one - other) ** 2 for one, other in zip(parts, wanted, strict=True))

    in_cube = distance([_CUBE[step] for step in steps])
    return cube if in_cube <= distance([8 + 10 * grey] * 3) else 232 + grey
