"""Log lines in a file: saved, and in an editor."""

from __future__ import annotations

import asyncio
import contextlib
import stat
from pathlib import Path

import pytest

from ecs_tui.logs.line import LogLine
from ecs_tui.system.editor import editor_command
from ecs_tui.ui.pages.logs.export import edit, save
from tests.support.limits import until

LINES = [LogLine(0, "\x1b[31mred\x1b[0m", 1, "4a5a" * 8, "app"), LogLine(1, "two", 2)]


def test_a_saved_file_is_private_and_harmless() -> None:
    path = save(LINES, "logs-web")
    assert path.name.endswith("-logs-web.log")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    assert "red" in text and "\x1b" not in text and text.count("\n") == 2


@pytest.mark.parametrize(
    ("environment", "command"),
    [
        ({"VISUAL": "code -w", "EDITOR": "nano"}, ["code", "-w"]),
        ({"EDITOR": "nano"}, ["nano"]),
        ({"EDITOR": 'a "b'}, ["vi"]),
        ({}, ["vi"]),
    ],
)
def test_the_operators_editor(environment: dict[str, str], command: list[str]) -> None:
    assert editor_command(environment) == command


@pytest.mark.asyncio
async def test_an_editor_gets_the_lines_and_its_file_is_deleted(tmp_path: Path) -> None:
    script, seen = tmp_path / "editor", tmp_path / "seen"
    script.write_text(
        f'#!/bin/sh\ncat "$1" > {seen}\necho "$1" > {seen}.name\nkill -STOP $$\nkill -INT $PPID\n'
        f"while [ ! -e {seen}.go ]; do sleep 0.02; done\n"
    )
    script.chmod(0o700)
    editing = asyncio.create_task(edit(LINES, {"EDITOR": str(script)}, contextlib.nullcontext))
    named = tmp_path / "seen.name"
    await until(named.exists, "the editor runs, and the event loop goes on")
    (tmp_path / "seen.go").touch()
    assert await editing == ""
    assert "two" in seen.read_text()
    assert not _exists(named)


def _exists(named: Path) -> bool:
    """Whether the file exists that another file names."""
    return Path(named.read_text().strip()).exists()


@pytest.mark.asyncio
async def test_an_editor_ends_with_the_program(tmp_path: Path) -> None:
    script, seen = tmp_path / "editor", tmp_path / "seen"
    script.write_text(f"#!/bin/sh\ntrap 'echo ended > {seen}.end; exit' TERM\necho $$ > {seen}\n"
                      "while :; do sleep 0.02; done\n")  # fmt: skip
    script.chmod(0o700)
    editing = asyncio.create_task(edit(LINES, {"EDITOR": str(script)}, contextlib.nullcontext))
    await until(seen.exists, "the editor runs")
    editing.cancel()
    await asyncio.gather(editing, return_exceptions=True)
    await until((tmp_path / "seen.end").exists, "it has ended")


@pytest.mark.asyncio
async def test_an_editor_that_fails_is_a_sentence() -> None:
    nothing = contextlib.nullcontext
    assert await edit(LINES, {"EDITOR": "false"}, nothing) == "false ended with status 1."
    assert "Set EDITOR" in await edit(LINES, {"EDITOR": "/nowhere/editor"}, nothing)
