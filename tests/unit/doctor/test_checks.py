"""Checks one by one, and their results if facts could not be read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ecs_tui.doctor.checks import definition, permission, session, task
from ecs_tui.doctor.checks.check import (
    FAIL,
    PASS,
    SKIP,
    UNKNOWN,
    WARN,
    Check,
    CheckResult,
    not_asked,
)
from ecs_tui.doctor.facts import Facts, PluginFact, TaskFact, TaskRole
from ecs_tui.errors import AccessDenied, AwsError
from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.log_group import LogGroup
from ecs_tui.model.task_definition import ContainerDefinition, TaskDefinition
from tests.support.doctor_facts import AGENT, TASK, facts, with_agent

TWO = (ContainerDefinition("app"), ContainerDefinition("side"))
LOGGED = ExecConfiguration(logging="OVERRIDE", log_group="/exec", log_encryption=True)
DENIED = AccessDenied("Denied.", operation="ecs:DescribeTasks")


def cluster(configuration: ExecConfiguration) -> Cluster:
    return Cluster(TASK.cluster_arn, "prod", exec_configuration=configuration)


@pytest.mark.parametrize(
    ("judge", "values", "outcome"),
    [
        (definition.pid_mode, {}, PASS),
        (definition.pid_mode, {"definition": TaskDefinition("arn", "web", 7, containers=TWO, pid_mode="task")}, WARN),
        (definition.init_process, {}, WARN),
        (session.recorded, {}, PASS),
        (session.recorded, {"cluster": cluster(ExecConfiguration(logging="NONE"))}, WARN),
        (session.plugin, {"plugin": PluginFact("", True)}, PASS),
        (session.log_encryption, {}, SKIP),
        (session.log_encryption, {"cluster": cluster(LOGGED), "log_group": None}, FAIL),
        (session.log_encryption, {"cluster": cluster(LOGGED), "log_group": LogGroup("/exec")}, FAIL),
        (session.log_encryption, {"cluster": cluster(LOGGED), "log_group": LogGroup("/exec", "key")}, PASS),
        (permission.role_present, {"role": TaskRole("", "")}, FAIL),
        (permission.role_present, {"role": TaskRole("arn:role/web", "definition")}, PASS),
        (task.connected, {}, PASS),
        (task.connected, {"task": replace(TASK, connectivity="DISCONNECTED")}, FAIL),
        (task.exec_on_task, {}, PASS),
    ],
)  # fmt: skip
def test_a_judgement(judge: Any, values: dict[str, Any], outcome: str) -> None:
    assert judge(facts(**values), "app").outcome is outcome


def failing(_: Facts, __: str) -> CheckResult:
    return CheckResult(FAIL, "too old")


def check(**more: Any) -> Check:
    return Check("x", "Is it?", (TaskFact,), failing, **more)


def test_an_agent_that_runs_overrules_what_only_predicts() -> None:
    known = facts(task=with_agent(AGENT))
    assert check().answer(known, "app").outcome is FAIL
    found = check(starts=True).answer(known, "app")
    assert found.outcome is PASS and "has started" in found.evidence


def test_a_fact_that_failed_leaves_the_question_open() -> None:
    known = facts()
    known.errors[TaskFact] = DENIED
    found = check(unknown_decides=False).answer(known)
    assert found.outcome is UNKNOWN and not found.decisive
    assert "ecs:DescribeTasks" in found.evidence and "ecs:DescribeTasks" in found.advice


def test_why_a_fact_is_not_known() -> None:
    assert not_asked(DENIED) == "can't check: missing permission ecs:DescribeTasks"
    assert "busy" in not_asked(AwsError("AWS is busy."))
