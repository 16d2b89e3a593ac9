"""Parts of the page of logs in an app of their own: lines, search, title, legend, input."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from textual.app import App, ComposeResult
from textual.events import Key
from textual.widgets import Input

from ecs_tui.config.keymap import default_keymap
from ecs_tui.logs.filters import parse_filter
from ecs_tui.logs.line import LogLine
from ecs_tui.model.task import Task
from ecs_tui.resources import Place
from ecs_tui.resources.logs import logs_place
from ecs_tui.ui.commands.logs import place_of_logs
from ecs_tui.ui.log_lines.widget import MAX_MARKED, LogLines
from ecs_tui.ui.pages.logs import search
from ecs_tui.ui.pages.logs.frame import LogFrame
from ecs_tui.ui.pages.logs.head import LogHead
from ecs_tui.ui.pages.logs.line_input import LogInput
from ecs_tui.ui.pages.logs.previous import newest
from ecs_tui.ui.pages.logs.search import LineSearch
from tests.support.contexts import contexts
from tests.support.limits import until

pytestmark = pytest.mark.asyncio
_ids = itertools.count(1)
TASK, OTHER = "4a5a" + "0" * 28, "361f" + "0" * 28


def line(at: int, text: str, task: str = TASK) -> LogLine:
    return LogLine(at, text, next(_ids), task, "app", "stream")


class Parts(App[None]):
    """The lines with what is around them."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = LogLines("lines")
        self.looked = LineSearch(self.lines)
        self.around = LogFrame(default_keymap(), self.lines, self.looked)
        self.given: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield self.around.title
        yield self.around.legend
        yield self.lines
        yield self.around.input

    def on_log_input_given(self, event: LogInput.Given) -> None:
        self.given.append((event.kind, event.text))


async def test_hits_are_gone_through_in_a_circle() -> None:
    app = Parts()
    async with app.run_test(size=(80, 20)):
        app.lines.arrived([line(at, "heap" if at % 10 == 5 else "other") for at in range(100)])
        looked = app.looked
        looked.text = "heap"
        looked.apply()
        looked.hit(0)
        assert app.lines.current is not None and app.lines.current.at == 95
        assert looked.words == "/ heap   10 of 10"
        looked.hit(1)
        assert app.lines.current.at == 5
        looked.hit(-1)
        assert app.lines.current.at == 95
        looked.hit(-1)
        assert app.lines.current.at == 85
        looked.filter, looked.task = "!other", TASK
        looked.apply()
        assert len(app.lines.shown) == 10 and "10 of 100 lines" in looked.words
        looked.text = "nothing has it"
        looked.apply()
        looked.hit(1)
        assert "nothing found" in looked.words
        looked.reset()
        assert len(app.lines.shown) == 100 and looked.words == ""


async def test_many_lines_are_searched_in_portions_between_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(search, "PORTION_SECONDS", 0.0)
    app = Parts()
    async with app.run_test(size=(80, 20)):
        app.lines.arrived([line(at, "heap" if at % 10 == 5 else "other") for at in range(5_000)])
        done: list[int] = []
        looked = LineSearch(app.lines, lambda: done.append(1))
        looked.filter, looked.text = "!other", "heap"
        looked.apply(0)
        assert looked.busy and "◐ searching…" in looked.words and len(app.lines.shown) == 5_000
        monkeypatch.setattr(search, "PORTION_SECONDS", 0.001)
        await until(lambda: done, "it is done")
        assert not looked.busy and len(app.lines.shown) == 500
        assert app.lines.current is not None and app.lines.current.at == 4_995
        assert "500 of 5,000 lines" in looked.words and "500 of 500" in looked.words


