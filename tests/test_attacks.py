"""No byte that a container prints reaches the outer terminal but as a cell: the whole corpus, for real."""

from __future__ import annotations

import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from ecs_tui.terminal.engine import allowed_reply, make_engine
from tests.attacks import ATTACKS, MARK
from tests.support import Demo
from tests.test_end_to_end import Outer, into_a_shell

_STRINGS = re.compile(rb"\x1b[\]PX^_k](.*?)(?:\x07|\x1b\\)", re.S)
_CSI = re.compile(rb"\x1b\[([0-?]*)([ -/]*)([@-~])")
_OURS = set("mHhluqKJABCDGtcnrsX")
"""Final bytes of the control sequences that Textual itself writes."""


def outer_strings(raw: bytes) -> list[bytes]:
    """What OSC, DCS, APC, PM and SOS strings the outer terminal was sent."""
    return [match.group(1) for match in _STRINGS.finditer(raw)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def outer(demo: Demo) -> AsyncIterator[Outer]:
    made = Outer(demo.environment, "--plugin", "builtin", "--cluster", "prod")
    await into_a_shell(made)
    yield made
    made.pty.signal(signal.SIGKILL)
    made.pty.close()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", ATTACKS)
async def test_an_attack_reaches_the_screen_as_cells_only(
    outer: Outer, name: str, tmp_path: Path
) -> None:
    (tmp_path / "attack").write_bytes(ATTACKS[name])
    before = len(outer.raw)
    # CAN ends what is unfinished; then all that a program may have switched on is off again.
    reset = r"printf '\030\033[?1049l\033c\033[?1003l\033[?1006l\033[<9u'"
    outer.keys(f"cat {tmp_path}/attack; {reset}; echo do''ne-{name}\r")
    await outer.shows(f"done-{name}")
    raw = bytes(outer.raw[before:])
    for text in outer_strings(raw):
        assert MARK.encode() not in text
        assert b"RVZJTDc" not in text
        assert not text.startswith((b"52;", b"8;", b"9;", b"777;", b"1337;", b"0;", b"2;")), text
    for match in _CSI.finditer(raw):
        assert match.group(3).decode() in _OURS, match.group()
    assert b"\x05" not in raw
    assert b"\x9d" not in raw.decode("utf-8", "replace").encode("latin-1", "ignore")
    # What the terminal answered was typed into the shell: nothing of it is a command.
    assert "command not found" not in outer.engine.text(False)
    assert "not found" not in outer.engine.text(False)


@pytest.mark.parametrize("engine", ["ghostty", "pyte"])
@pytest.mark.parametrize("name", ATTACKS)
def test_what_an_engine_answers_is_harmless_and_its_rows_are_printable(
    engine: str, name: str
) -> None:
    if engine == "ghostty":
        pytest.importorskip("pyghostty", reason="no wheel of pyghostty for this platform")
    made = make_engine(engine, 80, 24, 1000)
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


def test_the_corpus_names_what_policy_speaks_of() -> None:
    for part in ("title", "clipboard", "hyperlink", "notification", "report", "attributes"):
        assert any(part in name for name in ATTACKS), part
