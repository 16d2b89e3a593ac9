"""Fixtures of the tests of the command line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.support.exec_process import Exec
from tests.support.peer import Peer


@pytest_asyncio.fixture
async def exec_(tmp_path: Path) -> AsyncIterator[Exec]:
    """`ecs-tui exec`, to be started, in a task that is ready for it."""
    async with Peer() as peer:
        made = Exec(peer, tmp_path)
        yield made
        await made.close()
