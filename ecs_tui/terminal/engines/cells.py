"""Which text of a cell may be drawn, and cells whose width Rich would count differently."""

from __future__ import annotations

import re

from rich.cells import cell_len, get_character_cell_size

JOINER = "\u200d"
EMOJI_STYLE = "\ufe0f"
MAX_CLUSTER_CODE_POINTS = 32
"""Maximum code points drawn in one cell; the longest emoji sequences have about ten."""

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
_STEERING = re.compile("[\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\ud800-\udfff]")
"""Format characters that move or reorder the text after them on the outer terminal: marks,
embeddings, overrides and isolates of the bidirectional algorithm (UAX #9), line and paragraph
separators, interlinear annotation. Also surrogates, which cannot be encoded."""


def drawable(text: str) -> str:
    """`text` without characters that control the outer terminal.

    Control characters become blanks, and the format characters of `_STEERING` are removed. All
    others are kept, even if Python's Unicode tables do not contain them: private-use glyphs, new
    characters, joiners.
    """
    if text.isprintable():
        return text
    return _STEERING.sub("", _CONTROLS.sub(" ", text))


def stands_alone(text: str, width: int) -> bool:
    """Whether a cell of `width` must be a separate run.

    It must if Rich counts a different width than the engine, or would combine the text with that of
    the cells next to it.
    """
    if text.isascii():
        return False
    return JOINER in text or EMOJI_STYLE in text or cell_len(text) != width


def is_one_cell(text: str, width: int) -> bool:
    """Whether `text` can be the text of one cell of `width`, although Rich counts differently.

    The worker that sends the width may be compromised. So a different count is accepted only for
    one character with a width, or for one joined sequence.
    """
    if width not in (1, 2) or not 0 < len(text) <= MAX_CLUSTER_CODE_POINTS:
        return False
    spacing = sum(get_character_cell_size(char) > 0 for char in text)
    return spacing <= 1 + text.count(JOINER)


def fitted(text: str, width: int) -> str:
    """`text` cut or padded to exactly `width` cells by Rich's count."""
    kept: list[str] = []
    used = 0
    for char in text[: width * MAX_CLUSTER_CODE_POINTS]:
        size = cell_len(char)
        if used + size > width:
            break
        kept.append(char)
        used += size
    return "".join(kept) + " " * (width - used)
