"""How cells look on the outer terminal: engine styles as Rich's, looks laid over strips, widths made to fit."""

from __future__ import annotations

from rich.cells import cell_len
from rich.color import Color
from rich.style import Style as RichStyle
from textual.strip import Strip

from ecs_tui.terminal.frame import NO_COLOUR, RGB, Attribute, Style
from ecs_tui.terminal.selection import Selection

CURSOR = RichStyle(reverse=True)
CURSOR_AWAY = RichStyle(underline=True)
SELECTED = RichStyle(reverse=True)
HIT = RichStyle(color="black", bgcolor="yellow")
COPY_CURSOR = RichStyle(reverse=True, bold=True, underline=True)


def styled(strip: Strip, first: int, last: int, look: RichStyle) -> Strip:
    """`strip` with a look over the cells from `first` to before `last`."""
    first, last = max(0, first), min(last, strip.cell_length)
    if first >= last:
        return strip
    parts = strip.divide([first, last, strip.cell_length])
    return Strip.join([parts[0], parts[1].apply_style(look), *parts[2:]])


def selected(strip: Strip, line: int, selection: Selection) -> Strip:
    columns = selection.on_line(line, strip.cell_length)
    return strip if columns is None else styled(strip, *columns, SELECTED)


def fitted(text: str, width: int) -> str:
    """`text` made exactly `width` cells wide, where engine and screen count differently."""
    kept: list[str] = []
    used = 0
    for char in text:
        size = cell_len(char)
        if used + size > width:
            break
        kept.append(char)
        used += size
    return "".join(kept) + " " * (width - used)


def _colour(number: int) -> Color | None:
    if number == NO_COLOUR:
        return None
    if number & RGB:
        return Color.from_rgb(number >> 16 & 0xFF, number >> 8 & 0xFF, number & 0xFF)
    return Color.from_ansi(number & 0xFF)


def rich_style(style: Style) -> RichStyle:
    flags = Attribute(style.attributes & 0xFF)
    return RichStyle(
        color=_colour(style.fg),
        bgcolor=_colour(style.bg),
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
