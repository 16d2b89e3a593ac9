"""What is offered once when AWS has said who we are: to end the sessions that an earlier run left open."""

from __future__ import annotations

import platform
from datetime import UTC, datetime, timedelta

import pytest
from textual.pilot import Pilot

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.model.session_record import SessionRecord, line_of
from ecs_tui.store.lookups import inside_lookup
from ecs_tui.system import session_log
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.dialogs.plan import PlanScreen
from ecs_tui.ui.first_contact import offer_once
from tests.support.app import names, running_app, screen_text
from tests.support.demo import Demo
from tests.support.limits import until
from tests.support.ready_target import ready_target
from tests.support.stub_aws import StubAws, error_reply

pytestmark = pytest.mark.asyncio
NO_PROCESS = 2**22 + 1
"""More than the largest process ID of Linux."""
LISTED = "ssm:DescribeSessions"


def noted(account: Account, session: str, task: str = "") -> None:
    """Note a session in the program's own log as a run does that was then killed."""
    record = SessionRecord(
        "opened", datetime.now(UTC) - timedelta(minutes=3), session, account.region,
        endpoint=account.endpoint_place, cluster="prod", service="orders", task=task,
        host=platform.node(), pid=NO_PROCESS,
    )  # fmt: skip
    session_log.append_line(line_of(record))


async def left_session(demo: Demo) -> str:
    """Open a session whose program is gone; returns its ID."""
    account = demo.account()
    try:
        at = await ready_target(account)
        opened = await ecs.execute_command(account, at.cluster, at.task_arn, at.container, "sh")
        noted(account, opened.session_id, at.task_arn)
    finally:
        await account.close()
    return opened.session_id


async def looked(app: EcsTuiApp) -> None:
    """Wait until the start has looked for sessions, and the list has counted who is inside."""
    connection = app.browser.navigation.connection
    await until(lambda: connection.asked_for_left, "it has been looked for sessions")
    await until(
        lambda: not [each for each in app.workers if each.group == "left sessions"],
        "and the look has ended",
    )
    lookups = app.browser.inventory.lookups
    await until(lambda: lookups.answer(inside_lookup()) is not None, "who is inside is known")


async def dialog(app: EcsTuiApp) -> None:
    await until(lambda: isinstance(app.screen, PlanScreen), "it offers to end it", 30)


async def test_a_session_that_was_left_is_ended_by_a_yes_and_not_offered_again(demo: Demo) -> None:
    session, (_, ended) = await left_session(demo), demo.sessions()
    async with running_app(demo.account(), size=(140, 40)) as (app, pilot):
        await dialog(app)
        await until(lambda: "End your session in prod/" in screen_text(app), "it is drawn")
        assert session in screen_text(app)
        assert demo.sessions()[1] == ended, "not without a yes"
        await pilot.press("y")
        await until(lambda: "1/1 session ended." in screen_text(app), "it is ended")
        assert demo.sessions()[1] == ended + 1
        await again(app, pilot)
    async with running_app(demo.account()) as (app, _):
        await looked(app)
        assert app.screen is app.browser, "the next start has nothing to offer"


async def test_a_session_that_is_kept_is_not_offered_again(demo: Demo) -> None:
    await left_session(demo)
    ended = demo.sessions()[1]
    async with running_app(demo.account(), size=(140, 40)) as (app, pilot):
        await dialog(app)
        await again(app, pilot)
        assert demo.sessions()[1] == ended


async def again(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    """Close the dialog; when the identity is read again, nothing is offered."""
    await pilot.press("escape")
    await until(lambda: app.screen is app.browser, "back in the list")
    browser = app.browser
    offer_once(browser, browser.workspace, browser.navigation.connection)
    await looked(app)
    assert app.screen is browser


@pytest.mark.parametrize("read_only", [True, False])
async def test_without_a_left_session_or_in_read_only_mode_nothing_is_asked(
    demo: Demo, read_only: bool
) -> None:
    if read_only:
        await left_session(demo)
    demo.counts(reset=True)
    async with running_app(demo.account(read_only=read_only), refresh=600) as (app, _):
        await until(lambda: "prod" in names(app), "the clusters")
        await looked(app)
        calls = demo.counts()["calls"]
        assert calls[LISTED] == 1, "only to count who is inside"
        assert app.screen is app.browser and "ssm:TerminateSession" not in calls


async def test_what_could_not_be_asked_is_said(stub: StubAws) -> None:
    account = stub.account()
    noted(account, "s-left")
    stub.faults[LISTED] = lambda op: error_reply(op, "AccessDeniedException", "no")
    async with running_app(account, refresh=600) as (app, _):
        await until(
            lambda: "Sessions of an earlier run may still be open" in screen_text(app), "a note"
        )
        assert stub.calls["ssm:TerminateSession"] == 0
