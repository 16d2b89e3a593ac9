"""The app on the demo account, driven by keys."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
from typing import Any

import pytest

from ecs_tui.session.session import State
from ecs_tui.store.inventory import Kind, Scope
from ecs_tui.system import wall_clock
from tests.support.app import (
    PREFIX,
    at_rest,
    facts,
    names,
    open_services,
    open_shell,
    pane_text,
    running_app,
    screen_text,
    select,
    too_wide,
)
from tests.support.demo import Demo, demo_account
from tests.support.limits import until
from tests.support.stub_aws import ANSWERS, Reply, body_of, stub_aws


def process_list() -> str:
    """The command lines of all processes on this machine, as any user can read them."""
    argv = ["ps", "axww", "-o", "args"]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


pytestmark = pytest.mark.asyncio


async def test_from_clusters_to_a_shell_and_out(demo: Demo, plugin: str) -> None:
    async with running_app(demo.account(), plugin=plugin) as (app, pilot):
        browser = app.browser
        await open_services(app, pilot)
        assert "web" in names(app)
        select(app, "web")
        await pilot.press("enter")
        await until(lambda: len(names(app)) == 8, "eight tasks")
        await until(lambda: all(row.described for row in browser.table.rows), "described")
        await pilot.press("enter")
        await until(lambda: names(app) == ["app", "envoy"], "two containers")
        await pilot.press("s")
        await until(lambda: browser.dock.current and "#" in pane_text(app), "a prompt")
        await pilot.press(*"echo $((6*7))", "enter")
        await until(lambda: "\n42 " in pane_text(app), "42")
        # The list is still refreshed beside the shell.
        scope = browser.view.scopes(browser.place)[0]
        before = browser.inventory.freshness(scope).fetched_at
        browser.refresher.refresh_now()
        await until(
            lambda: browser.inventory.freshness(scope).fetched_at != before, "a refresh beside it"
        )
        await pilot.press(*"exit", "enter")
        pane = browser.dock.current
        assert pane is not None
        await until(lambda: pane.session.state is State.CLOSED, "the session ended")
        await until(lambda: "exited" in screen_text(app), "the frame says how it ended")
        assert "42" in pane_text(app)


async def test_resize_reaches_the_shell(demo: Demo) -> None:
    async with running_app(demo.account(), plugin="builtin") as (app, pilot):
        await open_services(app, pilot)
        pane = await open_shell(app, pilot, "orders")
        await pilot.press(*"stty size", "enter")
        size = pane.view.size
        await until(lambda: f"{size.height} {size.width}" in pane_text(app), "its size")
        await pilot.resize_terminal(100, 40)
        await until(lambda: pane.view.size.width == 100, "the pane is narrower")
        await pilot.press(*"stty size", "enter")
        await until(lambda: f"{pane.view.size.height} 100" in pane_text(app), "its new size")


async def test_no_token_in_the_process_list_during_a_session(
    demo: Demo, plugin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECS_TUI_PLUGIN_READS_ENVIRONMENT", "1")
    async with running_app(demo.account(), plugin=plugin) as (app, pilot):
        await open_services(app, pilot)
        await open_shell(app, pilot, "orders")
        listing = process_list()
        assert "AWS_SSM_START_SESSION_RESPONSE_ECS_EXECUTE_COMMAND" in listing
        assert "TokenValue" not in listing
        # The shell in the container has no AWS variable of the program.
        await pilot.press(*"env", "enter")
        await until(lambda: "TERM=" in pane_text(app), "the environment")
        assert "AWS_" not in pane_text(app)


async def test_where_it_cannot_work_it_says_why_and_lets_one_try(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        select(app, "reports")
        await pilot.press("s")
        await until(lambda: "exec was disabled when the task started" in screen_text(app), "why")
        assert not app.browser.dock.panes
        await pilot.press("y")
        await until(lambda: app.browser.dock.panes, "it tries")
        pane = app.browser.dock.panes[0]
        await until(lambda: pane.session.state is State.CLOSED, "ECS refuses")
        assert "Exec was disabled" in pane.session.reason
        await until(lambda: "Exec was disabled" in screen_text(app), "it says so")


async def test_a_task_with_two_containers_asks_which(demo: Demo) -> None:
    async with running_app(demo.account(), plugin="builtin") as (app, pilot):
        await open_services(app, pilot)
        select(app, "payments")
        await pilot.press("s")
        await until(lambda: "Select a container" in screen_text(app), "the question")
        assert "Exec agent exited" in screen_text(app)
        await pilot.press("enter")
        await until(
            lambda: app.browser.dock.current and "payments/app" in pane_text(app), "a prompt"
        )


async def test_filter_sort_details_raw_events_help(demo: Demo) -> None:
    async with running_app(demo.account(), size=(160, 45)) as (app, pilot):
        await open_services(app, pilot)
        await pilot.press("slash", *"shell:nu", "backspace", "o", "left", "right", "enter")
        await until(lambda: set(names(app)) >= {"reports", "vault", "legacy-api"}, "filtered")
        assert "web" not in names(app)
        await pilot.press("escape")
        await until(lambda: "web" in names(app), "the filter is cleared")
        await until(lambda: names(app)[0] == "worker", "it is failing")
        await pilot.press("O")
        assert names(app)[-1] == "worker"
        await pilot.press("O")
        select(app, "web")
        await pilot.press("d")
        await until(lambda: "task definition " in screen_text(app), "details")
        await until(lambda: "propagate tags" in facts(app), "all of them")
        await pilot.press("d", "y")
        await until(lambda: '"serviceName": "web"' in screen_text(app), "raw JSON")
        await pilot.press("y")
        await until(lambda: "serviceName: web" in screen_text(app), "YAML")
        await pilot.press("escape", "w")
        await until(lambda: "has reached a steady state" in screen_text(app), "events")
        await pilot.press("escape", "p")
        await until(lambda: "● successful" in screen_text(app), "deployments")
        await pilot.press("escape", "question_mark")
        await until(lambda: "Open a shell" in screen_text(app), "help")
        await pilot.press("escape")


async def test_go_to_by_name_and_back(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        await pilot.press("colon", *"vault", "enter")
        await until(lambda: app.browser.place.service == "vault", "the service")
        await pilot.press("escape")
        await until(lambda: app.browser.place.view == "services", "back")
        await pilot.press("colon", *"nonsense", "enter")
        await until(
            lambda: "No cluster, service, task or command matches" in screen_text(app), "it says so"
        )
        await pilot.press("N")
        await until(lambda: len(names(app)) > 50, "all tasks")
        await pilot.press("x")
        await until(lambda: "CannotPullContainerError" in screen_text(app), "stopped ones")


async def test_instances_of_an_ec2_cluster(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await until(lambda: "batch" in names(app), "clusters")
        select(app, "batch")
        await pilot.press("n")
        await until(lambda: len(names(app)) == 5, "instances")
        await until(lambda: "1.47.0 disconnected" in screen_text(app), "their facts")
        chosen = app.browser.table.current
        assert chosen.running_tasks and chosen.cpu_free < chosen.cpu_total
        await pilot.press("enter")
        await until(lambda: app.browser.place.view == "tasks", "the tasks on it")
        await until(
            lambda: (
                [row.container_instance_arn for row in app.browser.table.rows]
                == [chosen.arn] * chosen.running_tasks
            ),
            "all of them, and no others",
        )
        assert f"clusters › batch › {chosen.ec2_id} › tasks" in screen_text(app)
        await pilot.press("x")
        await until(lambda: "No stopped tasks" in screen_text(app), "none of them has stopped")
        await pilot.press("escape", "escape")
        await until(lambda: app.browser.place.view == "instances" and names(app), "back")
        assert app.browser.table.current.arn == chosen.arn


async def test_80_by_24_shows_what_matters(demo: Demo) -> None:
    async with running_app(demo.account(), size=(80, 24)) as (app, pilot):
        await open_services(app, pilot)
        text = screen_text(app)
        assert all(word in text for word in ("SERVICE", "TASKS", "DEPLOYMENT", "SHELL", "checkout"))
        await until(lambda: "✖ failing: app exit" in screen_text(app), "why a service fails")
        assert not too_wide(app)
        await open_shell(app, pilot, "orders")
        await pilot.press(PREFIX, "z")
        await until(lambda: app.browser.dock.current.view.size.height > 15, "zoomed")


async def test_read_only_refuses_a_shell_and_says_so(demo: Demo) -> None:
    async with running_app(demo.account(read_only=True)) as (app, pilot):
        await open_services(app, pilot)
        select(app, "web")
        await pilot.press("s")
        await until(lambda: "Read-only mode" in screen_text(app), "why")
        assert "READ-ONLY" in screen_text(app)
        assert not app.browser.dock.panes


async def test_denied_on_one_call_says_so_in_place() -> None:
    with demo_account("--deny", "ecs:ListServices") as demo:
        async with running_app(demo.account()) as (app, pilot):
            await until(lambda: "prod" in names(app), "clusters")
            select(app, "prod")
            await pilot.press("enter")
            await until(lambda: "Access denied: ecs:ListServices" in screen_text(app), "why")
            await pilot.press("escape")
            await until(lambda: "prod" in names(app), "the rest works")


async def test_when_the_network_goes_what_was_seen_stays() -> None:
    with demo_account() as demo:
        async with running_app(demo.account(), refresh=1.0) as (app, pilot):
            await open_services(app, pilot, "staging")
            os.kill(demo.pid, signal.SIGKILL)
            await until(lambda: "Cannot reach" in screen_text(app), "it says so", 30)
            assert "checkout" in names(app)
            assert "stale:" in screen_text(app)


@pytest.fixture
def held_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """No row's age changes meanwhile."""
    moment = wall_clock.now()
    monkeypatch.setattr(wall_clock, "now", lambda: moment)


