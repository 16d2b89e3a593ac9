"""Tasks of managed daemons as in the ECS API reference, on the stub of AWS."""

from __future__ import annotations

from typing import Any

import pytest

from ecs_tui.doctor.plans import make_plan
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.daemon import daemon_of
from ecs_tui.model.task import Task
from tests.support.app import names, running_app, screen_text
from tests.support.doctor_case import Case, facts_of, on_instance
from tests.support.limits import until
from tests.support.stub_aws import ARN, DAEMON_DEFINITION, INSTANCE

pytestmark = pytest.mark.asyncio
DEFINITION = DAEMON_DEFINITION


@pytest.fixture
def daemon(case: Case) -> Case:
    """The task belongs to a daemon called `metrics`."""
    on_instance(case, "i-1", "MANAGED_INSTANCES", versionInfo={"agentVersion": ""})
    case.task |= {"group": "daemon:metrics", "taskDefinitionArn": DEFINITION}
    told = case.stub.answers["ecs:DescribeDaemonTaskDefinition"]["daemonTaskDefinition"]
    told["containerDefinitions"][0]["linuxParameters"] = {"initProcessEnabled": True}
    case.stub.calls.clear()
    return case


@pytest.mark.parametrize(
    ("group", "definition", "name"),
    [
        ("daemon:metrics", DEFINITION, "metrics"),
        ("metrics", DEFINITION, "agent"),
        ("family:web", f"{ARN}:task-definition/web:7", ""),
        ("service:web", f"{ARN}:task-definition/web:7", ""),
    ],
)
async def test_a_task_of_a_daemon_is_known_by_its_definition(
    group: str, definition: str, name: str
) -> None:
    assert daemon_of(Task("arn", "1", "arn", group, task_definition=definition)) == name


async def test_the_check_reads_the_daemons_definition(daemon: Case, run: Any) -> None:
    told = await run("a" * 32)
    assert (told.status, told.decided_by) == (0, set())
    assert told.of("exec-on-service") == ("not applicable", "a task of daemon metrics")
    assert told.of("task-role") == ("pass", "web (from task definition agent:3)")
    assert daemon.stub.calls["ecs:DescribeTaskDefinition"] == 0
    assert daemon.stub.calls["ecs:DescribeServices"] == 0


async def test_its_advice_is_about_the_daemon(daemon: Case, run: Any) -> None:
    daemon.task["enableExecuteCommand"] = False
    daemon.container["managedAgents"] = [{"name": "ExecuteCommandAgent", "lastStatus": "STOPPED"}]
    told = await run("a" * 32)
    rows = {row["check"]: row for row in told.rows if row["outcome"] == "fail"}
    assert set(rows) == {"exec-on-task", "agent"}
    for row in rows.values():
        assert "aws ecs update-daemon" in row["advice"]
        assert row["fix"] == ""
    assert "scaled to 0" not in str(told.rows)


@pytest.mark.parametrize(
    ("fix", "words"),
    [
        ("enable-exec", "is not deployed by a service"),
        ("platform", "is not deployed by a service"),
        ("propagate-tags", "is not deployed by a service"),
        ("replace-task", "drain its instance"),
        ("one-off", "RunTask cannot start"),
    ],
)
async def test_no_fix_of_services_is_planned_for_it(daemon: Case, fix: str, words: str) -> None:
    with pytest.raises(EcsTuiError) as refused:
        make_plan(fix, await facts_of(daemon))
    assert "daemon metrics" in refused.value.what and words in refused.value.what
    assert "aws ecs update-daemon" in refused.value.next_step


async def test_in_the_dashboard(daemon: Case) -> None:
    daemon.stub.answers["ecs:ListServices"] = {"serviceArns": []}
    options: dict[str, Any] = {"cache": False, "cluster": "stub"}
    async with running_app(daemon.stub.account(), (160, 40), **options) as (app, pilot):
        await until(lambda: app.browser.place.view == "services", "the cluster")
        await pilot.press("N")
        await until(lambda: names(app) == ["a" * 32] and app.browser.table.rows[0].group, "a task")
        await until(lambda: "daemon:metrics" in screen_text(app), "the daemon")
        await pilot.press("t")
        await until(lambda: '"family": "agent"' in screen_text(app), "its definition")
        await pilot.press("escape")
        await pilot.press("D")
        await until(lambda: getattr(app.screen, "over", False), "the verdicts")
        assert "● app: ready" in screen_text(app) or "● ready" in screen_text(app)
        assert daemon.task["containerInstanceArn"] == INSTANCE
