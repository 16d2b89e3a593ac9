"""Prints all output: replaces control characters and fits the text to the stream's encoding."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import sys
from functools import cache
from typing import TextIO

from ecs_tui.system.streams import OutputFailed, written

_ASCII = str.maketrans(
    {
        "●": "ok", "◐": "..", "▲": "!", "✖": "x", "○": "-",
        "…": "...", "→": "->", "·": "-", "–": "-", "—": "-", "×": "x",
        "“": '"', "”": '"', "‘": "'", "’": "'", "�": "?",
    }
)  # fmt: skip
"""ecs-tui's own symbols, for streams that cannot encode them (LANG=C, PYTHONIOENCODING=ascii)."""
_SIGN_CELLS = 2
"""Width in cells of the widest status icon in ASCII."""


def echo(text: str = "", *, err: bool = False, raw: bool = False, end: str = "\n") -> None:
    """Print `text` and a line end.

    Control, format and bidi characters, except line ends and tabs, become `�`. If the stream cannot
    encode the text, ecs-tui's own symbols become ASCII and others are escaped (`\\xfc`).

    Args:
        err: Whether to print to stderr instead of stdout.
        raw: Whether the terminal is in raw mode, where a line end needs a carriage return.
        end: Printed after the text, unchanged.

    Raises:
        OutputFailed: Writing to stdout failed. Errors of stderr are ignored.
    """
    stream = sys.stderr if err else sys.stdout
    if stream is None:  # closed before the program started
        if err:
            return
        raise OutputFailed(OSError(errno.EBADF, "it is closed"))
    text = showable("\n".join(map(_harmless, text.split("\n"))), stream) + end
    if raw:
        text = text.replace("\n", "\r\n")
    if not err:
        with written():
            stream.write(text)
        return
    with contextlib.suppress(OSError):  # there is no other stream for the message
        stream.write(text)
        stream.flush()


def showable(text: str, stream: TextIO | None = None) -> str:
    """`text` for a stream (stdout by default); unchanged if the stream can encode all of it."""
    encoding = encoding_of(stream)
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_ASCII)
        return text.encode(encoding, "backslashreplace").decode(encoding)
    return text


def sign(each: str) -> str:
    """A status icon for the start of a line on stdout, padded so that texts after it line up."""
    if can_show("●"):
        return each
    return showable(each).ljust(_SIGN_CELLS)


def can_show(text: str) -> bool:
    """Whether stdout can encode all of `text`."""
    try:
        text.encode(encoding_of(None))
    except UnicodeEncodeError:
        return False
    return True


def encoding_of(stream: TextIO | None) -> str:
    """The encoding of a stream (stdout by default); a terminal has the encoding of the locale.

    In the C locale, Python's streams use UTF-8 (PEP 538, PEP 540), but the terminal does not.
    """
    found = stream or sys.stdout
    if found is not None and found.isatty() and _ascii_terminal():
        return "ascii"
    return getattr(found, "encoding", None) or "utf-8"


@cache
def _ascii_terminal() -> bool:
    from ecs_tui.system.terminal_type import started_with, utf8_locale

    return not os.environ.get("PYTHONIOENCODING") and not utf8_locale(started_with())[0]


def echo_json(value: object) -> None:
    """Print `value` as JSON; characters that `echo` would replace are escaped."""
    echo(json_text(value))


_SURROGATE = re.compile("[\ud800-\udfff]")


def json_text(value: object, *, indent: int | None = 2) -> str:
    """`value` as JSON; characters that `echo` would replace are escaped.

    Args:
        indent: Columns by which each level is indented; None for one line.
    """
    text = well_formed(json.dumps(value, indent=indent, ensure_ascii=False))
    if not can_show(text):
        return json.dumps(json.loads(text), indent=indent)
    return "\n".join(
        line if line.isprintable() else "".join(map(_escape, line)) for line in text.split("\n")
    )


def well_formed(text: str) -> str:
    """`text` with `�` in place of lone surrogates.

    JSON of AWS may have them as escapes; UTF-8 has none, and strict parsers such as jq refuse them.
    """
    return text if text.isascii() else _SURROGATE.sub("�", text)


def _harmless(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() or char == "\t" else "�" for char in line)


def _escape(char: str) -> str:
    return char if char.isprintable() else json.dumps(char)[1:-1]
