"""Logs in for a profile and yields lines to show."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import shutil
from collections.abc import AsyncIterator

from ecs_tui.aws.sso import MAX_LOGIN_SECONDS, device_login
from ecs_tui.errors import NoCredentials
from ecs_tui.model.login import Login
from ecs_tui.system.browser import browser_command, open_browser
from ecs_tui.system.child import PIPE, STDOUT, start_child

GRACE_SECONDS = 1.0
"""Seconds that the AWS CLI has to exit after SIGTERM."""


async def log_in(login: Login) -> AsyncIterator[str]:
    """Log in; yields lines for the operator and ends when the login has succeeded.

    Raises:
        AwsError: It was refused, or not confirmed in time.
    """
    if login.kind == "console":
        async for line in _console(login):
            yield line
        return
    async with contextlib.aclosing(device_login(login)) as codes:
        async for code in codes:
            opened = await open_browser(code.address)
            where = "Opening a browser" if opened else "Open in any browser"
            yield f"{where}: {code.address}"
            yield f"Check that the page shows this code, or enter it: {code.code}"
            yield "Waiting for confirmation…"


async def _console(login: Login) -> AsyncIterator[str]:
    """`aws login`: needs the AWS CLI, and a browser on this machine."""
    if not browser_command(os.environ):
        raise NoCredentials(
            "A console login needs a browser on this machine.",
            f"Run in another terminal: {login.command} --remote",
        )
    program = shutil.which("aws")
    if program is None:
        raise NoCredentials(
            "AWS CLI not found (needed for a console login).",
            f"Install AWS CLI v2, or run this elsewhere: {login.command}",
        )
    argv = [program, *shlex.split(login.command)[1:]]
    child = await start_child(argv, stdout=PIPE, stderr=STDOUT)
    assert child.stdout is not None
    try:
        async with asyncio.timeout(MAX_LOGIN_SECONDS):
            async for line in child.stdout:
                yield line.decode("utf-8", "replace").rstrip()
            status = await child.wait()
    except TimeoutError as error:
        raise NoCredentials(
            f"{login.command}: login timed out after {MAX_LOGIN_SECONDS:.0f} s."
        ) from error
    finally:
        if child.returncode is None:
            await _end(child)
    if status:
        raise NoCredentials(
            f"{login.command} exited with status {status}.", "See the output above."
        )


async def _end(child: asyncio.subprocess.Process) -> None:
    """End the child, with SIGKILL if it ignores SIGTERM."""
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    with contextlib.suppress(TimeoutError):
        try:
            async with asyncio.timeout(GRACE_SECONDS):
                await child.wait()
        finally:  # also if this is cancelled again while the app quits
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
