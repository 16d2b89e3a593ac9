"""AWS Health of the demo account: the retirement of a service's tasks, where the cases are.

Source: "Task retirement and maintenance for AWS Fargate on Amazon ECS" in the developer guide, whose
sample event names a service as `cluster|service`.
"""

from __future__ import annotations

from typing import Any

from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.demo.state import when

RETIRED = ("failure-cases", "retired")
"""The cluster and the service whose tasks are to be retired."""
DAY_SECONDS = 86_400.0
CODE = "AWS_ECS_TASK_PATCHING_RETIREMENT"
Params = dict[str, Any]


def _event(backend: DemoEcsBackend) -> Params | None:
    if ":".join(RETIRED) not in backend.services:
        return None
    region, begun = backend.region_name, backend.begun
    return {
        "arn": f"arn:aws:health:{region}::event/ECS/{CODE}/{CODE}_0f3a9c41d2be7a61",
        "service": "ECS",
        "eventTypeCode": CODE,
        "eventTypeCategory": "scheduledChange",
        "region": region,
        "startTime": when(begun + 5 * DAY_SECONDS),
        "endTime": when(begun + 7 * DAY_SECONDS),
        "lastUpdatedTime": when(begun - 2 * DAY_SECONDS),
        "statusCode": "upcoming",
        "eventScopeCode": "ACCOUNT_SPECIFIC",
    }


def describe_events(backend: DemoEcsBackend, params: Params, now: float) -> Params:
    """Events by service, type, category and state."""
    event, asked = _event(backend), params.get("filter") or {}
    if event is None:
        return {"events": []}
    fits = all(
        not asked.get(name) or event[member] in asked[name]
        for name, member in (
            ("services", "service"),
            ("eventTypeCodes", "eventTypeCode"),
            ("eventTypeCategories", "eventTypeCategory"),
            ("eventStatusCodes", "statusCode"),
            ("regions", "region"),
        )
    )
    return {"events": [event] if fits else []}


def describe_affected_entities(backend: DemoEcsBackend, params: Params, now: float) -> Params:
    """The resources that an event is about."""
    event = _event(backend)
    if event is None or event["arn"] not in (params.get("filter") or {}).get("eventArns", ()):
        return {"entities": []}
    value = "|".join(RETIRED)
    entity = {
        "entityArn": f"arn:aws:health:{backend.region_name}:{backend.account_id}:entity/{value}",
        "eventArn": event["arn"],
        "entityValue": value,
        "awsAccountId": backend.account_id,
        "lastUpdatedTime": event["lastUpdatedTime"],
        "statusCode": "PENDING",
    }
    return {"entities": [entity]}


OPERATIONS = {
    "DescribeEvents": describe_events,
    "DescribeAffectedEntities": describe_affected_entities,
}
"""What answers which operation."""
