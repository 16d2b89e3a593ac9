"""AWS Health: retirements of tasks that AWS has announced.

The API answers accounts with a Business support plan or above; others get
SubscriptionRequiredException. It has one endpoint for all regions, in us-east-1.
Source: https://docs.aws.amazon.com/health/latest/APIReference/Welcome.html
"""

from __future__ import annotations

from ecs_tui.aws.account import Account
from ecs_tui.aws.parse.fields import moment, parts, text
from ecs_tui.model.retirement import Retirement

_CODES = "RETIREMENT"
"""In the codes of events about retired tasks: AWS_ECS_TASK_PATCHING_RETIREMENT and its successors."""
MAX_EVENTS = 10
"""Events in one DescribeAffectedEntities (its API reference)."""


async def retirements(account: Account, region: str) -> tuple[Retirement, ...]:
    """The announced retirements of tasks in a region: two calls, one without any.

    Args:
        account: The account, in the region of the endpoint.
        region: The region of the tasks.

    Raises:
        AwsError: They cannot be read, as without a support plan that includes the API.
    """
    client = await account.client("health")
    answer = await account.call(
        client.describe_events,
        filter={
            "services": ["ECS"],
            "regions": [region],
            "eventStatusCodes": ["open", "upcoming"],
        },
    )
    events = [item for item in parts(answer, "events") if _CODES in text(item, "eventTypeCode")]
    events = events[:MAX_EVENTS]
    if not events:
        return ()
    arns = [text(item, "arn") for item in events]
    found = await account.call(client.describe_affected_entities, filter={"eventArns": arns})
    affected: dict[str, list[str]] = {}
    for item in parts(found, "entities"):
        affected.setdefault(text(item, "eventArn"), []).append(text(item, "entityValue"))
    return tuple(
        Retirement(
            text(item, "arn"),
            text(item, "eventTypeCode"),
            moment(item, "startTime"),
            moment(item, "lastUpdatedTime"),
            tuple(affected.get(text(item, "arn"), ())),
        )
        for item in events
    )
