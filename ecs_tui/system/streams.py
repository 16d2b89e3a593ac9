"""Standard streams that fail: closed, on a full disk, or a pipe without a reader."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator

from ecs_tui.system.exit_status import ExitStatus, of_signal


class OutputFailed(Exception):
    """Writing to standard output failed.

    Attributes:
        unread: Whether the reader has closed the pipe, which is not an error (`| head`).
        status: The exit status of the command.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(f"Cannot write to standard output: {error.strerror}.")
        self.unread = isinstance(error, BrokenPipeError)
        self.status = of_signal(signal.SIGPIPE) if self.unread else ExitStatus.NO


def hold_descriptors() -> None:
    """Open /dev/null in place of closed standard descriptors.

    Otherwise the next socket would get that number, and printed text would be sent to AWS.
    """
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one


@contextlib.contextmanager
def written() -> Iterator[None]:
    """For a block that writes to standard output: turns its OSError into `OutputFailed`.

    Raises:
        OutputFailed: The output was not written.
    """
    try:
        yield
    except OSError as error:
        _drop()
        raise OutputFailed(error) from error


@contextlib.contextmanager
def flushed() -> Iterator[None]:
    """Flush standard output after the block, while a failure can still be reported.

    Raises:
        OutputFailed: The output was not written.
    """
    try:
        yield
    finally:
        if sys.stdout is not None:
            with written():
                sys.stdout.flush()


def _drop() -> None:
    """Redirect the rest of the output to /dev/null: the interpreter flushes it again at exit."""
    if sys.stdout is not None:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
