"""The terminal engines, for tests that run with each of them."""

from __future__ import annotations

import pytest

from ecs_tui.terminal.engine import Engine
from ecs_tui.terminal.engines.make import make_engine

ENGINES = ("ghostty", "pyte")
COLUMNS, ROWS = 40, 10


def engine_called(
    name: str, columns: int = COLUMNS, rows: int = ROWS, scrollback: int = 1000
) -> Engine:
    """Make an engine, or skip the test where its library is not installed.

    Args:
        name: One of `ENGINES`.
        columns: Width in cells.
        rows: Height in cells.
        scrollback: Lines kept above the screen.
    """
    if name == "ghostty":
        pytest.importorskip("pyghostty", reason="no wheel of pyghostty for this platform")
    return make_engine(name, columns, rows, scrollback)
