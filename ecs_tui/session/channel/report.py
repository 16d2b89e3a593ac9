"""What the built-in client tells the app beside the terminal: one JSON object a line, on a pipe.

It is apart from the terminal's bytes, so that nothing that a container prints can pretend to be it.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping

from msgspec import Struct

from ecs_tui.session.channel.payloads import PayloadError, read

VARIABLE = "ECS_TUI_REPORT_FD"
"""Names the descriptor to write to."""
LONGEST = 4096
_WORDS = 500
"""Characters of a report; a character is at most 6 bytes of JSON, and a line at most `LONGEST`."""
STALLED, ANSWERING, RESUMING, RESUMED, ENCRYPTED = (
    "stalled", "answering", "resuming", "resumed", "encrypted",
)  # fmt: skip
CLOSED, EXIT, LOST = "closed", "exit", "lost"
"""The far end closed the session (with its text); the command's exit status; why no connection."""


class Report(Struct, frozen=True):
    """One event and, where it has one, its words."""

    event: str
    words: str = ""


class Reporter:
    """The client's end; without a descriptor it says nothing."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        text = environ.get(VARIABLE, "")
        self._fd = int(text) if text.isdigit() else -1

    def say(self, event: str, words: str = "") -> None:
        """Tell the app; one that is gone is not missed."""
        if self._fd >= 0:
            line = json.dumps({"event": event, "words": words[:_WORDS]}) + "\n"
            with contextlib.suppress(OSError):
                os.write(self._fd, line.encode())


class Reading:
    """The app's end: cuts bytes into reports. Lines that are none are left out."""

    def __init__(self) -> None:
        self._buffer = b""

    def take(self, data: bytes) -> list[Report]:
        """The reports that are whole after `data`."""
        *lines, rest = (self._buffer + data).split(b"\n")
        self._buffer = rest[-LONGEST:]
        found = []
        for line in lines:
            with contextlib.suppress(PayloadError):
                found.append(read(line, Report))
        return found
