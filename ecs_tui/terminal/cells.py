"""What of a cell's text may be drawn, and which cells' widths the toolkit would count wrongly."""

from __future__ import annotations

import re

from rich.cells import cell_len, get_character_cell_size

JOINER = "\u200d"
EMOJI_STYLE = "\ufe0f"
MAX_CLUSTER = 32
"""Code points of one cell that are drawn; the longest emoji sequences have about ten."""

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
_STEERING = re.compile("[\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\ud800-\udfff]")
"""Format characters that move or turn what follows them on the outer terminal: marks, embeddings,
overrides and isolates of the bidirectional algorithm (UAX #9), line and paragraph separators,
interlinear annotation; and surrogates, which no encoding can write."""


def drawable(text: str) -> str:
    """`text` with nothing left in it that steers the outer terminal.

    Controls become blanks, steering format characters go. Everything else stays, whatever this
    Python's Unicode tables know of it: private-use glyphs, new characters, joiners.
    """
    if text.isprintable():
        return text
    return _STEERING.sub("", _CONTROLS.sub(" ", text))


def stands_alone(text: str, width: int) -> bool:
    """Whether a cell of `width` must be a run of its own.

    That is where the toolkit counts another width than the engine, or would count the text
    together with its neighbours'.
    """
    if text.isascii():
        return False
    return JOINER in text or EMOJI_STYLE in text or cell_len(text) != width


def is_one_cell(text: str, width: int) -> bool:
    """Whether `text` can be what an engine puts into one cell of `width`.

    The worker that says so may be in hostile hands: only one character that takes space, or one
    joined sequence, may differ from what the toolkit counts.
    """
    if width not in (1, 2) or not 0 < len(text) <= MAX_CLUSTER:
        return False
    spacing = sum(get_character_cell_size(char) > 0 for char in text)
    return spacing <= 1 + text.count(JOINER)


def fitted(text: str, width: int) -> str:
    """`text` made exactly `width` cells wide, where engine and screen count differently."""
    kept: list[str] = []
    used = 0
    for char in text[: width * MAX_CLUSTER]:
        size = cell_len(char)
        if used + size > width:
            break
        kept.append(char)
        used += size
    return "".join(kept) + " " * (width - used)