@pytest.mark.usefixtures("held_clock")
async def test_the_cursor_stays_on_its_row_and_unchanged_rows_are_not_drawn(demo: Demo) -> None:
    async with running_app(demo.account(), refresh=600) as (app, pilot):
        await open_services(app, pilot, "batch")
        select(app, "ingest")
        table = app.browser.table
        await at_rest(app, pilot)
        drawn = table.redrawn_rows
        table.update_rows(list(reversed(table.rows)))
        await pilot.pause()
        assert app.browser.view.name_of(table.current) == "ingest"
        assert table.redrawn_rows == drawn


async def test_what_changes_in_the_header_draws_its_own_line(demo: Demo) -> None:
    async with running_app(demo.account(), size=(140, 40), refresh=600) as (app, pilot):
        head = app.browser.bars.head
        await until(lambda: "● updated" in screen_text(app), "the header")
        for change, lines in (
            ({"age": ("● updated 59m ago", "● 59m ago")}, 1),
            ({"number": "210987654321"}, 1),
            ({}, 0),
            ({"age": ("● updated 58m ago", "● 58m ago"), "user": "mallory"}, 2),
        ):
            facts = dataclasses.replace(head._facts, **change)
            at = head.redrawn_lines
            head.write(facts)
            assert head.redrawn_lines - at == lines, change
            assert all(
                word in str(head.render()) for word in (facts.number, facts.user, facts.age[0])
            ), change
        await pilot.resize_terminal(140, 20)
        await until(lambda: "\n" not in str(head.render()), "one line, where there is less room")


