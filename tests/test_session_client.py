"""How a session treats its client: the bytes it prints, the signals it gets."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecs_tui.aws import ecs
from ecs_tui.inventory.inventory import Inventory, Kind, Scope
from ecs_tui.model.exec_status import newest_ready_task
from ecs_tui.session.plugin import PluginChoice
from ecs_tui.session.session import Session, State, Target
from tests.support import Demo, demo_account, until

pytestmark = pytest.mark.asyncio


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with demo_account() as served:
        yield served


def client(path: Path, *lines: str) -> str:
    """A session client of these lines; asked for its version it tells one."""
    text = ["#!/bin/sh", '[ "$1" = --version ] && { echo 1.2.707.0; exit; }', *lines]
    path.write_text("\n".join(text) + "\n")
    path.chmod(0o700)
    return str(path)


async def opened(demo: Demo, path: str, out: bytearray) -> Session:
    account = demo.account()
    inventory = Inventory(account)
    await inventory.load(Scope(Kind.TASK, "prod", "orders"))
    task = newest_ready_task(inventory.tasks("prod", "orders"))
    assert task is not None
    session = Session(
        account, Target.of(task, task.containers[0]), "/bin/sh", out.extend, lambda: None,
        plugin=PluginChoice.SYSTEM, plugin_path=path,
    )  # fmt: skip
    await session.start()
    return session


async def test_what_a_client_prints_arrives_byte_for_byte(demo: Demo, tmp_path: Path) -> None:
    """The remote's terminal has made line ends already; this side's must not make more of them."""
    path = client(tmp_path / "client", "printf 'a\\r\\nb\\nc\\t\\033[1m|end'", "exec sleep 1000")
    out = bytearray()
    session = await opened(demo, path, out)
    await until(lambda: out.endswith(b"|end"), "its output")
    assert bytes(out) == b"a\r\nb\nc\t\x1b[1m|end"
    await session.close()
    await session.account.close()


async def test_a_client_that_obeys_is_asked_to_end_and_not_killed(
    demo: Demo, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It has 0.6 s for that, which a busy machine may not give it: then another is tried."""
    said = tmp_path / "said"
    path = client(
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


async def test_exec_sets_the_keyboards_terminal_and_not_where_it_prints(demo: Demo) -> None:
    """Typed at a terminal and printed into a pipe: `ecs-tui exec … | less`."""
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
