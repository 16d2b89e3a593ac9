"""Unexpected errors in handlers, timers and workers: reported, while the app keeps running.

By default Textual ends the app and prints a traceback with local variables. Here only the message
or the job is lost; the widget stays. The app ends only if the screen cannot continue.
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

from ecs_tui.system.crash import Crash, report

WINDOW_SECONDS = 10.0
"""Length in seconds of the window in which failures are counted."""
MAX_DRAWINGS = 3
"""Drawing failures within the window after which the app ends."""
MAX_FAILURES = 200
"""Failures of any kind within the window after which the app ends: it does nothing else by then."""
_START = (events.Compose, events.Mount, events.Load)


def install() -> None:
    """Patch Textual's message dispatch so that a failed handler loses only its message.

    The patch is installed once and applies to all widgets, including Textual's own. Without it, the
    exception reaches `MessagePump._process_messages_loop`, which ends the widget.
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
            caught = getattr(self.app, "caught", None)  # None: not an EcsTuiApp, in tests
            if caught is None or (needed and isinstance(message, _START)):
                raise
            caught(f"{type(self).__name__}.{message.handler_name}", error)
            if isinstance(message, _START) and isinstance(self, ModalScreen):
                self.app.call_later(self.dismiss)  # a dialog that cannot be shown

    guarded.guarded = True  # type: ignore[attr-defined]
    MessagePump._dispatch_message = guarded  # type: ignore[method-assign]


class Failures:
    """Reports failures, and counts them to decide whether the screen can continue."""

    def __init__(self) -> None:
        self._drawings: deque[float] = deque(maxlen=MAX_DRAWINGS)
        self._all: deque[float] = deque(maxlen=MAX_FAILURES)

    def add(self, job: str, error: BaseException) -> tuple[Crash, bool]:
        """Report a failure; returns the report and whether the screen can continue.

        Args:
            job: What failed; "" if only the traceback shows it.
            error: The error.
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
    return len(times) == times.maxlen and now - times[0] < WINDOW_SECONDS


def _worker() -> str:
    try:
        worker = get_current_worker()
    except NoActiveWorker:
        return ""
    return worker.name or worker.group


def _where(error: BaseException) -> str:
    """The outermost function in the traceback that is not from a library."""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if "site-packages" not in code.co_filename:
            return code.co_qualname
        trace = trace.tb_next
    return "the screen"
