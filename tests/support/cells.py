"""The screen of a terminal engine, cell by cell."""

from __future__ import annotations

from rich.cells import cell_len

from ecs_tui.terminal.engine import Engine
from ecs_tui.terminal.protocol import Style


def cells_of(engine: Engine) -> list[list[tuple[str, Style]]]:
    """(text, style) of each cell of an engine's screen, line by line; call it once for an engine.

    The right half of a wide character is "".
    """
    rows = engine.changed()
    styles = {0: Style(), **dict(engine.new_styles())}
    found = []
    for row in rows:
        cells: list[tuple[str, Style]] = []
        for run in row.runs:
            style = styles[run.style]
            for char in run.text:
                cells += [(char, style), ("", style)][: cell_len(char)]
        found.append(cells)
    return found
