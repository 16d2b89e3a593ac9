"""CloudTrail of the demo account: LookupEvents with its paging and limits, and the account's trail.

Source: the API reference of AWS CloudTrail, and the service model.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ecs_tui.demo.answers import AwsRefusal
from ecs_tui.demo.audit_history import HISTORY_DAYS
from ecs_tui.demo.cloudtrail_record import TrailRecord

PAGE_EVENTS = 50
"""Most events of a page, and as many if the call does not say."""
CALLS_PER_SECOND = 2.0
"""LookupEvents' limit for an account and a region."""
DAY = 86_400.0
TRAIL = "example-corp"
HOME_REGION = "us-east-1"
TRAIL_GROUP = "aws-cloudtrail-logs-123456789012-example"
"""The log group to which the trail delivers."""
Params = Mapping[str, Any]
Answer = dict[str, Any]
_KEYS: dict[str, Callable[[TrailRecord], str]] = {
    "EventId": lambda record: record.id,
    "EventName": lambda record: record.name,
    "EventSource": lambda record: record.source,
    "ReadOnly": lambda record: "true" if record.read_only else "false",
    "Username": lambda record: record.identity.username,
    "AccessKeyId": lambda record: record.identity.access_key,
    # Events of ECS, SSM and IAM have no resources here, as most have none in AWS.
    "ResourceType": lambda record: "",
    "ResourceName": lambda record: "",
}
"""What LookupEvents can look up."""


class CallLimit:
    """Calls a second of a region; a burst of as many.

    Args:
        rate: Calls a second; 0 for no limit.
    """

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self._clock = rate, clock
        self._tokens: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, region: str) -> None:
        """Count a call.

        Raises:
            AwsRefusal: There were too many.
        """
        if not self.rate:
            return
        with self._lock:
            now = self._clock()
            tokens, at = self._tokens.get(region, (self.rate, now))
            tokens = min(self.rate, tokens + (now - at) * self.rate)
            enough = tokens >= 1
            self._tokens[region] = (tokens - 1 if enough else tokens, now)
        if not enough:
            raise AwsRefusal("ThrottlingException", "Rate exceeded")


def lookup(
    account: str,
    region: str,
    params: Params,
    newest_first: Callable[[], Iterator[TrailRecord]],
    now: float,
) -> Answer:
    """The answer of LookupEvents.

    Args:
        newest_first: All records that can be seen, of all regions.
        now: Seconds since 1970.

    Raises:
        AwsRefusal: The call is not possible.
    """
    most = params.get("MaxResults", PAGE_EVENTS)
    if not isinstance(most, int) or not 1 <= most <= PAGE_EVENTS:
        raise AwsRefusal(
            "InvalidMaxResultsException", f"MaxResults must be between 1 and {PAGE_EVENTS}."
        )
    if "EventCategory" in params:
        if params["EventCategory"] != "insight":
            raise AwsRefusal("InvalidEventCategoryException", "Event category is not valid.")
        return {"Events": []}
    wanted = _condition(params)
    first, last = float(params.get("StartTime", 0)), float(params.get("EndTime", now))
    if first > last:
        raise AwsRefusal("InvalidTimeRangeException", "Start time is after the end time.")
    first = max(first, now - HISTORY_DAYS * DAY)
    call = _digest(region, params)
    after = _position(params.get("NextToken"), call)
    events: list[Answer] = []
    position = None
    for record in newest_first():
        if record.at > last or (after is not None and record.position >= after):
            continue
        if record.at < first:
            break
        if record.region != region or not wanted(record):
            continue
        if len(events) == most:
            assert position is not None
            return {"Events": events, "NextToken": _token(position, call)}
        events.append(record.event(account))
        position = record.position
    return {"Events": events}


def _condition(params: Params) -> Callable[[TrailRecord], bool]:
    attributes = params.get("LookupAttributes") or []
    if len(attributes) > 1:
        raise AwsRefusal(
            "InvalidLookupAttributesException", "You can specify only one lookup attribute."
        )
    if not attributes:
        return lambda record: True
    key, value = attributes[0].get("AttributeKey"), attributes[0].get("AttributeValue", "")
    read = _KEYS.get(key)
    if read is None or not 1 <= len(value) <= 2000:
        raise AwsRefusal("InvalidLookupAttributesException", "The lookup attribute is not valid.")
    return lambda record: read(record) == value


def _digest(region: str, params: Params) -> str:
    """What a token is valid for: the same call."""
    kept = {key: value for key, value in params.items() if key != "NextToken"}
    text = json.dumps([region, kept], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _token(position: tuple[int, str], call: str) -> str:
    return base64.b64encode(json.dumps([*position, call]).encode()).decode()


def _position(token: str | None, call: str) -> tuple[int, str] | None:
    if token is None:
        return None
    try:
        at, identity, found = json.loads(base64.b64decode(token))
    except (ValueError, TypeError):
        found = None
    if found != call:
        raise AwsRefusal("InvalidNextTokenException", "The token is not valid for this call.")
    return int(at), str(identity)


# -- the trail


def trail_arn(account: str) -> str:
    """The ARN of the account's trail."""
    return f"arn:aws:cloudtrail:{HOME_REGION}:{account}:trail/{TRAIL}"


def describe_trails(account: str, region: str, params: Params) -> Answer:
    """The answer of DescribeTrails: one trail of all regions, with a log group."""
    arn = trail_arn(account)
    names = params.get("trailNameList") or []
    shown = region == HOME_REGION or params.get("includeShadowTrails", True)
    if not shown or (names and arn not in names and TRAIL not in names):
        return {"trailList": []}
    group = f"arn:aws:logs:{HOME_REGION}:{account}:log-group:{TRAIL_GROUP}:*"
    return {
        "trailList": [
            {
                "Name": TRAIL,
                "S3BucketName": f"{TRAIL}-cloudtrail",
                "IncludeGlobalServiceEvents": True,
                "IsMultiRegionTrail": True,
                "HomeRegion": HOME_REGION,
                "TrailARN": arn,
                "LogFileValidationEnabled": True,
                "CloudWatchLogsLogGroupArn": group,
                "CloudWatchLogsRoleArn": f"arn:aws:iam::{account}:role/CloudTrailToLogs",
                "HasCustomEventSelectors": False,
                "HasInsightSelectors": False,
                "IsOrganizationTrail": False,
            }
        ]
    }


def trail_status(account: str, params: Params, began: float, now: float) -> Answer:
    """The answer of GetTrailStatus.

    Args:
        began: When the demo began, in seconds since 1970: the trail logs since 400 days before.
    """
    _the_trail(account, params.get("Name"))
    delivered = now - now % 300
    return {
        "IsLogging": True,
        "LatestDeliveryTime": delivered,
        "StartLoggingTime": int(began - 400 * DAY),
        "LatestCloudWatchLogsDeliveryTime": delivered,
        "LatestDigestDeliveryTime": now - now % 3600,
    }


def event_selectors(account: str, params: Params) -> Answer:
    """The answer of GetEventSelectors: all management events."""
    arn = _the_trail(account, params.get("TrailName"))
    selector = {
        "ReadWriteType": "All",
        "IncludeManagementEvents": True,
        "DataResources": [],
        "ExcludeManagementEventSources": [],
    }
    return {"TrailARN": arn, "EventSelectors": [selector]}


def _the_trail(account: str, name: str | None) -> str:
    arn = trail_arn(account)
    if name not in (TRAIL, arn):
        raise AwsRefusal("TrailNotFoundException", f"Unknown trail: {name} for the user: {account}")
    return arn
