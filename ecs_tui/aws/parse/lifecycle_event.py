"""Stopped tasks in Container Insights' lifecycle events: EventBridge's events as lines of a log group."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from ecs_tui.aws.parse import ecs as parse
from ecs_tui.aws.parse.fields import Raw, part, text
from ecs_tui.model.task import Task

if TYPE_CHECKING:
    from types_aiobotocore_ecs import type_defs as aws

_TASK_CHANGE = "ECS Task State Change"
MAX_CHARACTERS = 256 * 1024
"""EventBridge's events have at most 256 KB: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"""


def stopped_task(message: str) -> Task | None:
    """The task in a line of the log group; None unless it is an event that says that a task stopped.

    Its `detail` has the members of DescribeTasks, with times as text. Source:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html

    Args:
        message: The line, which anybody who may write to the log group could have written.
    """
    if len(message) > MAX_CHARACTERS:
        return None
    try:
        event = json.loads(message)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict) or text(event, "detail-type") != _TASK_CHANGE:
        return None
    detail = _with_times(part(event, "detail"))
    if text(detail, "lastStatus") != "STOPPED" or not text(detail, "taskArn"):
        return None
    return parse.task(cast("aws.TaskTypeDef", detail))


def _with_times(detail: Raw) -> Raw:
    """The members, those whose names end in `At` as times."""
    return {
        name: _time(value) if name.endswith("At") and isinstance(value, str) else value
        for name, value in detail.items()
    }


def _time(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
