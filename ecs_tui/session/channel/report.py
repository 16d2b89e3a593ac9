"""Reports from the built-in client to the app: one JSON object per line, on a separate pipe.

The pipe is separate from the terminal, so that a container's output cannot fake a report.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping

from msgspec import Struct

from ecs_tui.session.channel.payloads import PayloadError, read

VARIABLE = "ECS_TUI_REPORT_FD"
"""The variable with the descriptor to write to."""
MAX_LINE_BYTES = 4096
"""Maximum bytes of a line; a longer one is not a report."""
_MAX_WORDS_CHARACTERS = 500
"""Maximum characters of a report's text. Each takes at most 6 bytes of JSON, so that a report fits
in `MAX_LINE_BYTES`."""
STALLED, ANSWERING, RESUMING, RESUMED, ENCRYPTED = (
    "stalled", "answering", "resuming", "resumed", "encrypted",
)  # fmt: skip
CLOSED, EXIT, LOST = "closed", "exit", "lost"
"""Events with a text: the reason of the remote end; the command's exit status; why the connection
was lost."""


class Report(Struct, frozen=True):
    """One event, and its text if it has one."""

    event: str
    words: str = ""


class Reporter:
    """The client's end; without a descriptor it does nothing."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        text = environ.get(VARIABLE, "")
        self._fd = int(text) if text.isdigit() else -1

    def say(self, event: str, words: str = "") -> None:
        """Send a report; errors are ignored if the app is gone."""
        if self._fd >= 0:
            line = json.dumps({"event": event, "words": words[:_MAX_WORDS_CHARACTERS]}) + "\n"
            with contextlib.suppress(OSError):
                os.write(self._fd, line.encode())


class ReportReader:
    """The app's end: splits bytes into reports. Invalid lines are ignored."""

    def __init__(self) -> None:
        self._buffer = b""

    def take(self, data: bytes) -> list[Report]:
        """The reports that are complete after `data`."""
        *lines, rest = (self._buffer + data).split(b"\n")
        self._buffer = rest[-MAX_LINE_BYTES:]
        found = []
        for line in lines:
            with contextlib.suppress(PayloadError):
                found.append(read(line, Report))
        return found
