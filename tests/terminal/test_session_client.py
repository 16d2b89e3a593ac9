"""What a session does with its client: the bytes it prints, the signals it gets."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import termios
from pathlib import Path

import pytest

from ecs_tui.aws.api import ecs
from ecs_tui.session.plugin import PluginChoice
from ecs_tui.session.session import Session, State
from tests.support.client_script import client_script
from tests.support.demo import Demo
from tests.support.limits import until
from tests.support.ready_target import ready_target

pytestmark = pytest.mark.asyncio


async def opened(demo: Demo, path: str, out: bytearray) -> Session:
    account = demo.account()
    session = Session(
        account, await ready_target(account), "/bin/sh", out.extend, lambda: None,
        plugin=PluginChoice.SYSTEM, plugin_path=path,
    )  # fmt: skip
    await session.start()
    return session


async def test_what_a_client_prints_arrives_byte_for_byte(demo: Demo, tmp_path: Path) -> None:
    """The remote terminal has translated LF to CR LF; the local one must not do so again."""
    path = client_script(
        tmp_path / "client", "printf 'a\\r\\nb\\nc\\t\\033[1m|end'", "exec sleep 1000"
    )
    out = bytearray()
    session = await opened(demo, path, out)
    await until(lambda: out.endswith(b"|end"), "its output")
    assert bytes(out) == b"a\r\nb\nc\t\x1b[1m|end"
    await session.close()
    await session.account.close()


async def test_a_client_that_obeys_is_asked_to_end_and_not_killed(
    demo: Demo, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The client has 0.6 s, which may be too short on a busy machine: then the test tries again."""
    said = tmp_path / "said"
    path = client_script(
        tmp_path / "client",
        f"trap 'echo asked >{said}; exit 0' TERM", "echo ready",
        "sleep 1000 & wait",
    )  # fmt: skip
    for _ in range(6):
        said.unlink(missing_ok=True)
        caplog.clear()
        out = bytearray()
        session = await opened(demo, path, out)
        await until(lambda: b"ready" in out, "its output")  # noqa: B023 - called at once
        with caplog.at_level(logging.WARNING, "ecs_tui"):
            await session.close()
        await session.account.close()
        assert session.state is State.CLOSED
        if said.exists() and session.client_status == 0 and not caplog.records:
            return
    raise AssertionError("none of six clients has ended by itself")


@pytest.mark.usefixtures("new_processes")
async def test_exec_sets_the_keyboards_terminal_and_not_where_it_prints(demo: Demo) -> None:
    """Input from a terminal, output into a pipe: `ecs-tui exec … | less`."""
    account = demo.account()
    (arn,) = [page[0] async for page in ecs.list_tasks(account, "prod", "orders")][:1]
    await account.close()
    master, slave = os.openpty()
    before = termios.tcgetattr(slave)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ecs_tui", "--plugin", "builtin",
        "exec", "prod", arn.rsplit("/", 1)[-1], "--", "echo", "done",
        stdin=slave, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **demo.environment},
    )  # fmt: skip
    printed, said = await child.communicate()
    assert (child.returncode, said) == (0, b"")
    assert b"done" in printed
    assert termios.tcgetattr(slave) == before
    os.close(master)
    os.close(slave)
