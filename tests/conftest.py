"""Fixtures: the pretend account, shared by a module; and which session clients there are."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecs_tui import crash
from ecs_tui.session.plugin import NAME
from tests.support import Demo, demo_account, limit


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """The limit of a whole test is scaled as all others are."""
    if config.option.timeout is None:
        config.option.timeout = limit(float(config.getini("timeout")))


@pytest.fixture(autouse=True)
def own_places(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """State, cache and config of the program in a folder of the test's own."""
    folder = tmp_path_factory.mktemp("xdg")
    for name in ("STATE", "CACHE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(folder / name.lower()))
    return folder


@pytest.fixture(autouse=True)
def crashes(own_places: Path) -> Iterator[list[crash.Crash]]:
    """What was reported as an unexpected error; a test that expects some takes them out."""
    crash._seen.clear()
    found: list[crash.Crash] = []
    stop = crash.listen(found.append)
    yield found
    stop()
    assert not found, "\n".join(f"{each}\n{each.path and each.path.read_text()}" for each in found)


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """The pretend account, one for each module."""
    with demo_account() as served:
        yield served


@pytest.fixture(
    params=["builtin", pytest.param("system", marks=pytest.mark.real_plugin)],
)
def plugin(request: pytest.FixtureRequest) -> str:
    """Each session client in turn; the system's only where it is installed."""
    choice = str(request.param)
    if choice == "system" and shutil.which(NAME) is None:
        pytest.skip(f"{NAME} is not on PATH")
    return choice
