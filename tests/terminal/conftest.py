"""Fixtures of the tests that run on a terminal."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from ecs_tui.aws.account import Account
from ecs_tui.terminal.engine import Engine
from tests.support.demo import Demo
from tests.support.engines import ENGINES, engine_called
from tests.support.program_terminal import ProgramTerminal, into_a_shell


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn, of 40 by 10 cells and 1,000 lines of scrollback."""
    return engine_called(request.param)


@pytest.fixture
def fresh_demo(demo: Demo) -> Demo:
    """The module's demo account: without faults, its counts at 0."""
    demo.heal()
    demo.counts(reset=True)
    return demo


@pytest_asyncio.fixture
async def account(demo: Demo) -> AsyncIterator[Account]:
    """A connection to the demo account, which is without faults."""
    demo.heal()
    made = demo.account()
    yield made
    demo.heal()
    await made.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_shell(demo: Demo) -> AsyncIterator[ProgramTerminal]:
    """The program with a shell in front, one for each module."""
    made = ProgramTerminal(demo.environment, "--plugin", "builtin", "--cluster", "prod")
    await into_a_shell(made)
    yield made
    made.close()
