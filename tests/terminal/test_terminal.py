"""Engines behind one interface, keys and pastes, and the link with workers that die."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from ecs_tui.terminal.engine import Engine, allowed_reply, clamp
from ecs_tui.terminal.keys import encode_key
from ecs_tui.terminal.link import MAX_UNPROCESSED_BYTES, Link
from ecs_tui.terminal.mouse import ALT, CTRL, encode_mouse
from ecs_tui.terminal.process import WarmWorker
from ecs_tui.terminal.protocol import BrokenLink, Done, Mode, Reader, encode
from tests.support.limits import until


def lines(engine: Engine) -> list[str]:
    return engine.text(False).split("\n")


def test_text_colours_and_wide_characters(engine: Engine) -> None:
    engine.feed("plain \x1b[1;31mred\x1b[0m 漢字 \x1b[38;2;1;2;3mtrue\x1b[0m".encode())
    rows = engine.changed()
    styles = dict(engine.new_styles())
    runs = rows[0].runs
    assert "".join(run.text for run in runs).startswith("plain red 漢字 true")
    red = next(run for run in runs if run.text == "red")
    assert styles[red.style].fg == 1
    assert styles[red.style].attributes & 1
    assert sum(run.width for run in runs) == 40
    true = next(run for run in runs if run.text == "true")
    assert styles[true.style].fg & 0xFFFFFF == 0x010203


def test_only_changed_rows_are_told(engine: Engine) -> None:
    engine.feed(b"one\r\ntwo\r\n")
    assert len(engine.changed()) == 10
    engine.feed(b"three")
    assert [row.y for row in engine.changed()] == [2]


def test_alternate_screen_comes_and_goes(engine: Engine) -> None:
    engine.feed(b"before\x1b[?1049h\x1b[Hinside")
    assert engine.modes() & Mode.ALTERNATE
    assert lines(engine)[0].startswith("inside")
    engine.feed(b"\x1b[?1049l")
    assert not engine.modes() & Mode.ALTERNATE
    assert lines(engine)[0].startswith("before")


def test_modes_that_change_keys(engine: Engine) -> None:
    engine.feed(b"\x1b[?1h\x1b[?2004h\x1b[?1002h\x1b[?1006h")
    flags = Mode(engine.modes())
    assert Mode.CURSOR_KEYS | Mode.BRACKETED_PASTE | Mode.MOUSE_DRAG | Mode.MOUSE_SGR in flags
    engine.feed(b"\x1b[?1l\x1b[?2004l\x1b[?1002l\x1b[?1006l")
    assert engine.modes() == 0


def test_scrollback_is_kept_and_seen(engine: Engine) -> None:
    for number in range(50):
        engine.feed(f"line {number}\r\n".encode())
    engine.changed()
    engine.scroll(-5)
    assert engine.history()[1] == 5
    top = "".join(run.text for run in engine.changed()[0].runs)
    assert top.strip() == "line 36"
    engine.scroll(0)
    assert engine.history()[1] == 0
    assert "line 0" in engine.text(True)


def test_rows_ranges_and_words_of_the_scrollback(engine: Engine) -> None:
    for number in range(20):
        engine.feed(f"line {number} 漢字 end\r\n".encode())
    assert engine.history()[0] == 11
    rows = engine.lines()
    assert len(rows) == 21
    assert rows[0] == "line 0 漢字 end"
    assert engine.range_text((5, 0), (3, 1), False) == "0 漢字 end\nline"
    assert engine.range_text((3, 1), (5, 0), False) == "0 漢字 end\nline"
    assert engine.range_text((0, 18), (3, 19), True) == "line\nline"
    assert engine.span((1, 3), False) == ((0, 3), (3, 3))
    assert engine.span((20, 3), True) == ((0, 3), (14, 3))
    assert engine.range_text((0, 0), (999, 999), False).startswith("line 0")


def test_sizes_that_kill_never_reach_the_engine(engine: Engine) -> None:
    engine.resize(1, 1)
    assert engine.size == (2, 2)
    engine.resize(0, 0)
    engine.resize(100000, 100000)
    assert engine.size == clamp(100000, 100000)
    engine.feed(b"still here")


def test_device_queries_get_harmless_answers_only(engine: Engine) -> None:
    engine.feed(
        b"\x1b[c\x1b[6n\x1b]2;evil\nrm -rf /\x07\x1b[21t\x1b[>q\x05\x1b]10;?\x07\x1bP+q544e\x1b\\"
    )
    assert engine.replies
    for reply in engine.replies:
        assert allowed_reply(reply)
        assert b"evil" not in reply


@pytest.mark.parametrize(
    ("reply", "allowed"),
    [
        (b"\x1b[?62;22c", True),
        (b"\x1b[10;20R", True),
        (b"\x1b[?2026;2$y", True),
        (b"\x1b]lrm -rf /\x1b\\", False),
        (b"\x1bP>|ghostty\x1b\\", False),
        (b"\x1b[6n\rid\r", False),
        (b"id\r", False),
    ],
)
def test_policy_for_replies(reply: bytes, allowed: bool) -> None:
    assert allowed_reply(reply) is allowed


@pytest.mark.parametrize(
    ("key", "character", "data"),
    [
        ("a", "a", b"a"),
        ("ctrl+c", None, b"\x03"),
        ("up", None, b"\x1b[A"),
        ("shift+up", None, b"\x1b[1;2A"),
        ("ctrl+right", None, b"\x1b[1;5C"),
        ("f1", None, b"\x1bOP"),
        ("shift+f5", None, b"\x1b[15;2~"),
        ("delete", None, b"\x1b[3~"),
        ("alt+b", "b", b"\x1bb"),
        ("alt+colon", None, b"\x1b:"),
        ("shift+tab", None, b"\x1b[Z"),
        ("enter", "\r", b"\r"),
        ("backspace", "\x7f", b"\x7f"),
        ("ctrl+space", None, b"\0"),
        ("é", "é", "é".encode()),
        ("unknown_key", None, b""),
    ],
)
def test_keys(key: str, character: str | None, data: bytes) -> None:
    assert encode_key(key, character) == data


def test_mouse() -> None:
    sgr = Mode.MOUSE_CLICK | Mode.MOUSE_SGR
    assert encode_mouse(0, 4, 2, sgr) == b"\x1b[<0;5;3M"
    assert encode_mouse(0, 4, 2, sgr, released=True) == b"\x1b[<0;5;3m"
    assert encode_mouse(0 | CTRL, 4, 2, sgr) == b"\x1b[<16;5;3M"
    assert encode_mouse(0 | ALT, 4, 2, Mode.MOUSE_CLICK, released=True) == b"\x1b[M+%#"
    assert encode_mouse(0, 4, 2, Mode(0)) == b""
    assert encode_mouse(0, 400, 2, Mode.MOUSE_CLICK) == b""
    assert encode_mouse(35, 1, 1, Mode.MOUSE_CLICK) == b""


def test_lengths_on_the_link_are_checked() -> None:
    reader = Reader()
    data = encode(Done(3)) * 2
    assert len(reader.take(data[:5]) + reader.take(data[5:])) == 2
    with pytest.raises(BrokenLink):
        reader.take(b"\xff\xff\xff\xff")


class Terminal:
    """A link and its callbacks' record."""

    def __init__(self, engine: str = "auto", warm_worker: WarmWorker | None = None) -> None:
        self.notices: list[str] = []
        self.flow: list[bool] = []
        self.redraws = 0
        self.replies: list[bytes] = []
        self.link = Link(
            engine,
            80,
            24,
            2000,
            on_frame=lambda rows: None,
            on_reply=self.replies.append,
            on_flow=self.flow.append,
            on_redraw=self._redraw,
            on_notice=self.notices.append,
            warm_worker=warm_worker,
        )

    def _redraw(self) -> None:
        self.redraws += 1

    def text(self) -> str:
        return "\n".join("".join(run.text for run in row) for row in self.link.picture.lines)

    async def shows(self, text: str) -> None:
        await until(lambda: text in self.text(), f"{text!r} on the screen")


