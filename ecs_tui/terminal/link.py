"""The app's end of the link to a worker: flow control and restarts."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

import msgspec

from ecs_tui.errors import TerminalError
from ecs_tui.record import dataclass
from ecs_tui.terminal.picture import Picture
from ecs_tui.terminal.process import WarmWorker, WorkerProcess
from ecs_tui.terminal.protocol import (
    PLAIN,
    AskLines,
    BrokenLink,
    Done,
    Feed,
    Frame,
    FromWorker,
    Reader,
    Resize,
    Scroll,
    ScrollTo,
    Span,
    Text,
    ToWorker,
    Watched,
    encode,
    from_worker,
)
from ecs_tui.terminal.queries import Queries
from ecs_tui.terminal.replay import Replay
from ecs_tui.terminal.watchdog import Watchdog, usage

PIECE_BYTES = 64 * 1024
"""Maximum bytes of output per message; a piece that crashes the worker is not replayed."""
_RECEIVED = memoryview(bytearray(1 << 18))
"""One buffer for all links, which share an event loop. A new buffer for each read, shortened to the
data, would fragment the heap, and memory would grow."""
COALESCE_BYTES = 16 * 1024
"""From this many waiting bytes, they are sent before the last piece is acknowledged."""
MAX_UNPROCESSED_BYTES = 1 << 20
"""Bytes not yet processed by the worker above which the session is not read."""
MAX_REPLAY_BYTES = 1 << 20
"""Bytes of the latest output that are replayed to a new worker."""
MAX_LOST_BYTES = 1 << 20
"""Maximum bytes of lost output that are kept for saving to a file."""
MAX_DEATHS = 3
DEATH_WINDOW_SECONDS = 60.0
"""After `MAX_DEATHS` failed workers within this time, the pane continues with the engine pyte."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Output that was sent to the worker and is not acknowledged.

    Attributes:
        replay: Whether it was processed already before a restart.
        late: Whether it arrived before a restart. Its queries get no replies: the program that sent
            them no longer waits, and another program would read the replies.
    """

    data: bytes
    replay: bool = False
    late: bool = False


class Link(Queries):
    """The terminal of one pane; it replaces its worker process if that fails.

    Args:
        engine: auto, ghostty or pyte.
        columns: Width in cells.
        rows: Height in cells.
        scrollback: Lines of scrollback.
        on_frame: Called with the numbers of the rows that changed.
        on_reply: Called with bytes to send to the session (replies to device queries).
        on_flow: Called with True to stop reading the session, with False to resume.
        on_redraw: Called after a restart: the program in the container must draw again.
        on_notice: Called with a short message after a failure of the worker.
        on_bell: Called when the program rings the bell.
        on_clipboard: Called with the text that the program asks to copy to the clipboard.
        warm_worker: Provides a worker that is running already.
    """

    def __init__(
        self,
        engine: str,
        columns: int,
        rows: int,
        scrollback: int,
        *,
        on_frame: Callable[[list[int]], None],
        on_reply: Callable[[bytes], None],
        on_flow: Callable[[bool], None],
        on_redraw: Callable[[], None],
        on_notice: Callable[[str], None],
        on_bell: Callable[[], None] = lambda: None,
        on_clipboard: Callable[[str], None] = lambda text: None,
        warm_worker: WarmWorker | None = None,
    ) -> None:
        super().__init__()
        self.engine = engine
        self.picture = Picture(columns, rows)
        self.lost = bytearray()
        self.restarts = 0
        self._size = (columns, rows)
        self._seen = True
        self._scrollback = scrollback
        self._on_frame, self._on_reply, self._on_flow = on_frame, on_reply, on_flow
        self._on_redraw, self._on_notice, self._on_bell = on_redraw, on_notice, on_bell
        self._on_clipboard = on_clipboard
        self._loop = asyncio.get_running_loop()
        self._warm_worker = warm_worker
        self._worker: WorkerProcess | None = None
        self._reader = Reader()
        self._to_send = bytearray()
        self._sent: deque[_Piece] = deque()
        self._queue: deque[bytes] = deque()
        self._behind = 0
        self._under_way = 0
        self._replay = Replay(MAX_REPLAY_BYTES)
        self._late = 0
        self._watchdog: Watchdog | None = None
        self._paused = False
        self._closed = False
        self._held = False
        self._deaths: deque[float] = deque()
        self._watch: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int:
        """The worker's process id, 0 when there is none."""
        return self._worker.child.pid if self._worker is not None else 0

    def start(self) -> None:
        """Start the worker's process; returns at once.

        Raises:
            TerminalError: The process cannot be started.
        """
        worker = (
            self._warm_worker.take(self.engine, self._scrollback) if self._warm_worker else None
        )
        if worker is None:
            worker = WorkerProcess(self.engine, self._scrollback, self._size)
        self._worker = worker
        self._reader = Reader()
        self._to_send.clear()
        self._watchdog = self._new_watchdog()
        self._loop.add_reader(worker.socket, self._readable)
        if worker.size != self._size:
            self._send(Resize(*self._size))
        if not self._seen:
            self._send(Watched(False))
        if self._watch is None:
            self._watch = self._loop.call_later(0.25, self._look)

    def feed(self, data: bytes) -> None:
        """Process output of the session."""
        self._queue.append(data)
        self._behind += len(data)
        self._pump()
        self._flow()

    def resize(self, columns: int, rows: int) -> None:
        """Set the terminal's size, in cells."""
        if (columns, rows) != self._size:
            self._size = (columns, rows)
            self._send(Resize(columns, rows))

    def watched(self, seen: bool) -> None:
        """Set whether the screen is visible; if not, fewer frames are sent."""
        if seen != self._seen:
            self._seen = seen
            self._send(Watched(seen))

    def scroll(self, lines: int) -> None:
        """Move the view by `lines` (negative: up); 0 goes to the bottom."""
        self._send(Scroll(lines))

    def scroll_to(self, top: int) -> None:
        """Move the view to a line, counted from the oldest one; behind the last page: to the bottom."""
        self._send(ScrollTo(top))

    async def hold(self) -> list[str]:
        """Hold output back until `release`, so that lines keep their numbers.

        Output waits here, and above `MAX_UNPROCESSED_BYTES` in the session. Returns the text of
        every row, oldest first; [] if the worker hangs.
        """
        self._held = True
        while self._under_way and not self._closed:  # noqa: ASYNC110 - a worker that hangs is replaced
            await asyncio.sleep(0.005)
        answer = await self.ask(AskLines)
        return answer.text.split("\n") if isinstance(answer, Text) else []

    def release(self) -> None:
        """Process output again."""
        self._held = False
        self._pump()

    @property
    def waiting(self) -> int:
        """Bytes of output that wait for `release`."""
        return self._behind if self._held else 0

    def close(self) -> None:
        """End the worker."""
        self._closed = True
        if self._watch is not None:
            self._watch.cancel()
        self._drop()

    # -- towards the worker

    def _pump(self) -> None:
        """Send waiting output in pieces, while not too much is unacknowledged."""
        while self._queue and not self._held and self._under_way < 4 * PIECE_BYTES:
            if self._under_way and self._behind - self._under_way < COALESCE_BYTES:
                return  # small pieces wait for an acknowledgement and are joined
            parts: list[bytes] = []
            size = 0
            most = min(PIECE_BYTES, self._late or PIECE_BYTES)
            while self._queue and size < most:
                data = self._queue.popleft()
                if size + len(data) > most:
                    room = most - size
                    self._queue.appendleft(data[room:])
                    data = data[:room]
                parts.append(data)
                size += len(data)
            self._send_piece(_Piece(b"".join(parts), late=self._late > 0))
            self._late = max(0, self._late - size)

    def _send_piece(self, piece: _Piece) -> None:
        if not self._sent and self._watchdog is not None:
            self._watchdog.answered()
        self._sent.append(piece)
        self._under_way += len(piece.data)
        self._send(Feed(piece.data, piece.replay or piece.late))

    def _send(self, message: ToWorker) -> None:
        """Send a message, or what of it the socket takes; the rest follows. Without a worker, nothing."""
        if self._worker is None:
            return
        sock = self._worker.socket
        data = encode(message)
        if not self._to_send:
            try:
                sent = sock.send(data)
            except BlockingIOError:
                sent = 0
            except OSError:
                return  # `_readable` sees the end too and restarts the worker
            if sent == len(data):
                return
            data = data[sent:]
            self._loop.add_writer(sock, self._writable)
        self._to_send += data

    def _writable(self) -> None:
        if self._worker is None:
            return
        try:
            sent = self._worker.socket.send(self._to_send)
        except BlockingIOError:
            return
        except OSError:
            sent = len(self._to_send)
        del self._to_send[:sent]
        if not self._to_send:
            self._loop.remove_writer(self._worker.socket)

    def _flow(self) -> None:
        if not self._paused and self._behind > MAX_UNPROCESSED_BYTES:
            self._paused = True
            self._on_flow(True)
        elif self._paused and self._behind < MAX_UNPROCESSED_BYTES // 2:
            self._paused = False
            self._on_flow(False)

    # -- from the worker

    def _readable(self) -> None:
        assert self._worker is not None
        try:
            data = bytes(_RECEIVED[: self._worker.socket.recv_into(_RECEIVED)])
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._died("crashed")
            return
        if self._watchdog is not None:
            self._watchdog.answered()
        try:
            for body in self._reader.take(data):
                self._take(from_worker.decode(body))
        except (BrokenLink, msgspec.DecodeError):
            self._died("sent an invalid reply")

    def _take(self, message: FromWorker) -> None:
        if isinstance(message, Frame):
            self._frame(message)
        elif isinstance(message, Done):
            self._done()
        elif isinstance(message, Text | Span):
            self._answered(message)

    def _done(self) -> None:
        if not self._sent:
            return
        piece = self._sent.popleft()
        self._under_way -= len(piece.data)
        if not piece.replay:
            self._behind -= len(piece.data)
            self._replay.add(piece.data)
        self._pump()
        self._flow()

    def _frame(self, frame: Frame) -> None:
        changed = self.picture.take(frame)
        if frame.clipboard is not None:
            self._on_clipboard(frame.clipboard)
        for reply in frame.replies:
            self._on_reply(reply)
        if frame.bell:
            self._on_bell()
        self._on_frame(changed)

    # -- watch and restart

    def _look(self) -> None:
        self._watch = self._loop.call_later(0.25, self._look)
        if self._sent and self._watchdog is not None and self._watchdog.hangs():
            self._died("hung")

    def _new_watchdog(self) -> Watchdog:
        pid = self.pid
        return Watchdog(lambda: usage(pid))

    def _drop(self) -> None:
        self._give_up()
        if self._worker is not None:
            self._loop.remove_reader(self._worker.socket)
            self._loop.remove_writer(self._worker.socket)
            self._worker.end()
            self._worker = None

    def _died(self, how: str) -> None:
        """Replace a failed worker; replay the last output without the piece at which it failed."""
        self._drop()
        if self._closed:
            return
        now = time.monotonic()
        self._deaths.append(now)
        while self._deaths[0] < now - DEATH_WINDOW_SECONDS:
            self._deaths.popleft()
        self.restarts += 1
        failed = self._sent.popleft() if self._sent else None
        rest = [piece for piece in self._sent if not piece.replay]
        self._sent.clear()
        self._under_way = 0
        if failed is not None and failed.replay:
            # The replayed output itself, perhaps only at this size, crashes workers: drop it.
            lost = bytes(self._replay)
            self._replay.clear()
        else:
            lost = failed.data if failed is not None else b""
            self._behind -= len(lost)
        self.lost = (self.lost + lost)[-MAX_LOST_BYTES:]
        words = f"terminal {how}, restarted"
        if lost:
            words += f", {len(lost)} bytes of output lost"
        if len(self._deaths) >= MAX_DEATHS and self.engine != "pyte":
            self.engine = "pyte"
            words = f"terminal crashed {MAX_DEATHS} times; switched to the fallback engine"
        for piece in reversed(rest):
            self._queue.appendleft(piece.data)
        self._late = self._behind
        self.picture.styles = {0: PLAIN}
        try:
            self.start()
        except TerminalError as error:  # the session stays open without a screen and can be closed
            self._on_notice(f"terminal {how}; {error}")
            return
        remembered = bytes(self._replay)
        # In pieces, which are acknowledged one by one: a slow engine does not count as hanging.
        for at in range(0, len(remembered), PIECE_BYTES):
            self._send_piece(_Piece(remembered[at : at + PIECE_BYTES], replay=True))
        self._pump()
        self._flow()
        self._on_notice(words)
        self._on_redraw()
