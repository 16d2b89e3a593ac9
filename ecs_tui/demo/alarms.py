"""The alarms of the demo account: for each service behind a load balancer some, computed from its metrics."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal

from ecs_tui.demo.balancing import balanced_services
from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.demo.levels import load_at, spread
from ecs_tui.demo.metrics import LATE_SECONDS, DemoMetric, ServiceView, point
from ecs_tui.demo.state import when
from ecs_tui.record import dataclass

PERIOD = 60
LOOK_BACK = 180
"""Minutes that are searched for an alarm's last change."""
CONFIGURED = 1_762_000_000.0
Value = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]


@dataclass(frozen=True, slots=True)
class DemoAlarm:
    """An alarm that goes off when one value of a metric is above a threshold."""

    name: str
    metric: DemoMetric
    statistic: str
    threshold: float
    description: str
    usual: bool = False
    """Whether its metric has always been as usual, so that it has never gone off."""

    @property
    def extended(self) -> bool:
        """Whether the statistic is a percentile."""
        return self.statistic.startswith("p")

    def value_at(self, minute: int, now: float) -> float | None:
        """The datapoint of a minute."""
        return point(self.metric, minute * 60.0, PERIOD, self.statistic, now)

    def state_at(self, minute: int, now: float) -> Value:
        """Its state once the minute's datapoint is there."""
        value = self.value_at(minute, now)
        if value is None:
            return "INSUFFICIENT_DATA"
        return "ALARM" if value > self.threshold else "OK"


def alarms_of(backend: DemoEcsBackend, now: float) -> Iterator[DemoAlarm]:
    """The alarms of a region."""
    for service in balanced_services(backend):
        key = f"{service.cluster_name}/{service.name}"
        view = ServiceView(backend, service, now)
        metrics = {metric.name: metric for metric in view.alarmed()}
        usual = load_at(key, (), int(now // 60), int(service.desired_count)).requests
        slow = spread(f"{key}/p50", 0.018, 0.09) * 20
        for suffix, name, statistic, threshold, text in (
            (
                "5xx",
                "HTTPCode_Target_5XX_Count",
                "Sum",
                max(10.0, round(usual * 0.02)),
                "Responses with a status of 500 and more",
            ),
            ("latency-p99", "TargetResponseTime", "p99", round(slow, 2), "Slow responses"),
            ("memory", "MemoryUtilization", "Average", 85.0, "Memory is short"),
            ("cpu", "CPUUtilization", "Average", 85.0, "CPU is short"),
        ):
            yield DemoAlarm(
                f"{key.replace('/', '-')}-{suffix}", metrics[name], statistic, threshold, text,
                usual=not view.state.levels,
            )  # fmt: skip


def changes(
    alarm: DemoAlarm, now: float, minutes: int = LOOK_BACK
) -> list[tuple[float, Value, Value]]:
    """(when, from, to) of its changes in the last minutes, oldest first."""
    if alarm.usual:
        return []
    last = int((now - LATE_SECONDS) // 60) - 1
    found, before = [], alarm.state_at(last - minutes, now)
    for minute in range(last - minutes + 1, last + 1):
        after = alarm.state_at(minute, now)
        if after != before:
            found.append((minute * 60.0 + 60.0 + LATE_SECONDS, before, after))
        before = after
    return found


def view_of(alarm: DemoAlarm, region: str, account: str, now: float) -> dict[str, Any]:
    """One of `MetricAlarms[]` of DescribeAlarms."""
    last = int((now - LATE_SECONDS) // 60) - 1
    state, changed = alarm.state_at(last, now), changes(alarm, now)
    since = changed[-1][0] if changed else CONFIGURED
    view: dict[str, Any] = {
        "AlarmName": alarm.name,
        "AlarmArn": f"arn:aws:cloudwatch:{region}:{account}:alarm:{alarm.name}",
        "AlarmDescription": alarm.description,
        "AlarmConfigurationUpdatedTimestamp": when(CONFIGURED),
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [f"arn:aws:sns:{region}:{account}:on-call"],
        "InsufficientDataActions": [],
        "StateValue": state,
        "StateReason": reason(alarm, last, now),
        "StateUpdatedTimestamp": when(since),
        "StateTransitionedTimestamp": when(since),
        "MetricName": alarm.metric.name,
        "Namespace": alarm.metric.namespace,
        "Dimensions": [{"Name": n, "Value": v} for n, v in alarm.metric.dimensions],
        "Period": PERIOD,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "Threshold": alarm.threshold,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "missing",
    }
    return view | {"ExtendedStatistic" if alarm.extended else "Statistic": alarm.statistic}


def reason(alarm: DemoAlarm, minute: int, now: float) -> str:
    """`StateReason`, in CloudWatch's words."""
    value = alarm.value_at(minute, now)
    if value is None:
        return "Insufficient Data: 1 datapoint was unknown."
    moment = datetime.fromtimestamp(minute * 60.0, UTC)
    above = "was" if value > alarm.threshold else "was not"
    return (
        f"Threshold Crossed: 1 datapoint [{value} ({moment:%d/%m/%y %H:%M:%S})] {above} greater "
        f"than the threshold ({alarm.threshold})."
    )


def history_of(alarm: DemoAlarm, now: float) -> Iterator[dict[str, Any]]:
    """`AlarmHistoryItems[]` of an alarm's changes of state, newest first."""
    for at, before, after in reversed(changes(alarm, now)):
        minute = int((at - LATE_SECONDS) // 60) - 1
        data = {
            "version": "1.0",
            "oldState": {"stateValue": before, "stateReason": reason(alarm, minute - 1, now)},
            "newState": {"stateValue": after, "stateReason": reason(alarm, minute, now)},
        }
        yield {
            "AlarmName": alarm.name,
            "AlarmType": "MetricAlarm",
            "Timestamp": when(at),
            "HistoryItemType": "StateUpdate",
            "HistorySummary": f"Alarm updated from {before} to {after}",
            "HistoryData": json.dumps(data),
        }
