"""How lines look: columns, wrapping, unfolding, separators; hostile ones; how many rows are drawn."""

from __future__ import annotations

import json

import pytest
from rich.cells import cell_len
from rich.style import Style

from ecs_tui.logs.ansi import AnsiStyle
from ecs_tui.logs.filters import parse_filter
from ecs_tui.logs.levels import Level
from ecs_tui.logs.line import LineKind, LogLine
from ecs_tui.logs.times import TimeStyle
from ecs_tui.logs.view import LineOptions, TaskNames
from ecs_tui.ui.log_lines.drawing import DrawOptions, LineDrawer, segments
from ecs_tui.ui.log_lines.styles import LogStyles, rich_style
from ecs_tui.ui.log_lines.wrapping import fitting, row_spans

NOW = 1_790_000_000_000
TASK, OTHER = "4a5a" + "0" * 28, "361f" + "0" * 28


def drawer(width: int = 80, **options: object) -> LineDrawer:
    lines = LineOptions(TimeStyle.UTC, NOW)
    made = LineDrawer(TaskNames(), DrawOptions(lines=lines, **options))  # type: ignore[arg-type]
    made.width = width
    made.restyle(LogStyles(lambda name: Style(meta={"name": name}), Style()))
    return made


def event(text: str, at: int = NOW, task: str = TASK, container: str = "app") -> LogLine:
    return LogLine(at, text, at, task, container, "stream")


def rows(made: LineDrawer, line: LogLine) -> list[str]:
    return [made.row(line, number).text.rstrip() for number in range(made.rows_of(line))]


def test_a_row_has_time_task_level_and_message() -> None:
    made = drawer()
    text = rows(made, event('{"level": "warn", "msg": "heap 480 MiB", "free": 32}'))[0]
    assert text.split() == ["+14:13:20.000Z", "4a5a", "W", "heap", "480", "MiB", "+2", "fields"]
    made = drawer(120)
    assert " WARN  heap" in rows(made, event("level=warn msg=heap"))[0]


def test_every_cell_has_the_background_of_the_widget() -> None:
    made = drawer(width=120)
    made.restyle(LogStyles(lambda _: Style(color="red"), Style(bgcolor="blue")))
    line = event('{"level": "warn", "msg": "heap", "free": 32}')
    assert "fields" in made.row(line, 0).text
    assert all(each.style and each.style.bgcolor for each in made.row(line, 0))


def test_the_level_is_a_word_or_letter_besides_its_colour() -> None:
    made = drawer()
    for level in Level:
        row = rows(made, event(f"[{level.name}] x") if level else event("x"))[0]
        assert row.split()[2] == (level.name[0] if level else "x")


def test_containers_are_named_where_there_are_several() -> None:
    made = drawer(containers=12)
    assert "4a5a/app " in rows(made, event("hi"))[0]
    assert "4a5a/a-very-long… " in rows(made, event("hi", container="a-very-long-name"))[0]


def test_a_line_of_no_task_says_so() -> None:
    assert rows(drawer(), event("hi", task=""))[0].split() == ["14:13:20.000Z", "-", "hi"]


def test_wrapping_shows_all_of_a_line() -> None:
    words = " ".join(f"w{number}" for number in range(60))
    made = drawer(wrap=True)
    found = rows(made, event(words))
    assert len(found) > 3
    assert "".join(row[22:].ljust(58) for row in found).split() == words.split()
    made.options.wrap = False
    made.redraw()
    assert len(rows(made, event(words))) == 1


def test_unfolding_shows_the_fields() -> None:
    made, line = drawer(), event(json.dumps({"msg": "hi", "user": {"id": 42}}))
    assert rows(made, line)[0].startswith("+")
    made.options.unfolded.add(line)
    made.redraw([line])
    found = rows(made, line)
    assert found[0].startswith("-") and '"id": 42' in "\n".join(found)