@pytest_asyncio.fixture
async def terminal() -> AsyncIterator[Terminal]:
    made = Terminal()
    made.link.start()
    yield made
    made.link.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL])
async def test_a_dead_worker_is_replaced_and_the_text_is_back(
    terminal: Terminal, number: int
) -> None:
    terminal.link.feed(b"the text from before\r\n")
    await terminal.shows("from before")
    first = terminal.link.pid
    terminal.link.picture.lines.clear()  # before: the other worker draws within milliseconds
    os.kill(first, number)
    await until(lambda: terminal.link.pid not in (0, first), "another worker")
    await terminal.shows("from before")
    terminal.link.feed(b"and after")
    await terminal.shows("and after")
    assert terminal.redraws == 1
    assert "restarted" in terminal.notices[0]
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


@pytest.mark.asyncio
async def test_a_stopped_worker_is_given_up_while_bytes_are_outstanding(terminal: Terminal) -> None:
    terminal.link.feed(b"before\r\n")
    await terminal.shows("before")
    first = terminal.link.pid
    os.kill(first, signal.SIGSTOP)
    terminal.link.feed(b"deadly piece\r\n")
    await until(lambda: terminal.link.pid not in (0, first), "another worker", 10)
    assert terminal.notices == ["terminal hung, restarted, 14 bytes of output lost"]
    terminal.link.feed(b"after\r\n")
    await terminal.shows("after")
    assert "before" in terminal.text()


