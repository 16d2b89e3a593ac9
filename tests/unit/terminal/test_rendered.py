"""Recorded output as rows: in order, with styles, and nothing is lost that was cleared."""

from __future__ import annotations

import random

import pytest

from ecs_tui.terminal.engines.make import make_engine
from ecs_tui.terminal.protocol import Attribute, Rendered
from ecs_tui.terminal.rendered import MAX_SCREENS, SCROLLBACK_ROWS, RenderedOutput, render
from ecs_tui.terminal.renderer import Renderer
from tests.support.engines import ENGINES


def rendered(engine: str, data: bytes, offsets: tuple[int, ...] = ()) -> RenderedOutput:
    return render(make_engine(engine, 40, 10, SCROLLBACK_ROWS), data, offsets)


def texts(found: RenderedOutput, *, cleared: bool | None = None) -> list[str]:
    return [
        "".join(run.text for run in row.runs).rstrip()
        for row in found.rows
        if cleared is None or row.cleared == cleared
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_row_is_there_once_in_order(engine: str) -> None:
    lines = [f"line {number}" for number in range(137)]
    assert texts(rendered(engine, "\r\n".join(lines).encode())) == lines
    assert texts(rendered(engine, b"x" * 85)) == ["x" * 40, "x" * 40, "x" * 5]
    assert texts(rendered(engine, b"")) == []


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"a\r\n\x1b[H\x1b[2J\x1b[3Jb\r\n", ["a", "b"]),
        (b"a\r\nb\r\n\x1b[?1049h\x1b[2J\x1b[Hvi\x1b[?1049lc\r\n", ["a", "b", "vi", "c"]),
        (b"a\r\n\x1bcb\r\n", ["a", "b"]),
        (b"a\r\n\x1b[H\x1b[Jb\r\n", ["a", "b"]),
        (b"a\r\n\x1b[3Jb\r\n", ["a", "b"]),
    ],
    ids=["clear", "full screen", "reset", "erase below", "scrollback"],
)
def test_what_is_cleared_stays(engine: str, data: bytes, shown: list[str]) -> None:
    assert texts(rendered(engine, data)) == shown


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_of_offsets(engine: str) -> None:
    data = b"a\r\nbb\r\n\x1b[?1049hvi\x1b[2J\x1b[Hx\x1b[?1049lccc\r\nd\r\n"
    offsets = (0, 3, data.index(b"vi"), data.index(b"ccc") + 3, len(data))
    found = rendered(engine, data, offsets)
    rows = texts(found)
    assert [rows[at] for at in (found.at[0], found.at[1], found.at[3])] == ["a", "bb", "ccc"]
    assert len(found.at) == 5 and found.at == sorted(found.at)


@pytest.mark.parametrize("engine", ENGINES)
def test_hostile_output_is_bounded(engine: str) -> None:
    rng = random.Random(3)
    data = bytes(rng.choice(b"\x1b[]?;0123456789HJKmhlABC \r\nxyz") for _ in range(20_000))
    assert len(rendered(engine, data).rows) <= SCROLLBACK_ROWS * 2
    screens = b"".join(b"\x1b[?1049h%d\x1b[?1049l" % number for number in range(200))
    assert len(texts(rendered(engine, screens), cleared=True)) <= 10 * MAX_SCREENS


@pytest.mark.asyncio
async def test_a_worker_renders_and_is_replaced() -> None:
    renderer = Renderer("auto")
    try:
        found = await renderer.render(b"\x1b[1;31mred\x1b[0m\r\nplain", 40, 10, [0])
        assert isinstance(found, Rendered) and found.at == [0]
        style = dict(found.styles)[found.rows[0].runs[0].style]
        assert (style.fg, style.attributes) == (1, Attribute.BOLD)
        first = renderer.pid
        renderer.close()
        assert renderer.pid == 0
        again = await renderer.render(b"x", 40, 10)
        assert again is not None and again.rows[0].runs[0].text.startswith("x")
        assert renderer.pid not in (0, first)
    finally:
        renderer.close()
