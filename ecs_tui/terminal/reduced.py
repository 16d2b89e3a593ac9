"""Adapts lines to terminals with few colours, attributes or characters."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as Background
from textual.filter import LineFilter

from ecs_tui.system.terminal_type import TerminalType
from ecs_tui.terminal.characters import CONSOLE, in_ascii

MAX_REDUCED_COLOURS = 16
"""Above this many colours, none are reduced here: Rich finds the nearest of 256."""
_BLACK, _WHITE, _GREY = 0, 7, 8
_DARK = {0, 1, 4, 5, 8}
"""Numbers of the 16 colours on which white text is easier to read than black."""


_EDGES = re.compile("[\u2581-\u258f\u2594\u2595]+")
"""Blocks that fill a part of their cells, as used in borders."""


class Reduced(LineFilter):
    """Removes from lines what the terminal does not support. Each app has one.

    Args:
        terminal: What the terminal supports.
        ours: Whether the lines are ecs-tui's own: their text colour is changed if it is hard to
            read. That of programs in containers is changed only if it equals the background.

    Attributes:
        ascii: Whether text is reduced to ASCII.
    """

    def __init__(self, terminal: TerminalType, *, ours: bool = True) -> None:
        super().__init__()
        self._terminal, self._ours = terminal, ours
        self.ascii = terminal.characters == "ascii"
        self._console = terminal.characters == "console"
        self._colours = terminal.colours
        self._attributes = terminal.attributes
        few = terminal.colours <= MAX_REDUCED_COLOURS or not terminal.attributes
        self.enabled = few or terminal.characters != "unicode"
        self._style = lru_cache(4096)(self._reduced) if few else _same

    @cached_property
    def of_programs(self) -> Reduced:
        """The filter for lines of programs in containers."""
        return Reduced(self._terminal, ours=False)

    def apply(self, segments: list[Segment], background: Background) -> list[Segment]:
        """The line as the terminal can show it, with the same width."""
        return [self._segment(segment) for segment in segments]

    def _segment(self, segment: Segment) -> Segment:
        text, style, control = segment
        if self.ascii:
            text = in_ascii(text)
        elif self._console and not text.isascii():
            text = text.translate(CONSOLE)
        if style is None:
            return Segment(text, None, control)
        if style.conceal and not self._attributes:
            text = " " * len(text)
        if not self._colours and _EDGES.fullmatch(segment.text):
            style = style.without_color + Style(meta=style.meta or None)  # no reverse
        return Segment(text, self._style(style), control)

    def _reduced(self, style: Style) -> Style:
        fore, back = _nearest(style.color), _nearest(style.bgcolor)
        made = style.without_color if self._attributes else _plain(style)
        bold = reverse = None
        if not self._colours:
            # Reverse replaces a background colour.
            reverse = True if back else None
            fore = back = None
        elif self._colours < MAX_REDUCED_COLOURS:
            if fore is not None and fore >= _GREY:
                fore, bold = (_WHITE, None) if fore == _GREY else (fore - _GREY, True)
            if back is not None and back >= _GREY:
                back = back - _GREY
        if fore is not None and back is not None and self._illegible(fore, back):
            fore = _WHITE if back in _DARK else _BLACK
        return made + Style(
            color=None if fore is None else Color.from_ansi(fore),
            bgcolor=None if back is None else Color.from_ansi(back),
            bold=bold,
            reverse=reverse,
            meta=style.meta or None,  # the action of a click
        )

    def _illegible(self, fore: int, back: int) -> bool:
        """Whether text in the colour `fore` is hard to read on the colour `back`."""
        if fore == back:
            return True
        on_chosen = self._ours and back not in (_BLACK, _WHITE)
        return on_chosen and (fore in _DARK) == (back in _DARK)


def _same(style: Style) -> Style:
    return style


def _nearest(color: Color | None) -> int | None:
    """The number of the nearest of the 16 colours; None for the terminal's default colour."""
    if color is None or color.is_default:
        return None
    if color.number is None or color.number >= MAX_REDUCED_COLOURS:
        color = color.downgrade(ColorSystem.STANDARD)
    return color.number


def _plain(style: Style) -> Style:
    """`style` with only the attributes of a VT100: bold, underlined, blinking, reverse."""
    return Style(
        bold=style.bold,
        underline=style.underline or style.underline2,
        blink=style.blink or style.blink2,
        reverse=style.reverse,
    )
