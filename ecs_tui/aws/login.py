"""A new SSO login, by the AWS CLI: it owns the token cache that botocore reads."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator

from ecs_tui.errors import NoCredentials

LONGEST = 600.0
"""Seconds that a login may take: the device code it shows lives as long."""
GRACE = 1.0
"""Seconds that the AWS CLI has to end after SIGTERM."""


def login_command(profile: str | None) -> list[str]:
    """The command line of a login.

    https://docs.aws.amazon.com/cli/latest/reference/sso/login.html
    """
    argv = ["aws", "sso", "login"]
    return [*argv, "--profile", profile] if profile else argv


async def sso_login(profile: str | None) -> AsyncIterator[str]:
    """Log in and tell, line by line, what the AWS CLI says; leaving the iteration ends it.

    Raises:
        NoCredentials: There is no AWS CLI, it failed, or nobody answered in time.
    """
    argv = login_command(profile)
    words = " ".join(argv)
    program = shutil.which("aws")
    if program is None:
        raise NoCredentials(
            "A login needs the AWS CLI, and there is no aws on PATH.",
            f"Install its version 2, or run elsewhere: {words}",
        )
    child = await asyncio.create_subprocess_exec(
        program,
        *argv[1:],
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
        raise NoCredentials(f"{words}: nobody logged in for {LONGEST:.0f} s.") from error
    finally:
        if child.returncode is None:
            await _end(child)
    if status:
        raise NoCredentials(f"{words} ended with status {status}.", "What it said stands above.")


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
