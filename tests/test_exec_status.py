"""The exit status of `ecs-tui exec`: the command's own where it is known, else how the session ended."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.peer import COMPLETE, EXIT, HANDSHAKE, OUTPUT, RESPONSE, Peer, shell_request
from tests.support import until

pytestmark = pytest.mark.asyncio
TASK = "0123456789abcdef0123456789abcdef"
ARN = f"arn:aws:ecs:us-east-1:123456789012:task/prod/{TASK}"
TOKEN = "a-token-that-nobody-may-see"


class Exec:
    """`ecs-tui exec` as a process, and what its far end has been asked."""

    def __init__(self, peer: Peer, folder: Path) -> None:
        self.peer, self.folder = peer, folder
        self.child: asyncio.subprocess.Process | None = None

    async def start(self, *flags: str) -> asyncio.subprocess.Process:
        """Start it."""
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "AWS_ENDPOINT_URL": self.peer.endpoint,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKIATEST",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self.child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ecs_tui", *flags, "exec", "prod", TASK, "app", "--", "job",
            env=env, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        return self.child

    async def run(
        self, script: Callable[[Peer], Awaitable[None]], *flags: str
    ) -> tuple[int, str, str]:
        """(exit status, stdout, stderr) while the far end does what the script says."""
        child = await self.start("--plugin", "builtin", *flags)
        await until(lambda: self.peer.openings or child.returncode is not None, "a channel")
        await self.peer.send(HANDSHAKE, shell_request())
        await until(lambda: self.peer.stream(RESPONSE), "the answer")
        await self.peer.send(COMPLETE, b"{}")
        await script(self.peer)
        return await self.ended()

    async def ended(self) -> tuple[int, str, str]:
        """Wait for its end."""
        assert self.child is not None
        out, err = await self.child.communicate()
        assert TOKEN not in out.decode() + err.decode()
        assert "Traceback" not in err.decode()
        assert self.child.returncode is not None
        return self.child.returncode, out.decode(), err.decode()


@pytest_asyncio.fixture
async def exec_(tmp_path: Path) -> AsyncIterator[Exec]:
    async with Peer() as peer:
        agent = {"name": "ExecuteCommandAgent", "lastStatus": "RUNNING"}
        container = {
            "name": "app",
            "runtimeId": f"{TASK}-1",
            "lastStatus": "RUNNING",
            "managedAgents": [agent],
        }
        task = {
            "taskArn": ARN,
            "clusterArn": "arn:aws:ecs:us-east-1:123456789012:cluster/prod",
            "lastStatus": "RUNNING",
            "desiredStatus": "RUNNING",
            "enableExecuteCommand": True,
            "containers": [container],
        }
        session = {"sessionId": "ecs-1", "streamUrl": peer.url, "tokenValue": TOKEN}
        peer.answers["DescribeTasks"] = (200, {"tasks": [task], "failures": []})
        peer.answers["ExecuteCommand"] = (200, {"session": session, "containerName": "app"})
        peer.answers["TerminateSession"] = (200, {"SessionId": "ecs-1"})
        made = Exec(peer, tmp_path)
        yield made
        if made.child is not None and made.child.returncode is None:
            made.child.kill()
            await made.child.wait()


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


async def test_ended_by_a_signal_while_ecs_is_asked(exec_: Exec) -> None:
    go_on = asyncio.Event()
    answer = exec_.peer.answers["ExecuteCommand"]

    async def slow(_: Any) -> Any:
        await go_on.wait()
        return answer

    exec_.peer.answers["ExecuteCommand"] = slow
    child = await exec_.start("--plugin", "builtin")
    await until(lambda: exec_.peer.called("ExecuteCommand"), "asked")
    child.terminate()
    await asyncio.sleep(0)
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
    client = exec_.folder / "client"
    client.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && {{ echo 1.2.707.0; exit; }}\necho out\n{line}\n'
    )
    client.chmod(0o700)
    config = exec_.folder / "config.toml"
    config.write_text(f'plugin_path = "{client}"\n')
    await exec_.start("--config", str(config), "--plugin", "system")
    code, out, _ = await exec_.ended()
    assert code == status
    assert out.startswith("out\n")
    assert "Exiting session" not in out


async def test_a_fault_of_the_builtin_client(exec_: Exec) -> None:
    async def job(peer: Peer) -> None:
        await peer.send(OUTPUT, b"half")
        await until(lambda: len(peer.acknowledged()) == 3, "printed")
        assert exec_.child is not None
        (client,) = _children(exec_.child.pid)
        os.kill(client, signal.SIGKILL)

    status, out, _ = await exec_.run(job)
    assert (status, out) == (70, "half")
    assert len(exec_.peer.called("TerminateSession")) == 1


def _children(pid: int) -> list[int]:
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and _parent(entry) == pid
    ]


def _parent(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
