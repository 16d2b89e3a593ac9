"""Problems by keys: announced, counted in the header, listed, opened, hidden; `z` in any list."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ecs_tui.config.sections import WatchSettings
from ecs_tui.ui.commands.problems import ProblemsOnly
from ecs_tui.ui.dialogs.doctor import DoctorScreen
from ecs_tui.ui.dialogs.evidence import EvidenceScreen
from ecs_tui.ui.dialogs.problem_note import ProblemNoteScreen
from ecs_tui.ui.pages.problems.page import ProblemsPage
from ecs_tui.ui.problem_center import ProblemCenter
from tests.support.app import facts, head_text, names, running_app, screen_text, select, too_wide
from tests.support.footer import says
from tests.support.limits import until
from tests.support.stub_aws import StubAws
from tests.support.stub_clusters import StubClusters

pytestmark = pytest.mark.asyncio
WATCH = WatchSettings(clusters=("prod",))
REASON = "Essential container in task exited"


@pytest.fixture
def failing(clusters: StubClusters) -> StubClusters:
    """A cluster with a healthy service, and one whose tasks end."""
    prod = clusters.add("prod")
    prod.counts = {"runningTasksCount": 2, "activeServicesCount": 2}
    prod.service("api", desiredCount=1, runningCount=1)
    prod.service("web", desiredCount=2, runningCount=1)
    prod.task("1a", "api")
    prod.task("1b", "web")
    for number, seconds in (("2a", 30), ("2b", 200)):
        prod.task(
            number, "web", lastStatus="STOPPED", desiredStatus="STOPPED",
            stoppedAt=time.time() - seconds, stopCode="EssentialContainerExited",
            stoppedReason=REASON, containers=[
                {"name": "app", "lastStatus": "STOPPED", "exitCode": 137,
                 "reason": "OutOfMemoryError: Container killed due to \x1b[31mmemory usage"}],
        )  # fmt: skip
    clusters.add("quiet").counts = {"activeServicesCount": 7, "runningTasksCount": 9}
    return clusters


async def test_a_problem_is_announced_opened_hidden_and_shown_again(
    stub: StubAws, failing: StubClusters, tmp_path: Path
) -> None:
    async with running_app(stub.account(), size=(140, 40), watch=WATCH, cache=False) as (
        app,
        pilot,
    ):
        browser = app.browser
        assert isinstance(browser.problems, ProblemCenter)
        await until(lambda: "1 problem" in head_text(app), "the number in the header", 30)
        assert [each.message for each in app._notifications] == [] or any(
            "prod/web" in each.message for each in app._notifications
        )
        await pilot.press("exclamation_mark")
        await until(lambda: isinstance(browser.pages.current_page, ProblemsPage), "the page")
        await until(lambda: names(app) == ["web"], "the problem")
        text = await says(app, "enter evidence", "H hide", "! leave")
        assert "problems" not in text and "open" not in text
        head = head_text(app)
        assert "us-east-1" in head and "all (1)" not in head, "there is one account only"
        text = screen_text(app)
        assert "clusters › problems" in text
        assert "prod/web" in text
        assert "out of memory" in text
        assert "1 problem: 1 failing" in text
        assert "watching prod" in text
        assert "1 other cluster not watched: 7 services, 9 running" in text
        assert "\x1b" not in "".join(facts(app).values())
        assert facts(app)["cause"] == "out-of-memory"
        assert not too_wide(app)

        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, EvidenceScreen), "the evidence")
        await until(lambda: "LAST LINES of app" in app.screen.text, "the last lines")
        assert "exit 137" in app.screen.text
        assert "OutOfMemoryError" in app.screen.text
        await pilot.press("escape")
        await until(lambda: app.screen is browser, "closed")

        await pilot.press("H")
        await until(lambda: isinstance(app.screen, ProblemNoteScreen), "the note")
        await pilot.press(*"known", "enter")
        await until(lambda: "1 hidden" in screen_text(app), "hidden")
        assert "problem" not in head_text(app)
        assert facts(app)["note"] == "known"
        await pilot.press("H")
        await until(lambda: "1 problem" in head_text(app), "shown again")

        await pilot.press("L")
        await until(lambda: browser.place.view == "logs", "its logs")
        assert browser.place.task_arn.endswith("2a".ljust(32, "0"))


async def test_only_rows_with_a_problem(stub: StubAws, failing: StubClusters) -> None:
    async with running_app(stub.account(), size=(120, 36), watch=WATCH, cache=False) as (
        app,
        pilot,
    ):
        browser = app.browser
        await until(lambda: "1 problem" in head_text(app), "the number in the header", 30)
        select(app, "prod")
        await pilot.press("enter")
        await until(lambda: sorted(names(app)) == ["api", "web"], "the services")
        await until(lambda: all(r.service.described for r in browser.table.rows), "described")
        await pilot.press("z")
        await until(lambda: names(app) == ["web"], "only the failing one")
        assert browser.table.filter == "is:problem"
        assert ProblemsOnly.id == "problems-only"
        await pilot.press("D")
        await until(lambda: isinstance(app.screen, DoctorScreen), "the exec check")
        await until(lambda: "tasks ended" in screen_text(app), "what is wrong with it")
        await pilot.press("escape")
        await pilot.press("z")
        await until(lambda: sorted(names(app)) == ["api", "web"], "all of them")
        await pilot.press("x")
