"""A new login for the profile that has it, told line by line."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import shutil
from collections.abc import AsyncIterator

from ecs_tui.aws.sso import LONGEST, Login, browser_command, device_login, open_browser
from ecs_tui.errors import NoCredentials

GRACE = 1.0
"""Seconds that the AWS CLI has to end after SIGTERM."""


async def log_in(login: Login) -> AsyncIterator[str]:
    """Log in: gives lines for a person to read; ends when the login has succeeded.

    Raises:
        AwsError: It was refused, or nobody answered in time.
    """
    if login.kind == "console":
        async for line in _console(login):
            yield line
        return
    async with contextlib.aclosing(device_login(login)) as codes:
        async for code in codes:
            opened = await open_browser(code.address)
            where = "A browser opens" if opened else "In any browser, open"
            yield f"{where}: {code.address}"
            yield f"Compare or enter the code: {code.code}"
            yield "Waiting until it is confirmed there …"


async def _console(login: Login) -> AsyncIterator[str]:
    """`aws login`, which only the AWS CLI can do, and only beside a browser."""
    if not browser_command(os.environ):
        raise NoCredentials(
            "A console login needs a browser on this machine.",
            f"Run in another terminal: {login.command} --remote",
        )
    program = shutil.which("aws")
    if program is None:
        raise NoCredentials(
            "A console login needs the AWS CLI, and there is no aws on PATH.",
            f"Install its version 2, or run elsewhere: {login.command}",
        )
    child = await asyncio.create_subprocess_exec(
        program,
        *shlex.split(login.command)[1:],
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert child.stdout is not None
    try:
        async with asyncio.timeout(LONGEST):
            async for line in child.stdout:
                yield line.decode("utf-8", "replace").rstrip()
            status = await child.wait()
    except TimeoutError as error:
        raise NoCredentials(f"{login.command}: nobody logged in for {LONGEST:.0f} s.") from error
    finally:
        if child.returncode is None:
            await _end(child)
    if status:
        raise NoCredentials(
            f"{login.command} ended with status {status}.", "What it said is above."
        )


async def _end(child: asyncio.subprocess.Process) -> None:
    """End it, also where it does not hear SIGTERM."""
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    with contextlib.suppress(TimeoutError):
        try:
            async with asyncio.timeout(GRACE):
                await child.wait()
        finally:  # also when this is cancelled once more, as the app ends
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
