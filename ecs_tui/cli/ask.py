"""Prompts for an MFA code on the controlling terminal, whatever stdin and stdout are."""

from __future__ import annotations

import asyncio
import contextlib
import os
import termios
from collections.abc import Iterator

from ecs_tui.errors import MfaRequired

MAX_CODE_BYTES = 64
"""Maximum bytes that are read for a code."""


async def ask_code(serial: str) -> str:
    """Prompt for the code of an MFA device on the controlling terminal, without echo.

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
                ready.set_result(os.read(handle, MAX_CODE_BYTES))
            except OSError:
                ready.set_result(b"")

    shown = "".join(letter for letter in serial if letter.isprintable())
    try:
        with _without_echo(handle):
            os.write(handle, f"MFA code for device {shown}: ".encode())
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
def _without_echo(handle: int) -> Iterator[None]:
    """Read whole lines without echo; the terminal's settings are restored afterwards."""
    before = termios.tcgetattr(handle)
    silent = termios.tcgetattr(handle)
    silent[3] = (silent[3] & ~termios.ECHO) | termios.ICANON
    try:
        termios.tcsetattr(handle, termios.TCSAFLUSH, silent)
        yield
    finally:
        termios.tcsetattr(handle, termios.TCSAFLUSH, before)
