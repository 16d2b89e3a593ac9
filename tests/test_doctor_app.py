"""The doctor, cures, access and policies by keys; and `ecs-tui doctor` from a shell."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from ecs_tui.session.session import State
from ecs_tui.ui.screens.access import AccessScreen
from ecs_tui.ui.screens.cure import CureScreen
from ecs_tui.ui.screens.doctor import DoctorScreen
from ecs_tui.ui.screens.policy import PolicyScreen
from tests.support import (
    Demo,
    demo_account,
    open_services,
    pane_text,
    running_app,
    screen_text,
    select,
    until,
)

pytestmark = pytest.mark.asyncio


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with demo_account() as served:
        yield served


async def test_d_shows_every_check_and_the_worst_first(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        select(app, "payments")
        await pilot.press("D")
        await until(lambda: isinstance(app.screen, DoctorScreen), "the doctor")
        await until(lambda: getattr(app.screen, "over", False), "all verdicts")
        # The lines below the list come with the next layout.
        await until(lambda: "enter: Stop task" in screen_text(app), "the fix of the worst one")
        text = screen_text(app)
        assert "app: ready" in text
        assert "envoy: not ready" in text
        first = next(line for line in text.split("\n") if "✖ Does the exec agent run?" in line)
        assert "Exec agent exited" in first
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "back")


async def test_a_refused_shell_leads_to_the_doctor_the_cure_and_a_shell(demo: Demo) -> None:
    async with running_app(demo.account(), plugin="builtin") as (app, pilot):
        await open_services(app, pilot)
        select(app, "reports")
        await pilot.press("s")
        await until(lambda: "exec was off when the task started" in screen_text(app), "why")
        await pilot.press("y")
        await until(lambda: isinstance(app.screen, DoctorScreen), "the doctor opens by itself")
        await until(lambda: getattr(app.screen, "over", False), "all verdicts")
        text = screen_text(app)
        assert "AWS says: The execute command failed" in text.replace("\n", " ")
        assert text.index("✖ Was exec on") < text.index("● Is the task running")
        await pilot.press("enter")
        await until(lambda: "Enable exec on reports" in screen_text(app), "the cure")
        assert "enableExecuteCommand  false → true" in screen_text(app)
        assert "replaces its 3 tasks" in screen_text(app)
        await pilot.press("y", *"wrong", "enter")
        await until(lambda: "That is not reports" in screen_text(app), "the name must be right")
        cure = app.screen
        assert isinstance(cure, CureScreen)
        assert cure.state == "shown"
        await pilot.press(*["backspace"] * 5, *"reports", "enter")
        await until(lambda: cure.state == "running", "it is done")
        await until(lambda: "exec agents run" in screen_text(app), "the roll-out is followed")
        await until(lambda: "s open a shell" in screen_text(app), "the verdict has turned", 60)
        await pilot.press("s")
        await until(lambda: len(app.browser.dock.live) == 1, "a shell in the new task")
        await until(lambda: "reports/app" in pane_text(app), "its prompt")


async def test_read_only_shows_cures_but_does_not_run_them(demo: Demo) -> None:
    async with running_app(demo.account(read_only=True)) as (app, pilot):
        await open_services(app, pilot, "staging")
        select(app, "sandbox")
        await pilot.press("D")
        await until(lambda: getattr(app.screen, "over", False), "all verdicts")
        await pilot.press("enter")
        await until(lambda: "read-only mode: shown, not run" in screen_text(app), "shown")
        screen = app.screen
        assert isinstance(screen, CureScreen)
        await pilot.press("y")
        assert screen.state == "shown"


async def test_a_one_off_is_stopped_when_its_shell_ends_if_so_asked(demo: Demo) -> None:
    async with running_app(demo.account(), plugin="builtin") as (app, pilot):
        await open_services(app, pilot, "staging")
        select(app, "sandbox")
        await pilot.press("D")
        await until(lambda: getattr(app.screen, "over", False), "all verdicts")
        await pilot.press("o")
        await until(lambda: "one-off copy" in screen_text(app), "the cure")
        await pilot.press("k")
        await until(lambda: "when the shell ends: yes" in screen_text(app), "asked for")
        await pilot.press("y")
        await until(lambda: "s open a shell" in screen_text(app), "its agent runs", 60)
        await pilot.press("s")
        await until(lambda: app.browser.dock.current and "#" in pane_text(app), "a prompt")
        pane = app.browser.dock.current
        assert pane is not None
        await pilot.press(*"exit", "enter")
        await until(lambda: pane.session.state is State.CLOSED, "the shell ended")
        await until(lambda: "is being stopped" in screen_text(app), "and so does the task")


async def test_access_for_me_and_for_another_role(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        await pilot.press("I")
        await until(lambda: isinstance(app.screen, AccessScreen), "access")
        screen = app.screen
        assert isinstance(screen, AccessScreen)
        await until(lambda: screen.answers and len(screen.answers) >= 20, "all answers")
        assert "user/alice" in screen_text(app)
        assert "no tags: no policy by tag reaches it" in screen_text(app)
        await until(
            lambda: "allowed by user_alice_operators" in screen_text(app), "which statement"
        )
        await pilot.press("p", *"dev", "enter")
        await until(lambda: "role/dev   0 allowed   20 of 20" in screen_text(app), "another role")
        await pilot.press("p", *"nobody", "enter")
        await until(lambda: "unknown" in screen_text(app), "a role that does not exist")
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "back")


async def test_the_policy_generator_lists_whom_it_reaches(demo: Demo) -> None:
    async with running_app(demo.account(), size=(140, 45)) as (app, pilot):
        await open_services(app, pilot)
        await pilot.press("colon", *"policy", "enter")
        await until(lambda: isinstance(app.screen, PolicyScreen), "the generator")
        screen = app.screen
        assert isinstance(screen, PolicyScreen)
        await pilot.press("home", "ctrl+k", *"team=web", "tab", "tab", *"app")
        await until(lambda: screen.grant.container == "app", "filled in")
        assert '"ecs:ResourceTag/team": "web"' in screen.document
        await until(lambda: "does not reach" in screen_text(app), "its reach")
        statement = json.loads(screen.document)["Statement"][0]
        assert statement["Condition"]["StringEquals"] == {
            "ecs:ResourceTag/team": "web",
            "ecs:container-name": "app",
        }
        await pilot.press("ctrl+y")
        assert app.clipboard == screen.document


def run(demo: Demo, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ecs_tui", "doctor", *argv],
        env={**demo.environment, "PATH": "", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_doctor_from_a_shell(demo: Demo) -> None:
    done = run(demo, "prod", "checkout", "--json")
    rows = json.loads(done.stdout)
    assert done.returncode in (0, 1)  # it is being deployed
    assert {row["service"] for row in rows} == {"checkout"}
    assert {"check", "outcome", "evidence", "container", "task_arn"} <= set(rows[0])
    well = run(demo, "clinic", "well")
    assert (well.returncode, well.stderr) == (0, "")
    assert "ready (app ready)" in well.stdout
    bad = run(demo, "prod", "payments", "--container", "envoy")
    assert bad.returncode == 1
    assert "Exec agent exited" in bad.stdout
    assert run(demo, "prod", "payments", "--container", "app").returncode == 0
    wrong = run(demo, "prod", "payments", "--container", "nothing")
    assert wrong.returncode == 1
    assert "has no container" in wrong.stderr
    assert "begins with" in run(demo, "prod", "no-such").stderr


async def test_could_not_tell_is_exit_status_3() -> None:
    with demo_account("--deny", "iam:SimulatePrincipalPolicy") as served:
        done = run(served, "prod", "web")
        assert done.returncode == 3, done.stdout + done.stderr
        assert "iam:SimulatePrincipalPolicy is missing" in done.stdout


async def test_the_policy_that_the_advice_names_is_printed_once_as_json(demo: Demo) -> None:
    done = run(demo, "clinic", "weak-role")
    assert done.returncode == 1
    assert done.stdout.count("Attach the policy shown") >= 1, done.stdout
    head, _, rest = done.stdout.partition("\n  Policy for ")
    assert "Attach the policy shown" in head
    name, _, text = rest.partition(":\n")
    policy, end = json.JSONDecoder().raw_decode(text.lstrip())
    actions = [action for each in policy["Statement"] for action in each["Action"]]
    assert "ssmmessages:CreateControlChannel" in actions, (name, policy)
    assert "ssmmessages:" not in text.lstrip()[end:], "each policy once"
    well = run(demo, "clinic", "well")
    assert "Policy for" not in well.stdout and "policy shown" not in well.stdout
