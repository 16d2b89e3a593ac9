"""Creates a terminal's engine: the configured one, or the best that can be imported."""

from __future__ import annotations

from ecs_tui.errors import TerminalError
from ecs_tui.terminal.engine import Engine


def make_engine(name: str, columns: int, rows: int, scrollback: int) -> Engine:
    """Create the engine `name`: ghostty, pyte, or auto for the best that can be imported.

    Args:
        columns, rows: The screen's size in cells.
        scrollback: Lines of scrollback.

    Raises:
        TerminalError: The engine ghostty is required and cannot be imported.
    """
    if name in ("auto", "ghostty"):
        try:
            from ecs_tui.terminal.engines.ghostty import GhosttyEngine

            return GhosttyEngine(columns, rows, scrollback)
        except (ImportError, OSError) as error:
            if name == "ghostty":
                raise TerminalError(
                    "The terminal engine pyghostty is not available on this platform.",
                    "Use --engine pyte.",
                ) from error
    from ecs_tui.terminal.engines.pyte import PyteEngine

    return PyteEngine(columns, rows, scrollback)
