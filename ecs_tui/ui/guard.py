"""What handlers, timers and workers of the screen raise unexpectedly: reported, and the app goes on.

Textual ends the app for each of them, and prints a traceback with local variables. Here the message
or the job is lost, not the widget it was for. Only where the screen cannot go on the app ends.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from textual import events
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import ModalScreen, Screen
from textual.worker import NoActiveWorker, WorkerFailed, get_current_worker

from ecs_tui.crash import Crash, report

WINDOW = 10.0
"""Seconds in which failures are counted."""
DRAWINGS = 3
"""Failed drawings within the window after which the screen cannot go on."""
FAILURES = 200
"""Failures of any kind within the window after which it cannot go on: it does nothing else."""
_START = (events.Compose, events.Mount, events.Load)


def install() -> None:
    """From now on a handler that fails costs its message; once for all widgets, Textual's too.

    Textual's own loop ends a widget whose handler fails (`MessagePump._process_messages_loop`):
    what it raises must not arrive there.
    """
    dispatch: Any = MessagePump._dispatch_message
    if getattr(dispatch, "guarded", False):
        return

    async def guarded(self: MessagePump, message: Message) -> None:
        try:
            await dispatch(self, message)
        except Exception as error:
            needed = isinstance(self, App) or (
                isinstance(self, Screen) and not isinstance(self, ModalScreen)
            )
            caught = getattr(self.app, "caught", None)  # None: another app, of a test
            if caught is None or (needed and isinstance(message, _START)):
                raise
            caught(f"{type(self).__name__}.{message.handler_name}", error)
            if isinstance(message, _START) and isinstance(self, ModalScreen):
                self.app.call_later(self.dismiss)  # a dialog that cannot be shown

    guarded.guarded = True  # type: ignore[attr-defined]
    MessagePump._dispatch_message = guarded  # type: ignore[method-assign]


class Failures:
    """Reports what failed, and counts whether the screen can go on."""

    def __init__(self) -> None:
        self._drawings: deque[float] = deque(maxlen=DRAWINGS)
        self._all: deque[float] = deque(maxlen=FAILURES)

    def add(self, job: str, error: BaseException) -> tuple[Crash, bool]:
        """The report of a failure, and whether the screen can go on after it.

        Args:
            job: What failed; "" where only the traceback tells.
        """
        if isinstance(error, WorkerFailed):
            error = error.error
        crash = report(job or _worker() or _where(error), error)
        now = time.monotonic()
        self._all.append(now)
        if crash.drawing:
            self._drawings.append(now)
        return crash, not (_full(self._all, now) or _full(self._drawings, now))


def _full(times: deque[float], now: float) -> bool:
    return len(times) == times.maxlen and now - times[0] < WINDOW


def _worker() -> str:
    try:
        worker = get_current_worker()
    except NoActiveWorker:
        return ""
    return worker.name or worker.group


def _where(error: BaseException) -> str:
    """The first function in the traceback that is none of a library's."""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if "site-packages" not in code.co_filename:
            return code.co_qualname
        trace = trace.tb_next
    return "the screen"