@pytest.mark.usefixtures("held_clock")
async def test_a_diff_draws_its_row_and_moves_neither_cursor_nor_view(demo: Demo) -> None:
    async with running_app(demo.account(), size=(120, 16), flash=False, refresh=600) as (
        app,
        pilot,
    ):
        browser, table = app.browser, app.browser.table
        await open_services(app, pilot)
        browser.refresher.look_at()
        await pilot.press("O", "G", "k")
        await at_rest(app, pilot)
        seen = (table.cursor, table.scroll_offset.y, names(app))
        inventory = browser.inventory
        service = inventory.service("prod", names(app)[table.cursor])
        assert service is not None
        drawn = table.redrawn_rows
        more = dataclasses.replace(service, running=service.running + 1)
        inventory._described(Scope(Kind.SERVICE, "prod"), [more.arn], [more])
        news = f"{more.running}/{more.desired}"
        await until(lambda: news in screen_text(app), news)
        assert table.redrawn_rows - drawn == 1
        assert (table.cursor, table.scroll_offset.y, names(app)) == seen


async def test_several_shells_the_prefix_and_quitting(demo: Demo) -> None:
    async with running_app(demo.account(), plugin="builtin") as (app, pilot):
        browser = app.browser
        await open_services(app, pilot)
        for name in ("orders", "search"):
            await open_shell(app, pilot, name)
            await pilot.press(PREFIX, "l")
        second = browser.dock.current
        await pilot.press(PREFIX, PREFIX, "n")
        await until(lambda: browser.dock.current is not second, "the other one")
        assert len(browser.dock.live) == 2
        workers = [pane.link.pid for pane in browser.dock.panes]
        await pilot.press(PREFIX, "x")
        await until(lambda: len(browser.dock.panes) == 1, "one closed")
        await until(lambda: browser.dock.current.view.has_focus, "the other has the keys")
        await pilot.press(PREFIX, "l", "q")
        await until(lambda: "close 1 open shell?" in screen_text(app), "it asks")
        await pilot.press("y")
        await until(lambda: not app.is_running, "it leaves")
        for pid in workers:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)


