"""The pipe on which the built-in client reports."""

from __future__ import annotations

import json
import os

import pytest

from ecs_tui.session.channel.report import Report
from ecs_tui.session.client_reports import ClientReports
from tests.support.limits import until


def line(event: str, words: str = "") -> bytes:
    return json.dumps({"event": event, "words": words}).encode() + b"\n"


@pytest.mark.asyncio
async def test_reports_arrive_whole_and_in_order_and_the_end_closes_the_pipe() -> None:
    before = set(os.listdir("/dev/fd"))
    found: list[Report] = []
    reports = ClientReports(found.append)
    theirs = reports.open()
    os.write(theirs, line("stalled", "5") + line("answering")[:7])
    await until(lambda: found, "the first")
    assert found == [Report("stalled", "5")]
    os.write(theirs, line("answering")[7:] + b"no report\n")
    await until(lambda: len(found) == 2, "the second")
    assert found[1] == Report("answering")
    os.write(theirs, line("exit", "3"))
    os.close(theirs)
    await until(lambda: set(os.listdir("/dev/fd")) == before, "our end is closed too")
    assert found[2:] == [Report("exit", "3")]
    reports.read()
    reports.close()


@pytest.mark.asyncio
async def test_what_is_in_the_pipe_can_be_read_at_once() -> None:
    found: list[Report] = []
    reports = ClientReports(found.append)
    theirs = reports.open()
    reports.read()  # nothing is there yet
    os.write(theirs, line("lost", "why"))
    reports.read()
    assert found == [Report("lost", "why")]
    reports.close()
    os.close(theirs)
