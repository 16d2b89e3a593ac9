"""Unexpected errors: handlers, timers, workers, callbacks, drawing, start, loops and threads."""

from __future__ import annotations

import asyncio
import gc
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot

from ecs_tui.store.refresher import Refresher
from ecs_tui.system import crash
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.dialogs.base import Dialog
from ecs_tui.ui.main_screen import Browser
from ecs_tui.ui.table.table import ResourceTable
from tests.support.app import (
    clusters_counted,
    names,
    open_services,
    open_shell,
    pane_text,
    running_app,
)
from tests.support.demo import Demo
from tests.support.limits import until

SECRET = "AQoDYXdzEJr1K7vZ0+xY9mPq2Lw8RtUv3HnGb5CdE6fA4sJkXoTi"
pytestmark = pytest.mark.asyncio


def boom(*_: Any, **__: Any) -> Any:
    """Raise an error whose message and local variables contain secrets."""
    password = "only-in-the-locals"  # noqa: F841
    raise RuntimeError(f"boom aws_session_token={SECRET}")


def calls_of(demo: Demo) -> int:
    return sum(demo.counts()["calls"].values())


async def a_boom(*_: Any) -> None:
    boom()


def handler(app: EcsTuiApp, pilot: Pilot[None], patch: pytest.MonkeyPatch) -> str:
    patch.setattr(Browser, "on_resource_table_moved", boom)
    app.browser.table.move(1)
    return "Browser.on_resource_table_moved"


def timer(app: EcsTuiApp, pilot: Pilot[None], patch: pytest.MonkeyPatch) -> str:
    app.browser.set_timer(0.01, boom)
    return "boom"


def worker(app: EcsTuiApp, pilot: Pilot[None], patch: pytest.MonkeyPatch) -> str:
    app.browser.run_worker(a_boom(), group="a job")
    return "a_boom"


def callback(app: EcsTuiApp, pilot: Pilot[None], patch: pytest.MonkeyPatch) -> str:
    app.browser.call_later(boom)
    return "Browser.on_callback"


def after_refresh(app: EcsTuiApp, pilot: Pilot[None], patch: pytest.MonkeyPatch) -> str:
    app.browser.call_after_refresh(boom)
    app.browser.refresh()
    return "boom"


def task(app: EcsTuiApp, pilot: Pilot[None], patch: pytest.MonkeyPatch) -> str:
    asyncio.ensure_future(a_boom())  # noqa: RUF006 - nobody awaits it: that is the case
    return "a_boom"


def loop_callback(app: EcsTuiApp, pilot: Pilot[None], patch: pytest.MonkeyPatch) -> str:
    asyncio.get_running_loop().call_soon(boom)
    return "a callback"


def refresher(app: EcsTuiApp, pilot: Pilot[None], patch: pytest.MonkeyPatch) -> str:
    patch.setattr(Refresher, "_advance", boom)
    return "the refresher"


CASES = [handler, timer, worker, callback, after_refresh, task, loop_callback, refresher]


@pytest.mark.parametrize("fail", CASES, ids=lambda case: case.__name__)
async def test_what_fails_is_a_note_and_a_crash_file_and_the_app_goes_on(
    demo: Demo,
    crashes: list[crash.Crash],
    monkeypatch: pytest.MonkeyPatch,
    own_places: Path,
    fail: Callable[[EcsTuiApp, Pilot[None], pytest.MonkeyPatch], str],
) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await clusters_counted(app)
        with monkeypatch.context() as patch:
            job = fail(app, pilot, patch)
            await until(lambda: gc.collect() >= 0 and crashes, "it is reported")
        found = crashes[0]
        assert found.job.endswith(job), found
        await until(lambda: "Unexpected error in" in app.browser.bars.notes.words, "it is noted")
        assert found.path is not None
        assert found.path.is_relative_to(own_places / "state" / "ecs-tui" / "crashes")
        assert stat.S_IMODE(found.path.stat().st_mode) == 0o600
        assert stat.S_IMODE(found.path.parent.stat().st_mode) == 0o700
        text = found.path.read_text()
        assert "RuntimeError: boom" in text and f" in {found.job}" in text
        for words in (text, str(found), app.browser.bars.notes.words):
            assert SECRET not in words and "only-in-the-locals" not in words.replace(
                'password = "only-in-the-locals"', ""
            )
        # Keys, lists and timers work as before.
        select = app.browser.table.cursor
        await pilot.press("G", "g", "j")
        await until(lambda: app.browser.table.cursor == 1 or select == 1, "keys move the cursor")
        calls = calls_of(demo)
        await pilot.press("r")
        await until(lambda: calls_of(demo) > calls, "AWS is asked again")
        assert app.fatal is None and app.is_running
        crashes.clear()


