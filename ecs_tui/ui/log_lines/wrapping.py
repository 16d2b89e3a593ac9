"""Where a text is cut into rows of the screen."""

from __future__ import annotations

from rich.cells import cell_len, get_character_cell_size


def row_spans(text: str, width: int) -> list[tuple[int, int]]:
    """The rows of a text: where each starts and ends (not included). Never empty.

    A character that is two cells wide is not cut in two.
    """
    width = max(2, width)
    if not text:
        return [(0, 0)]
    if text.isascii():
        return [(at, min(at + width, len(text))) for at in range(0, len(text), width)]
    spans, start, cells = [], 0, 0
    for at, char in enumerate(text):
        size = get_character_cell_size(char)
        if cells + size > width:
            spans.append((start, at))
            start, cells = at, 0
        cells += size
    return [*spans, (start, len(text))]


def fitting(text: str, width: int) -> int:
    """How many characters at the start of a text fit into a number of cells."""
    if len(text) <= width and cell_len(text) <= width:
        return len(text)
    return row_spans(text[: max(2, width) * 4], width)[0][1] if width > 0 else 0
