"""Runs `ecs-tui` with a clock that a test moves: `python -m tests.support.moved_program [ARGUMENT …]`.

The file that MOVED_CLOCK names has the seconds by which it is to be ahead of this machine's; SIGUSR2
tells that they have changed. So a test with a real terminal does not wait for an incident of the demo
account, whose clock it moves by the same time.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from types import FrameType

from ecs_tui.cli.main import main
from ecs_tui.system import wall_clock

VARIABLE = "MOVED_CLOCK"


class ClockFile:
    """Tells a program by how much its clock is to be moved.

    Args:
        path: The file: the program follows it.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._seconds = path, 0.0
        self.environment = {VARIABLE: str(path)}

    def move(self, pid: int, seconds: float) -> None:
        """Move the clock of the program forward."""
        self._seconds += seconds
        new = self._path.with_suffix(".new")
        new.write_text(str(self._seconds))
        new.replace(self._path)  # a signal before this one may just be handled
        os.kill(pid, signal.SIGUSR2)


class _Follower:
    def __init__(self, path: Path) -> None:
        self._path, self._moved = path, 0.0

    def __call__(self, _: int, __: FrameType | None) -> None:
        # Two signals may come as one: the file has the sum.
        wanted = float(self._path.read_text())
        wall_clock.advance(wanted - self._moved)
        self._moved = wanted


if __name__ == "__main__":
    signal.signal(signal.SIGUSR2, _Follower(Path(os.environ[VARIABLE])))
    main()
