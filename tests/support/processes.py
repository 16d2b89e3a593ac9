"""Which processes are running: the children of one, those with a mark, those of a list."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path


def processes(mark: str) -> dict[int, str]:
    """Command lines by process id: processes with `mark` in their arguments or environment, and
    all their descendants. Zombies are left out."""
    argv = ["ps", "axeww", "-o", "pid=,ppid=,stat=,args="]
    lines = subprocess.run(argv, capture_output=True, check=True).stdout.decode("utf-8", "replace")
    rows = [line.split(maxsplit=3) for line in lines.splitlines()]
    alive = [row for row in rows if len(row) == 4 and not row[2].startswith("Z")]
    found = {int(row[0]): row[3] for row in alive if mark in row[3]}
    count = -1
    while count != len(found):
        count = len(found)
        found |= {int(row[0]): row[3] for row in alive if int(row[1]) in found}
    return found


def living(pids: Sequence[int]) -> list[int]:
    """Which of these processes are running. A zombie is not."""
    return [pid for pid in pids if _lives(pid)]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] not in "ZX"
    except ProcessLookupError:
        return False  # it has just ended
    except FileNotFoundError:
        if status.parent.parent.exists():
            return False
    argv = ["ps", "-o", "stat=", "-p", str(pid)]
    state = subprocess.run(argv, capture_output=True, text=True, check=False).stdout
    return bool(state) and not state.startswith("Z")


def sleeps(pid: int) -> bool:
    """Whether the main thread of a process waits for something."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


def slept(pid: int) -> int:
    """How often the main thread of a process has begun to wait."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])


def children(pid: int) -> list[tuple[int, str]]:
    """(process id, command line) of each child of a process. Zombies are left out."""
    argv = ["ps", "axww", "-o", "pid,ppid,stat,args"]
    found = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    rows = [line.split(maxsplit=3) for line in found[1:]]
    return [
        (int(row[0]), row[3] if len(row) > 3 else "")
        for row in rows
        if int(row[1]) == pid and not row[2].startswith("Z")
    ]


def workers(app: int) -> list[int]:
    """Process ids of the terminal workers that an app has started."""
    return [pid for pid, line in children(app) if "terminal.worker import main" in line]