@pytest.mark.asyncio
async def test_three_deaths_in_a_minute_lead_to_the_simple_engine(terminal: Terminal) -> None:
    terminal.link.feed(b"kept\r\n")
    await terminal.shows("kept")
    for _ in range(3):
        count = terminal.link.restarts
        terminal.link.picture.lines.clear()
        os.kill(terminal.link.pid, signal.SIGKILL)
        await until(lambda before=count: terminal.link.restarts > before, "restart")
        await terminal.shows("kept")
    assert terminal.link.engine == "pyte"
    assert "fallback engine" in terminal.notices[-1]
    terminal.link.feed(b"goes on")
    await terminal.shows("goes on")


@pytest.mark.asyncio
async def test_replayed_output_is_not_answered_again(terminal: Terminal) -> None:
    terminal.link.feed(b"\x1b[cready\r\n")
    await terminal.shows("ready")
    await until(lambda: terminal.replies, "a reply")
    terminal.link.picture.lines.clear()
    os.kill(terminal.link.pid, signal.SIGKILL)
    await until(lambda: terminal.link.restarts, "restart")
    await terminal.shows("ready")
    assert len(terminal.replies) == 1


@pytest.mark.asyncio
async def test_flow_is_held_while_the_worker_is_behind(terminal: Terminal) -> None:
    terminal.link.feed(b"x\r\n")
    await terminal.shows("x")
    os.kill(terminal.link.pid, signal.SIGSTOP)
    piece = b"y" * 70 + b"\r\n"
    terminal.link.feed(piece * (MAX_UNPROCESSED_BYTES // len(piece) + 10))
    assert terminal.flow == [True]
    os.kill(terminal.link.pid, signal.SIGCONT)
    await until(lambda: terminal.flow == [True, False], "flow goes on")


@pytest.mark.asyncio
async def test_text_of_all_lines_while_output_waits(terminal: Terminal) -> None:
    terminal.link.feed(b"".join(b"number %d\r\n" % i for i in range(300)))
    await terminal.shows("number 299")
    lines = await terminal.link.hold()
    assert lines[:2] == ["number 0", "number 1"]
    terminal.link.feed(b"later\r\n")
    assert (await terminal.link.hold())[299] == "number 299"
    assert terminal.link.waiting == 7
    assert "later" not in terminal.text()
    terminal.link.release()
    await terminal.shows("later")
    assert (await terminal.link.text()).startswith("number 0")


@pytest.mark.asyncio
async def test_lines_and_the_picture_they_are_shown_in_are_of_one_moment(
    terminal: Terminal,
) -> None:
    """Copy mode counts lines from the picture's first one."""
    for number in range(20):
        terminal.link.feed(b"".join(b"number %d\r\n" % i for i in range(100)))
        lines = await terminal.link.hold()
        picture = terminal.link.picture
        assert picture.top == len(lines) - picture.rows, number
        terminal.link.release()


@pytest.mark.asyncio
async def test_a_line_is_scrolled_to_from_wherever_the_view_is(terminal: Terminal) -> None:
    terminal.link.feed(b"".join(b"number %d\r\n" % i for i in range(300)))
    await terminal.shows("number 299")
    for top in (5, 250, 0, 100):  # the frames of the first ones are under way
        terminal.link.scroll_to(top)
    await until(lambda: terminal.link.picture.top == 100, "the last one counts")
    assert "number 100" in terminal.text() and "number 99" not in terminal.text()
    terminal.link.resize(80, 12)
    terminal.link.scroll_to(50)
    await until(lambda: terminal.link.picture.top == 50, "in another size too")
    terminal.link.scroll_to(10_000)
    await terminal.shows("number 299")
    assert terminal.link.picture.offset == 0


@pytest.mark.asyncio
async def test_a_warm_worker_is_taken_and_another_one_follows() -> None:
    warm_worker = WarmWorker("auto", 2000)
    warm_worker.warm()
    waiting = warm_worker.pid
    assert waiting
    terminal = Terminal(warm_worker=warm_worker)
    terminal.link.resize(100, 30)
    terminal.link.start()
    assert terminal.link.pid == waiting
    terminal.link.feed(b"x" * 90)
    await terminal.shows("x" * 90)
    assert terminal.link.picture.columns == 100
    await until(lambda: warm_worker.pid not in (0, waiting), "another warm worker")
    second = warm_worker.pid
    os.kill(second, signal.SIGKILL)
    await until(lambda: warm_worker.take("auto", 2000) is None, "a dead worker is not handed out")
    other = WarmWorker("pyte", 10)
    other.warm()
    assert other.take("auto", 10) is None
    other.close()
    warm_worker.close()
    terminal.link.close()
    assert (warm_worker.pid, other.pid) == (0, 0)


@pytest.mark.asyncio
@pytest.mark.usefixtures("new_processes")
@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells it on Linux only")
async def test_the_worker_has_its_socket_and_nothing_else(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.link.feed(b"up")
    await terminal.shows("up")
    proc = Path(f"/proc/{terminal.link.pid}")
    assert proc.joinpath("environ").read_bytes() == b""
    targets = {int(fd.name): os.readlink(fd) for fd in proc.joinpath("fd").iterdir()}
    assert targets[0].startswith("socket:")
    others = {fd: target for fd, target in targets.items() if fd > 2}
    assert others == {}
    assert targets[1] == targets[2] == "/dev/null"
    limits = proc.joinpath("limits").read_text()
    core = next(line for line in limits.splitlines() if line.startswith("Max core"))
    assert core.split()[4:6] == ["0", "0"]
    space = next(line for line in limits.splitlines() if line.startswith("Max address space"))
    assert space.split()[3] == str(1 << 30)
    assert os.getpgid(terminal.link.pid) == terminal.link.pid


@pytest.mark.asyncio
async def test_the_worker_ends_with_its_link(terminal: Terminal) -> None:
    terminal.link.feed(b"up")
    await terminal.shows("up")
    pid = terminal.link.pid
    terminal.link.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
