"""Replacements of the same width for characters that the terminal cannot show."""

from __future__ import annotations

import re

from rich.cells import cell_len

_SIGNS = {
    "●": "*", "◐": "~", "○": "o", "▲": "!", "✖": "x", "✓": "+", "★": "*", "▸": ">", "⏺": "*",
    "⏎": "$", "␡": "?", "⇉": "=", "…": ".", "›": ">", "–": "-", "“": '"', "”": '"', "‘": "'",
    "’": "'", "→": ">", "←": "<", "↑": "^", "↓": "v", "�": "?", "•": "*", "▼": "v", "▶": ">",
    "◀": "<",
}  # fmt: skip
"""Symbols that are neither in the Linux console's fonts (256 or 512 glyphs) nor in ASCII."""
_SHAPES = {
    "╭": "┌", "╮": "┐", "╰": "└", "╯": "┘", "━": "─", "┃": "│", "╸": "─", "╺": "─", "╴": "─",
    "╶": "─", "╌": "─", "┄": "─", "┈": "─", "╎": "│", "┆": "│", "┊": "│", "┏": "┌", "┓": "┐",
    "┗": "└", "┛": "┘", "╱": "/", "╲": "\\", "▁": "_", "▂": "_", "▃": "▄", "▅": "▄", "▆": "█",
    "▇": "█", "▔": "▀", "▏": "│", "▎": "▌", "▍": "▌", "▋": "▌", "▊": "█", "▉": "█", "▕": "▐",
}  # fmt: skip
"""Lines and blocks that the console's fonts lack, and the most similar ones in code page 437."""
_ASCII = {
    **dict.fromkeys("─═", "-"), **dict.fromkeys("│║▌▐", "|"), **dict.fromkeys("▀▄█▓▒░", "#"),
    "\u00a0": " ", "·": "-", "×": "x", "°": "o", "±": "~",
}  # fmt: skip
_CORNERS = range(0x250C, 0x2580)
"""Box-drawing characters (U+250C to U+257F): corners, tees, crosses; not the plain lines."""

CONSOLE = str.maketrans({**_SIGNS, **_SHAPES})
"""For `str.translate`: characters that the Linux console can show instead."""


def _in_ascii() -> dict[int, str]:
    table = dict.fromkeys(map(chr, _CORNERS), "+") | _ASCII | _SIGNS
    for shape, nearest in _SHAPES.items():
        table[shape] = table.get(nearest, nearest)
    table |= dict.fromkeys("▂▃▄▅▆▇", "_") | {"▔": "-", "▊": "|", "▉": "|"}
    return {ord(char): found for char, found in table.items()}


ASCII = _in_ascii()
"""For `str.translate`: ASCII for symbols, lines and blocks; other characters are unchanged."""
_OTHER = re.compile(r"[^\x00-\x7f]+")


def in_ascii(text: str, width: int | None = None) -> str:
    """`text` in ASCII: similar characters for symbols and lines, one `?` per cell for all others.

    Args:
        width: The width of `text` in cells, if the engine counts differently from `cell_len`.
    """
    if text.isascii():
        return text
    width = cell_len(text) if width is None else width
    plain = _OTHER.sub(lambda found: "?" * cell_len(found[0]), text.translate(ASCII))
    # A joiner or a mark may have been counted together with the character before it.
    return plain[:width].ljust(width, "?")