async def test_a_shell_goes_on_beside_failures(demo: Demo, crashes: list[crash.Crash]) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        pane = await open_shell(app, pilot, "orders")
        failing = app.browser.set_interval(0.01, boom)
        await until(lambda: len(crashes) > 3, "the interval fails again and again")
        failing.stop()
        assert crashes[-1].count > 3 and crashes[-1].path == crashes[0].path
        pane.session.write(b"echo al''ive\r")
        await until(lambda: "\nalive" in pane_text(app), "the shell answers")
        crashes.clear()


class _Broken(Dialog[bool]):
    def compose(self) -> ComposeResult:
        boom()
        yield from ()


class _BrokenMount(Dialog[bool]):
    def on_mount(self) -> None:
        boom()


@pytest.mark.parametrize("screen", [_Broken, _BrokenMount])
async def test_a_dialog_that_cannot_be_shown_is_closed(
    demo: Demo, crashes: list[crash.Crash], screen: type[Dialog[bool]]
) -> None:
    async with running_app(demo.account()) as (app, pilot):
        answers: list[object] = []

        async def ask() -> None:
            answers.append(await app.push_screen_wait(screen()))

        app.browser.run_worker(ask())
        await until(lambda: answers, "the question is over")
        assert answers == [None]
        await until(lambda: app.screen is app.browser, "the dialog is gone")
        await pilot.press("question_mark")
        await until(lambda: app.screen is not app.browser, "keys work")
        assert crashes
        crashes.clear()


async def test_a_screen_that_cannot_be_drawn_ends_the_app_with_a_sentence(
    demo: Demo,
    crashes: list[crash.Crash],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    async with running_app(demo.account()) as (app, _):
        await until(lambda: "prod" in names(app), "clusters are listed")
        ended: list[bool] = []
        end = app.browser.end

        async def watched() -> None:
            await end()
            ended.append(True)

        monkeypatch.setattr(app.browser, "end", watched)
        with monkeypatch.context() as patch:
            patch.setattr(ResourceTable, "render_line", boom)
            app.browser.table.refresh()
            await until(lambda: not app.is_running, "it ends", 40)
    assert app.fatal is not None and app.return_code == crash.EXIT_STATUS == 70
    assert ended, "sessions and clients were ended"
    app._report_fatal()
    app._report_fatal()
    said = capfd.readouterr()
    assert said.err.count("\n") == 1 and str(app.fatal.path) in said.err, said.err
    assert SECRET not in said.err and said.out == ""
    crashes.clear()


async def test_threads_and_objects_are_reported_too(
    crashes: list[crash.Crash], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(threading, "excepthook", crash._in_thread)
    thread = threading.Thread(target=boom, name="a thread")
    thread.start()
    thread.join()
    assert [found.job for found in crashes] == ["thread a thread"]
    assert capsys.readouterr() == ("", "")
    crashes.clear()


async def test_a_job_is_tried_again_with_longer_pauses(
    crashes: list[crash.Crash], monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def fast(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(crash.asyncio, "sleep", fast)
    tries = 0

    async def job() -> None:
        nonlocal tries
        tries += 1
        if tries < 9:
            boom()

    await crash.keep_running("a job", job)
    assert tries == 9 and pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert "Retrying in 60 s." in str(crashes[-1]) and crashes[-1].count == 8
    crashes.clear()


async def test_twenty_crash_files_are_kept(crashes: list[crash.Crash]) -> None:
    for number in range(crash.MAX_FILES + 5):
        crash.report(f"job {number}", RuntimeError())
    folder = crashes[0].path.parent if crashes[0].path else Path()
    assert len(list(folder.iterdir())) == crash.MAX_FILES
    crashes.clear()


async def test_what_still_watches_while_the_screen_is_removed_draws_nothing(demo: Demo) -> None:
    """The problems are watched until the app has ended, and ask for the bars with each answer."""
    async with running_app(demo.account(), (120, 40)) as (app, _):
        await until(lambda: app.browser.table.rows, "the clusters")
        browser = app.browser
        await browser.query("*").remove()
        drawn = browser.bars.head.redrawn_lines
        browser.draw()
        assert browser.bars.head.redrawn_lines == drawn
