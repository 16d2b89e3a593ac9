"""The background of the operator's terminal, asked for once, so that the theme can follow it.

The answer is a report of the terminal: `input.py` recognises it, also in pieces and late, and it is
never typed. Source: xterm's ctlseqs, "Operating System Commands", Ps = 1 1.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping

from textual import events

QUERY = "\x1b]11;?\x1b\\"
ANSWER_SECONDS = 2.0
"""Seconds in which the answer counts; later, the colours would change under the operator's eyes."""
LEAVING_SECONDS = 0.3
"""Seconds to wait, on leaving the screen, for an answer that is still to come: after that it would be
typed into the next program. Over ssh an answer takes one round trip."""
_ANSWER = re.compile(
    rb"\x1b\]11;rgba?:([0-9a-f]{1,4})/([0-9a-f]{1,4})/([0-9a-f]{1,4})(?:/[0-9a-f]{1,4})?(?:\x07|\x1b\\)",
    re.IGNORECASE,
)
_LIGHT_NUMBERS = {7, *range(9, 16)}
"""Palette numbers of light backgrounds; 8 is dark grey (Vim's `background` option)."""


class BackgroundReport(events.Event):
    """The terminal has answered in time; `light` says whether its background is light."""

    def __init__(self, light: bool) -> None:
        super().__init__()
        self.light = light


class BackgroundQuery:
    """The question, asked at most once. The screen's thread asks, the input thread reads the answer.

    Args:
        wanted: Whether to ask at all.
        clock: Seconds, monotonic.
    """

    def __init__(self, wanted: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._wanted, self._clock = wanted, clock
        self._asked_at: float | None = None
        self._answered = threading.Event()

    def ask(self) -> str:
        """The bytes to send, as text; "" if it has been asked already, or is not wanted."""
        if not self._wanted or self._asked_at is not None:
            return ""
        self._asked_at = self._clock()
        return QUERY

    def take(self) -> bool:
        """Whether an answer that has just arrived is the one to this question, and in time."""
        if self._asked_at is None or self._answered.is_set():
            return False
        self._answered.set()
        return self._clock() - self._asked_at <= ANSWER_SECONDS

    def settle(self) -> None:
        """Wait for an answer that may still come; not in the input thread, which reads it."""
        if self._asked_at is not None and self._clock() - self._asked_at < ANSWER_SECONDS:
            self._answered.wait(LEAVING_SECONDS)


def light_background(report: bytes) -> bool | None:
    """Whether a terminal's report says that its background is light; None for another report."""
    match = _ANSWER.fullmatch(report)
    if match is None:
        return None
    red, green, blue = (int(part, 16) / (16.0 ** len(part) - 1) for part in match.groups())
    return 0.299 * red + 0.587 * green + 0.114 * blue > 0.5  # luma: ITU-R BT.601


def light_by_environment(environ: Mapping[str, str]) -> bool | None:
    """Whether COLORFGBG says that the background is light; None if it does not say.

    rxvt, Konsole and others set it: the palette numbers of foreground and background, such as
    `0;15` or `0;default;15`.
    """
    last = environ.get("COLORFGBG", "").rpartition(";")[2]
    return int(last) in _LIGHT_NUMBERS if last.isascii() and last.isdigit() else None