def test_marks_and_late_lines_are_told() -> None:
    made, line = drawer(), event("hi")
    made.options.marked.add(line)
    line.late = True
    assert rows(made, line)[0].startswith("◆") and "late hi" in rows(made, line)[0]


def test_an_end_is_a_line_across_the_screen() -> None:
    end = LogLine(NOW, "exit 137 OutOfMemoryError", 1, TASK, "app", kind=LineKind.END, failed=True)
    found = rows(drawer(), end)
    assert "4a5a ✖ app stopped: exit 137 OutOfMemoryError ───" in found[0]
    assert cell_len(found[0]) == 80
    note = LogLine(NOW, "x" * 300, 2, kind=LineKind.NOTE)
    assert cell_len(rows(drawer(), note)[0]) == 80


def test_another_day_is_told() -> None:
    assert rows(drawer(), event("hi", NOW - 86_400_000))[0].startswith(" 09-20 14:13")


def test_what_a_search_finds_is_highlighted() -> None:
    made = drawer(search=parse_filter("heap"))
    strip = made.row(event("the heap is full"), 0)
    hits = [each.text for each in strip if (each.style or Style()).meta.get("name") == "hit"]
    assert hits == ["heap"]


HOSTILE = (
    "\x1b[2J\x1b[H\x1b]0;title\x07gone", "\x1b]52;c;AAAA\x07", "[bold red]markup[/]", "\x00" * 50,
    "\u202eabc", "é" * 3000, "漢" * 5000, "a\u0301" * 5000, "\x1b[30;40mhidden", "x" * 262_144,
    "\n" * 1_000_000, "{" * 5000, "\x1b[8mhidden\x1b[0m", "\t" * 300, "\x9b2J",
    "".join(f"\x1b[38;5;{n % 256}mx" for n in range(20_000)),
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:12]))
@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("unfold", [False, True])
def test_hostile_lines_are_harmless(text: str, wrap: bool, unfold: bool) -> None:
    made, line = drawer(wrap=wrap, search=parse_filter("x")), event(text)
    if unfold:
        made.options.unfolded.add(line)
    count = made.rows_of(line)
    assert count < 10_000
    for number in {0, 1, count // 2, count - 1} - {count}:
        strip = made.row(line, number)
        assert strip.text.isprintable()
        assert strip.cell_length == 80


def test_text_in_the_colour_of_its_background_is_shown() -> None:
    assert rich_style(AnsiStyle(foreground="0", background="0")) == Style()
    assert rich_style(AnsiStyle(foreground="1")).color is not None


def test_rows_are_drawn_once() -> None:
    made, lines = drawer(), [event(str(at), NOW + at) for at in range(100)]
    for _ in range(3):
        for line in lines:
            made.row(line, 0)
    assert made.made == 100
    tall = event("x" * 262_144)
    made.options.unfolded.add(tall)
    made.options.wrap = True
    made.redraw()
    before = made.made
    made.row(tall, 4_000)
    assert made.made == before + 1, "a row that is not on the screen is not drawn"


@pytest.mark.parametrize(
    ("text", "width", "rows"),
    [
        ("", 10, [""]),
        ("abcdef", 4, ["abcd", "ef"]),
        ("漢字漢", 5, ["漢字", "漢"]),
        ("abcd", 4, ["abcd"]),
    ],
)
def test_rows_of_a_text(text: str, width: int, rows: list[str]) -> None:
    assert [text[start:end] for start, end in row_spans(text, width)] == rows
    assert text[: fitting(text, width)] == rows[0]


def test_segments_take_the_styles_of_their_spans() -> None:
    bold, red = Style(bold=True), Style(color="red")
    found = segments("abcdef", 1, 6, [(0, 3, bold), (2, 4, red)], Style())
    assert [(each.text, each.style) for each in found] == [
        ("b", bold), ("c", bold + red), ("d", red), ("ef", Style()),
    ]  # fmt: skip
