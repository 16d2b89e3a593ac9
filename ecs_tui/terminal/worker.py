"""The worker: the process, one per pane, that runs the terminal engine and sends frames.

It has a socket and nothing else: no environment, no other descriptor, no core dump, limited memory.
It ends when its socket closes.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import socket
import sys
import time

import msgspec

from ecs_tui.terminal.engine import Engine, clamp
from ecs_tui.terminal.engines.make import make_engine
from ecs_tui.terminal.protocol import (
    AskLink,
    AskRange,
    AskSpan,
    AskText,
    BrokenLink,
    Done,
    Feed,
    Frame,
    FromWorker,
    Reader,
    Render,
    Rendered,
    Resize,
    Scroll,
    ScrollTo,
    Span,
    Text,
    ToWorker,
    Watched,
    encode,
    to_worker,
)

FRAME_SECONDS = 1 / 60
"""Minimum seconds between two frames."""
FLOOD_BYTES = 48 * 1024
FLOOD_FRAME_SECONDS = 1 / 15
"""Minimum seconds between frames in a flood, which is more than `FLOOD_BYTES` since the last frame.
Nobody can read 60 of them a second, and drawing each one takes CPU time in the app."""
UNSEEN_FRAME_SECONDS = 0.5
"""Minimum seconds between frames of a hidden pane; they still carry bell, title and replies."""
MAX_HOLD_SECONDS = 0.15
"""Maximum seconds for which a program may pause drawing (synchronised output, mode 2026)."""
MAX_MEMORY_BYTES = 1 << 30
"""Maximum bytes of address space, so that hostile output cannot use up the machine's memory."""
READ_BYTES = 256 * 1024
"""Maximum bytes per read."""
MAX_ANSWER_CHARACTERS = 8 << 20
"""Maximum characters of a text that the app requests, so that it fits into one message."""


def limit_resources() -> None:
    """Limit this process's priority, memory, descriptors and core dumps."""
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    if sys.platform == "linux":  # macOS does not enforce it and refuses small values
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))


class Worker:
    """Handles messages and sends frames: at once after a pause, otherwise at most 60 a second."""

    def __init__(self, sock: socket.socket, engine: Engine, name: str = "auto") -> None:
        self._socket = sock
        self._engine = engine
        self._name = name
        self._reader = Reader()
        self._pieces = 0
        self._dirty = True
        self._sent_at = 0.0
        self._held_since = 0.0
        self._frame_time = FRAME_SECONDS
        self._fed = 0

    def run(self) -> None:
        """Serve until the socket closes."""
        while True:
            ready, _, _ = select.select([self._socket], [], [], self._wait())
            if ready:
                data = self._socket.recv(READ_BYTES)
                if not data:
                    return
                for body in self._reader.take(data):
                    self._handle(to_worker.decode(body))
                    if self._wait() == 0.0:
                        self._draw()
            elif self._dirty:
                self._draw()

    def _wait(self) -> float | None:
        if not self._dirty:
            return None
        pause = (
            max(self._frame_time, FLOOD_FRAME_SECONDS)
            if self._fed > FLOOD_BYTES
            else self._frame_time
        )
        return max(0.0, self._sent_at + pause - time.monotonic())

    def _handle(self, message: ToWorker) -> None:
        engine = self._engine
        if isinstance(message, Feed):
            engine.feed(message.data)
            self._fed += len(message.data)
            if message.replay:
                engine.replies.clear()
                engine.bell, engine.clipboard = False, None
            self._pieces += 1
            self._send(Done(self._pieces))
            self._dirty = True
        elif isinstance(message, Resize):
            engine.resize(message.columns, message.rows)
            self._dirty = True
        elif isinstance(message, Scroll):
            engine.scroll(message.lines)
            self._dirty = True
        elif isinstance(message, ScrollTo):
            history, offset = engine.history()
            if message.top != history - offset:  # of now, not of the frame that the app knows
                at_end = message.top >= history
                engine.scroll(0 if at_end else message.top - history + offset)
                self._dirty = True
        elif isinstance(message, Watched):
            self._frame_time = FRAME_SECONDS if message.seen else UNSEEN_FRAME_SECONDS
        elif isinstance(message, AskText):
            self._send(
                Text(message.request, engine.text(message.everything)[-MAX_ANSWER_CHARACTERS:])
            )
        elif isinstance(message, AskRange):
            start, end = (message.x1, message.y1), (message.x2, message.y2)
            text = engine.range_text(start, end, message.block)
            self._send(Text(message.request, text[:MAX_ANSWER_CHARACTERS]))
        elif isinstance(message, AskSpan):
            span = engine.span((message.x, message.y), message.whole_line)
            first, last = span or ((-1, -1), (-1, -1))
            self._send(Span(message.request, *first, *last))
        elif isinstance(message, AskLink):
            self._send(Text(message.request, engine.hyperlink((message.x, message.y))))
        elif isinstance(message, Render):
            self._render(message)
        else:
            if self._dirty:
                self._draw()  # first: the app counts lines from the one at the top of the frame
            self._send(Text(message.request, "\n".join(engine.lines())[-MAX_ANSWER_CHARACTERS:]))

    def _render(self, message: Render) -> None:
        from ecs_tui.terminal.rendered import SCROLLBACK_ROWS, render

        columns, rows = clamp(message.columns, message.rows)
        engine = make_engine(self._name, columns, rows, SCROLLBACK_ROWS)
        found = render(engine, message.data, message.offsets)
        self._send(
            Rendered(message.request, found.rows, engine.new_styles(), found.dropped, found.at)
        )

    def _draw(self) -> None:
        now = time.monotonic()
        engine = self._engine
        if engine.holding():
            self._held_since = self._held_since or now
            if now - self._held_since < MAX_HOLD_SECONDS:
                self._sent_at = now
                return
        self._held_since = 0.0
        changed = engine.changed()
        cursor = engine.cursor()
        columns, rows = engine.size
        history, offset = engine.history()
        frame = Frame(
            columns,
            rows,
            changed,
            engine.new_styles(),
            cursor.x,
            cursor.y,
            cursor.visible,
            cursor.shape,
            engine.modes(),
            engine.title(),
            engine.bell,
            list(engine.replies),
            history,
            offset,
            engine.kitty(),
            engine.clipboard,
        )
        engine.replies.clear()
        engine.bell, engine.clipboard = False, None
        self._dirty = False
        self._fed = 0
        self._sent_at = now
        self._send(frame)

    def _send(self, message: FromWorker) -> None:
        self._socket.sendall(encode(message))


def main() -> None:
    """`argv`: engine, columns, rows, scrollback; the socket is descriptor 0."""
    name, columns, rows, scrollback = sys.argv[1:5]
    sock = socket.socket(fileno=0)
    sock.setblocking(True)
    engine = make_engine(name, int(columns), int(rows), int(scrollback))
    limit_resources()
    # The app has closed its end or sends invalid messages: exit.
    with contextlib.suppress(ConnectionError, BrokenLink, msgspec.DecodeError):
        Worker(sock, engine, name).run()
    os._exit(0)
