"""Foreign files: hostile modules in the working directory, pipes and devices in place of files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ecs_tui.config import state
from ecs_tui.session.plugin import BUILTIN
from ecs_tui.store.snapshot import DamagedSnapshot, SnapshotCache
from ecs_tui.system.atomic_file import append_private, read_regular, state_folder, write_private
from ecs_tui.system.child import python_child
from ecs_tui.terminal.process import WorkerProcess
from tests.support.command import run_command
from tests.support.demo import Demo
from tests.support.limits import limit, until
from tests.support.program_terminal import ProgramTerminal

HOSTILE = (
    "aiohttp", "asyncio", "boto3", "botocore", "click", "cryptography", "ecs_tui", "encodings",
    "json", "logging", "msgspec", "os", "pyte", "re", "site", "sitecustomize", "socket", "textual",
    "typing", "usercustomize", "werkzeug",
)  # fmt: skip


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of hostile modules; the returned file exists once one is imported."""
    mark = tmp_path / "executed"
    folder = tmp_path / "here"
    folder.mkdir()
    for name in HOSTILE:
        (folder / f"{name}.py").write_text(f"open({str(mark)!r}, 'a').write({name!r} + '\\n')\n")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return mark


def test_the_trap_works(hostile: Path) -> None:
    subprocess.run([sys.executable, "-m", "ecs_tui", "--version"], capture_output=True, check=False)
    assert hostile.exists()


def test_the_demo_account_imports_nothing_from_the_current_folder(hostile: Path) -> None:
    argv = python_child("ecs_tui", "demo", "--serve", "--with-parent")
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None and server.stdout is not None
        assert json.loads(server.stdout.readline())["endpoint"]
        server.stdin.close()
        server.wait(limit(15))
    assert not hostile.exists(), hostile.read_text()


def test_the_client_imports_nothing_from_the_current_folder(hostile: Path) -> None:
    ran = subprocess.run([*BUILTIN.argv, "--help"], capture_output=True, check=False)
    assert b"Traceback" not in ran.stderr
    assert not hostile.exists(), hostile.read_text()


@pytest.mark.asyncio
async def test_the_terminals_process_imports_nothing_from_the_current_folder(hostile: Path) -> None:
    process = WorkerProcess("auto", 100)
    try:
        process.socket.setblocking(False)
        await until(lambda: _answers(process), "the worker has started")
    finally:
        process.child.kill()
        process.child.wait()
        process.socket.close()
    _untouched(hostile)


def _untouched(mark: Path) -> None:
    assert not mark.exists(), mark.read_text()


def _answers(process: WorkerProcess) -> bool:
    try:
        return bool(process.socket.recv(1))
    except BlockingIOError:
        return False


# -- pipes and devices


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    made = tmp_path / "pipe"
    os.mkfifo(made)
    return made


def test_only_regular_files_are_read_and_written(pipe: Path, tmp_path: Path) -> None:
    for path in (pipe, Path("/dev/zero"), tmp_path):
        with pytest.raises(OSError, match=r"regular|directory"):
            read_regular(path, 100)
        with pytest.raises(OSError, match=r"regular|directory"):
            append_private(path)
    file = tmp_path / "file"
    file.write_bytes(b"x" * 100)
    assert read_regular(file, 100) == b"x" * 100
    with pytest.raises(OSError, match="too large"):
        read_regular(file, 99)


@pytest.mark.parametrize("flag", ["--config", "--log-file"])
def test_a_pipe_as_a_file_of_ours_is_a_sentence(pipe: Path, flag: str) -> None:
    ran = run_command(os.environ, flag, str(pipe), "ls", "clusters")
    assert ran.returncode != 0
    assert str(pipe) in ran.stderr
    assert "regular file" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_what_was_remembered_may_be_a_pipe(own_places: Path) -> None:
    path = state_folder() / "remembered.json"
    write_private(path, b"{}")
    path.unlink()
    os.mkfifo(path)
    assert state.load() == state.SavedChoices()


def test_a_snapshot_may_be_a_pipe(own_places: Path) -> None:
    cache = SnapshotCache("", "us-east-1", "")
    path = cache.path("")
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    with pytest.raises(DamagedSnapshot, match="regular file"):
        cache.read("")


@pytest.mark.asyncio
async def test_with_a_pipe_as_snapshot_the_app_shows_its_lists_and_quits(
    demo: Demo, own_places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", demo.environment["AWS_ACCESS_KEY_ID"])
    path = SnapshotCache(None, demo.region, demo.endpoint).path("")
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    outer = ProgramTerminal(
        {**os.environ, **demo.environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"},
        size=(120, 30),
    )
    try:
        await outer.shows("staging")
        outer.keys("q")
        assert await outer.ends() == 0
    finally:
        outer.close()
