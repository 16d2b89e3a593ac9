"""A command of `ecs-tui`, run as a process without a terminal."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from tests.support.command_fork import ForkedCommand, can_fork
from tests.support.limits import limit

SECONDS = 90.0
"""After this time a command is killed, and the test fails."""


def run_command(
    environment: Mapping[str, str], *argv: str, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `ecs-tui` from this source tree, up to its end.

    Args:
        environment: All variables of the process.
        argv: Its arguments.
        stdin: What it reads; `/dev/null` by default.

    Returns:
        Exit status, stdout and stderr; line ends are as they were printed.

    Raises:
        UnicodeDecodeError: It printed something that is not UTF-8.
    """
    if stdin is None and can_fork(environment):
        status, out, err = ForkedCommand(environment, argv, b"").end(limit(SECONDS))
        return subprocess.CompletedProcess([*argv], status, out.decode(), err.decode())
    source: dict[str, Any] = {"stdin": subprocess.DEVNULL}
    if stdin is not None:
        source = {"input": stdin.encode()}
    done = subprocess.run(
        [sys.executable, "-m", "ecs_tui", *argv],
        env=environment,
        **source,
        capture_output=True,
        timeout=limit(SECONDS),
        check=False,
        start_new_session=True,  # /dev/tty is no terminal either
    )
    # Decoded here: text mode would translate CR LF.
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )
