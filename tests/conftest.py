"""Fixtures of all tests: the demo account, the stub of AWS, session clients, private folders."""

from __future__ import annotations

import gc
import itertools
import logging
import os
import resource
import shutil
import sys
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from xdist.scheduler import LoadFileScheduling

pytest.register_assert_rewrite("tests.support")  # before its modules are imported

from ecs_tui.session.plugin import NAME  # noqa: E402
from ecs_tui.system import crash  # noqa: E402
from tests.support import python_fork  # noqa: E402
from tests.support.demo import Demo, demo_account  # noqa: E402
from tests.support.limits import limit  # noqa: E402
from tests.support.peer import Peer  # noqa: E402
from tests.support.pilot import draw_less_often  # noqa: E402
from tests.support.stub_aws import StubAws, stub_aws  # noqa: E402
from tests.support.stub_clusters import StubClusters  # noqa: E402
from tests.support.stub_session import answers  # noqa: E402


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Scale the time limit of a whole test as all other limits; fork what starts the program.

    Here and not in what starts an app: the benchmarks measure apps that draw as they always do.
    """
    gc.disable()  # collecting the tests makes a million objects to keep, and takes half as long so
    python_fork.install()
    draw_less_often()
    if config.option.timeout is None:
        config.option.timeout = limit(float(config.getini("timeout")))


LONG = (
    "fault_matrix", "service_page", "wheel", "soak", "pane", "worker_in_app", "logs_page", "doctor",
    "hangup", "operate", "logs_by_keys", "rollback", "titles", "outer_terminals", "doctor_app",
    "exit_statuses", "dock_keys", "logs_tail", "foreign_folder", "odd_shapes", "hangup_faults",
    "spread",
)  # fmt: skip
"""The modules that take longest. They start first, so that at the end of a run no worker is left
alone with one of them."""

ARCHITECTURE = "tests/architecture/"
"""How the IDs of tests begin that read the source."""

CA_BUNDLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
"""What a test is not to depend on; an app reads such a file at its start, for 40 ms. The tests'
endpoints have no certificates, and tests of these variables set them."""

PLACES = {"XDG_STATE_HOME": "state", "XDG_CACHE_HOME": "cache", "XDG_CONFIG_HOME": "config"}
"""The variables of the program's own folders: no test may touch those of whoever runs it."""

LONGEST_ID = 200
"""Characters of a parameter above which its test is not named after it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move the tests of `LONG` to the front; the order within a module stays."""
    long = {f"test_{name}": rank for rank, name in enumerate(LONG)}
    items.sort(key=lambda item: long.get(item.path.stem, len(long)))


class ByFile(LoadFileScheduling):
    """A file's tests run on one worker; those that read the source are one file, parsed once."""

    def _split_scope(self, nodeid: str) -> str:
        return ARCHITECTURE if nodeid.startswith(ARCHITECTURE) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile | None:
    """Replace xdist's way to give a worker whole files."""
    return ByFile(config, log) if config.option.dist == "loadfile" else None


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A short name for a long text: names of tests go to every worker, and 10 MB take a minute."""
    if isinstance(val, str | bytes) and len(val) > LONGEST_ID:
        data = val.encode(errors="surrogatepass") if isinstance(val, str) else val
        return f"{argname}-{zlib.crc32(data):08x}"
    return None


def pytest_collection_finish() -> None:
    """Exclude what the suite itself needs from collections, and make fewer of them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_OBJECTS)
    gc.enable()


GARBAGE_OBJECTS = (50_000, 20, 50)
"""New objects, and collections of a generation, until the next older one is collected. Python's
own 700 objects are some 500 collections for each app that starts."""
GARBAGE_BYTES = 150 * 2**20
"""Bytes by which a process may grow until it looks for what ended apps have left."""
RSS_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes of a unit of `ru_maxrss` (getrusage(2) of macOS and of Linux)."""
_TIDIED = [0]
"""The peaks of memory at which this was done."""


@pytest.fixture(autouse=True, scope="module")
def garbage() -> Iterator[None]:
    """Free what the apps of a module have left, once it is much."""
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT
    if peak - _TIDIED[-1] > GARBAGE_BYTES:
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        _TIDIED.append(peak)


@pytest.fixture(scope="session", autouse=True)
def private_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A new folder at each `next`. `mktemp` lists all earlier ones each time."""
    parent = tmp_path_factory.mktemp("places")
    for variable, name in PLACES.items():  # for what starts before a test: fixtures of modules
        os.environ[variable] = str(parent / "shared" / name)
    return (parent / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def own_places(private_folders: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the program's state, cache and config a folder for this test only."""
    folder = next(private_folders)
    folder.mkdir(mode=0o700)
    for variable, name in PLACES.items():
        monkeypatch.setenv(variable, str(folder / name))
    monkeypatch.delenv("COLORFGBG", raising=False)  # it decides the theme
    for name in ("TMUX", "STY"):  # the hint about the clipboard depends on them
        monkeypatch.delenv(name, raising=False)
    for name in CA_BUNDLES:
        monkeypatch.delenv(name, raising=False)
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


@pytest.fixture
def new_processes() -> Iterator[None]:
    """Every process of the program is started as outside of tests, and none is forked."""
    with python_fork.new_processes():
        yield


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
