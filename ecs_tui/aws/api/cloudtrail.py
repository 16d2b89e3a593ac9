"""CloudTrail: the events of the last 90 days, and the trails of the account."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.paging import pages_by
from ecs_tui.aws.parse.cloudtrail import lookup_event
from ecs_tui.aws.parse.fields import flag, moment, parts, text
from ecs_tui.model.audit_event import AuditEventPage
from ecs_tui.model.trail import Trail, TrailState
from ecs_tui.record import dataclass

PAGE_EVENTS = 50
"""Events of a page, which is the most that LookupEvents returns (its API reference)."""
DAYS_BACK = 90
"""Days for which LookupEvents has events (its API reference)."""


@dataclass(frozen=True, slots=True)
class EventLookup:
    """What LookupEvents is asked for. It takes one attribute a call, here the event's name.

    Attributes:
        name: The operation, `ExecuteCommand`.
        since, until: Both are included. They must not change while pages are read: a token is valid
            only together with the parameters that it was made for.
    """

    name: str
    since: datetime
    until: datetime


async def lookup_pages(
    account: Account, asked: EventLookup
) -> AsyncGenerator[AuditEventPage, None]:
    """The events with a name in a span of time, page by page, the newest first.

    CloudTrail has them some minutes after the call, and only those of the account's region.

    Raises:
        AwsError: A call failed; earlier pages have been yielded.
    """
    client = await account.client("cloudtrail")
    async for answer in pages_by(
        account,
        client.lookup_events,
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": asked.name}],
        StartTime=asked.since,
        EndTime=asked.until,
        MaxResults=PAGE_EVENTS,
    ):
        raw = parts(answer, "Events")
        times = [at for each in raw if (at := moment(each, "EventTime")) is not None]
        found = (lookup_event(each) for each in raw)
        yield AuditEventPage(
            tuple(each for each in found if each is not None),
            text(answer, "NextToken"),
            min(times, default=None),
        )


async def trails(account: Account) -> list[Trail]:
    """The trails that record the account's region, those of other regions and the organization too.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html

    Raises:
        AwsError: The call failed.
    """
    client = await account.client("cloudtrail")
    answer = await account.call(client.describe_trails, includeShadowTrails=True)
    return [
        Trail(
            text(each, "Name"),
            text(each, "TrailARN"),
            text(each, "HomeRegion"),
            every_region=flag(each, "IsMultiRegionTrail"),
            organization=flag(each, "IsOrganizationTrail"),
            log_group=text(each, "CloudWatchLogsLogGroupArn").removesuffix(":*"),
            bucket=text(each, "S3BucketName"),
        )
        for each in parts(answer, "trailList")
    ]


async def trail_state(account: Account, trail: Trail) -> TrailState:
    """Whether a trail records management events now. It is asked in the trail's home region.

    Raises:
        AwsError: A call failed; ResourceGone if there is no such trail.
    """
    client = await account.client("cloudtrail")
    status = await account.call(client.get_trail_status, Name=trail.arn)
    selectors = await account.call(client.get_event_selectors, TrailName=trail.arn)
    basic = [
        flag(each, "IncludeManagementEvents", True)
        and text(each, "ReadWriteType", "All") != "ReadOnly"
        for each in parts(selectors, "EventSelectors")
    ]
    advanced = [
        _selects_management(each.get("FieldSelectors"))
        for each in parts(selectors, "AdvancedEventSelectors")
    ]
    return TrailState(
        flag(status, "IsLogging"),
        any((*basic, *advanced)),
        moment(status, "LatestDeliveryTime"),
        text(status, "LatestDeliveryError") or text(status, "LatestCloudWatchLogsDeliveryError"),
    )


def _selects_management(fields: object) -> bool:
    """Whether an advanced selector takes management events that change something."""
    every = parts({"fields": fields}, "fields")
    chosen = {text(each, "Field"): each.get("Equals") for each in every}
    category, reading = chosen.get("eventCategory"), chosen.get("readOnly")
    return category == ["Management"] and reading in (None, ["false"])
