"""Nothing that a container prints reaches the outer terminal except as text in cells."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecs_tui.model.problem import Severity
from ecs_tui.terminal.engine import allowed_reply
from ecs_tui.ui.announce import title_words
from tests.support.attacks import ATTACKS, MARK, QUERIES
from tests.support.engines import ENGINES, engine_called
from tests.support.limits import until
from tests.support.outer_bytes import leaks
from tests.support.program_terminal import ProgramTerminal


async def only_cells(outer: ProgramTerminal, start: int) -> None:
    """Wait until the bytes since `start` end with a whole sequence, and check that none leaks."""
    try:
        await until(lambda: not leaks(bytes(outer.raw[start:])), "", 3)
    except AssertionError:
        assert leaks(bytes(outer.raw[start:])) == []


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", ATTACKS)
async def test_an_attack_reaches_the_screen_as_cells_only(
    shared_shell: ProgramTerminal, name: str, tmp_path: Path
) -> None:
    (tmp_path / "attack").write_bytes(ATTACKS[name])
    before = shared_shell.raw.rindex(b"\x1b[")
    # CAN ends an unfinished sequence; the rest switches off all modes that may be on.
    reset = r"printf '\030\033[?1049l\033c\033[?1003l\033[?1006l\033[<9u'"
    shared_shell.keys(f"cat {tmp_path}/attack; {reset}; echo do''ne-{name}\r")
    await shared_shell.shows(f"done-{name}")
    await only_cells(shared_shell, before)
    # The terminal's answers were typed into the shell: none is a command.
    assert "command not found" not in shared_shell.screen
    assert "not found" not in shared_shell.screen


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ATTACKS)
def test_what_an_engine_answers_is_harmless_and_its_rows_are_printable(
    engine: str, name: str
) -> None:
    made = engine_called(engine, 80, 24)
    made.feed(ATTACKS[name])
    made.feed(b"\x18\r\nafter")
    for reply in made.replies:
        assert allowed_reply(reply)
        assert MARK.encode() not in reply
        assert b"\r" not in reply
        assert b"\n" not in reply
    assert len(made.title()) <= 256
    for row in made.changed():
        assert "\x1b" not in "".join(run.text for run in row.runs)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_that_reached_the_outer_terminal_would_be_noticed(name: str) -> None:
    frame = b"\x1b[?2026h\x1b[3;4H\x1b[38;2;1;2;3mtext\x1b[0m\r\n\x1b[4;1H\x1b[?2026l"
    assert leaks(frame) == []
    assert leaks(ATTACKS[name])
    assert leaks(frame + ATTACKS[name] + frame)


@pytest.mark.parametrize(
    "data",
    [
        b"\x1b[H", b"\x1b[2J", b"\x1b[6n", b"\x1b[c", b"\x1b[5;6r", b"\x1b[4:3m", b"\x1b[?1000h",
        b"\x1b[?2004l", b"\x1b]22;x\x1b\\", b"\x1b]52;c;QQ==\x07", b"\x1b[1m\x1b", b"\x1b[", b"\x1b[3;4",
        b"\n", b"\r", b"\t", b"\x7f", b"\xc2\x85", b"\xff", "\u2028".encode(), b"\x1b[?25$p", b"\x1b[>1u",
        b"\x1b[22;2t", b"\x1b]2;x\x07", b"\x1b]2;ecs-tui x\x07", b"\x1b]2;ecs-tui\x1b\\", b"\x1b]0;ecs-tui\x07",
        b"\x1b]2;(1 failing, 2 failing) ecs-tui\x07", b"\x1b]2;() ecs-tui\x07", b"\x1b[21t",
    ],
)  # fmt: skip
def test_what_is_no_part_of_a_frame_would_be_noticed(data: bytes) -> None:
    assert leaks(b"a" + data + b"b")


@pytest.mark.parametrize("failing", [0, 1, 12])
@pytest.mark.parametrize("degraded", [0, 3])
def test_the_title_with_the_number_of_problems_is_no_leak(failing: int, degraded: int) -> None:
    words = title_words({Severity.FAILING: failing, Severity.DEGRADED: degraded})
    title = f"\x1b]2;{words}\x07".encode()
    assert leaks(b"a\x1b[22;2t" + title + b"b" + title) == []


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_answered_with_digits_or_not_at_all(engine: str, name: str) -> None:
    made = engine_called(engine, 80, 24)
    made.feed(b"\x1b]2;" + MARK.encode() + b"\x07\x1b]0;" + MARK.encode() + b"\x07")
    made.feed(QUERIES[name])
    answers = b"".join(made.replies)
    assert all(allowed_reply(reply) for reply in made.replies)
    assert len(answers) <= 40
    # Typed into a shell they are no command, and contain no text that the program chose.
    assert all(part == b"" or part.startswith(b"[") for part in answers.split(b"\x1b"))
    assert set(answers) <= set(b"\x1b[?>;$cnRtuy0123456789")


@pytest.mark.parametrize(
    "reply",
    [
        b"", b"\x1b", b"x", b"\x1b[", b"\x1b[1;2R\r", b"\r\x1b[1;2R", b"\x1b[1;2R\x1b[1;2R", b"\x1b[1;2x",
        b"\x1b]l" + MARK.encode() + b"\x1b\\", b"\x1bP1$r0m\x1b\\", b"\x1b]10;rgb:0/0/0\x07",
        b"\x1b[200~rm\x1b[201~", b"\x1b[A", b"\x1b[1;2m", b"\x1bP>|x\x1b\\", b"\x1b[1 q", b"\x1b[1;aR",
    ],
)  # fmt: skip
def test_other_answers_are_never_typed(reply: bytes) -> None:
    assert not allowed_reply(reply)


def test_the_corpus_names_what_policy_speaks_of() -> None:
    for part in ("title", "clipboard", "hyperlink", "notification", "report", "attributes"):
        assert any(part in name for name in ATTACKS), part
