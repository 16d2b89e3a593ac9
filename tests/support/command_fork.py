"""Runs of `ecs-tui`, forked from a process that has imported its modules.

Most of a short run is imports, and there are hundreds of them. One process imports once and forks a
child for each run: `python -m tests.support.command_fork`. It takes requests on the socket that is
its stdin, and ends when that is closed.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import random
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
_READ_AT_START = ("LANG", "LC_", "PYTHON")
"""How variables begin that Python reads when it starts; there is a process for each set of them."""
WITHOUT_EFFECT = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
"""Of those, what changes nothing in a fork, which has imported everything. Shells and CI services set
them, and a process for each set of variables would import it all once more."""
_OF_MODULES = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONPYCACHEPREFIX")
"""Variables that change what is imported."""
_STARTED: list[subprocess.Popen[bytes]] = []
"""The processes that fork; they end with the tests."""


def can_fork(environment: Mapping[str, str]) -> bool:
    """Whether a fork is the same as a new process: the modules are those of this source tree."""
    return Path.cwd() == _ROOT and not environment.keys() & set(_OF_MODULES)


def _of_start(environment: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (key, value)
        for key, value in environment.items()
        if key.startswith(_READ_AT_START) and key not in WITHOUT_EFFECT
    )


class ForkedCommand:
    """A run of `ecs-tui` in a session of its own.

    Args:
        environment: All variables of the process.
        argv: Its arguments.
        data: What it reads from stdin.
    """

    def __init__(self, environment: Mapping[str, str], argv: Sequence[str], data: bytes) -> None:
        pipes = {name: os.pipe() for name in ("stdin", "stdout", "stderr", "status")}
        theirs = [pipes["stdin"][0], *(pipes[name][1] for name in ("stdout", "stderr", "status"))]
        request = json.dumps({"argv": argv, "environment": dict(environment)}).encode()
        asked = _fork_server(_of_start(environment))
        socket.send_fds(asked, [len(request).to_bytes(4, "big")], theirs)
        asked.sendall(request)
        for descriptor in theirs:
            os.close(descriptor)
        self._status = os.fdopen(pipes["status"][0], "rb")
        self._parts: dict[str, bytes] = {}
        self._threads = [
            threading.Thread(target=self._read, args=(name, pipes[name][0]))
            for name in ("stdout", "stderr")
        ]
        self._threads.append(threading.Thread(target=self._write, args=(pipes["stdin"][1], data)))
        for each in self._threads:
            each.start()

    def _read(self, name: str, descriptor: int) -> None:
        with os.fdopen(descriptor, "rb") as file:
            self._parts[name] = file.read()

    @staticmethod
    def _write(descriptor: int, data: bytes) -> None:
        with contextlib.suppress(BrokenPipeError), os.fdopen(descriptor, "wb") as file:
            file.write(data)

    def end(self, seconds: float) -> tuple[int, bytes, bytes]:
        """Wait for its end: (exit status, or -n after signal n; stdout; stderr).

        Raises:
            subprocess.TimeoutExpired: It did not end, and was killed.
        """
        pid = int.from_bytes(self._status.read(4), "big")
        deadline = time.monotonic() + seconds
        for each in self._threads:
            each.join(max(0.0, deadline - time.monotonic()))
        if any(each.is_alive() for each in self._threads):
            os.killpg(pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired("ecs-tui", seconds)
        with self._status:
            status = int.from_bytes(self._status.read(4), "big", signed=True)
        return status, self._parts["stdout"], self._parts["stderr"]


@cache
def _fork_server(start: frozenset[tuple[str, str]]) -> socket.socket:
    ours, theirs = socket.socketpair()
    argv = [sys.executable, "-m", "tests.support.command_fork"]
    environment = {"PATH": os.environ["PATH"], **dict(start)}
    with theirs:
        # In a session of its own: ctrl+c in the terminal of the tests must not reach it.
        started = subprocess.Popen(  # pipes, as the runs have: the streams remember that they cannot seek
            argv, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=_ROOT,
            env=environment, start_new_session=True,
        )  # fmt: skip
    _STARTED.append(started)
    return ours


def _import_all() -> None:
    import_aws()
    from ecs_tui import cli

    for each in pkgutil.iter_modules(cli.__path__, f"{cli.__name__}."):
        importlib.import_module(each.name)


def import_aws() -> None:
    """Import what every call to AWS needs, which the program does in a thread while it starts."""
    import aiohttp  # noqa: F401
    import botocore.session  # noqa: F401

    from ecs_tui import aws

    for each in pkgutil.iter_modules(aws.__path__, f"{aws.__name__}."):
        importlib.import_module(each.name)


def _watch(pid: int, status: int) -> None:
    """Report the ID of a child and, at its end, its exit status."""
    os.write(status, pid.to_bytes(4, "big"))
    _, code = os.waitpid(pid, 0)
    os.write(status, os.waitstatus_to_exitcode(code).to_bytes(4, "big", signed=True))
    os._exit(0)


def _next_run(asked: socket.socket) -> dict[str, Any] | None:
    """Fork for each request: the request, in a child; None when there are no more."""
    while True:
        head, descriptors, _, _ = socket.recv_fds(asked, 4, 4)
        if not head:
            return None
        size, data = int.from_bytes(head, "big"), b""
        while len(data) < size:
            data += asked.recv(size - len(data))
        if os.fork() == 0:
            asked.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            status = descriptors.pop()
            pid = os.fork()
            if pid:
                for descriptor in descriptors:
                    os.close(descriptor)
                _watch(pid, status)
            os.close(status)
            os.setsid()
            for number, descriptor in enumerate(descriptors):
                os.dup2(descriptor, number)
                os.close(descriptor)
            request: dict[str, Any] = json.loads(data)
            return request
        for descriptor in descriptors:
            os.close(descriptor)


if __name__ == "__main__":
    _import_all()
    gc.collect()
    gc.freeze()  # so that the children's garbage collections do not copy shared pages
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps those that watch
    requests = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    run = _next_run(requests)
    if run is not None:
        os.environ.clear()
        os.environ.update(run["environment"])
        time.tzset()
        random.seed()
        sys.argv[1:] = run["argv"]
        runpy.run_module("ecs_tui", run_name="__main__", alter_sys=True)
