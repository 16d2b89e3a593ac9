"""Reading the demo account's logs with boto3, as any client of AWS does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.support.demo import Demo
from tests.support.limits import limit

WEB, ORDERS, WORKER = "/ecs/prod/web", "/ecs/prod/orders", "/ecs/prod/worker"
ARN = "arn:aws:logs:us-east-1:123456789012:log-group:"
"""Of a log group, without its name."""


def now_ms() -> int:
    return int(time.time() * 1000)


def wait_for(condition: Callable[[], Any], seconds: float = 30.0) -> Any:
    """The first true value of a condition that the demo account fulfils in time."""
    end = time.monotonic() + limit(seconds)
    while not (value := condition()):
        assert time.monotonic() < end, "not in time"
        time.sleep(0.1)
    return value


def task_ids(demo: Demo, service: str, cluster: str = "prod") -> list[str]:
    arns = boto_client(demo, "ecs").list_tasks(cluster=cluster, serviceName=service)["taskArns"]
    return [arn.rpartition("/")[2] for arn in arns]


def pages(logs: Any, **params: Any) -> Iterator[dict[str, Any]]:
    """The pages of FilterLogEvents."""
    token: dict[str, str] = {}
    while True:
        page = logs.filter_log_events(**params, **token)
        yield page
        if "nextToken" not in page:
            return
        token = {"nextToken": page["nextToken"]}


def events(logs: Any, **params: Any) -> list[dict[str, Any]]:
    return [event for page in pages(logs, **params) for event in page["events"]]


def code_of(call: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def boto_client(demo: Demo, service: str, **more: Any) -> Any:
    """A client of boto3 for a demo account; `more` replaces its region or keys."""
    environment = demo.environment
    arguments = {
        "region_name": demo.region,
        "aws_access_key_id": environment["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": environment["AWS_SECRET_ACCESS_KEY"],
        "config": Config(
            inject_host_prefix=False, retries={"total_max_attempts": 1}, read_timeout=30
        ),
        **more,
    }
    return boto3.client(service, endpoint_url=demo.endpoint, **arguments)
