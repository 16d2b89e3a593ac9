"""The terminal's background: which answers are light, COLORFGBG, and the one question."""

from __future__ import annotations

import threading
import time

import pytest

from ecs_tui.terminal.background import (
    ANSWER_SECONDS,
    LEAVING_SECONDS,
    QUERY,
    BackgroundQuery,
    BackgroundReport,
    light_background,
    light_by_environment,
)
from ecs_tui.terminal.input import Key, TerminalReport, Tokenizer
from ecs_tui.terminal.typed import KeyNames


@pytest.mark.parametrize(
    ("report", "light"),
    [
        (b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\", True),
        (b"\x1b]11;rgb:0000/0000/0000\x1b\\", False),
        (b"\x1b]11;rgb:ff/ff/ff\x07", True),
        (b"\x1b]11;rgb:0/0/0\x07", False),
        (b"\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\", True),  # Solarized light
        (b"\x1b]11;rgb:0000/2b2b/3636\x1b\\", False),  # Solarized dark
        (b"\x1b]11;rgba:FFFF/FFFF/FFFF/8000\x07", True),
        (b"\x1b]11;rgb:0000/ffff/0000\x07", True),  # green is light, blue is not
        (b"\x1b]11;rgb:0000/0000/ffff\x07", False),
        (b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\", None),
        (b"\x1b]11;#ffffff\x07", None),
        (b"\x1b]11;rgb:fffff/0/0\x07", None),
        (b"\x1b]11;rgb:ffff/ffff\x07", None),
        (b"\x1b]11;?\x07", None),
        (b"\x1b]11;rgb:ffff/ffff/ffff", None),
        (b"\x1b[?62c", None),
        (b"", None),
    ],
)
def test_an_answer(report: bytes, light: bool | None) -> None:
    assert light_background(report) is light
    messages = list(KeyNames().messages(TerminalReport(report)))
    assert [isinstance(each, BackgroundReport) for each in messages] == [True] * (light is not None)


@pytest.mark.parametrize("cut", range(1, 26))
def test_an_answer_in_two_reads_is_one_report_and_no_key(cut: int) -> None:
    answer = b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\"
    tokenizer = Tokenizer()
    tokens = tokenizer.feed(answer[:cut]) + tokenizer.feed(answer[cut:])
    assert tokens == [TerminalReport(answer)]


def test_an_answer_whose_escape_was_taken_for_a_key_is_still_a_report() -> None:
    tokenizer = Tokenizer()
    assert tokenizer.feed(b"\x1b") == []
    assert tokenizer.expire() == [Key(b"\x1b")]
    (report,) = tokenizer.feed(b"]11;rgb:0/0/0\x1b\\")
    assert isinstance(report, TerminalReport)


@pytest.mark.parametrize(
    ("value", "light"),
    [
        ("0;15", True), ("15;0", False), ("0;default;15", True), ("12;8", False), ("0;7", True),
        ("7;9", True), ("0;6", False), ("15;default", None), ("", None), ("x", None), (";", None),
        ("0;99", False), ("0;-1", None),
    ],
)  # fmt: skip
def test_the_variable(value: str, light: bool | None) -> None:
    assert light_by_environment({"COLORFGBG": value}) is light
    assert light_by_environment({}) is None


def test_it_is_asked_once_and_answered_once() -> None:
    query = BackgroundQuery(True)
    assert not query.take(), "nobody has asked"
    assert [query.ask(), query.ask()] == [QUERY, ""]
    assert [query.take(), query.take()] == [True, False]
    assert BackgroundQuery(False).ask() == ""


@pytest.mark.parametrize(
    ("after", "counts"), [(ANSWER_SECONDS, True), (ANSWER_SECONDS + 0.1, False)]
)
def test_a_late_answer_does_not_count(after: float, counts: bool) -> None:
    now = [5.0]
    query = BackgroundQuery(True, lambda: now[0])
    query.ask()
    now[0] += after
    assert query.take() is counts


def test_leaving_waits_for_an_answer_that_may_come_and_for_no_other() -> None:
    for query in (BackgroundQuery(False), BackgroundQuery(True)):
        began = time.monotonic()
        query.settle()
        assert time.monotonic() - began < LEAVING_SECONDS, "it was not asked"
    now = [0.0]
    waiting = BackgroundQuery(True, lambda: now[0])
    waiting.ask()
    began = time.monotonic()
    waiting.settle()
    assert time.monotonic() - began >= LEAVING_SECONDS
    threading.Timer(0.0, waiting.take).start()
    waiting.settle()
    assert not waiting.take(), "it has been answered meanwhile"
    now[0] = ANSWER_SECONDS + 1
    late = BackgroundQuery(True, lambda: now[0])
    late.ask()
    now[0] += ANSWER_SECONDS
    began = time.monotonic()
    late.settle()
    assert time.monotonic() - began < LEAVING_SECONDS, "no answer is expected any more"
