"""The pipe on which the built-in client reports what happens to its connection."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from ecs_tui.session.channel.report import Report, ReportReader


class ClientReports:
    """Reads the reports of one client in the event loop.

    Args:
        on_report: Called with each report, in order.
    """

    def __init__(self, on_report: Callable[[Report], None]) -> None:
        self._on_report = on_report
        self._reader = ReportReader()
        self._pipe: int | None = None

    def open(self) -> int:
        """Create the pipe and read it from now on; returns the end for the client to write to.

        Raises:
            OSError: No pipe can be created.
        """
        self._pipe, theirs = os.pipe()
        os.set_blocking(self._pipe, False)
        asyncio.get_running_loop().add_reader(self._pipe, self.read)
        return theirs

    def read(self) -> None:
        """Pass on the reports that have arrived; close the pipe at its end."""
        if self._pipe is None:
            return
        try:
            data = os.read(self._pipe, 65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        for report in self._reader.take(data):
            self._on_report(report)

    def close(self) -> None:
        """Stop reading; the client may go on writing."""
        if self._pipe is not None:
            asyncio.get_running_loop().remove_reader(self._pipe)
            os.close(self._pipe)
            self._pipe = None
