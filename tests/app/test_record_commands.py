"""The record of a cluster, the access review and least policies by keys; the reason of a shell."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from ecs_tui.audit.verification import REASON
from ecs_tui.config.policy import CallPolicy
from ecs_tui.system.session_log import read_lines
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.commands.reason import ask_reason
from ecs_tui.ui.commands.record import RECORD_COMMANDS
from ecs_tui.ui.dialogs.choose import ChooseScreen
from ecs_tui.ui.dialogs.plan import PlanScreen
from ecs_tui.ui.dialogs.reason import ReasonScreen
from ecs_tui.ui.dialogs.review import ReviewScreen
from ecs_tui.ui.dialogs.text import TextScreen
from tests.support import audit_events as made
from tests.support.app import PREFIX, names, open_services, running_app, screen_text, select
from tests.support.demo import Demo, demo_account
from tests.support.limits import until
from tests.support.stub_aws import StubAws

pytestmark = pytest.mark.asyncio


async def run_command(app: EcsTuiApp, pilot: Pilot[None], words: str) -> None:
    """Type a command after `:`."""
    await pilot.press("colon")
    await until(lambda: isinstance(app.focused, Input), "the line is open")
    app.focused.value = words  # type: ignore[union-attr]
    await pilot.pause()
    await pilot.press("enter")


async def shown(app: EcsTuiApp, kind: type) -> Any:
    return await until(
        lambda: app.screen if isinstance(app.screen, kind) else None, f"a {kind.__name__}"
    )


async def test_record_review_and_policy_of_a_cluster(stub: StubAws) -> None:
    more: dict[str, Any] = {"now": datetime.now(UTC), "cluster": "stub"}
    stub.answers["cloudtrail:LookupEvents"] = made.TrailAnswers(
        made.exec_record("ecs-execute-command-1", task="a" * 32, minutes=30, who=made.SSO, **more),
        made.start_record("eve-0123", task="b" * 32, minutes=90, who=made.ROLE, **more),
    )
    account = stub.account(timeout_seconds=5.0)
    async with running_app(account, (150, 40), refresh=600) as (app, pilot):
        await until(lambda: "stub" in names(app), "the cluster")

        await run_command(app, pilot, "recording")
        await shown(app, TextScreen)
        await until(lambda: "▲ exec logging" in screen_text(app), "the record")
        assert "No trail records management events" in screen_text(app)
        await pilot.press("escape")

        await run_command(app, pilot, "record-sessions")
        await shown(app, PlanScreen)
        await until(lambda: "/ecs/exec/stub" in screen_text(app), "the plan")
        await pilot.press("escape")
        assert stub.calls["ecs:UpdateCluster"] == 0

        await run_command(app, pilot, "iam-policy")
        await shown(app, ChooseScreen)
        await pilot.press("j", "enter")
        await shown(app, TextScreen)
        await until(lambda: "ExecIntoTasks" in screen_text(app), "what is lacking for exec")
        await pilot.press("escape")

        await run_command(app, pilot, "review")
        screen = await shown(app, ReviewScreen)
        await until(lambda: screen.found is not None, "the review is read")
        await until(lambda: "role/deploy" in screen_text(app), "the one who went round the record")
        assert "only round the record" in screen_text(app)
        assert "bob@example.com" in screen_text(app)
        await pilot.press("c")
        assert app.clipboard.startswith("principal,people,verdict")
        assert [note for note in app._notifications if note.severity == "error"] == []


async def test_a_shell_has_a_reason_and_says_that_nothing_records_it(demo: Demo) -> None:
    account = demo.account(policy=CallPolicy(require_reason=("prod",)))
    async with running_app(account, (150, 40)) as (app, pilot):
        await open_services(app, pilot)
        select(app, "orders")
        await pilot.press("s")
        await shown(app, ReasonScreen)
        await pilot.press("enter")
        assert isinstance(app.screen, ReasonScreen), "an empty reason is none"
        await pilot.press(*"INC-1", "enter")
        panes = app.browser.dock.panes
        await until(lambda: panes, "a shell")
        shell = panes[0].shell
        assert shell.purpose == "INC-1"
        other = dataclasses.replace(panes[0].target, cluster="staging")
        connection = app.browser.navigation.connection
        assert await ask_reason(app.browser.workspace, connection, other) == "", "none is required"
        await until(lambda: shell.session.session_id, "it is open")
        opened = [json.loads(line) for line in read_lines()]
        mine = next(line for line in opened if line["session"] == shell.session.session_id)
        assert (mine["reason"], mine["event"]) == ("INC-1", "opened") and mine["identity"]
        await until(lambda: shell.recorded.recorded != "unknown", "whether it is recorded is known")
        said = "not recorded" in screen_text(app)
        assert said is (shell.recorded.recorded == "no")
        demo.set_audit(rate=0, delay=0)
        await pilot.press(PREFIX, "t")
        await until(lambda: "CloudTrail: ExecuteCommand" in screen_text(app), "its event", 40)
        await until(lambda: "The session is still open" in screen_text(app), "not yet written")
        await pilot.press("d")
        await shown(app, TextScreen)
        await until(lambda: "eventName" in screen_text(app), "the whole event")


async def record_batch(app: EcsTuiApp, pilot: Pilot[None]) -> Any:
    """Turn the recording of `batch` on; returns the dialog that then offers to verify it."""
    select(app, "batch")
    await run_command(app, pilot, "record-sessions")
    await shown(app, PlanScreen)
    await pilot.press("y")
    await until(lambda: "are recorded in /ecs/exec/batch" in screen_text(app), "it holds")
    assert "close, and verify it" in screen_text(app)
    await pilot.press("q")
    await until(lambda: "Verify that sessions in batch" in screen_text(app), "the offer")
    return app.screen


async def test_recording_is_turned_on_and_verified_by_a_session_of_ones_own() -> None:
    with demo_account() as own:
        async with running_app(own.account(), (150, 45)) as (app, pilot):
            await until(lambda: "batch" in names(app), "the clusters")
            select(app, "batch")
            await run_command(app, pilot, "verify-recording")
            await until(lambda: "sessions in batch are not recorded" in screen_text(app), "why not")

            await record_batch(app, pilot)
            sessions, _ = own.sessions()
            await pilot.press("y")
            await until(lambda: "Verified: sessions in batch" in screen_text(app), "its end", 60)
            assert own.sessions()[0] == sessions + 1
            assert "log group /ecs/exec/batch" in screen_text(app)
            await pilot.press("q")
            opened = [json.loads(line) for line in read_lines()]
            assert opened[-2]["reason"] == REASON and opened[-1]["event"] == "ended"


async def test_leaving_the_verification_ends_its_session_and_stops_waiting() -> None:
    with demo_account() as own:
        async with running_app(own.account(), (150, 45)) as (app, pilot):
            await until(lambda: "batch" in names(app), "the clusters")
            # Not in `prod`: this user may not open a session in each of its tasks.
            screen = await record_batch(app, pilot)
            own.set_link(silent=True)  # the session opens, and nothing is ever said in it
            await pilot.press("y")
            await until(lambda: own.sessions()[0] == 1, "it is opened", 40)
            await until(lambda: "esc stop" in screen_text(app), "the key that stops it")
            await pilot.press("q")
            await until(lambda: own.sessions()[1] == 1, "it is ended", 40)
            assert screen.state == "running", "no outcome is told of what was stopped"


async def test_what_a_shell_and_a_cluster_have_commands_for() -> None:
    assert [each.id for each in RECORD_COMMANDS] == [
        "recording", "record-sessions", "verify-recording", "review", "iam-policy",
    ]  # fmt: skip
