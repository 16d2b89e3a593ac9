"""Lines out of the program: copied, saved in a file, or opened in an editor."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from textual.app import SuspendNotSupported

from ecs_tui.config.state import saved_file
from ecs_tui.logs.line import LogLine
from ecs_tui.logs.view import copied
from ecs_tui.model.text import counted
from ecs_tui.system.atomic_file import write_private
from ecs_tui.system.child import open_child
from ecs_tui.ui.log_lines.widget import LogLines


def save(lines: Sequence[LogLine], what: str) -> Path:
    """Save lines in a file that only the operator can read; returns its path.

    Raises:
        OSError: It cannot be written.
    """
    path = saved_file("log", what, datetime.now())
    write_private(path, copied(lines).encode("utf-8", "replace"))
    return path


def editor_command(environment: Mapping[str, str]) -> list[str]:
    """The operator's editor, as words: `$VISUAL`, `$EDITOR`, else vi."""
    for name in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(environment.get(name, ""))
        except ValueError:  # an unclosed quote
            words = []
        if words:
            return words
    return ["vi"]


async def edit(
    lines: Sequence[LogLine],
    environment: Mapping[str, str],
    terminal: Callable[[], AbstractContextManager[None]],
) -> str:
    """Open lines in the operator's editor and wait; returns what went wrong, in a sentence, or "".

    The file is private and is deleted afterwards: what was written into it is lost unless it was
    saved under another name. Shells and lists go on meanwhile.

    Args:
        environment: The variables that name the editor.
        terminal: Gives the terminal away for the time of a block (`App.suspend`).

    Raises:
        OSError: The file cannot be written.
        SuspendNotSupported: This terminal cannot be given away.
    """
    with tempfile.TemporaryDirectory(prefix="ecs-tui-") as folder:
        path = Path(folder) / "lines.log"
        await asyncio.to_thread(_write, lines, path)
        with terminal(), _without_interrupts():
            return await _run([*editor_command(environment), str(path)], environment)


def _write(lines: Sequence[LogLine], path: Path) -> None:
    write_private(path, copied(lines).encode("utf-8", "replace"))


async def _run(argv: list[str], environment: Mapping[str, str]) -> str:
    try:
        editor = open_child(
            argv, stdin=0, stdout=1, stderr=2, env={**os.environ, **environment}
        )  # fmt: skip
    except OSError as error:
        return f"{argv[0]} did not start: {error.strerror}. Set EDITOR to your editor."
    try:
        status = await asyncio.to_thread(_ended, editor)
    except asyncio.CancelledError:
        editor.terminate()
        raise
    return "" if status == 0 else f"{argv[0]} ended with status {status}."


def _ended(editor: subprocess.Popen[bytes]) -> int:
    """Wait for the editor; ctrl+z in it continues it: there is no shell here to go back to."""
    while True:
        _, status = os.waitpid(editor.pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            editor.returncode = os.waitstatus_to_exitcode(status)
            return editor.returncode
        os.kill(editor.pid, signal.SIGCONT)


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Leave ctrl+c to the editor. As a handler, not ignored: the editor would inherit that."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, lambda: None)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)


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
