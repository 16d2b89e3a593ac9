"""The page of logs by keys on the demo account."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widgets import Input

from ecs_tui.config.state import state_folder
from ecs_tui.logs.levels import Level
from ecs_tui.logs.line import LineKind
from ecs_tui.resources import Place
from ecs_tui.resources.logs import exit_time
from ecs_tui.system import wall_clock
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.dialogs.doctor import DoctorScreen
from ecs_tui.ui.dialogs.help import HelpScreen
from ecs_tui.ui.dialogs.log_time import LogTimeScreen
from ecs_tui.ui.dialogs.search_logs import SearchLogsScreen
from tests.support.app import names, open_services, running_app, screen_text, select, too_wide
from tests.support.demo import Demo
from tests.support.footer import last_line, says
from tests.support.limits import until
from tests.support.log_pages import (
    events_of,
    every_line,
    has_lines,
    logs_page,
    open_logs,
    screen_lines,
)

pytestmark = pytest.mark.asyncio


async def type_words(pilot: Pilot[None], app: EcsTuiApp, key: str, words: str) -> None:
    """Type a search or a filter."""
    await pilot.press(key)
    await until(lambda: isinstance(app.focused, Input), "the line is open")
    app.focused.value = words  # type: ignore[union-attr]
    await pilot.press("enter")
    await until(lambda: app.focused is logs_page(app).lines, "the lines have the keys")


async def stopped_worker(app: EcsTuiApp, pilot: Pilot[None]) -> str:
    """Open the stopped tasks of prod/worker, and wait for the first; returns its ID."""
    await open_services(app, pilot)
    select(app, "worker")
    await pilot.press("enter")
    await until(lambda: app.browser.place.view == "tasks", "tasks")
    await pilot.press("x")
    await until(lambda: app.browser.place.stopped and names(app), "it crashes", 120.0)
    await until(
        lambda: app.browser.table.current is not None and app.browser.table.current.stopped_at,
        "it is described",
    )
    return str(app.browser.table.current.id)  # type: ignore[union-attr]


async def test_logs_of_a_service_are_merged_and_followed(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        page = await open_logs(app, pilot, "web", lines=20)
        assert app.browser.place == Place("logs", cluster="prod", service="web")
        assert "clusters › prod › web › logs" in screen_text(app)
        assert "Logs of web · all" in screen_text(app)
        lines = every_line(app)
        assert lines == sorted(lines, key=lambda line: line.order)
        assert len({line.task for line in events_of(app)}) > 1
        legend = screen_text(app).split("\n")[page.query("LogHead")[1].region.y]
        for line in events_of(app):
            assert page.lines.names.name(line.task) in legend
        count = len(lines)
        await until(lambda: "● following" in screen_text(app), "it follows")
        await until(lambda: len(every_line(app)) > count, "new lines")
        assert page.lines.current is every_line(app)[-1]
        assert too_wide(app) == []
        await pilot.press("escape")
        await until(lambda: app.browser.place.view == "services", "back")
        assert app.browser.view.name_of(app.browser.table.current) == "web"
        await until(lambda: not page.session or not page.session.following, "it stops reading")


async def test_whoever_moves_up_stops_following_and_the_end_follows_again(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        page = await open_logs(app, pilot, "orders", lines=60)
        await until(lambda: "● following" in screen_text(app), "it follows")
        await pilot.press("k", "k")
        line, row, count = page.lines.current, page.lines.window.cursor_row, len(every_line(app))
        await until(lambda: len(every_line(app)) > count + 5, "new lines")
        await until(lambda: "new" in screen_text(app), "they are counted")
        assert (page.lines.current, page.lines.window.cursor_row) == (line, row)
        assert "not following" in screen_text(app)
        await pilot.press("G")
        assert page.lines.current is every_line(app)[-1]
        await until(lambda: "● following" in screen_text(app), "it follows again")
        await pilot.press("ctrl+u")
        assert not page.lines.window.following
        for _ in range(400):
            await pilot.press("j")
            if page.lines.window.following:
                break
        assert page.lines.window.following


async def test_older_lines_load_when_one_scrolls_up(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        page = await open_logs(app, pilot, "orders", lines=60)
        assert page.session is not None
        first = every_line(app)[0]
        seconds = page.session.seconds
        for _ in range(4):
            await pilot.press("g")
            await until(lambda: not page.session or not page.session.loading, "they are read")
        await until(lambda: every_line(app)[0].at < first.at, "older lines")
        assert page.session.seconds >= seconds
        lines = events_of(app)
        keys = [(line.stream, line.at, line.ingested, line.text) for line in lines]
        assert len(keys) == len(set(keys)), "none twice"


async def test_one_task_all_tasks_and_its_line_leads_to_it_and_back(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        page = await open_logs(app, pilot, "web", lines=40)
        await pilot.press("1")
        only = page.lines.names.numbered(1)
        assert {line.task for line in events_of(app)} == {only}
        assert f"only task {page.lines.names.name(only or '')}" in screen_text(app)
        await pilot.press("0")
        assert len({line.task for line in events_of(app)}) > 1
        await pilot.press("k", "k")
        line = page.lines.current
        assert line is not None
        await until(lambda: app.browser.table.current is not None, "the line's task is selected")
        assert app.browser.table.current.id == line.task  # type: ignore[union-attr]
        await pilot.press("l")
        await until(lambda: app.browser.place.view == "containers", "the task")
        assert app.browser.place.task_arn.endswith(line.task)
        await pilot.press("escape")
        await until(lambda: app.browser.place.view == "logs", "back")
        assert page.lines.current is line
        await pilot.press("D")
        await until(lambda: isinstance(app.screen, DoctorScreen), "the exec check of its task")
        await pilot.press("escape")


async def test_search_filter_and_highlight(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        page = await open_logs(app, pilot, "orders", lines=100)
        await pilot.press("k")
        await type_words(pilot, app, "slash", "placed")
        current = page.lines.current
        assert current is not None and "placed" in current.text
        assert "/ placed" in screen_text(app) and " of " in screen_text(app)
        await pilot.press("N")
        earlier = page.lines.current
        assert earlier is not None and earlier.order < current.order and "placed" in earlier.text
        await pilot.press("n")
        assert page.lines.current is current
        await type_words(pilot, app, "ampersand", "!placed")
        assert events_of(app) and all("placed" not in line.text for line in events_of(app))
        assert "& !placed" in screen_text(app)
        await type_words(pilot, app, "ampersand", "level:error")
        assert all(line.level >= Level.ERROR for line in events_of(app))
        await type_words(pilot, app, "ampersand", "~(")
        assert "no valid regular expression" in screen_text(app)
        await type_words(pilot, app, "ampersand", "nobody writes this")
        await until(lambda: "No line matches" in screen_text(app), "said")
        await type_words(pilot, app, "ampersand", "")
        assert len(events_of(app)) > 50


async def test_a_stopped_task_opens_at_the_seconds_before_its_exit(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await stopped_worker(app, pilot)
        task = app.browser.table.current
        await pilot.press("L")
        await has_lines(app)
        page = logs_page(app)
        ended = exit_time(task)  # type: ignore[arg-type]
        await until(
            lambda: any(line.kind is LineKind.END for line in every_line(app)), "its end is there"
        )
        current = page.lines.current
        assert current is not None and ended - 15_000 <= current.at <= ended + 5_000
        await until(
            lambda: any("stopped: exit" in row for row in screen_lines(app)), "it is on the screen"
        )
        shown = screen_lines(app)
        end = next(at for at, row in enumerate(shown) if "stopped: exit" in row)
        assert end > 10, "what led to it is above"
        assert any("OutOfMemory" in row or " WARN " in row for row in shown[:end])
        assert all(line.task == task.id for line in events_of(app))  # type: ignore[union-attr]
        assert "up to" in screen_text(app)
        await pilot.press("escape")
        await until(lambda: app.browser.place.stopped, "back to the stopped tasks")


async def test_the_task_before(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        page = await open_logs(app, pilot, "worker")
        newest = max((each for each in page.session.tasks), key=lambda each: str(each.created_at))  # type: ignore[union-attr]
        await pilot.press("p")
        await until(lambda: "the task before" in screen_text(app), "it is shown")
        await has_lines(app)
        assert newest.id not in {line.task for line in events_of(app)}
        await pilot.press("0")
        await until(lambda: "all" in screen_text(app).split("Logs of")[1][:30], "all again")


async def test_unfold_wrap_times_mark_copy_and_save(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        page = await open_logs(app, pilot, "web", lines=20)
        await type_words(pilot, app, "ampersand", "container:app")
        await pilot.press("k")
        line = page.lines.current
        assert line is not None and line.text.startswith("{")
        rows = page.lines.drawer.rows_of(line)
        await pilot.press("enter")
        assert page.lines.drawer.rows_of(line) > rows
        await until(lambda: any('"level"' in row for row in screen_lines(app)), "its fields")
        await pilot.press("enter")
        assert page.lines.drawer.rows_of(line) == rows
        await pilot.press("t")
        await until(lambda: any("Z " in row for row in screen_lines(app)), "UTC")
        await pilot.press("t")
        await until(lambda: any(" ago " in row for row in screen_lines(app)), "relative")
        await pilot.press("t", "w", "w", "M")
        await until(lambda: any(row.startswith("◆") for row in screen_lines(app)), "a mark")
        await pilot.press("c")
        assert line.task[:8] in app.clipboard and app.clipboard.count("\n") == 1
        await pilot.press("ctrl+s")
        saved = state_folder() / "saved"
        await until(lambda: saved.is_dir() and list(saved.glob("*-logs-web.log")), "it is saved")
        path = next(saved.glob("*-logs-web.log"))
        await until(lambda: path.read_text() == app.clipboard, "the marked line")
        assert path.stat().st_mode & 0o777 == 0o600


async def test_ranges(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        page = await open_logs(app, pilot, "orders", lines=60)
        assert page.session is not None and "since 15m" in screen_text(app)
        await pilot.press("<")
        assert page.session.seconds == 300
        await pilot.press("<")
        assert page.session.seconds == 60
        assert all(line.at >= wall_clock.milliseconds() - 90_000 for line in every_line(app))
        await until(lambda: "since 1m" in screen_text(app), "it is said")
        await pilot.press(">")
        await until(lambda: page.session is not None and page.session.seconds == 300, "longer")


@pytest.mark.parametrize(
    ("service", "cluster", "words"),
    [
        ("edge", "prod", "FireLens"),
        ("mailer", "prod", "its lines are not collected"),
        ("vault", "prod", "logs:FilterLogEvents"),
        ("export", "batch", "splunk"),
    ],
)
async def test_why_there_are_no_lines_is_a_sentence(
    demo: Demo, service: str, cluster: str, words: str
) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_logs(app, pilot, service, cluster, lines=0)
        await until(lambda: words in screen_text(app).replace("\n", " "), words)


async def test_hostile_lines_change_nothing_but_their_rows(demo: Demo) -> None:
    async with running_app(demo.account(), size=(80, 24)) as (app, pilot):
        await open_logs(app, pilot, "sandbox", "staging", lines=5)
        for _ in range(8):
            await pilot.press("k", "enter")
        text = screen_text(app)
        assert all(line.isprintable() for line in text.split("\n"))
        assert all(cell_len(line) <= 80 for line in text.split("\n"))
        assert "Logs of sandbox" in text


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_footer_and_help_name_its_keys(demo: Demo, size: tuple[int, int]) -> None:
    async with running_app(demo.account(), size=size) as (app, pilot):
        await open_logs(app, pilot, "web")
        await says(app, "/ search")
        assert "& only lines" in last_line(app)
        assert too_wide(app) == []
        await pilot.press("question_mark")
        await until(lambda: isinstance(app.screen, HelpScreen), "help")
        await until(lambda: "On this page" in screen_text(app), "it is drawn")
        assert "Go to the end and follow" in screen_text(app)
        await pilot.press("escape")


async def test_from_a_container_marked_tasks_and_the_cluster(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        select(app, "web")
        await pilot.press("enter")
        await until(lambda: app.browser.place.view == "tasks" and len(names(app)) > 1, "tasks")
        await pilot.press("space", "j", "space", "L")
        await has_lines(app)
        target = app.browser.place.logs
        assert target is not None and len(target.tasks) == 2
        await pilot.press("escape")
        await until(lambda: app.browser.place.view == "tasks", "back")
        select(app, names(app)[0])
        await pilot.press("enter")
        await until(lambda: app.browser.place.view == "containers" and names(app), "containers")
        await pilot.press("L")
        await has_lines(app)
        target = app.browser.place.logs
        assert target is not None and target.containers and len(target.tasks) == 1
        assert {line.container for line in events_of(app)} == set(target.containers)
    async with running_app(demo.account()) as (app, pilot):
        await until(lambda: "staging" in names(app), "clusters")
        select(app, "staging")
        await pilot.press("L")
        await has_lines(app)
        assert app.browser.place == Place("logs", cluster="staging")


async def test_going_to_a_time(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        page = await open_logs(app, pilot, "orders", lines=60)
        await pilot.press(":", *"log-time", "enter")
        await until(lambda: isinstance(app.screen, LogTimeScreen), "the dialog")
        await pilot.press(*"x", "enter")
        await until(lambda: "is not a time" in screen_text(app), "refused")
        await pilot.press("backspace", *"5m", "enter")
        await until(lambda: app.browser.place.logs is not None, "a time")
        await has_lines(app)
        moment = app.browser.place.logs.at  # type: ignore[union-attr]
        current = page.lines.current
        assert current is not None and abs(current.at - moment) < 15_000
        await pilot.press("G", "G")
        await until(lambda: "● following" in screen_text(app), "the newest lines again")


async def test_a_search_by_logs_insights(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        page = await open_logs(app, pilot, "orders", lines=20)
        await pilot.press(":", *"search-logs", "enter")
        await until(lambda: isinstance(app.screen, SearchLogsScreen), "the dialog")
        await pilot.press(*"failed", "enter")
        await until(lambda: "Estimate:" in screen_text(app), "the estimate")
        await pilot.press("ctrl+y")
        await until(lambda: "Complete" in screen_text(app), "the results")
        await until(lambda: "; cost " in screen_text(app), "what it cost")
        screen = app.screen
        assert isinstance(screen, SearchLogsScreen)
        await until(lambda: app.focused is screen._lines, "the results have the keys")
        chosen = screen._lines.current
        assert chosen is not None and "failed" in chosen.text
        await pilot.press("enter")
        await until(lambda: app.screen is app.browser, "it is closed")
        await has_lines(app)
        times = [line.at for line in events_of(app)]
        assert chosen.at in times, "the line among its neighbours"
        assert page.lines.current is not None


async def test_what_container_insights_wrote_and_a_search_over_its_whole_groups(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        await pilot.press(":", *"container-insights", "enter")
        await until(lambda: app.browser.place.view == "logs", "its page")
        await has_lines(app, 5)
        assert "Logs of Container Insights" in screen_text(app)
        lines = events_of(app)
        assert {line.group for line in lines} == {"/aws/ecs/containerinsights/prod/performance"}
        assert len({line.stream for line in lines}) > 1
        await type_words(pilot, app, "ampersand", "ServiceName:web")
        assert 0 < len(events_of(app)) < len(lines)
        await pilot.press(":", *"search-logs", "enter")
        await until(lambda: isinstance(app.screen, SearchLogsScreen), "the dialog")
        screen = app.screen
        assert isinstance(screen, SearchLogsScreen)
        await pilot.press(*"ServiceName:orders", "enter")
        await until(lambda: "Estimate:" in screen_text(app), "the estimate")
        await pilot.press("ctrl+y")
        await until(lambda: "; cost " in screen_text(app), "the results")
        found = list(screen._lines.shown.lines)
        assert found and all('"orders"' in line.text for line in found)
        assert len({line.stream for line in found}) > 1, "the streams of several tasks"
        await pilot.press("escape")


async def test_rows_drawn_per_key_are_those_of_the_screen(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        page = await open_logs(app, pilot, "orders", lines=200)
        await pilot.press("k")
        height = page.lines.size.height
        for key in ("k", "j", "ctrl+u", "space", "g", "M"):
            before, count = page.lines.drawer.made, len(every_line(app))
            await pilot.press(key)
            await pilot.pause()
            if len(every_line(app)) == count:
                assert page.lines.drawer.made - before <= height + 1, key