async def test_a_worker_that_dies_costs_its_pane_a_moment(demo: Demo) -> None:
    async with running_app(demo.account(), plugin="builtin") as (app, pilot):
        await open_services(app, pilot)
        pane = await open_shell(app, pilot, "orders")
        await pilot.press(*"echo be''fore", "enter")
        await until(lambda: "\nbefore" in pane_text(app), "text")
        pane.link.picture.lines.clear()
        os.kill(pane.link.pid, signal.SIGSEGV)
        await until(lambda: pane.link.restarts == 1, "restart")
        await until(lambda: "\nbefore" in pane_text(app), "the text is back")
        await until(lambda: "restarted" in screen_text(app), "the frame says so")
        await pilot.press(*"echo af''ter", "enter")
        await until(lambda: "\nafter" in pane_text(app), "the shell answers")
        assert pane.session.state is State.OPEN


HOSTILE = "\x1b[2J\x1b]52;c;aGk=\x07\x9b2J\u202e\u200b\x7f\r"
"""Clears the screen, writes the clipboard, the same by C1, right-to-left, zero width, DEL, CR."""
_KEPT = ("Arn", "Arns", "tatus", "serviceName", "group", "Type")


def _hostile(value: Any, name: str = "") -> Any:
    """An answer of AWS with hostile text at the end of every string but those of `_KEPT`."""
    if isinstance(value, dict):
        return {key: _hostile(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_hostile(item, name) for item in value]
    return value + HOSTILE if isinstance(value, str) and not name.endswith(_KEPT) else value


async def test_hostile_names_reach_the_screen_as_printable_cells() -> None:
    """Output of containers is tested in test_attacks.py, with the bytes that a terminal gets."""
    with stub_aws() as stub:
        for operation, answer in ANSWERS.items():
            if operation.startswith("ecs:"):
                body = body_of(operation, _hostile(answer))
                stub.faults[operation] = lambda _, body=body: Reply(200, body)
        async with running_app(stub.account(), size=(160, 45)) as (app, pilot):

            async def shows_harmless(what: str) -> None:
                await until(lambda: "�" in screen_text(app), what)
                found = {char for char in screen_text(app) if not char.isprintable()} - {"\n"}
                assert not found, (what, found)

            await until(lambda: len(names(app)) == 1 and app.browser.table.rows[0].described, "one")
            await shows_harmless("the name of a cluster")
            await pilot.press("d")
            await shows_harmless("details of a cluster")
            await pilot.press("d", "n")
            await until(lambda: app.browser.place.view == "instances" and names(app), "instances")
            await until(lambda: all(row.described for row in app.browser.table.rows), "described")
            await pilot.press("d")
            await shows_harmless("details of an instance")
            await pilot.press("d", "escape", "enter")
            await until(lambda: app.browser.place.view == "services" and names(app), "services")
            await until(lambda: app.browser.table.rows[0].service.described, "described")
            await pilot.press("w")
            await until(lambda: app.browser.place.view == "events" and names(app), "events")
            await shows_harmless("the events of a service")
            await pilot.press("escape")
            await until(lambda: app.browser.place.view == "services" and names(app), "services")
            await pilot.press("y")
            await until(lambda: app.screen is not app.browser, "its raw description")
            await shows_harmless("the raw description")
            await pilot.press("escape")
            await until(lambda: app.screen is app.browser, "back")
            for key, view in (("p", "deployments"), ("t", "definition"), ("1", "overview")):
                await pilot.press(key)
                await until(lambda view=view: app.browser.place.view == view and names(app), view)
                await shows_harmless(f"the tab of {view}")
            await pilot.press("escape", "escape")
            await until(lambda: app.browser.place.view == "services" and names(app), "services")
            await pilot.press("enter")
            await until(lambda: app.browser.place.view == "tasks" and names(app), "tasks")
            await until(lambda: all(row.described for row in app.browser.table.rows), "described")
            await pilot.press("d")
            await shows_harmless("details of a task")
            await pilot.press("d", "enter")
            await until(lambda: app.browser.place.view == "containers" and names(app), "containers")
            await shows_harmless("containers")
            await pilot.press("d", "colon", *"app")
            await shows_harmless("details and what is found")
