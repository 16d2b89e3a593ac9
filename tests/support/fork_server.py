"""The process that has imported the program, and forks it: `python -m tests.support.fork_server`.

It takes requests on the socket that is its stdin, and ends when that is closed. A fork is a child of
the process that asked, not of this one (CLONE_PARENT), so it is waited for as any other child.
See `python_fork.py`, which asks.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import io
import json
import os
import pkgutil
import platform
import random
import runpy
import signal
import socket
import sys
import time
import types
from typing import Any

from tests.support.command_fork import import_aws

SPACE = "x" * 3000
"""An argument of this process: the command line of a fork is written over it, for `ps`."""
_CLONE_PARENT = 0x8000
_CLONE3 = 435
"""The number of clone3(2), on every architecture; a constant of Linux's ABI."""
_LIBC = ctypes.PyDLL(None, use_errno=True)  # PyDLL: the interpreter's lock is kept


def can_fork() -> bool:
    """Whether this system can make a process a child of another one's parent."""
    return sys.platform == "linux" and platform.machine() in {"x86_64", "aarch64"}


def _fork_for_parent() -> int:
    """As `os.fork`; the new process is a child of this one's parent.

    Raises:
        OSError: The system refuses it.
    """
    fields = (ctypes.c_uint64 * 8)(_CLONE_PARENT)
    ctypes.pythonapi.PyOS_BeforeFork()
    pid = _LIBC.syscall(ctypes.c_long(_CLONE3), fields, ctypes.c_size_t(ctypes.sizeof(fields)))
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        return 0
    failed = ctypes.get_errno()
    ctypes.pythonapi.PyOS_AfterFork_Parent()
    if pid < 0:
        raise OSError(failed, os.strerror(failed))
    return int(pid)


def ask(asked: socket.socket, request: dict[str, Any], descriptors: list[int]) -> int:
    """Send a request to such a process: the new process's id, -n if the system refused it with errno n.

    Args:
        asked: The other end of its stdin.
        request: As `_become` reads it.
        descriptors: The new process's descriptors 0, 1, 2 and so on.
    """
    data = json.dumps(request).encode()
    socket.send_fds(asked, [len(data).to_bytes(4, "big")], descriptors)
    asked.sendall(data)
    answer = asked.recv(4)
    return int.from_bytes(answer, "big", signed=True) if answer else -1


def next_request(asked: socket.socket) -> dict[str, Any] | None:
    """Fork for each request: the request, in the new process; None when there are no more."""
    while True:
        head, descriptors, _, _ = socket.recv_fds(asked, 4, 8)
        if not head:
            return None
        size, data = int.from_bytes(head, "big"), b""
        while len(data) < size:
            data += asked.recv(size - len(data))
        try:
            pid = _fork_for_parent()
        except OSError as error:
            pid = -(error.errno or 1)
        if pid == 0:
            asked.close()
            request: dict[str, Any] = json.loads(data)
            _become(request, descriptors)
            return request
        for descriptor in descriptors:
            os.close(descriptor)
        asked.sendall(pid.to_bytes(4, "big", signed=True))


def _become(request: dict[str, Any], descriptors: list[int]) -> None:
    """Make this process one that was just started."""
    if request["session"]:
        os.setsid()
    if request["terminal"]:  # a session's leader gets the terminal that it opens
        os.close(os.open(request["terminal"], os.O_RDWR))
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
    os.closerange(len(descriptors), 1024)
    for number in (signal.SIGINT, signal.SIGTSTP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if request["signals"]:
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    random.seed()
    show(request["argv"], request["environment"])
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        # New ones: these remember whether they were terminals.
        old = getattr(sys, f"__{name}__")
        raw = io.open(number, "wb" if number else "rb", closefd=False)  # noqa: SIM115, UP020
        new = io.TextIOWrapper(
            raw, old.encoding, old.errors, newline="\n" if number else None,
            line_buffering=number == 2 or (number == 1 and os.isatty(1)),
        )  # fmt: skip
        new.mode = "w" if number else "r"  # type: ignore[misc]
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)


def show(argv: list[str], environment: dict[str, str]) -> None:
    """Write the command line and the variables where `ps` reads them, as far as there is room."""
    fields = open("/proc/self/stat").read().rpartition(")")[2].split()  # noqa: SIM115
    for at, texts in (
        (45, argv), (47, [f"{key}={value}" for key, value in sorted(environment.items())]),
    ):  # fmt: skip
        start, end = int(fields[at]), int(fields[at + 1])
        data = b"".join(os.fsencode(text) + b"\0" for text in texts)[: end - start - 1]
        ctypes.memmove(start, data.ljust(end - start, b"\0"), end - start)


def run(request: dict[str, Any]) -> None:
    """Run what was requested, as the interpreter would."""
    sys.argv[:] = request["argv"][request["skip"] :]
    if request["module"] == "ecs_tui.terminal.worker":
        from ecs_tui.terminal.worker import main

        main()
        return
    if request["module"] == "ecs_tui":
        from tests.support import python_fork

        python_fork.fork_from_here(sys.argv[1:])
    runpy.run_module(request["module"], run_name="__main__", alter_sys=True)


class _Constants(types.ModuleType):
    """`textual.constants`, with what the environment says when it is asked for, not at the import."""

    @property
    def COLOR_SYSTEM(self) -> str:
        return os.environ.get("TEXTUAL_COLOR_SYSTEM", "auto")

    @property
    def ESCAPE_DELAY(self) -> float:
        return int(os.environ.get("ESCDELAY", "100")) / 1000


def _import_textual() -> None:
    """Import Textual as it is in the program: it reads variables when it is imported."""
    os.environ["TEXTUAL_FPS"] = "500"  # as `cli/dashboard.py` sets it
    from textual import constants

    del constants.COLOR_SYSTEM, constants.ESCAPE_DELAY  # type: ignore[misc]
    constants.__class__ = _Constants


def _import_all() -> None:
    _import_textual()
    import_aws()
    import ecs_tui
    from ecs_tui.terminal.engines.make import make_engine

    for each in pkgutil.walk_packages(ecs_tui.__path__, f"{ecs_tui.__name__}."):
        if not each.name.startswith("ecs_tui.demo") and not each.name.endswith("__main__"):
            importlib.import_module(each.name)
    make_engine("auto", 80, 24, 0)


if __name__ == "__main__":
    _import_all()
    gc.collect()
    gc.freeze()  # so that the children's garbage collections do not copy shared pages
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    found = next_request(requests)
    if found is not None:
        run(found)
