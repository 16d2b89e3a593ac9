"""The standard streams at the ends of a command: closed, full, or read by nobody."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator


class OutputFailed(Exception):
    """Standard output does not take what a command prints.

    Attributes:
        unread: Its reader has gone, which is no error of anybody (`| head`).
        status: The exit status for it.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(f"Standard output cannot be written: {error.strerror}.")
        self.unread = isinstance(error, BrokenPipeError)
        self.status = 128 + signal.SIGPIPE if self.unread else 1


def hold_descriptors() -> None:
    """Open /dev/null in place of closed standard descriptors.

    Else the next socket would get the number, and what is printed would be sent to AWS.
    """
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one


@contextlib.contextmanager
def written() -> Iterator[None]:
    """What is done here writes to standard output.

    Raises:
        OutputFailed: It was not written.
    """
    try:
        yield
    except OSError as error:
        _drop()
        raise OutputFailed(error) from error


@contextlib.contextmanager
def flushed() -> Iterator[None]:
    """Write what was printed before the interpreter ends, while it can be said that it failed.

    Raises:
        OutputFailed: It was not written.
    """
    try:
        yield
    finally:
        if sys.stdout is not None:
            with written():
                sys.stdout.flush()


def _drop() -> None:
    """Have what is left of the output go nowhere, or the interpreter would try once more."""
    if sys.stdout is not None:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
