"""The one place that prints: what comes from outside cannot steer the terminal."""

from __future__ import annotations

import contextlib
import errno
import json
import sys
from typing import Any

from ecs_tui.streams import OutputFailed, written


def echo(text: str = "", *, err: bool = False, raw: bool = False) -> None:
    """Print `text` and end the line.

    Of control, format and bidi characters only line ends and tabs are left; what the stream's
    encoding lacks becomes `?`.

    Args:
        err: To stderr instead of stdout.
        raw: The terminal is in raw mode: line ends need a carriage return.

    Raises:
        OutputFailed: Standard output does not take it. Of stderr nothing is raised.
    """
    stream = sys.stderr if err else sys.stdout
    if stream is None:  # closed before the program began
        if err:
            return
        raise OutputFailed(OSError(errno.EBADF, "it is closed"))
    if not text.isprintable():
        text = "".join(char if char.isprintable() or char in "\n\t" else "�" for char in text)
    text += "\n"
    if raw:
        text = text.replace("\n", "\r\n")
    encoding = stream.encoding or "utf-8"
    text = text.encode(encoding, "replace").decode(encoding)
    if not err:
        with written():
            stream.write(text)
        return
    with contextlib.suppress(OSError):  # there is no other place where it could be said
        stream.write(text)
        stream.flush()


def echo_json(value: Any) -> None:
    """Print `value` as JSON, in which what `echo` would take out is escaped."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    echo("".join(char if char.isprintable() or char == "\n" else _escape(char) for char in text))


def _escape(char: str) -> str:
    return json.dumps(char)[1:-1]
