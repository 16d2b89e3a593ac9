"""A text in the operator's editor, in a private file that is deleted afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from ecs_tui.system.atomic_file import write_private_parts
from ecs_tui.system.child import open_child


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


async def edit_text(
    parts: Callable[[], Iterable[bytes]],
    name: str,
    environment: Mapping[str, str],
    terminal: Callable[[], AbstractContextManager[None]],
) -> str:
    """Open a text in the operator's editor and wait; returns what went wrong, in a sentence, or "".

    The file is private and is deleted afterwards: what was written into it is lost unless it was
    saved under another name. Shells and lists go on meanwhile.

    Args:
        parts: Makes the text in UTF-8, part by part and in a thread: it may be long.
        name: The name of the file; editors take the language from its end.
        environment: The variables that name the editor.
        terminal: Gives the terminal away for the time of a block (`App.suspend`).

    Raises:
        OSError: The file cannot be written.
        SuspendNotSupported: Textual's: this terminal cannot be given away.
    """
    with tempfile.TemporaryDirectory(prefix="ecs-tui-") as folder:
        path = Path(folder) / name
        await asyncio.to_thread(lambda: write_private_parts(path, parts()))
        with terminal(), _without_interrupts():
            return await _run([*editor_command(environment), str(path)], environment)


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
