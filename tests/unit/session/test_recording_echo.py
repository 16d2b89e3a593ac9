"""What a recording takes for the echo of a key: the limits of that rule."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ecs_tui.session.recording import ECHO_SECONDS, Recording


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def typed(path: Path) -> str:
    rows = [json.loads(line) for line in path.read_text().splitlines()[1:]]
    return "".join(str(row[2]) for row in rows if row[1] == "i")


@pytest.mark.parametrize(
    ("seconds", "kept"), [(0.0, "ls"), (ECHO_SECONDS, "ls"), (ECHO_SECONDS + 0.001, "")]
)
def test_an_echo_comes_within_its_time(tmp_path: Path, seconds: float, kept: str) -> None:
    clock = Clock()
    recording = Recording(tmp_path / "x.cast", 80, 24, "t", with_input=True, clock=clock)
    clock.now = 5.0
    recording.input(b"ls")
    clock.now += seconds
    recording.output(b"ls")
    recording.close()
    assert typed(tmp_path / "x.cast") == kept


@pytest.mark.parametrize(("seconds", "kept"), [(ECHO_SECONDS, "ab"), (ECHO_SECONDS + 0.001, "")])
def test_a_key_that_was_not_echoed_is_forgotten_with_the_next(
    tmp_path: Path, seconds: float, kept: str
) -> None:
    """Later output counts as an echo of later keys only."""
    clock = Clock()
    recording = Recording(tmp_path / "x.cast", 80, 24, "t", with_input=True, clock=clock)
    clock.now = 5.0
    recording.input(b"a")
    clock.now += seconds
    recording.input(b"b")
    recording.output(b"ab")
    recording.close()
    assert typed(tmp_path / "x.cast") == kept


@pytest.mark.parametrize(
    ("output", "kept"),
    [("su", "su"), ("su\x1b[K", "su"), ("su\r\n", "su"), ("sub", ""), ("su do", "")],
)
def test_what_stands_behind_the_echo_decides(tmp_path: Path, output: str, kept: str) -> None:
    """A control sequence may follow. Other text may not: it only begins with the same letters."""
    recording = Recording(tmp_path / "x.cast", 80, 24, "t", with_input=True)
    recording.input(b"su")
    recording.output(output.encode())
    recording.close()
    assert typed(tmp_path / "x.cast") == kept
