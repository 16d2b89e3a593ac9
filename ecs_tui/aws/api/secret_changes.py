"""CloudTrail: when a secret or a parameter was last changed, and by whom. Values are never asked for."""

from __future__ import annotations

from datetime import datetime

from ecs_tui.aws.account import Account
from ecs_tui.aws.parse.fields import moment, parts, text

CHANGES = frozenset(
    {
        "PutSecretValue", "UpdateSecret", "RotateSecret", "RotationSucceeded", "DeleteSecret",
        "RestoreSecret", "UpdateSecretVersionStage", "PutResourcePolicy", "PutParameter",
        "DeleteParameter", "ImportCertificate", "RenewCertificate", "DeleteCertificate",
    }
)  # fmt: skip
"""Events that change what a container gets.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/cloudtrail_log_entries.html
"""
MAX_EVENTS = 20
"""Events of the one page that is read."""


async def changes_of(
    account: Account, resource: str, since: datetime
) -> list[tuple[datetime, str, str]]:
    """(time, event's name, user's name) of the changes of a resource, the newest first: one call.

    CloudTrail has an event some minutes after it happened. Source:
    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html

    Args:
        account: The account to call.
        resource: The resource's ARN or name, as the event names it.
        since: The earliest time.

    Raises:
        AwsError: The call failed.
    """
    client = await account.client("cloudtrail")
    answer = await account.call(
        client.lookup_events,
        LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": resource}],
        StartTime=since,
        MaxResults=MAX_EVENTS,
    )
    found = []
    for item in parts(answer, "Events"):
        at, name = moment(item, "EventTime"), text(item, "EventName")
        if at is not None and name in CHANGES:
            found.append((at, name, text(item, "Username")))
    return found
