"""[policy] by keys: what it blocks is refused before a dialog opens, and names are asked for."""

from __future__ import annotations

import pytest

from ecs_tui.config.policy import CallPolicy
from ecs_tui.ui.dialogs.doctor import DoctorScreen
from ecs_tui.ui.dialogs.plan import PlanScreen
from ecs_tui.ui.dialogs.scale import ScaleScreen
from tests.support.app import open_services, running_app, screen_text, select
from tests.support.demo import Demo
from tests.support.limits import until

pytestmark = pytest.mark.asyncio


def changes(demo: Demo) -> set[str]:
    kinds = {"UpdateService", "StopTask", "RunTask", "ExecuteCommand"}
    return {name for name in demo.counts()["calls"] if name.partition(":")[2] in kinds}


async def test_a_cluster_of_the_policy_wants_the_name(demo: Demo) -> None:
    demo.counts(reset=True)
    account = demo.account(policy=CallPolicy(confirm_by_name=("stag*",)))
    async with running_app(account, size=(140, 40)) as (app, pilot):
        await open_services(app, pilot, "staging")
        select(app, "orders")
        await pilot.press("f")
        screen = await until(
            lambda: app.screen if isinstance(app.screen, PlanScreen) else None, "the plan"
        )
        words = "Changes in staging are confirmed by a name (confirm_by_name in [policy])."
        await until(lambda: words in screen_text(app), "it says why")
        await pilot.press("y")
        await until(lambda: 'Type "orders" to confirm.' in screen_text(app), "it asks")
        await pilot.press(*"order", "enter")
        await until(lambda: "Doesn't match" in screen_text(app), "another name")
        assert screen.state == "shown"
        await pilot.press("s", "enter")
        await until(lambda: screen.running.changed, "it is done")
    assert changes(demo) == {"ecs:UpdateService"}


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (
            CallPolicy(deny=("ecs:UpdateService", "ecs:RunTask", "ecs:ExecuteCommand")),
            "was blocked by the policy.",
        ),
        (CallPolicy(clusters_read_only=("stag*",)), 'clusters_read_only = ["stag*"]'),
        (CallPolicy(allow=("ecs:StopTask",)), "See allow"),
    ],
    ids=["deny", "clusters_read_only", "allow"],
)
async def test_what_it_blocks_is_refused_before_a_dialog_opens(
    demo: Demo, policy: CallPolicy, words: str
) -> None:
    demo.counts(reset=True)
    async with running_app(demo.account(policy=policy), size=(140, 40)) as (app, pilot):
        await open_services(app, pilot, "staging")
        for key in ("f", "u", "T", "s", "E"):
            app.browser.note("")
            select(app, "orders")
            await pilot.press(key)
            await until(lambda: words in app.browser.bars.notes.words, f"{key} is refused")
            assert app.screen is app.browser, "no dialog"
    assert changes(demo) == set()


async def test_another_cluster_is_not_restricted(demo: Demo) -> None:
    account = demo.account(policy=CallPolicy(clusters_read_only=("prod",)))
    async with running_app(account, size=(140, 40)) as (app, pilot):
        await open_services(app, pilot, "staging")
        select(app, "orders")
        await pilot.press("u")
        await until(lambda: isinstance(app.screen, ScaleScreen), "the count is asked for")


async def test_a_fix_that_it_blocks_is_a_preview(demo: Demo) -> None:
    demo.counts(reset=True)
    account = demo.account(policy=CallPolicy(clusters_read_only=("prod",)))
    async with running_app(account, size=(140, 40)) as (app, pilot):
        await open_services(app, pilot)
        select(app, "reports")
        await pilot.press("D")
        screen = await until(
            lambda: app.screen if isinstance(app.screen, DoctorScreen) else None, "the exec check"
        )
        await until(lambda: screen.over, "all verdicts")
        await pilot.press("enter")
        fix = await until(
            lambda: app.screen if isinstance(app.screen, PlanScreen) else None, "a fix"
        )
        await until(lambda: "Preview only" in screen_text(app), "it is said")
        await pilot.press("y", *fix.plan.typed, "enter")
        assert fix.state == "shown" and not fix.has_class("-typing")
    assert changes(demo) == set()
