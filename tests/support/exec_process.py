"""`ecs-tui exec` as a process; its AWS and the far end of its session are a scripted peer."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.support.client_script import client_script
from tests.support.limits import until
from tests.support.peer import COMPLETE, HANDSHAKE, RESPONSE, Peer, shell_request

TASK = "0123456789abcdef0123456789abcdef"
"""The task's id."""
ARN = f"arn:aws:ecs:us-east-1:123456789012:task/prod/{TASK}"
TOKEN = "a-token-that-nobody-may-see"
"""The session's token: the process prints it nowhere."""


class Exec:
    """`ecs-tui exec prod TASK app WORDS`.

    Attributes:
        peer: Answers its AWS calls and serves its session.
        folder: Its home folder.
        words: What follows the container's name on the command line.
        child: The process, once it was started.
    """

    def __init__(self, peer: Peer, folder: Path) -> None:
        self.peer, self.folder = peer, folder
        _serve(peer)
        self.words: tuple[str, ...] = ("--", "job")
        self.child: asyncio.subprocess.Process | None = None

    async def start(self, *flags: str) -> asyncio.subprocess.Process:
        """Start it with these flags of `ecs-tui`."""
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
            sys.executable, "-m", "ecs_tui", *flags, "exec", "prod", TASK, "app", *self.words,
            env=env, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        return self.child

    async def run(
        self, script: Callable[[Peer], Awaitable[None]], *flags: str
    ) -> tuple[int, str, str]:
        """Start it with the built-in client and open the session.

        Args:
            script: What the far end does then.
            flags: Further flags of `ecs-tui`.

        Returns:
            Exit status, stdout, stderr.
        """
        child = await self.start("--plugin", "builtin", *flags)
        await until(lambda: self.peer.openings or child.returncode is not None, "a channel")
        await self.peer.send(HANDSHAKE, shell_request())
        await until(lambda: self.peer.stream(RESPONSE), "the answer")
        await self.peer.send(COMPLETE, b"{}")
        await script(self.peer)
        return await self.ended()

    async def ended(self) -> tuple[int, str, str]:
        """Wait for its end: exit status, stdout, stderr."""
        assert self.child is not None
        out, err = await self.child.communicate()
        assert TOKEN not in out.decode() + err.decode()
        assert "Traceback" not in err.decode()
        assert self.child.returncode is not None
        return self.child.returncode, out.decode(), err.decode()

    async def run_client(self, *lines: str, flags: tuple[str, ...] = ()) -> tuple[int, str, str]:
        """The same with a session client that runs these lines of shell, up to its end."""
        client = client_script(self.folder / "client", *lines)
        config = self.folder / "config.toml"
        config.write_text(f'[shell]\nplugin_path = "{client}"\n')
        await self.start("--config", str(config), "--plugin", "system", *flags)
        return await self.ended()

    async def close(self) -> None:
        """Kill it if it still runs."""
        if self.child is not None and self.child.returncode is None:
            self.child.kill()
            await self.child.wait()


def _serve(peer: Peer) -> None:
    """The peer answers for one task that is ready for exec."""
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
