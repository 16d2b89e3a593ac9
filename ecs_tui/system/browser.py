"""Opens a URL in a browser on this machine, in a child process without a shell.

The standard library's `webbrowser` is not used: it starts its own children, and text browsers on
this terminal.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping

from ecs_tui.system.child import open_child

START_SECONDS = 3.0
"""Seconds after which a command that still runs counts as a success: some stay until the browser is closed."""


def browser_command(environ: Mapping[str, str]) -> list[str]:
    """The command that opens a URL in a browser, `%s` in it stands for the URL; [] if there is none.

    The first command of `BROWSER` comes before all others, also over ssh: editors that work on a
    remote machine set it to a program that opens the URL on the local one. Without it, a browser
    over ssh would open on the remote machine.
    """
    try:
        chosen = shlex.split(environ.get("BROWSER", "").split(os.pathsep)[0])
    except ValueError:  # an open quotation
        chosen = []
    if chosen:
        return chosen if any("%s" in word for word in chosen) else [*chosen, "%s"]
    if any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")):
        return []
    if sys.platform == "darwin":
        return ["open", "%s"]
    return ["xdg-open", "%s"] if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY") else []


async def open_browser(address: str) -> bool:
    """Open a URL in a browser; returns whether that worked. The command's output is discarded."""
    command = browser_command(os.environ)
    if not command:
        return False
    try:
        argv = [word.replace("%s", address) for word in command]
        child = open_child(argv, own_session=True)
    except OSError:
        return False  # the URL is shown anyway
    return await asyncio.to_thread(_succeeded, child)


def _succeeded(child: subprocess.Popen[bytes]) -> bool:
    """Whether the command ends with status 0, or still runs after a while."""
    try:
        return child.wait(START_SECONDS) == 0
    except subprocess.TimeoutExpired:
        return True
