"""The exit status of `ecs-tui exec`: the command's own if known, else how the session ended."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.support.exec_process import TOKEN, Exec
from tests.support.limits import until
from tests.support.peer import EXIT, OUTPUT, Peer
from tests.support.processes import children, sleeps, slept
from tests.support.python_fork import FORKS

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(("told", "status"), [(b"0", 0), (b"7", 7), (b"255", 255), (None, 0)])
async def test_the_commands_own_status(exec_: Exec, told: bytes | None, status: int) -> None:
    async def job(peer: Peer) -> None:
        await peer.send(OUTPUT, b"done")
        if told is not None:
            await peer.send(EXIT, told)
        await peer.close_channel()

    assert await exec_.run(job) == (status, "done", "")
    ((_, asked),) = exec_.peer.called("ExecuteCommand")
    assert (asked["command"], asked["container"], asked["interactive"]) == ("job", "app", True)
    assert not exec_.peer.called("TerminateSession")


async def test_what_aws_says_at_the_end_is_no_success(exec_: Exec) -> None:
    async def job(peer: Peer) -> None:
        await peer.send(OUTPUT, b"half")
        await peer.close_channel(b'{"Output":"Your session timed out due to inactivity"}')

    status, out, _ = await exec_.run(job)
    assert status == 1
    assert "timed out due to inactivity" in out


async def test_a_connection_that_is_lost(exec_: Exec) -> None:
    exec_.peer.answers["ResumeSession"] = (
        400,
        {"__type": "AccessDeniedException", "message": "no"},
    )

    async def job(peer: Peer) -> None:
        await peer.send(OUTPUT, b"half")
        await until(lambda: len(peer.acknowledged()) == 3, "printed")
        peer.abort()

    status, _, _ = await exec_.run(job)
    assert status == 3
    assert len(exec_.peer.called("TerminateSession")) == 1


async def test_a_channel_that_cannot_be_reached(exec_: Exec) -> None:
    async with Peer() as other:
        url = other.url
    session = {"sessionId": "ecs-1", "streamUrl": url, "tokenValue": TOKEN}
    exec_.peer.answers["ExecuteCommand"] = (200, {"session": session})
    await exec_.start("--plugin", "builtin")
    status, _, _ = await exec_.ended()
    assert status == 3
    assert len(exec_.peer.called("TerminateSession")) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_ended_by_a_signal(exec_: Exec, number: signal.Signals) -> None:
    async def job(peer: Peer) -> None:
        await peer.send(OUTPUT, b"half")
        await until(lambda: len(peer.acknowledged()) == 3, "printed")
        assert exec_.child is not None
        exec_.child.send_signal(number)

    status, _, _ = await exec_.run(job)
    assert status == 128 + number
    assert len(exec_.peer.called("TerminateSession")) == 1


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
async def test_ended_by_a_signal_while_ecs_is_asked(exec_: Exec) -> None:
    go_on = asyncio.Event()
    answer = exec_.peer.answers["ExecuteCommand"]

    async def slow(_: Any) -> Any:
        await go_on.wait()
        return answer

    exec_.peer.answers["ExecuteCommand"] = slow
    child = await exec_.start("--plugin", "builtin")
    await until(lambda: exec_.peer.called("ExecuteCommand"), "asked")
    await until(lambda: sleeps(child.pid), "it waits")
    before = slept(child.pid)
    child.terminate()
    # What arrives together with the answer may be handled after it.
    await until(lambda: slept(child.pid) > before and sleeps(child.pid), "it has seen the signal")
    go_on.set()
    status, _, _ = await exec_.ended()
    assert status == 128 + signal.SIGTERM
    assert len(exec_.peer.called("TerminateSession")) == 1
    assert not exec_.peer.openings


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("exit 7", 7),
        ("exit 0", 1),
        ('printf "\\n\\nExiting session with sessionId: ecs-1.\\n\\n"', 0),
        ('echo "SessionId: ecs-1 : timed out"', 1),
    ],
)
async def test_the_systems_client(exec_: Exec, line: str, status: int) -> None:
    code, out, _ = await exec_.run_client("echo out", line)
    assert code == status
    assert out.startswith("out\n")
    assert "Exiting session" not in out


async def test_a_fault_of_the_builtin_client(exec_: Exec) -> None:
    async def job(peer: Peer) -> None:
        await peer.send(OUTPUT, b"half")
        await until(lambda: len(peer.acknowledged()) == 3, "printed")
        assert exec_.child is not None
        ((client, _),) = [
            (pid, args) for pid, args in children(exec_.child.pid) if FORKS not in args
        ]
        os.kill(client, signal.SIGKILL)

    status, out, _ = await exec_.run(job)
    assert (status, out) == (70, "half")
    assert len(exec_.peer.called("TerminateSession")) == 1
