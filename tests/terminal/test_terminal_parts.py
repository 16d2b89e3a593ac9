"""Parts of the terminal one by one: redrawn rows, limits, words under the mouse, prefixes."""

from __future__ import annotations

import asyncio
import signal
import socket
import time

import pytest
from rich.color import ColorSystem
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

from ecs_tui.config.prefix import _FUNCTION, _SIGNS, _TAKEN, Prefix
from ecs_tui.system.pty import PtyProcess
from ecs_tui.terminal import worker
from ecs_tui.terminal.copymode import CopyMode
from ecs_tui.terminal.engine import Engine
from ecs_tui.terminal.engines.cells import MAX_CLUSTER_CODE_POINTS, stands_alone
from ecs_tui.terminal.engines.make import make_engine
from ecs_tui.terminal.paint import CellLine, Palette
from ecs_tui.terminal.protocol import NO_COLOUR, Attribute, Feed, Run, Style
from tests.support.limits import until


def test_only_what_has_changed_is_drawn_again(engine: Engine) -> None:
    engine.feed(b"one\r\ntwo\r\nthree")
    assert [row.y for row in engine.changed()] == list(range(10))
    assert engine.changed() == []
    engine.feed(b"\x1b[6;1Hsix\x1b[3;1Hthree")
    assert {row.y for row in engine.changed()} <= {2, 5}
    assert engine.changed() == []


def test_a_view_that_is_scrolled_away_has_no_cursor(engine: Engine) -> None:
    engine.feed(b"line\r\n" * 100)
    engine.changed()
    assert engine.cursor().visible
    engine.scroll(-50)
    engine.changed()
    assert not engine.cursor().visible
    engine.scroll(0)
    engine.changed()
    assert engine.cursor().visible


def test_joiners_without_end_fill_no_memory() -> None:
    engine = make_engine("pyte", 40, 10, 100)
    engine.feed(b"a" + "\u200d".encode() * 10_000 + b"b")
    text = engine.lines()[0]
    assert text.startswith("a\u200d") and text.endswith("b")
    assert len(text) == MAX_CLUSTER_CODE_POINTS + 1


@pytest.mark.parametrize(
    ("at", "word"),
    [(0, (0, 2)), (2, (0, 2)), (4, (4, 10)), (10, (4, 10)), (12, (12, 12)), (30, None)],
)
def test_the_word_at_a_cell(engine: Engine, at: int, word: tuple[int, int] | None) -> None:
    engine.feed(b"one two-six x")
    assert engine.span((at, 0), False) == (word and ((word[0], 0), (word[1], 0)))


def test_the_line_at_a_cell(engine: Engine) -> None:
    engine.feed(b"  one two  ")
    found = engine.span((5, 0), True)
    assert found is not None and found[1] == (8, 0)
    assert found[0][0] in (0, 2)  # pyte does not know where a wrapped line begins


@pytest.mark.parametrize(
    ("flag", "name"),
    [
        (Attribute.BOLD, "bold"), (Attribute.ITALIC, "italic"), (Attribute.FAINT, "dim"),
        (Attribute.BLINK, "blink"), (Attribute.INVERSE, "reverse"),
        (Attribute.INVISIBLE, "conceal"), (Attribute.STRIKE, "strike"),
        (Attribute.OVERLINE, "overline"),
    ],
)  # fmt: skip
def test_each_attribute_is_one_of_the_screen(flag: Attribute, name: str) -> None:
    style = Palette(True, ColorSystem.TRUECOLOR).rich_style(
        Style(NO_COLOUR, NO_COLOUR, NO_COLOUR, int(flag), 0)
    )
    names = ["bold", "italic", "dim", "blink", "reverse", "conceal", "strike", "overline"]
    assert [each for each in names if getattr(style, each)] == [name]
    assert not style.underline and not style.underline2


def test_a_run_without_width_is_not_drawn() -> None:
    """A compromised worker may send anything: a line never has more text than cells."""
    runs = [Run("x", 0), Run("ab", 2), Run("", -1), Run("y", 0)]
    line = CellLine.of(runs, lambda _: Palette(True, ColorSystem.TRUECOLOR).plain)
    assert (line.strip().text, line.width) == ("ab", 2)


@pytest.mark.parametrize(("number", "single"), [(0, False), (1, True), (2, False), (3, True)])
def test_underlines(number: int, single: bool) -> None:
    style = Palette(False, ColorSystem.EIGHT_BIT).rich_style(
        Style(NO_COLOUR, NO_COLOUR, NO_COLOUR, 0, number)
    )
    assert (bool(style.underline), bool(style.underline2)) == (single, number == 2)


@pytest.mark.parametrize(
    ("text", "width", "alone"),
    [
        ("a", 1, False), ("a", 2, False), ("é", 1, False), ("漢", 2, False), ("漢", 1, True),
        ("❤\ufe0f", 2, True), ("❤\ufe0f", 1, True), ("👩\u200d💻", 2, True),
        ("\u200d", 0, True), ("x\ufe0f", 1, True),
    ],
)  # fmt: skip
def test_which_cells_are_runs_of_their_own(text: str, width: int, alone: bool) -> None:
    assert stands_alone(text, width) is alone


TEXT = ["one, two", "three", "", "  .. four", "five"]


