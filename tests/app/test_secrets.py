"""The session's token and the secret key are in no file, log, command line or environment."""

from __future__ import annotations

import json
import logging
import os
import re
from pathlib import Path

import pytest

from ecs_tui.cli.main import _log_to
from ecs_tui.system import crash
from tests.support.app import PREFIX, open_services, open_shell, pane_text, running_app, screen_text
from tests.support.demo import Demo
from tests.support.limits import until

pytestmark = pytest.mark.asyncio
VARIABLE = "AWS_SSM_START_SESSION_RESPONSE"


@pytest.fixture
def log_file(tmp_path: Path) -> Path:
    """The program's log, as `--log-file` writes it, at the level that logs everything."""
    path = tmp_path / "calls.log"
    _log_to(str(path))
    logging.getLogger("ecs_tui").setLevel(logging.DEBUG)
    return path


def environment(pid: int) -> dict[str, str]:
    """The environment with which a process was started."""
    pairs = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def arguments(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def written(own_places: Path, log_file: Path, secrets: tuple[str, ...]) -> None:
    """Every written file has mode 0600, and none contains a secret."""
    files = [path for path in own_places.rglob("*") if path.is_file()]
    kinds = {path.suffix for path in files}
    assert ".cast" in kinds and ".txt" in kinds, files
    assert any("crashes" in path.parts for path in files), files
    assert any("cache" in path.parts for path in files), files
    for path in [*files, log_file]:
        data = path.read_bytes()
        assert data, path
        assert not any(each.encode() in data for each in secrets), path
        assert path.stat().st_mode & 0o077 == 0, path
    assert "ecs:ExecuteCommand ok" in log_file.read_text()


async def test_no_secret_leaves_by_any_way(
    demo: Demo, own_places: Path, log_file: Path, crashes: list[crash.Crash]
) -> None:
    secret = demo.environment["AWS_SECRET_ACCESS_KEY"]
    async with running_app(
        demo.account(), plugin="builtin", record=["*"], record_input=True, size=(130, 40)
    ) as (app, pilot):
        await open_services(app, pilot)
        pane = await open_shell(app, pilot, "orders")
        assert pane.session._pty is not None
        client, worker = pane.session._pty.pid, pane.link.pid
        given = environment(client)
        (variable,) = (name for name in given if name.startswith(VARIABLE))
        token = json.loads(given.pop(variable))["TokenValue"]
        assert len(token) > 20
        secrets = (token, secret)

        def clean(text: str, where: str) -> None:
            assert text, where
            assert not any(each in text for each in secrets), where

        clean(arguments(client), "the client's command line")
        assert token not in json.dumps(given), "the rest of the client's environment"
        clean(arguments(worker), "the worker's command line")
        clean(json.dumps(environment(worker)), "the worker's environment")
        clean(json.dumps(dict(os.environ)), "the app's own environment")
        clean(repr(pane.session.__dict__), "what a debugger prints of a session")
        await pilot.press(*"env; echo do''ne", "enter")
        await until(lambda: "\ndone" in pane_text(app), "the container's environment")
        clean(pane_text(app), "the container's environment")
        crash.report("a test", RuntimeError(f"it failed with TokenValue={token}"))
        await until(lambda: crashes, "a crash file")
        clean(str(crashes[0]), "the words of a crash")
        await pilot.press(PREFIX, "w")
        await until(
            lambda: re.search(r"Saved \d+ lines to ", screen_text(app)), "its text is saved"
        )
        clean(screen_text(app), "the screen")
        await app.browser.connections.save()
    crashes.clear()
    written(own_places, log_file, secrets)
