"""The doctor, its fixes, the access page and the policy page by keys; `ecs-tui doctor`."""

from __future__ import annotations

import json
import subprocess

import pytest

from ecs_tui.session.session import State
from ecs_tui.ui.commands.open_check import open_doctor
from ecs_tui.ui.dialogs.access import AccessScreen
from ecs_tui.ui.dialogs.doctor import DoctorScreen
from ecs_tui.ui.dialogs.plan import PlanScreen
from ecs_tui.ui.dialogs.policy import PolicyScreen
from tests.support.app import open_services, pane_text, running_app, screen_text, select
from tests.support.command import run_command
from tests.support.demo import Demo, demo_account
from tests.support.limits import until

pytestmark = pytest.mark.asyncio


async def test_d_shows_every_check_and_the_worst_first(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        select(app, "payments")
        await pilot.press("D")
        await until(lambda: isinstance(app.screen, DoctorScreen), "the doctor")
        await until(lambda: getattr(app.screen, "over", False), "all verdicts")
        # The lines below the list are drawn with the next layout.
        await until(lambda: "enter: Stop task" in screen_text(app), "the fix of the worst one")
        text = screen_text(app)
        assert "app: ready" in text
        assert "envoy: not ready" in text
        first = next(line for line in text.split("\n") if "✖ Exec agent running" in line)
        assert "Exec agent exited" in first
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "back")


async def test_a_refused_shell_leads_to_the_doctor_the_fix_and_a_shell(demo: Demo) -> None:
    async with running_app(demo.account(), plugin="builtin") as (app, pilot):
        await open_services(app, pilot)
        select(app, "reports")
        await pilot.press("s")
        await until(lambda: "exec was disabled when the task started" in screen_text(app), "why")
        await pilot.press("y")
        await until(lambda: isinstance(app.screen, DoctorScreen), "the doctor opens by itself")
        await until(lambda: getattr(app.screen, "over", False), "all verdicts")
        await pilot.press("space")
        await until(lambda: "● Task running" in screen_text(app), "what passed too")
        text = screen_text(app)
        assert "AWS: The execute command failed" in text.replace("\n", " ")
        assert text.index("✖ ECS Exec enabled on the task") < text.index("● Task running")
        await pilot.press("enter")
        await until(lambda: "Enable ECS Exec on reports" in screen_text(app), "the fix")
        assert "enableExecuteCommand  false → true" in screen_text(app)
        assert "replaces its 3 tasks" in screen_text(app)
        await pilot.press("y", *"wrong", "enter")
        await until(lambda: 'match "reports"' in screen_text(app), "the name must be right")
        plan = app.screen
        assert isinstance(plan, PlanScreen)
        assert plan.state == "shown"
        await pilot.press(*["backspace"] * 5, *"reports", "enter")
        await until(lambda: plan.state == "running", "it is done")
        await until(lambda: "· exec agents" in screen_text(app), "the roll-out is followed")
        await until(lambda: "s open a shell" in screen_text(app), "the verdict has turned", 60)
        await pilot.press("s")
        await until(lambda: len(app.browser.dock.live) == 1, "a shell in the new task")
        await until(lambda: "reports/app" in pane_text(app), "its prompt")


async def test_read_only_shows_fixes_but_does_not_run_them(demo: Demo) -> None:
    async with running_app(demo.account(read_only=True)) as (app, pilot):
        await open_services(app, pilot, "staging")
        select(app, "sandbox")
        await pilot.press("D")
        await until(lambda: getattr(app.screen, "over", False), "all verdicts")
        await pilot.press("enter")
        await until(lambda: "Read-only mode: preview only" in screen_text(app), "shown")
        screen = app.screen
        assert isinstance(screen, PlanScreen)
        await pilot.press("y")
        assert screen.state == "shown"


async def test_a_one_off_is_stopped_when_its_shell_ends_if_so_asked(demo: Demo) -> None:
    async with running_app(demo.account(), plugin="builtin") as (app, pilot):
        await open_services(app, pilot, "staging")
        select(app, "sandbox")
        await pilot.press("D")
        await until(lambda: getattr(app.screen, "over", False), "all verdicts")
        await pilot.press("o")
        await until(lambda: "debug copy" in screen_text(app), "the fix")
        await pilot.press("k")
        await until(lambda: "when the shell closes [yes]" in screen_text(app), "asked for")
        await pilot.press("y")
        await until(lambda: "s open a shell" in screen_text(app), "its agent runs", 60)
        await pilot.press("s")
        await until(lambda: app.browser.dock.current and "#" in pane_text(app), "a prompt")
        pane = app.browser.dock.current
        assert pane is not None
        await pilot.press(*"exit", "enter")
        await until(lambda: pane.session.state is State.CLOSED, "the shell ended")
        await until(lambda: "Stopping one-off task" in screen_text(app), "and so does the task")


