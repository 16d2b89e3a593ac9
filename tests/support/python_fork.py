"""Processes of the program, forked from one that has imported it.

Half of what a test run costs would be imports: a thousand processes of the program, of its terminal
workers and of its session clients, each of which reads the same modules and the same C header. Here
one process imports once (`fork_server.py`), and a child is forked from it wherever this process, or
a forked program, starts one of those with `subprocess` or with `posix_spawn`. What a new process
has, a fork has: its terminal, session, descriptors, streams, variables, command line.

Everything else is started as ever: the program below another one (`sh -c`, tmux), with other flags
of Python, from another folder, on other systems. So is all of it in `make exhaustive`, and where a
test has the fixture `new_processes`.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ecs_tui.system.child import python_child
from ecs_tui.terminal.process import _BOOT, _ROOT
from tests.support.command_fork import WITHOUT_EFFECT
from tests.support.fork_server import SPACE, ask, can_fork, next_request, run, show
from tests.support.limits import EXHAUSTIVE

_READ_AT_START = ("LANG", "LC_", "PYTHON")
"""How variables begin that Python reads when it starts; there is a process for each set of them."""
_OF_MODULES = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONPYCACHEPREFIX")
"""Variables that change what is imported."""
_OTHER_WORDS = (
    "ls", "logs", "doctor", "deploy", "scale", "stop", "run-task", "info", "login", "cache",
    "demo", "--version", "--help",
)  # fmt: skip
"""Words of command lines that open no dashboard, whose process would start more of them."""
TAKES_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Code that makes the terminal on stdin the session's and then runs a command line."""
_TAKES = (sys.executable, "-c", TAKES_TERMINAL)
FORKS = "forks for a program"
"""The command line of the process beside a program that forks for it."""
_LOCK = threading.Lock()
_off = [EXHAUSTIVE or not can_fork()]
_here: list[socket.socket] = []
"""In a forked program: the process that forks for it."""


class _Kind(NamedTuple):
    """How a command line begins, and the module that it runs."""

    begins: tuple[str, ...]
    module: str
    kept: int
    """Arguments at its beginning that are not in `sys.argv`."""


_KINDS = (
    _Kind((sys.executable, "-m", "ecs_tui"), "ecs_tui", 2),
    _Kind((sys.executable, "-I", "-X", "utf8", "-c", _BOOT, _ROOT), "ecs_tui.terminal.worker", 6),
    _Kind(tuple(python_child("ecs_tui.session.channel")), "ecs_tui.session.channel", 3),
)


@contextlib.contextmanager
def new_processes() -> Iterator[None]:
    """In this block, every process is started as ever."""
    before = _off[0]
    _off[0] = True
    try:
        yield
    finally:
        _off[0] = before


def install() -> None:
    """From now on, fork what this process starts of the program."""
    if _off[0]:
        return
    fork_exec, posix_spawnp = subprocess._fork_exec, os.posix_spawnp  # type: ignore[attr-defined]

    def _fork_exec(args: Sequence[str], *rest: Any) -> int:
        # As called in `subprocess._execute_child`, the same since Python 3.11.
        _, _, kept, folder, variables, *streams = rest[:11]
        session, other = rest[14], rest[15:21]
        if folder is None and len(kept) == 1 and other == (-1, None, None, None, -1, None):
            ends = (streams[0], streams[3], streams[5])
            environment = None if variables is None else _mapping(variables)
            inherited = [end if end >= 0 else number for number, end in enumerate(ends)]
            argv, terminal = args, ""
            if session and tuple(args[: len(_TAKES)]) == _TAKES:
                argv, terminal = args[len(_TAKES) :], os.ttyname(inherited[0])
            pid = fork(argv, environment, inherited, session=bool(session), terminal=terminal)
            if pid > 0:
                return pid
        return int(fork_exec(args, *rest))

    def _posix_spawnp(path: str, argv: Sequence[str], env: Mapping[str, str], **rest: Any) -> int:
        pid = _spawned(argv, env, **rest)
        return pid if pid > 0 else posix_spawnp(path, argv, env, **rest)

    subprocess._fork_exec = _fork_exec  # type: ignore[attr-defined]
    os.posix_spawnp = _posix_spawnp


