"""What a session client prints around the remote's output: a first line, a last one, and the reason.

Source: the public session-manager-plugin, `src/sessionmanagerplugin/session/sessionhandler.go`.
"""

from __future__ import annotations

import re

from ecs_tui.model.words import clean

TAIL_BYTES = 2048
"""Bytes of the latest output in which the last line is looked for."""
_FIRST_LINE = re.compile(rb"^\r*\n?Starting session with SessionId: [^\r\n]*\r*\n")
_FIRST_WORDS = b"Starting session with"
_FIRST_LINE_BYTES = 200
_LAST_LINE = re.compile(rb"(?:\r*\n){0,2}Exiting session with sessionId: ([^\r\n]*)\.(?:\r*\n)*$")
_TEXT = re.compile(rb"SessionId: ([\w-]+) : ([^\r\n]+)")
_LOST = re.compile(rb"The connection to the session was lost\.[^\r\n]*")


class FirstLine:
    """Cuts the client's first line out of the output; it is nothing that the remote wrote."""

    def __init__(self) -> None:
        self._held: bytes | None = b""

    def cut(self, data: bytes) -> bytes:
        """`data` without that line; b"" while more is needed to tell."""
        if self._held is None:
            return data
        data = self._held + data
        match = _FIRST_LINE.match(data)
        if match:
            self._held = None
            return data[match.end() :]
        start = data.lstrip(b"\r\n")[: len(_FIRST_WORDS)]
        if len(data) < _FIRST_LINE_BYTES and _FIRST_WORDS[: len(start)] == start:
            self._held = data
            return b""
        self._held = None
        return data


def closing_text(tail: bytes, session_id: str) -> str:
    """The text with which the far end closed the session, "" without one."""
    for match in _TEXT.finditer(tail):
        if match.group(1) == session_id.encode():
            return clean(match.group(2).decode("utf-8", "replace")).strip()
    return ""


def lost_text(tail: bytes) -> str:
    """The built-in client's sentence about a connection that it could not resume, or ""."""
    match = _LOST.search(tail)
    return clean(match.group(0).decode("utf-8", "replace")).strip() if match else ""


def closed_by_remote(tail: bytes, session_id: str) -> bool:
    """Whether the system's plugin said at last that the far end closed this session."""
    last = _LAST_LINE.search(tail)
    ours = last is not None and last.group(1) == session_id.encode()
    return ours or bool(closing_text(tail, session_id))


def without_goodbye(data: bytes) -> bytes:
    """`data` without the plugin's last line, for `ecs-tui exec`'s clean stdout."""
    return _LAST_LINE.sub(b"", data)
