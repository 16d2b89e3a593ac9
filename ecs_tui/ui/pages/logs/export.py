"""Lines out of the program: copied, saved in a file, or opened in an editor."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from textual.app import SuspendNotSupported

from ecs_tui.config.state import saved_file
from ecs_tui.logs.line import LogLine
from ecs_tui.logs.view import copied
from ecs_tui.model.text import counted
from ecs_tui.system.atomic_file import write_private
from ecs_tui.system.editor import edit_text
from ecs_tui.ui.log_lines.widget import LogLines


def save(lines: Sequence[LogLine], what: str) -> Path:
    """Save lines in a file that only the operator can read; returns its path.

    Raises:
        OSError: It cannot be written.
    """
    path = saved_file("log", what, datetime.now())
    write_private(path, _text(lines))
    return path


async def edit(
    lines: Sequence[LogLine],
    environment: Mapping[str, str],
    terminal: Callable[[], AbstractContextManager[None]],
) -> str:
    """Open lines in the operator's editor and wait, as `edit_text` does."""
    return await edit_text(lambda: [_text(lines)], "lines.log", environment, terminal)


def _text(lines: Sequence[LogLine]) -> bytes:
    return copied(lines).encode("utf-8", "replace")


class LinesOut:
    """What the keys that copy, save and edit do with lines.

    Args:
        lines: The lines.
    """

    def __init__(self, lines: LogLines) -> None:
        self._lines = lines

    @property
    def _chosen(self) -> list[LogLine]:
        """The marked lines, else all that are shown."""
        return self._lines.marked or list(self._lines.shown.lines)

    def copy(self) -> None:
        """Copy the marked lines, else the line under the cursor."""
        line = self._lines.current
        chosen = self._lines.marked or ([] if line is None else [line])
        if chosen:
            self._lines.app.copy_to_clipboard(copied(chosen))
            self._lines.notify(f"Copied {counted(len(chosen), 'line')}.")

    def save(self, what: str) -> None:
        """Save the marked lines, else all that are shown.

        Args:
            what: The subject, for the file's name.
        """
        self._lines.run_worker(self._save(self._chosen, what), group="save logs")

    async def _save(self, chosen: list[LogLine], what: str) -> None:
        try:
            path = await asyncio.to_thread(save, chosen, what)
        except OSError as error:
            self._lines.notify(f"The lines could not be saved: {error.strerror}.")
        else:
            self._lines.notify(f"Saved {counted(len(chosen), 'line')} to {path}", timeout=15)

    def edit(self) -> None:
        """Open the marked lines, else all that are shown, in the operator's editor."""
        self._lines.run_worker(self._edit(self._chosen), group="edit logs", exclusive=True)

    async def _edit(self, chosen: list[LogLine]) -> None:
        try:
            problem = await edit(chosen, os.environ, self._lines.app.suspend)
        except SuspendNotSupported:
            problem = "This terminal cannot be given to an editor."
        except OSError as error:
            problem = f"The lines could not be written to a file: {error.strerror}."
        if problem:
            self._lines.notify(problem)