def fork(
    argv: Sequence[str],
    environment: Mapping[str, str] | None,
    descriptors: list[int],
    *,
    session: bool = False,
    terminal: str = "",
    signals: bool = False,
) -> int:
    """Fork a child that runs a command line: its process id, 0 if it must be started as ever.

    Args:
        argv: The command line.
        environment: All of its variables; None for those of this process.
        descriptors: Its descriptors 0, 1, 2 and so on.
        session: Whether it leads a session of its own.
        terminal: The path of the terminal that becomes the session's.
        signals: Whether no signal is blocked, whatever this process blocks.
    """
    variables = dict(os.environ if environment is None else environment)
    kind = next((each for each in _KINDS if tuple(argv[: len(each.begins)]) == each.begins), None)
    here = Path.cwd()
    if _here and not session:
        return 0  # it would be in the session of the process that forks
    if _off[0] or kind is None or here != _FOLDER or variables.keys() & set(_OF_MODULES):
        return 0
    request = {
        "argv": list(argv), "module": kind.module, "skip": kind.kept, "environment": variables,
        "folder": str(here), "session": session, "terminal": terminal, "signals": signals,
    }  # fmt: skip
    with _LOCK:
        asked = _here[0] if _here else _server(_of_start(variables))
        pid = ask(asked, request, descriptors)
    if pid < 0:
        _off[0] = True  # the system does not allow it
    return max(0, pid)


def fork_from_here(words: Sequence[str]) -> None:
    """In a forked program, before its first thread: let the dashboard fork its own children.

    Args:
        words: Its arguments.
    """
    if any(word in _OTHER_WORDS for word in words):
        return
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        ours.close()
        os.setsid()  # signals for the terminal are for the program
        show([FORKS], {})
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nothing, number)
        request = next_request(theirs)
        if request is None:
            os._exit(0)
        run(request)
        sys.exit(0)
    theirs.close()
    _here.append(ours)
    install()


_FOLDER = Path(__file__).parents[2]


def _mapping(variables: Sequence[bytes]) -> dict[str, str]:
    parts = (os.fsdecode(each).partition("=") for each in variables)
    return {name: value for name, _, value in parts}


def _spawned(
    argv: Sequence[str],
    env: Mapping[str, str],
    *,
    file_actions: Sequence[tuple[Any, ...]],
    setsid: bool,
    **_: Any,
) -> int:
    """Fork what `PtyProcess` would start: a PTY as stdin, and what follows from it."""
    found: dict[int, int] = {}
    opened = -1
    terminal = ""
    try:
        for action, *rest in file_actions:
            if action == os.POSIX_SPAWN_OPEN:
                number, terminal, flags, mode = rest
                opened = found[number] = os.open(terminal, flags | os.O_NOCTTY, mode)
            else:
                found[rest[1]] = found.get(rest[0], rest[0])
        descriptors = [found[number] for number in range(len(found))]
        return fork(argv, env, descriptors, session=setsid, terminal=terminal, signals=True)
    finally:
        if opened >= 0:
            os.close(opened)


def _of_start(environment: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (key, value)
        for key, value in environment.items()
        if key.startswith(_READ_AT_START) and key not in WITHOUT_EFFECT
    ) or frozenset({("LANG", "C.UTF-8")})


@cache
def _server(start: frozenset[tuple[str, str]]) -> socket.socket:
    ours, theirs = socket.socketpair()
    argv = [sys.executable, "-m", "tests.support.fork_server", SPACE]
    environment = {"PATH": os.environ["PATH"], "ROOM": SPACE, **dict(start)}
    with theirs:
        started = subprocess.Popen(  # pipes, as the runs have: the streams remember that they cannot seek
            argv, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=_FOLDER,
            env=environment,
        )  # fmt: skip
    _STARTED.append(started)
    return ours


_STARTED: list[subprocess.Popen[bytes]] = []
"""The processes that fork; they end with the tests."""
