"""Starts every child process, except those that need a terminal of their own (`pty.py`).

Each standard stream of a child is /dev/null unless the caller passes another one, so that no child
uses this process's terminal. No shell is involved, and no other descriptor is inherited.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Mapping, Sequence

PIPE = subprocess.PIPE
STDOUT = subprocess.STDOUT
"""For `stderr`: the child's errors go to its standard output."""


def python_child(module: str, *args: str) -> list[str]:
    """The command line that runs a module of this program as a separate process.

    `-P` keeps the current folder off the import path: a file there, such as a `click.py`, must not
    be imported. `-I` would also hide packages that are installed for the user.
    https://docs.python.org/3/using/cmdline.html#cmdoption-P
    """
    return [sys.executable, "-P", "-m", module, *args]


def open_child(
    argv: Sequence[str],
    *,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.DEVNULL,
    stderr: int = subprocess.DEVNULL,
    env: Mapping[str, str] | None = None,
    own_session: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a child process without the event loop; the caller waits for it.

    Args:
        argv: Program (found on PATH) and arguments.
        stdin: `PIPE` or a descriptor; likewise `stdout` and `stderr`.
        env: The child's complete environment; None to inherit this process's.
        own_session: Whether it starts a new session (setsid), so that ctrl+c does not reach it.

    Raises:
        OSError: The program cannot be started.
    """
    return subprocess.Popen(
        argv,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=env,
        close_fds=True,
        start_new_session=own_session,
    )


async def start_child(
    argv: Sequence[str],
    *,
    stdout: int = subprocess.DEVNULL,
    stderr: int = subprocess.DEVNULL,
    env: Mapping[str, str] | None = None,
    own_session: bool = False,
) -> asyncio.subprocess.Process:
    """Start a child process in the event loop, without input. See `open_child`.

    Raises:
        OSError: The program cannot be started.
    """
    return await asyncio.create_subprocess_exec(
        *argv,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        env=env,
        start_new_session=own_session,
    )
