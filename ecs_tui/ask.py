"""Asks a person on the terminal, beside whatever stdin and stdout are."""

from __future__ import annotations

import asyncio
import contextlib
import os
import termios
from collections.abc import Iterator

from ecs_tui.errors import MfaRequired

LONGEST = 64
"""Bytes of a code."""


async def ask_code(serial: str) -> str:
    """The code of an MFA device, typed unseen on the controlling terminal.

    Raises:
        MfaRequired: There is no terminal, or nothing was typed.
    """
    try:
        handle = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        raise MfaRequired(serial) from None
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[bytes] = loop.create_future()

    def readable() -> None:
        loop.remove_reader(handle)
        if not ready.done():
            try:
                ready.set_result(os.read(handle, LONGEST))
            except OSError:
                ready.set_result(b"")

    shown = "".join(letter for letter in serial if letter.isprintable())
    try:
        with _unseen(handle):
            os.write(handle, f"Code of the MFA device {shown}: ".encode())
            loop.add_reader(handle, readable)
            try:
                line = await ready
            finally:
                loop.remove_reader(handle)
            os.write(handle, b"\n")
    finally:
        os.close(handle)
    code = line.decode("ascii", "replace").strip()
    if not code:
        raise MfaRequired(serial)
    return code


@contextlib.contextmanager
def _unseen(handle: int) -> Iterator[None]:
    """A line at a time, not echoed; then as it was."""
    before = termios.tcgetattr(handle)
    silent = termios.tcgetattr(handle)
    silent[3] = (silent[3] & ~termios.ECHO) | termios.ICANON
    try:
        termios.tcsetattr(handle, termios.TCSAFLUSH, silent)
        yield
    finally:
        termios.tcsetattr(handle, termios.TCSAFLUSH, before)
