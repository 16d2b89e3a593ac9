"""Fixtures of all tests: the demo account, the stub of AWS, session clients, private folders."""

from __future__ import annotations

import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

pytest.register_assert_rewrite("tests.support")  # before its modules are imported

from ecs_tui.session.plugin import NAME  # noqa: E402
from ecs_tui.system import crash  # noqa: E402
from tests.support.demo import Demo, demo_account  # noqa: E402
from tests.support.limits import limit  # noqa: E402
from tests.support.peer import Peer  # noqa: E402
from tests.support.stub_aws import StubAws, stub_aws  # noqa: E402
from tests.support.stub_clusters import StubClusters  # noqa: E402
from tests.support.stub_session import answers  # noqa: E402


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Scale the time limit of a whole test as all other limits."""
    if config.option.timeout is None:
        config.option.timeout = limit(float(config.getini("timeout")))


LONG = (
    "fault_matrix", "wheel", "soak", "doctor", "hangup", "pane", "exit_statuses", "worker_in_app",
    "outer_terminals", "doctor_app", "titles", "foreign_folder", "odd_shapes", "hangup_faults",
)  # fmt: skip
"""The modules that take longest. They start first, so that at the end of a run no worker is left
alone with one of them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move the tests of `LONG` to the front; the order within a module stays."""
    long = {f"test_{name}": rank for rank, name in enumerate(LONG)}
    items.sort(key=lambda item: long.get(item.path.stem, len(long)))


@pytest.fixture(autouse=True)
def own_places(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the program's state, cache and config a folder for this test only."""
    folder = tmp_path_factory.mktemp("xdg")
    for name in ("STATE", "CACHE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(folder / name.lower()))
    return folder


@pytest.fixture(autouse=True)
def crashes(own_places: Path) -> Iterator[list[crash.Crash]]:
    """Unexpected errors; the test fails if any is left in this list at its end."""
    crash._seen.clear()
    found: list[crash.Crash] = []
    stop = crash.listen(found.append)
    yield found
    stop()
    assert not found, "\n".join(f"{each}\n{each.path and each.path.read_text()}" for each in found)


@pytest.fixture(autouse=True)
def program_log() -> Iterator[None]:
    """The logger of the program as it was: running a command in this process sets it up."""
    logger = logging.getLogger("ecs_tui")
    before = (list(logger.handlers), logger.level, logger.propagate)
    yield
    for handler in set(logger.handlers) - set(before[0]):
        logger.removeHandler(handler)
        handler.close()
    logger.handlers, logger.level, logger.propagate = before


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """The demo account, one for each module."""
    with demo_account() as served:
        yield served


@pytest.fixture(
    params=["builtin", pytest.param("system", marks=pytest.mark.real_plugin)],
)
def plugin(request: pytest.FixtureRequest) -> str:
    """Each session client in turn: the built-in one, and the system's where it is installed."""
    choice = str(request.param)
    if choice == "system" and shutil.which(NAME) is None:
        pytest.skip(f"{NAME} is not on PATH")
    return choice


@pytest.fixture(scope="module")
def served() -> Iterator[StubAws]:
    """The stub of AWS, one for each module."""
    with stub_aws() as made:
        yield made


@pytest.fixture
def stub(served: StubAws) -> StubAws:
    """The module's stub: without faults, with its own answers, nothing recorded."""
    served.reset()
    return served


@pytest_asyncio.fixture
async def peer(stub: StubAws) -> AsyncIterator[Peer]:
    """The far end of the stub's sessions."""
    async with Peer() as made:
        stub.answers = answers(made.url)
        yield made
    stub.heal()


@pytest.fixture
def clusters(stub: StubAws) -> StubClusters:
    """Adds clusters to the stub."""
    return StubClusters(stub)
