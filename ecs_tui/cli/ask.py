"""Prompts on the controlling terminal, whatever stdin and stdout are: an MFA code, a confirmation."""

from __future__ import annotations

import asyncio
import contextlib
import os
import termios
from collections.abc import Iterator

from ecs_tui.errors import MfaRequired

MAX_ANSWER_BYTES = 1024
"""Maximum bytes that are read for an answer."""


async def ask_code(serial: str) -> str:
    """Prompt for the code of an MFA device on the controlling terminal, without echo.

    Raises:
        MfaRequired: There is no terminal, or nothing was typed.
    """
    code = (await ask_line(f"MFA code for device {serial}: ", echo=False) or "").strip()
    if not code:
        raise MfaRequired(serial)
    return code


async def ask_line(prompt: str, *, echo: bool = True) -> str | None:
    """Prompt for a line on the controlling terminal.

    Args:
        prompt: What is asked.
        echo: Whether what is typed is shown.

    Returns:
        The line; None if there is no terminal.
    """
    try:
        handle = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return None
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[bytes] = loop.create_future()

    def readable() -> None:
        loop.remove_reader(handle)
        if not ready.done():
            try:
                ready.set_result(os.read(handle, MAX_ANSWER_BYTES))
            except OSError:
                ready.set_result(b"")

    shown = "".join(letter for letter in prompt if letter.isprintable())
    try:
        with contextlib.nullcontext() if echo else _without_echo(handle):
            os.write(handle, shown.encode())
            loop.add_reader(handle, readable)
            try:
                line = await ready
            finally:
                loop.remove_reader(handle)
            if not echo:
                os.write(handle, b"\n")
    finally:
        os.close(handle)
    return line.decode("utf-8", "replace")


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
