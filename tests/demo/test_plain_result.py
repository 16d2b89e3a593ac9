"""Answers that are written as they are: the same JSON as moto's, and what is left to moto."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from moto.core.responses import ActionContext, ActionResult
from moto.core.serialize import JSONSerializer
from moto.core.utils import get_service_model

from ecs_tui.demo.plain_result import NotPlain, PlainResult, plain
from ecs_tui.demo.responses import DemoEcsResponse
from ecs_tui.demo.service_deployments import describe_deployments, list_deployments
from ecs_tui.system import wall_clock
from tests.support.demo_backend import filled

AT = datetime(2026, 11, 29, 12, 0, 1, 987654, UTC)


def context(operation: str) -> ActionContext:
    model = get_service_model("ecs")
    return ActionContext(model, model.operation_model(operation), JSONSerializer, DemoEcsResponse())


def same(operation: str, answer: Any) -> None:
    """Both write the same, and this without moto."""
    plain(answer, context(operation).operation_model.output_shape)
    ours = PlainResult(answer).execute_result(context(operation))
    motos = ActionResult(answer).execute_result(context(operation))
    assert ours[:2] == motos[:2]
    assert json.loads(ours[2]) == json.loads(motos[2])


def test_the_demos_answers_are_written_as_moto_writes_them() -> None:
    backend, now = filled("111100000077", cases=True), wall_clock.now()
    services = list(backend.services.values())
    same("DescribeServices", {"services": backend.services_view(services), "failures": []})
    views = [
        backend.view_of(task, now) for tasks in backend.tasks.values() for task in tasks.values()
    ]
    assert {each["lastStatus"] for each in views} >= {"RUNNING", "STOPPED"}
    same("DescribeTasks", {"tasks": views, "failures": [{"arn": "a", "reason": "MISSING"}]})
    asked = {"cluster": "deployment-cases", "service": "rolling"}
    briefs = list_deployments(backend, asked)
    same("ListServiceDeployments", {"serviceDeployments": briefs})
    found, _ = describe_deployments(backend, [briefs[0]["serviceDeploymentArn"]], now)
    same("DescribeServiceDeployments", {"serviceDeployments": found, "failures": []})
    for provider in {each.name for each in backend.clusters.values()}:
        views = backend.providers_view(provider)
        same("DescribeCapacityProviders", {"capacityProviders": views, "failures": []})


@pytest.mark.parametrize("member", ["createdAt", "startedAt"])
@pytest.mark.parametrize(
    "at", [AT, AT.replace(microsecond=0), AT.replace(microsecond=999)], ids=str
)
def test_times_have_milliseconds(member: str, at: datetime) -> None:
    same("DescribeTasks", {"tasks": [{"taskArn": "a", member: at, "stoppedAt": None}]})


@pytest.mark.parametrize(
    "task",
    [
        {"task_arn": "a"},
        SimpleNamespace(task_arn="a"),
        {"taskArn": 7},
        {"version": "7"},
        {"version": True},
        {"createdAt": 1764000000.0},
        {"createdAt": AT.astimezone(timezone(timedelta(hours=1)))},
        {"containers": ({"name": "app"},)},
    ],
    ids=str,
)
def test_anything_else_is_moto_s(task: Any) -> None:
    answer = {"tasks": [task]}
    with pytest.raises(NotPlain):
        plain(answer, context("DescribeTasks").operation_model.output_shape)
    ours = PlainResult(answer).execute_result(context("DescribeTasks"))
    assert ours == ActionResult(answer).execute_result(context("DescribeTasks"))
    assert json.loads(ours[2])["tasks"][0]
