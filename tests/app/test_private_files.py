"""Folders have mode 0700 and files 0600; only the client's environment has the session's token."""

from __future__ import annotations

import json
import os
import re
import sys
from datetime import datetime
from pathlib import Path

import pytest

from ecs_tui.config import state
from ecs_tui.config.shell_memory import ShellMemory
from ecs_tui.session.recording import Recording
from ecs_tui.store.snapshot import SnapshotCache
from ecs_tui.system.atomic_file import private_folder, write_private
from tests.support.app import PREFIX, open_services, open_shell, running_app
from tests.support.command import run_command
from tests.support.demo import Demo
from tests.support.limits import until

Mode = dict[str, str]


@pytest.fixture(autouse=True)
def generous_umask() -> object:
    before = os.umask(0)
    yield
    os.umask(before)


def modes(root: Path) -> Mode:
    """The modes of a folder and of everything in it."""
    found = {"": root} | {str(path.relative_to(root)): path for path in root.rglob("*")}
    return {name: oct(path.stat().st_mode & 0o777) for name, path in found.items()}


def all_private(root: Path) -> None:
    for name, mode in modes(root).items():
        assert mode == ("0o700" if (root / name).is_dir() else "0o600"), name


@pytest.mark.parametrize("existing", [False, True])
def test_state_recordings_and_snapshots(own_places: Path, existing: bool) -> None:
    if existing:  # as older versions created them
        for name in ("state/ecs-tui/saved", "cache/ecs-tui/snapshots"):
            (own_places / name).mkdir(parents=True, mode=0o755)
        own_places.chmod(0o755)
    state.save(state.SavedChoices(split="below"))
    Recording(state.saved_file("cast", "a b", datetime.now()), 80, 24, "t").close()
    write_private(state.saved_file("txt", "a b", datetime.now()), b"text")
    SnapshotCache("p", "r", None).write("", [])
    ShellMemory.load().worked("web", "app", "bash")
    assert len(list(own_places.rglob("*.*"))) == 5
    for name in ("state", "cache"):
        all_private(own_places / name / "ecs-tui")
    if not existing:
        all_private(own_places / "state")
    else:
        assert own_places.stat().st_mode & 0o777 == 0o755, "not ours: as it was"


def test_a_folder_of_somebody_else_stays_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o775)
    private_folder(shared / "a" / "b")
    assert modes(shared) == {"": "0o775", "a": "0o700", "a/b": "0o700"}
    private_folder(shared)
    assert modes(shared)[""] == "0o775"


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_private(tmp_path / "x", b"data")
    assert list(tmp_path.iterdir()) == [tmp_path / "x"]


@pytest.mark.parametrize("existing", [False, True])
def test_the_log(demo: Demo, tmp_path: Path, existing: bool) -> None:
    path = tmp_path / "log"
    if existing:
        path.write_text("")
        path.chmod(0o644)
    argv = ("--log-file", str(path), "ls", "clusters")
    assert run_command({**os.environ, **demo.environment}, *argv).returncode == 0
    assert "ListClusters" in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


TOKEN = re.compile(r'"TokenValue": "([^"]+)"')


def environment(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_bytes().decode("utf-8", "replace")


def seen_by_others(client: int) -> str:
    """The arguments of all processes, and the environments of ours except the client's."""
    found = ""
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit():
                found += (entry / "cmdline").read_bytes().decode("utf-8", "replace")
                if int(entry.name) != client and entry.stat().st_uid == os.getuid():
                    found += environment(int(entry.name))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # it has ended, or belongs to another user
    return found


def own_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.asyncio
async def test_the_token_is_in_the_clients_environment_only(
    demo: Demo, own_places: Path, plugin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import logging

    monkeypatch.setenv("ECS_TUI_PLUGIN_READS_ENVIRONMENT", "1")
    log = own_places / "log"
    handler = logging.FileHandler(log)
    logger = logging.getLogger("ecs_tui")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        async with running_app(demo.account(), plugin=plugin) as (app, pilot):
            await open_services(app, pilot)
            pane = await open_shell(app, pilot, "orders")
            await pilot.press(PREFIX, "r")
            await until(lambda: list(own_places.rglob("*.cast")), "a recording")
            session = pane.session
            assert session._pty is not None
            client = session._pty.pid
            found = TOKEN.search(environment(client).replace("\\", ""))
            assert found is not None
            token = found.group(1)
            assert len(token) > 30
            everywhere = seen_by_others(client)
            assert token not in everywhere
            assert token not in json.dumps(dict(os.environ))
            words = " ".join(map(repr, (session, session.plugin, session.target, vars(session))))
            assert token not in words
        assert not [path for path in own_files(own_places) if token.encode() in path.read_bytes()]
        assert "ExecuteCommand" in log.read_text()
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
        handler.close()
