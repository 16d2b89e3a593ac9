"""The built-in session client as a command: a drop-in for `session-manager-plugin`, with the same arguments.

It runs as a process of its own (`python -m ecs_tui.session.channel`), on a terminal or on pipes.
Unlike the plugin it sets the terminal raw, so that output is not processed twice and Ctrl-C
is sent as a byte, follows SIGWINCH at once instead of polling, and reports the state of the
connection to the app (`report.py`).
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

from ecs_tui.session.channel import report
from ecs_tui.session.channel.arguments import Start, UsageError, parse_arguments
from ecs_tui.session.channel.client import Client
from ecs_tui.session.channel.connection import CLIENT_VERSION
from ecs_tui.session.channel.terminal_io import raw
from ecs_tui.system.echo import echo

SOFTWARE_ERROR = 70
"""Exit status after an internal error (EX_SOFTWARE in sysexits.h)."""


async def serve(start: Start) -> int:
    """Run one session on this process's stdin and stdout; returns the exit status."""
    reporter = report.Reporter(os.environ)
    client = Client(start, sys.stdin.fileno(), sys.stdout.fileno(), reporter)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGWINCH, client.resized)
    for number in (signal.SIGHUP, signal.SIGTERM):
        loop.add_signal_handler(number, client.terminate)
    return await client.run()


def main(argv: Sequence[str] | None = None) -> int:
    """The command. Returns the exit status."""
    args = list(sys.argv[1:] if argv is None else argv)
    if args == ["--version"]:
        echo(CLIENT_VERSION)
        return 0
    try:
        start = parse_arguments(args, os.environ)
    except UsageError as error:
        echo(f"ecs-tui session client: {error}", err=True)
        return 2
    try:
        with raw(sys.stdin.fileno()):
            return asyncio.run(serve(start))
    except Exception as error:
        # Only the location, no values: one of them could be the token.
        echo(f"ecs-tui session client: internal error, {_place(error)}.", err=True)
        return SOFTWARE_ERROR


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
    return f"{type(error).__name__}{where}"
