"""A worker's process and its socket, and the spare one that is kept warm for the next pane."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

from ecs_tui.errors import TerminalError

_BOOT = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from ecs_tui.terminal.worker import main; main()"
)
_ROOT = str(Path(__file__).parents[2])
_SIZE = (80, 24)
_AGAIN = 1.0
"""Seconds after a spare was taken until the next one is started: not while its pane opens."""


class WorkerProcess:
    """A started worker: its child and our end of its socket.

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
            self.child = subprocess.Popen(
                argv,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                close_fds=True,
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            raise TerminalError(f"The terminal's process cannot be started: {error}.") from error
        finally:
            theirs.close()
        self.socket = ours

    @property
    def alive(self) -> bool:
        """Whether the child still runs."""
        return self.child.poll() is None

    def end(self) -> None:
        """Kill and reap it; it has nothing to save."""
        self.socket.close()
        self.child.kill()
        self.child.wait()


class Spare:
    """One worker started ahead, so that a new pane need not wait for an interpreter to start.

    Args:
        engine: The engine that panes will ask for.
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
        """Have one ready. That it cannot be started is said by the pane that needs one."""
        if self._closed or (self._worker is not None and self._worker.alive):
            return
        try:
            self._worker = WorkerProcess(self._engine, self._scrollback)
        except TerminalError:
            self._worker = None

    def take(self, engine: str, scrollback: int) -> WorkerProcess | None:
        """The spare worker if it is of this kind, and another one is started soon; else None."""
        worker = self._worker
        if worker is None or (worker.engine, worker.scrollback) != (engine, scrollback):
            return None
        self._worker = None
        if self._timer is None and not self._closed:
            self._timer = asyncio.get_running_loop().call_later(_AGAIN, self._warm_again)
        if worker.alive:
            return worker
        worker.end()
        return None

    def _warm_again(self) -> None:
        self._timer = None
        self.warm()

    def close(self) -> None:
        """End it; no other one is started."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._worker is not None:
            self._worker.end()
            self._worker = None
