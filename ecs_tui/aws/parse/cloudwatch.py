"""Makes model objects of CloudWatch's answers: alarms, changes of their state, metrics."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import datetime
from typing import cast, get_args

from ecs_tui.aws.parse.fields import Raw, flag, moment, part, parts, shared, text, whole
from ecs_tui.model.alarm import Alarm, AlarmChange, Dimensions
from ecs_tui.model.metric import Metric, SeriesStatus

_COMPARISONS = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": "≥",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "≤",
}
"""`ComparisonOperator`; those of anomaly detection have no threshold to show."""
_STATUSES: tuple[str, ...] = get_args(SeriesStatus)


def metric_alarm(raw: Raw) -> Alarm:
    """A member of `MetricAlarms`."""
    several = [part(part(item, "MetricStat"), "Metric") for item in parts(raw, "Metrics")]
    metrics = [item for item in several if item] or [raw]
    return Alarm(
        name=text(raw, "AlarmName"),
        arn=text(raw, "AlarmArn"),
        state=shared(raw, "StateValue"),
        reason=text(raw, "StateReason"),
        since=_since(raw),
        description=text(raw, "AlarmDescription"),
        namespace=shared(metrics[0], "Namespace") if len(metrics) == 1 else "",
        metric=shared(metrics[0], "MetricName") if len(metrics) == 1 else "",
        dimensions=tuple(_dimensions(item) for item in metrics),
        condition=_condition(raw),
        acts=flag(raw, "ActionsEnabled", True),
    )


def composite_alarm(raw: Raw) -> Alarm:
    """A member of `CompositeAlarms`."""
    return Alarm(
        name=text(raw, "AlarmName"),
        arn=text(raw, "AlarmArn"),
        state=shared(raw, "StateValue"),
        kind="composite",
        reason=text(raw, "StateReason"),
        since=_since(raw),
        description=text(raw, "AlarmDescription"),
        rule=text(raw, "AlarmRule"),
        acts=flag(raw, "ActionsEnabled", True),
    )


def alarm_change(raw: Raw) -> AlarmChange:
    """A member of `AlarmHistoryItems` whose type is StateUpdate.

    `HistoryData` is a JSON document in a string; one that cannot be read leaves the states empty.
    """
    data = _document(text(raw, "HistoryData"))
    new = part(data, "newState")
    return AlarmChange(
        alarm=text(raw, "AlarmName"),
        at=moment(raw, "Timestamp"),
        old=shared(part(data, "oldState"), "stateValue"),
        new=shared(new, "stateValue"),
        summary=text(raw, "HistorySummary"),
        reason=text(new, "stateReason"),
    )


def metric(raw: Raw) -> Metric:
    """A member of `Metrics` in the answer of ListMetrics."""
    return Metric(shared(raw, "Namespace"), shared(raw, "MetricName"), _dimensions(raw))


def series_points(raw: Raw) -> list[tuple[float, float]]:
    """(seconds since 1970, value) of a member of `MetricDataResults`; what is no number is left out."""
    times, values = _list(raw, "Timestamps"), _list(raw, "Values")
    return [
        (at.timestamp(), value)
        for at, given in zip(times, values, strict=False)
        if isinstance(at, datetime) and (value := _number(given)) is not None
    ]


def series_status(raw: Raw) -> tuple[SeriesStatus, str]:
    """(status, AWS's message) of a member of `MetricDataResults`."""
    found = text(raw, "StatusCode", "Complete")
    status = cast(SeriesStatus, found) if found in _STATUSES else "InternalError"
    words = [text(item, "Value") for item in parts(raw, "Messages")]
    return status, "; ".join(word for word in words if word)


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return None
    return float(value)


def _list(raw: Raw, name: str) -> Sequence[object]:
    value = raw.get(name)
    return value if isinstance(value, list) else ()


def _since(raw: Raw) -> datetime | None:
    """`StateUpdatedTimestamp` also changes when only the reason does."""
    return moment(raw, "StateTransitionedTimestamp") or moment(raw, "StateUpdatedTimestamp")


def _dimensions(raw: Raw) -> Dimensions:
    return tuple((shared(item, "Name"), shared(item, "Value")) for item in parts(raw, "Dimensions"))


def _condition(raw: Raw) -> str:
    """`> 80 for 3 × 60 s`, `> 80 for 2 of 3 × 60 s`."""
    sign, threshold = _COMPARISONS.get(text(raw, "ComparisonOperator")), raw.get("Threshold")
    if sign is None or not isinstance(threshold, int | float):
        return ""
    periods, period = whole(raw, "EvaluationPeriods"), whole(raw, "Period")
    if not periods or not period:
        return f"{sign} {threshold:g}"
    needed = whole(raw, "DatapointsToAlarm") or periods
    count = f"{periods}" if needed == periods else f"{needed} of {periods}"
    return f"{sign} {threshold:g} for {count} × {period} s"


def _document(words: str) -> Raw:
    try:
        found = json.loads(words)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