async def test_access_for_me_and_for_another_role(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        await pilot.press("I")
        await until(lambda: isinstance(app.screen, AccessScreen), "access")
        screen = app.screen
        assert isinstance(screen, AccessScreen)
        total = len(screen.targets)
        await until(lambda: len(screen.answers) == total > 20, "all answers")
        assert "user/alice" in screen_text(app)
        assert "untagged: tag-based policies don't match" in screen_text(app)
        assert "✖ " in screen_text(app), "what is denied stands first"
        await pilot.press("G")
        await until(
            lambda: "allowed by policy user_alice_operators" in screen_text(app), "which statement"
        )
        await pilot.press("p", *"dev", "enter")
        words = f"role/dev   0 allowed · {total} denied · checked {total} of {total}"
        await until(lambda: words in screen_text(app), "another role")
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
        await until(lambda: "does not match" in screen_text(app), "its reach")
        statement = json.loads(screen.document)["Statement"][0]
        assert statement["Condition"]["StringEquals"] == {
            "ecs:ResourceTag/team": "web",
            "ecs:container-name": "app",
        }
        await pilot.press("ctrl+y")
        assert app.clipboard == screen.document


def run(demo: Demo, *argv: str) -> subprocess.CompletedProcess[str]:
    return run_command({**demo.environment, "PATH": "", "HOME": "/nonexistent"}, "doctor", *argv)


async def test_doctor_from_a_shell(demo: Demo) -> None:
    done = run(demo, "prod", "checkout", "--json")
    rows = json.loads(done.stdout)
    assert done.returncode in (0, 1)  # it is being deployed
    assert {row["serviceName"] for row in rows} == {"checkout"}
    assert {"check", "outcome", "evidence", "containerName", "taskArn"} <= set(rows[0])
    healthy = run(demo, "exec-cases", "healthy")
    assert (healthy.returncode, healthy.stderr) == (0, "")
    assert "ready (app ready)" in healthy.stdout
    bad = run(demo, "prod", "payments", "--container", "envoy")
    assert bad.returncode == 1
    assert "Exec agent exited" in bad.stdout
    assert run(demo, "prod", "payments", "--container", "app").returncode == 0
    wrong = run(demo, "prod", "payments", "--container", "nothing")
    assert wrong.returncode == 1
    assert "has no container" in wrong.stderr
    missing = run(demo, "prod", "no-such")
    assert missing.returncode == 1
    assert 'No service or task in cluster prod matches "no-such".' in missing.stderr


async def test_could_not_tell_is_exit_status_3() -> None:
    with demo_account("--deny", "iam:SimulatePrincipalPolicy") as served:
        done = run(served, "prod", "web")
        assert done.returncode == 3, done.stdout + done.stderr
        assert "missing permission iam:SimulatePrincipalPolicy" in done.stdout


async def test_the_policy_that_the_advice_names_is_printed_once_as_json(demo: Demo) -> None:
    done = run(demo, "exec-cases", "weak-role")
    assert done.returncode == 1
    assert done.stdout.count("Attach the shown policy") >= 1, done.stdout
    head, _, rest = done.stdout.partition("\n  Policy for ")
    assert "Attach the shown policy" in head
    name, _, text = rest.partition(":\n")
    policy, end = json.JSONDecoder().raw_decode(text.lstrip())
    actions = [action for each in policy["Statement"] for action in each["Action"]]
    assert "ssmmessages:CreateControlChannel" in actions, (name, policy)
    assert "ssmmessages:" not in text.lstrip()[end:], "each policy once"
    healthy = run(demo, "exec-cases", "healthy")
    assert "Policy for" not in healthy.stdout and "shown policy" not in healthy.stdout


async def test_the_check_of_one_container_keeps_awss_words(demo: Demo) -> None:
    async with running_app(demo.account(), plugin="builtin") as (app, pilot):
        await open_services(app, pilot)
        inventory = app.browser.inventory
        task = (await until(lambda: inventory.service_tasks("prod", "payments"), "a task"))[0]
        workspace = app.browser.workspace
        check = open_doctor(workspace.context(), workspace, task, "envoy", "AWS says no")
        app.browser.run_worker(check)
        await until(lambda: isinstance(app.screen, DoctorScreen), "the exec check")
        await until(lambda: getattr(app.screen, "over", False), "all verdicts")
        text = screen_text(app)
        assert f"payments/{task.id[:12]} · envoy" in text and "AWS says no" in text
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "back")
        assert not app.browser.dock.panes
