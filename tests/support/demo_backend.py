"""ECS of the demo in this process: an account of its own, and answers checked against botocore."""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.session
from botocore.validate import ParamValidator
from moto.ecs.models import Service

from ecs_tui.demo import seed
from ecs_tui.demo.ecs import DemoEcsBackend, demo_ecs_backends
from ecs_tui.demo.server import REGION
from ecs_tui.system import wall_clock


def filled(account: str, **options: Any) -> DemoEcsBackend:
    """Fill an account of that number; returns its ECS. Options are those of `seed.fill`."""
    seed.fill(account, REGION, **options)
    return demo_ecs_backends[account][REGION]


@cache
def model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def valid(service: str, operation: str, answer: dict[str, Any]) -> dict[str, Any]:
    """An answer that fits the operation's output in botocore's model; unknown members do not."""
    shape = model(service).operation_model(operation).output_shape
    report = ParamValidator().validate(answer, shape)
    assert not report.has_errors(), report.generate_report()
    unknown = set(answer) - set(shape.members)
    assert not unknown, unknown
    return answer


def pass_time(backend: DemoEcsBackend, seconds: float, pace: float = 1.0) -> float:
    """Let so many seconds pass for a backend; returns the time that it is then."""
    left = seconds
    while left > 0:
        step = min(pace, left)
        wall_clock.advance(step)
        left -= step
        backend.converge(wall_clock.now())
    return wall_clock.now()


def view(backend: DemoEcsBackend, service: Service) -> dict[str, Any]:
    """One of `services[]`, checked."""
    [found] = backend.services_view([service])
    valid("ecs", "DescribeServices", {"services": [found]})
    return found


def stopped(backend: DemoEcsBackend, key: str) -> list[dict[str, Any]]:
    """The stopped tasks of a service (`cluster:name`), checked, the newest last."""
    now = wall_clock.now()
    views = [backend.view_of(task, now) for task in backend.by_service[key]]
    valid("ecs", "DescribeTasks", {"tasks": views})
    return [item for item in views if item["lastStatus"] == "STOPPED"]
