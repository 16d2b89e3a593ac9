"""Opening a URL: in a child without a shell, and only where the operator sees the browser."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ecs_tui.system import browser
from ecs_tui.system.browser import open_browser
from tests.support.limits import until

pytestmark = pytest.mark.asyncio
URL = "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/a?region=eu-west-1;touch$IFS/x&b"


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desktop whose browser writes its arguments to a file; the folder of its `xdg-open`."""
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":0")
    for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    program(tmp_path, f'printf "%s\\n" "$#" "$1" > {tmp_path}/opened')
    return tmp_path


def program(folder: Path, line: str) -> None:
    """Write `xdg-open`."""
    made = folder / "xdg-open"
    made.write_text(f"#!/bin/sh\n{line}\n")
    made.chmod(0o700)


async def test_the_browser_gets_the_url_as_one_argument(desktop: Path) -> None:
    assert await open_browser(URL)
    assert (desktop / "opened").read_text() == f"1\n{URL}\n"


async def test_over_ssh_nothing_is_started(desktop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_TTY", "/dev/pts/1")
    assert not await open_browser(URL)
    assert not (desktop / "opened").exists()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("{0}/mine", ["{1}"]),
        ("{0}/mine --new-tab", ["--new-tab", "{1}"]),
        ("{0}/mine --url=%s --quiet:/bin/other", ["--url={1}", "--quiet"]),
    ],
)
async def test_the_operators_own_browser_comes_first_also_over_ssh(
    desktop: Path, monkeypatch: pytest.MonkeyPatch, value: str, words: list[str]
) -> None:
    mine = desktop / "mine"
    mine.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {desktop}/opened\n')
    mine.chmod(0o700)
    monkeypatch.setenv("BROWSER", value.format(desktop))
    monkeypatch.setenv("SSH_TTY", "/dev/pts/1")
    assert await open_browser(URL)
    assert (desktop / "opened").read_text().splitlines() == [each.format("", URL) for each in words]


@pytest.mark.parametrize("value", ["", ":", '"open'])
async def test_a_browser_setting_without_a_command_is_none(
    desktop: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("BROWSER", value)
    assert await open_browser(URL)
    assert (desktop / "opened").read_text() == f"1\n{URL}\n"


async def test_a_command_that_fails_or_is_missing_opened_nothing(desktop: Path) -> None:
    program(desktop, "exit 3")
    assert not await open_browser(URL)
    (desktop / "xdg-open").chmod(0o600)
    assert not await open_browser(URL)


async def test_a_command_that_stays_has_opened_it(
    desktop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "START_SECONDS", 0.2)
    program(desktop, f"echo $$ > {desktop}/pid; exec sleep 5")
    began = time.monotonic()
    assert await open_browser(URL)
    assert time.monotonic() - began < 4
    await until(lambda: (desktop / "pid").read_text().strip(), "it runs on")