@pytest.mark.parametrize(
    ("keys", "start", "at"),
    [
        ("w", (0, 0), (3, 0)),  # punctuation counts as a word
        ("w w", (0, 0), (5, 0)),
        ("w", (5, 0), (0, 1)),  # the first word of the next line, though no blank separates them
        ("w", (0, 1), (2, 3)),  # over an empty line
        ("w w", (0, 1), (5, 3)),
        ("w", (5, 3), (0, 4)),
        ("w", (0, 4), (0, 4)),
        ("b", (0, 1), (5, 0)),
        ("b b", (0, 1), (3, 0)),
        ("e", (0, 0), (2, 0)),
        ("e e", (0, 0), (3, 0)),
        ("j k", (2, 0), (2, 0)),
        ("ctrl+d ctrl+u", (0, 0), (0, 0)),
        ("H", (3, 4), (3, 0)),
        ("$", (0, 1), (4, 1)),
        ("end home", (3, 0), (0, 0)),
    ],
)
def test_moving_in_copy_mode(keys: str, start: tuple[int, int], at: tuple[int, int]) -> None:
    state = CopyMode(list(TEXT), 30, 10, 0, start)
    for key in keys.split():
        assert state.key(key, key if len(key) == 1 else None) is None
    assert state.at == at


@pytest.mark.parametrize("keys", ["j", "k", "G", "g", "ctrl+f", "ctrl+b", "w", "n", "N"])
def test_in_copy_mode_the_cursor_is_always_in_view(keys: str) -> None:
    state = CopyMode([f"line {number}" for number in range(100)], 30, 10, 40, (0, 45))
    state.search("line", back=False)
    for _ in range(12):
        state.key(keys, keys if len(keys) == 1 else None)
        assert state.top <= state.at[1] < state.top + 10


@pytest.mark.parametrize("name", _FUNCTION)
def test_a_function_key_as_prefix_is_the_one_that_terminals_send(name: str) -> None:
    prefix = Prefix.parse(name)
    assert prefix.names == (name,)
    keys = ANSI_SEQUENCES_KEYS[prefix.keys[0].data.decode()]
    assert [key.value for key in keys] == [name]  # type: ignore[union-attr]


@pytest.mark.parametrize("sign", [*_SIGNS, "a", "z"])
def test_a_control_key_as_prefix_is_the_one_that_terminals_send(sign: str) -> None:
    prefix = Prefix.parse(f"ctrl+{sign}")
    keys = ANSI_SEQUENCES_KEYS[prefix.keys[0].data.decode()]
    assert prefix.names[0] in [key.value for key in keys]  # type: ignore[union-attr]
    assert Prefix.parse(prefix.names[0]).keys[0].data == prefix.keys[0].data


@pytest.mark.parametrize("key", _TAKEN)
def test_what_is_another_key_in_a_terminal_is_told_by_its_name(key: str) -> None:
    names = {"h": "backspace in some terminals", "i": "tab", "j": "enter in some terminals",
             "m": "enter", "[": "escape"}  # fmt: skip
    with pytest.raises(ValueError, match=rf"ctrl\+.* is {names[key]}\. Expected"):
        Prefix.parse(f"ctrl+{key}")


@pytest.mark.parametrize("text", ["", "f1 f2 f3", "f1 f1"])
def test_one_or_two_keys_are_a_prefix(text: str) -> None:
    with pytest.raises(ValueError, match="one or two"):
        Prefix.parse(text)
    assert len(Prefix.parse("f1 f2").keys) == 2


@pytest.mark.asyncio
async def test_after_a_child_that_never_read_the_loop_knows_nothing_of_its_terminal() -> None:
    """The next terminal may have the same descriptor: a writer left behind would break it."""
    ended = asyncio.Event()
    said = bytearray()
    not_reading = PtyProcess(
        ["/bin/sh", "-c", "stty raw -echo; echo ready; exec sleep 100"], {},
        said.extend, lambda _: ended.set(), columns=80, rows=24,
    )  # fmt: skip
    await until(lambda: b"ready" in said, "the child")
    for _ in range(64):
        not_reading.write(b"x" * 65536)
    fd = not_reading._fd
    not_reading.close()
    loop = asyncio.get_running_loop()
    assert not loop.remove_writer(fd)
    assert not loop.remove_reader(fd)
    not_reading.signal(signal.SIGKILL)  # nohup ignores SIGHUP
    await until(ended.is_set, "the child has ended")


def test_after_a_flood_frames_come_as_often_as_before() -> None:
    here, there = socket.socketpair()
    here.setblocking(False)
    work = worker.Worker(there, make_engine("pyte", 40, 10, 100))
    work._draw()
    work._handle(Feed(b"x"))
    assert work._wait() is not None and work._wait() <= worker.FRAME_SECONDS
    work._handle(Feed(b"y" * (worker.FLOOD_BYTES + 1)))
    work._sent_at = time.monotonic()
    assert worker.FRAME_SECONDS < work._wait() <= worker.FLOOD_FRAME_SECONDS
    work._draw()
    assert work._wait() is None
    work._handle(Feed(b"z"))
    assert work._wait() <= worker.FRAME_SECONDS
    here.close()
    there.close()
