"""The lines that a session client adds to the remote output: the first, the last, and the reason.

Source: the public session-manager-plugin, `src/sessionmanagerplugin/session/sessionhandler.go`.
"""

from __future__ import annotations

import re

from ecs_tui.model.text import clean
from ecs_tui.session.channel.payloads import agent_words

TAIL_BYTES = 2048
"""Bytes at the end of the output that are searched for the last line."""
_FIRST_LINE = re.compile(rb"^\r*\n?Starting session with SessionId: [^\r\n]*\r*\n")
_FIRST_WORDS = b"Starting session with"
_FIRST_LINE_BYTES = 200
"""Bytes in which the first line must have ended."""
_LAST_LINE = re.compile(rb"(?:\r*\n){0,2}Exiting session with sessionId: ([^\r\n]*)\.(?:\r*\n)*$")
_TEXT = re.compile(rb"SessionId: ([\w-]+) : ([^\r\n]+|\r*\n\r*\n*-+ERROR-+\r*\n(?s:.*))")
_LOST = re.compile(rb"The connection to the session was lost\.[^\r\n]*")


class FirstLine:
    """Removes the client's first line from the output; it is not output of the remote end."""

    def __init__(self) -> None:
        self._held: bytes | None = b""

    def cut(self, data: bytes) -> bytes:
        """`data` without that line; b"" while more data is needed."""
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
    """The text with which the remote end closed the session, or ""."""
    for match in _TEXT.finditer(tail):
        if match.group(1) == session_id.encode():
            return agent_words(match.group(2).decode("utf-8", "replace"))
    return ""


def lost_text(tail: bytes) -> str:
    """The built-in client's message about a connection that it could not resume, or ""."""
    match = _LOST.search(tail)
    return clean(match.group(0).decode("utf-8", "replace")).strip() if match else ""


def closed_by_remote(tail: bytes, session_id: str) -> bool:
    """Whether the remote end closed this session, according to the system plugin's last line."""
    last = _LAST_LINE.search(tail)
    ours = last is not None and last.group(1) == session_id.encode()
    return ours or bool(closing_text(tail, session_id))


def without_closing_line(data: bytes) -> bytes:
    """`data` without the plugin's last line, so that `ecs-tui exec` writes only remote output."""
    return _LAST_LINE.sub(b"", data)