async def test_a_new_size_keeps_the_line_and_the_screen_full() -> None:
    app = Parts()
    async with app.run_test(size=(120, 30)) as pilot:
        app.lines.arrived([line(at, f"{at} " + "x" * 150) for at in range(200)])
        app.lines.move(-50)
        current = app.lines.current
        for size in ((80, 24), (60, 12), (140, 40)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.lines.current is current
            assert None not in app.lines.window.rows()
        app.lines.turn_wrap()
        assert app.lines.current is current
        app.theme = "textual-light"
        await pilot.pause()
        assert app.lines.current is current


async def test_the_wheel_and_a_click() -> None:
    app = Parts()
    async with app.run_test(size=(80, 20)) as pilot:
        app.lines.arrived([line(at, str(at)) for at in range(100)])
        await pilot.pause()
        await pilot.click(app.lines, offset=(5, 3))
        rows = app.lines.window.rows()
        assert rows[3] is not None and app.lines.current is rows[3][0]
        assert not app.lines.window.following


async def test_marks_end_somewhere() -> None:
    app = Parts()
    async with app.run_test(size=(80, 20)):
        app.lines.arrived([line(at, str(at)) for at in range(MAX_MARKED + 5)])
        for _ in range(MAX_MARKED + 3):
            app.lines.turn_mark()
            app.lines.move(-1)
        assert len(app.lines.marked) == MAX_MARKED
        assert app.lines.marked == sorted(app.lines.marked, key=lambda each: each.order)


async def test_the_line_of_input_gives_what_was_typed_or_nothing() -> None:
    app = Parts()
    async with app.run_test(size=(80, 20)) as pilot:
        app.around.input.open("filter", "level:warn")
        await pilot.press(*" a", "tab", "enter")
        await pilot.pause()
        assert app.given == [("filter", "level:warn a")]
        app.around.input.open("search", "")
        await pilot.press("x", "escape")
        assert app.given == [("filter", "level:warn a")] and not app.around.input.typing
        assert not app.query_one(Input).display


async def test_keys_that_were_typed_before_the_line_had_the_focus_edit_it_too() -> None:
    app = Parts()
    async with app.run_test(size=(80, 20)) as pilot:
        app.around.input.open("filter", "level:warn")
        early = [("ctrl+u", None), *zip("axcd", "axcd", strict=True)]
        early += [("backspace", "\x08"), ("left", None), ("backspace", "\x08"), ("end", None)]
        for key, character in (*early, ("e", "e"), ("enter", "\r")):
            app.around.input.take(Key(key, character))
        await pilot.pause()
        assert app.given == [("filter", "ace")]


async def test_what_a_filter_needs_is_made_while_it_is_typed() -> None:
    app = Parts()
    async with app.run_test(size=(80, 20)) as pilot:
        app.lines.arrived([line(at, f'{{"ms":{at}}}') for at in range(3_000)])
        chunks = app.lines.shown.buffer._chunks
        app.looked.expect("")
        await until(lambda: all(each.is_ready(parse_filter("x")) for each in chunks), "texts")
        wanted = parse_filter("ms:>2990 x")
        assert not any(each.is_ready(wanted) for each in chunks)
        app.looked.expect("ms:>29")
        await until(lambda: all(each.is_ready(wanted) for each in chunks), "fields")
        app.looked.filter = "ms:>2990"
        app.looked.apply()
        await pilot.pause()
        assert len(app.lines.shown) == 9


async def test_without_the_filter_a_match_stays_among_its_neighbours() -> None:
    app = Parts()
    async with app.run_test(size=(80, 20)) as pilot:
        app.lines.arrived([line(at, "hit" if at % 100 == 50 else "-") for at in range(1_000)])
        app.looked.filter = "hit"
        app.looked.apply()
        await pilot.pause()
        app.lines.move(-3)
        match = app.lines.current
        assert match is not None and match.at == 650
        app.looked.reset()
        await pilot.pause()
        assert app.lines.current is match
        rows = [each[0].at for each in app.lines.window.rows() if each is not None]
        assert {649, 650, 651} <= {*rows}


async def test_what_is_typed_is_searched_before_enter() -> None:
    app = Parts()
    async with app.run_test(size=(80, 20)) as pilot:
        app.lines.arrived([line(at, f'{{"ms":{at}}}') for at in range(3_000)])
        chunks = app.lines.shown.buffer._chunks

        def known(words: str) -> bool:
            return all(each.knows(parse_filter(words)) for each in chunks)

        app.looked.expect("ms:>2990")
        await until(lambda: known("ms:>2990"), "the filter")
        app.looked.filter = "ms:>2990"
        app.looked.apply()
        await pilot.pause()
        assert not known("~5$ ms:>2990")
        app.looked.expect("~5", "search")
        await until(lambda: known("~5 ms:>2990"), "the search among the lines that are shown")
        assert not app.looked.text and len(app.lines.shown) == 9, "nothing is shown before enter"
        app.looked.expect("~(", "filter")  # not valid yet
        await pilot.pause()


async def test_the_title_leaves_out_what_does_not_fit() -> None:
    class Heads(App[None]):
        def compose(self) -> ComposeResult:
            yield LogHead()

    app = Heads()
    async with app.run_test(size=(40, 5)) as pilot:
        head = app.query_one(LogHead)
        for left, right, shown in (
            ("Logs of web", ["● on", "since 15m"], "Logs of web" + " " * 11 + "● on   since 15m"),
            ("Logs of a-rather-long-name", ["● on", "since 15m"], None),
            ("L" * 60, ["● on"], "L" * 31 + "…" + "  ● on"),
        ):
            head.write(left, right)
            await pilot.pause()
            text = str(head.render())
            assert len(text) <= 38
            assert shown is None or text == shown
        assert "since" not in str(head.render())
        head.write_tasks([("1 4a5a", 0), ("2 361f", 1)], 1)
        assert str(head.render()) == "1 4a5a  [2 361f]"
        head.write_tasks([("1 4a5a", 0)], -1)
        assert head.has_class("-hidden")


async def test_the_newest_task() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    old = Task("arn:a", "a", "", created_at=moment)
    new = Task("arn:b", "b", "", created_at=moment + timedelta(seconds=1))
    assert newest([new, old]) is new and newest([]) is None


async def test_places_of_logs() -> None:
    task = Task(
        f"arn:aws:ecs:us-east-1:1:task/prod/{TASK}", TASK, "arn:aws:ecs:us-east-1:1:cluster/prod",
        group="service:web",
    )  # fmt: skip
    async with contexts() as made:
        assert place_of_logs(made.make("tasks", task)) == logs_place("prod", "web", (task,))
        tasks = made.make("tasks", task, place=Place("tasks", cluster="prod"))
        assert isinstance(place_of_logs(tasks), Place)
        assert place_of_logs(made.make("clusters")) == (
            "Select a cluster, a service, a task or a container first."
        )
        inside = made.make(place=Place("services", cluster="prod"))
        assert place_of_logs(inside) == Place("logs", cluster="prod")
        other = Task(task.arn.replace("4a5a", "9999"), "9" * 32, task.cluster_arn)
        both = made.make("tasks", task, rows=(task, other))
        place = place_of_logs(both)
        assert isinstance(place, Place) and place.logs is not None
        assert place.logs.tasks == (task.arn, other.arn) and not place.task_arn
