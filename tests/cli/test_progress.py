"""The line that says how far a listing is: on a terminal only, and gone before rows are printed."""

from __future__ import annotations

import io
import sys

import pytest

from ecs_tui.cli.progress import DELAY_SECONDS, ProgressLine


class Stream(io.StringIO):
    """A stderr that is a terminal or not."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


class Clock:
    """Seconds that the test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def shown(
    monkeypatch: pytest.MonkeyPatch, *, terminal: bool = True, total: int = 3, term: str = "xterm"
) -> tuple[ProgressLine, Clock, Stream]:
    stream, clock = Stream(terminal), Clock()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", term)
    return ProgressLine("services", total, clock), clock, stream


def test_it_appears_after_a_while_and_is_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    line, clock, stream = shown(monkeypatch)
    line.advance()
    line.erase()
    assert stream.getvalue() == "", "a short listing shows none"
    clock.now += DELAY_SECONDS
    line.advance()
    assert stream.getvalue() == "\r\x1b[KReading services: 2 of 3 clusters"
    line.erase()
    line.erase()
    assert stream.getvalue().count("\x1b[K") == 2, "it is erased once"
    line.advance()
    assert stream.getvalue().endswith("\r\x1b[K"), "nothing is left to be read"


@pytest.mark.parametrize(
    "how", [{"terminal": False}, {"total": 1}, {"total": 0}, {"term": "dumb"}, {"term": ""}]
)
def test_where_there_is_none(monkeypatch: pytest.MonkeyPatch, how: dict[str, object]) -> None:
    line, clock, stream = shown(monkeypatch, **how)  # type: ignore[arg-type]
    clock.now += 2 * DELAY_SECONDS
    line.draw()
    line.erase()
    assert stream.getvalue() == ""


def test_a_closed_stderr_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    line = ProgressLine("tasks", 5)
    line.advance()
    line.erase()
