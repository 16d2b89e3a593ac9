"""A program whose event loop is blocked still restores the terminal on SIGTERM."""

from __future__ import annotations

import os
import signal
import sys
import termios
from pathlib import Path

import pytest

from ecs_tui.system.pty import PtyProcess
from tests.support.limits import until
from tests.support.stub_aws import stub_aws

pytestmark = pytest.mark.asyncio
STUCK = """
import pathlib, sys, time
from ecs_tui.cli.main import main
from ecs_tui.ui.app import EcsTuiApp

mark = pathlib.Path(sys.argv.pop(1))
start = EcsTuiApp.on_mount

def stand_still():
    mark.touch()
    time.sleep(600)

def on_mount(app):
    start(app)
    app.set_timer(0.2, stand_still)

EcsTuiApp.on_mount = on_mount
main()
"""
LEFT = ("\x1b[?1000l", "\x1b[?2004l", "\x1b[<u", "\x1b[?1049l", "\x1b[?25h", "\x1b[?1004l")


async def test_a_program_that_stands_still_gives_the_terminal_back(tmp_path: Path) -> None:
    mark, raw, status = tmp_path / "stuck", bytearray(), list[int]()
    with stub_aws() as stub:
        env = {**os.environ, **stub.environment(), "TERM": "xterm-256color"}
        argv = [sys.executable, "-c", STUCK, str(mark)]
        pty = PtyProcess(argv, env, raw.extend, status.append, 110, 34)
        terminal = os.dup(pty._fd)  # read after the program may have ended
        try:
            # The modes that a shell has set; the program changes them while it runs.
            before = termios.tcgetattr(terminal)
            await until(mark.exists, "it stands still", 30)
            assert b"\x1b[?1049h" in raw
            assert termios.tcgetattr(terminal) != before
            pty.signal(signal.SIGTERM)
            await until(lambda: b"\x1b[?1049l" in raw, "the screen is left", 10)
            for sequence in LEFT:
                assert sequence.encode() in raw, sequence
            assert termios.tcgetattr(terminal) == before
            await until(lambda: status, "it ends", 10)
        finally:
            pty.signal(signal.SIGKILL)
            pty.close()
            os.close(terminal)
    assert status == [128 + signal.SIGTERM]
