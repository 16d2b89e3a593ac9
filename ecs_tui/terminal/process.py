"""Worker processes with their sockets, and the warm worker, started in advance for a new pane."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

from ecs_tui.errors import TerminalError
from ecs_tui.system.child import open_child

_BOOT = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from ecs_tui.terminal.worker import main; main()"
)
_ROOT = str(Path(__file__).parents[2])
_SIZE = (80, 24)
_NEXT_WORKER_SECONDS = 1.0
"""Seconds after the warm worker was taken until the next one starts: that must not slow down the
pane that opens."""


class WorkerProcess:
    """A running worker: its child process and the app's end of its socket.

    Args:
        engine: auto, ghostty or pyte.
        scrollback: Lines of scrollback.
        size: (columns, rows).

    Raises:
        TerminalError: The process cannot be started.
    """

    def __init__(self, engine: str, scrollback: int, size: tuple[int, int] = _SIZE) -> None:
        self.engine, self.scrollback, self.size = engine, scrollback, size
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        ours.setblocking(False)
        argv = [
            sys.executable, "-I", "-X", "utf8", "-c", _BOOT, _ROOT,
            engine, str(size[0]), str(size[1]), str(scrollback),
        ]  # fmt: skip
        try:
            self.child = open_child(argv, stdin=theirs.fileno(), env={}, own_session=True)
        except OSError as error:
            ours.close()
            raise TerminalError(f"Could not start the terminal process: {error}.") from error
        finally:
            theirs.close()
        self.socket = ours

    @property
    def alive(self) -> bool:
        """Whether the child is still running."""
        return self.child.poll() is None

    def end(self) -> None:
        """Kill and reap it; it has nothing to save."""
        self.socket.close()
        self.child.kill()
        self.child.wait()


class WarmWorker:
    """A worker started in advance, so that a new pane does not wait for the interpreter.

    Args:
        engine: The engine of new panes.
        scrollback: Their lines of scrollback.
    """

    def __init__(self, engine: str, scrollback: int) -> None:
        self._engine, self._scrollback = engine, scrollback
        self._worker: WorkerProcess | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def pid(self) -> int:
        """The waiting worker's process id, 0 when there is none."""
        return self._worker.child.pid if self._worker is not None else 0

    def warm(self) -> None:
        """Start a worker if none is ready. Failures are reported by the next pane instead."""
        if self._closed or (self._worker is not None and self._worker.alive):
            return
        try:
            self._worker = WorkerProcess(self._engine, self._scrollback)
        except TerminalError:
            self._worker = None

    def take(self, engine: str, scrollback: int) -> WorkerProcess | None:
        """The warm worker if it has this engine and scrollback, else None; starts another soon."""
        worker = self._worker
        if worker is None or (worker.engine, worker.scrollback) != (engine, scrollback):
            return None
        self._worker = None
        if self._timer is None and not self._closed:
            self._timer = asyncio.get_running_loop().call_later(
                _NEXT_WORKER_SECONDS, self._warm_again
            )
        if worker.alive:
            return worker
        worker.end()
        return None

    def _warm_again(self) -> None:
        self._timer = None
        self.warm()

    def close(self) -> None:
        """End the warm worker; no other one is started."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._worker is not None:
            self._worker.end()
            self._worker = None
