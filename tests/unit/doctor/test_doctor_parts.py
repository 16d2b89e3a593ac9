"""Results of the doctor's checks for facts made by hand: outcome and exact evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ecs_tui.cli.doctor import EXIT_STATUS
from ecs_tui.doctor.checks import CHECKS, containers_of
from ecs_tui.doctor.exec_goals import ServiceReady
from ecs_tui.doctor.facts import DefinitionFact, Facts, InstanceFact, PluginFact, TaskRole
from ecs_tui.doctor.plans import make_plan
from ecs_tui.errors import AwsError
from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.finding import (
    Finding,
    Health,
    Outcome,
    health_by_container,
    overall_health,
)
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import ContainerDefinition, TaskDefinition
from ecs_tui.model.text import local
from tests.support.doctor_facts import AGENT, CONTAINER, SERVICE, STARTED, TASK, facts, with_agent


def answer(check: str, container: str = "app", **values: Any) -> tuple[str, str]:
    (found,) = [each for each in CHECKS if each.id == check]
    finding = found.answer(facts(**values), container)
    assert (finding.check, finding.question, finding.container) == (
        check, found.question, container,
    )  # fmt: skip
    return str(finding.outcome), finding.evidence


@pytest.mark.parametrize(
    ("task", "outcome", "evidence"),
    [
        (TASK, "pass", f"ExecuteCommandAgent RUNNING since {local(STARTED)}"),
        (with_agent(replace(AGENT, started_at=None)), "pass", "ExecuteCommandAgent RUNNING"),
        (with_agent(replace(AGENT, status="PENDING")), "fail", "ExecuteCommandAgent PENDING"),
        (
            with_agent(replace(AGENT, status="STOPPED")),
            "fail", "ExecuteCommandAgent STOPPED: no reason given",
        ),
        (
            with_agent(replace(AGENT, status="STOPPED", reason="oom")),
            "fail", "ExecuteCommandAgent STOPPED: oom",
        ),
        (with_agent(), "fail", "no ExecuteCommandAgent in managedAgents"),
        (with_agent(AGENT, last_status="STOPPED"), "fail", "container stopped"),
        (
            with_agent(AGENT, last_status="STOPPED", exit_code=3),
            "fail", "container stopped, exit 3",
        ),
        (replace(TASK, containers=()), "unknown", "the task has no container app"),
    ],
)  # fmt: skip
def test_the_agent(task: Task, outcome: str, evidence: str) -> None:
    assert answer("agent", task=task) == (outcome, evidence)


@pytest.mark.parametrize(
    ("service", "on", "outcome", "evidence"),
    [
        (SERVICE, True, "pass", "enableExecuteCommand true on web"),
        (replace(SERVICE, exec_enabled=False), True, "warn", "enableExecuteCommand false on web"),
        (replace(SERVICE, exec_enabled=False), False, "fail", "enableExecuteCommand false on web"),
        (None, True, "not applicable", "standalone task"),
    ],
)
def test_exec_of_the_service(
    service: Service | None, on: bool, outcome: str, evidence: str
) -> None:
    task = replace(TASK, exec_enabled=on)
    assert answer("exec-on-service", service=service, task=task) == (outcome, evidence)


@pytest.mark.parametrize(
    ("names", "outcome", "evidence"),
    [
        ((), "pass", "no AWS keys in the container's environment"),
        (("PATH", "AWS_REGION"), "pass", "no AWS keys in the container's environment"),
        (
            ("AWS_SECRET_ACCESS_KEY", "PATH", "AWS_ACCESS_KEY_ID"),
            "warn", "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY set in the container",
        ),
        (("AWS_ACCESS_KEY",), "warn", "AWS_ACCESS_KEY set in the container"),
    ],
)  # fmt: skip
def test_keys_in_the_container(names: tuple[str, ...], outcome: str, evidence: str) -> None:
    definition = TaskDefinition(
        "arn", "web", 7, containers=(ContainerDefinition("app", environment_names=names),)
    )
    assert answer("own-keys", definition=definition) == (outcome, evidence)
    assert answer("own-keys", "other", definition=definition)[0] == "pass"


@pytest.mark.parametrize(
    ("configuration", "outcome", "evidence"),
    [
        (None, "pass", "logging DEFAULT: task's awslogs"),
        (ExecConfiguration("NONE"), "warn", "logging is NONE: sessions are not recorded"),
        (ExecConfiguration("OVERRIDE", log_group="exec"), "pass", "logging OVERRIDE: exec"),
    ],
)  # fmt: skip
def test_whether_sessions_are_recorded(
    configuration: ExecConfiguration | None, outcome: str, evidence: str
) -> None:
    cluster = Cluster(TASK.cluster_arn, "prod", exec_configuration=configuration)
    assert answer("recorded", cluster=cluster) == (outcome, evidence)


@pytest.mark.parametrize(
    ("plugin", "outcome", "evidence"),
    [
        (PluginFact("session-manager-plugin 1.2", False), "pass", "session-manager-plugin 1.2"),
        (
            PluginFact("built-in client", True),
            "pass", "session-manager-plugin not found; using the built-in client",
        ),
        (PluginFact("old", False, "too old"), "warn", "too old"),
    ],
)  # fmt: skip
def test_the_session_client(plugin: PluginFact, outcome: str, evidence: str) -> None:
    assert answer("plugin", plugin=plugin) == (outcome, evidence)


@pytest.mark.parametrize(
    ("role", "outcome"),
    [
        (TaskRole("", "the task definition"), "fail"),
        (TaskRole("arn:aws:iam::1:role/web", "the task definition"), "pass"),
    ],
)
def test_the_task_role(role: TaskRole, outcome: str) -> None:
    found = answer("task-role", role=role)
    assert found[0] == outcome
    if role.arn:
        assert found[1] == "web (from the task definition)"


FORK = "Unable to start command: Failed to start pty: fork/exec /bin/bash: "


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (FORK + "no such file or directory", "fail"),
        (FORK + "permission denied", "fail"),
        ('Failed to start pty: exec: "bash": executable file not found in $PATH', "fail"),
        (
            "OCI runtime exec failed: exec failed: unable to start container process: "
            'exec: "bash": executable file not found in $PATH: unknown',
            "fail",
        ),
        ("Failed to start pty: The system cannot find the file specified.", "fail"),
        ("Plugin with name InteractiveCommands not found", "fail"),
        ("Your session timed out due to inactivity", "not applicable"),
        ("mount: permission denied", "not applicable"),
        ("", "not applicable"),
    ],
)
def test_what_is_said_where_the_image_has_no_such_shell(said: str, outcome: str) -> None:
    (check,) = [each for each in CHECKS if each.id == "shell"]
    known = facts()
    known.last_exit_reason = said
    assert str(check.answer(known).outcome) == outcome


def test_which_checks_decide_and_which_are_asked_of_each_container() -> None:
    assert {each.id for each in CHECKS if not each.decisive} == {
        "exec-on-service", "init-process", "pid-mode", "own-keys", "network", "bypass", "recorded",
        "plugin", "proxy", "restarts",
    }  # fmt: skip
    assert {each.id for each in CHECKS if each.each} == {
        "agent", "read-only-root", "init-process", "own-keys", "caller-exec", "caller-key",
        "bypass", "proxy", "restarts",
    }  # fmt: skip
    assert len({each.id for each in CHECKS}) == len(CHECKS) == 27
    two = replace(TASK, containers=(CONTAINER, replace(CONTAINER, name="envoy")))
    assert containers_of(two, "") == ("app", "envoy")
    assert containers_of(two, "envoy") == ("envoy",)


def test_checks_wait_for_what_tells_which_containers_count() -> None:
    for check in CHECKS:
        assert not check.each or DefinitionFact in check.waits_for, check.id
        assert not check.linux or InstanceFact in check.waits_for, check.id
    assert sum(check.linux for check in CHECKS) == 3


def finding(outcome: Outcome, container: str = "", decisive: bool = True) -> Finding:
    return Finding("x", "X?", outcome, container=container, decisive=decisive)


def test_the_sum_of_findings() -> None:
    fail, unknown, passed = (
        finding(each) for each in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS)
    )
    assert overall_health([]) == overall_health([passed, finding(Outcome.WARN)]) == Health.READY
    assert overall_health([passed, unknown]) == Health.UNKNOWN
    assert overall_health([unknown, fail]) == Health.NOT_READY
    assert overall_health([finding(Outcome.FAIL, decisive=False)]) == Health.READY
    assert overall_health([finding(Outcome.UNKNOWN, decisive=False)]) == Health.READY
    app, envoy = finding(Outcome.PASS, "app"), finding(Outcome.FAIL, "envoy")
    assert health_by_container([app, envoy]) == {"app": Health.READY, "envoy": Health.NOT_READY}
    assert set(health_by_container([app, envoy, fail]).values()) == {Health.NOT_READY}
    assert EXIT_STATUS == {Health.READY: 0, Health.NOT_READY: 1, Health.UNKNOWN: 3}


def test_a_fact_that_cannot_be_had_is_unknown_with_its_words() -> None:
    known = facts()
    known.errors[PluginFact] = AwsError("It did not answer.")
    (check,) = [each for each in CHECKS if each.id == "plugin"]
    found = check.answer(known)
    assert (found.outcome, found.evidence) == (Outcome.UNKNOWN, "It did not answer.")
    assert known.known(PluginFact) and not Facts().known(PluginFact)


@pytest.mark.parametrize(
    ("on", "title", "first"),
    [
        (False, "Enable ECS Exec on web and redeploy", ("enableExecuteCommand", "false", "true")),
        (
            True,
            "Redeploy web (exec was enabled after these tasks started)",
            ("forceNewDeployment", "–", "true"),
        ),
    ],
)
def test_the_fix_that_turns_exec_on(on: bool, title: str, first: tuple[str, str, str]) -> None:
    plan = make_plan("enable-exec", facts(service=replace(SERVICE, exec_enabled=on)), "app")
    assert plan.title == title
    assert plan.changes[0] == first
    assert len(plan.changes) == 1 + (not on)
    (call,) = plan.calls
    assert call.operation == "ecs:UpdateService"
    assert call.parameters.get("enableExecuteCommand") is (None if on else True)
    assert call.parameters["forceNewDeployment"] is True


def test_the_fix_that_replaces_a_task() -> None:
    plan = make_plan("replace-task", facts(), "app")
    (call,) = plan.calls
    assert (call.operation, call.parameters) == (
        "ecs:StopTask",
        {"cluster": "prod", "task": TASK.arn, "reason": "exec agent broken (ecs-tui)"},
    )
    assert (plan.cluster, plan.service) == ("prod", "web")
    assert plan.goal == ServiceReady("prod", "web", TASK.arn)
    assert (plan.confirm, plan.typed) == ("name", TASK.id[:6])  # a cluster called prod
    assert plan.changes == (("desiredStatus", "RUNNING", "STOPPED"),)
