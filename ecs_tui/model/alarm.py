"""CloudWatch alarms, the changes of their state, and which service an alarm is about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from ecs_tui.model.arn import parse_arn
from ecs_tui.record import dataclass

AlarmKind = Literal["metric", "composite", "log"]
Dimensions = tuple[tuple[str, str], ...]
"""Names and values of a metric's dimensions, in AWS's order."""
_IN_RULE = re.compile(r"""(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*("[^"]*"|'[^']*'|[^)\s]+)\s*\)""")
"""A condition in an AlarmRule: `ALARM("name or ARN")`.

Source: PutCompositeAlarm in the CloudWatch API reference.
"""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm, as DescribeAlarms returns it.

    Attributes:
        state: OK, ALARM or INSUFFICIENT_DATA.
        reason: `StateReason`, in AWS's words.
        since: When it last came into this state; None if AWS does not say.
        namespace: The namespace of its metric; "" if it has several metrics, or none.
        metric: The metric's name; "" if it has several metrics, or none.
        dimensions: The dimensions of each of its metrics, one tuple a metric.
        rule: The `AlarmRule` of a composite alarm.
        condition: What it compares, in words: `> 80 for 3 × 60 s`; "" if it has no threshold.
        acts: Whether its actions are on.
    """

    name: str
    arn: str
    state: str
    kind: AlarmKind = "metric"
    reason: str = ""
    since: datetime | None = None
    description: str = ""
    namespace: str = ""
    metric: str = ""
    dimensions: tuple[Dimensions, ...] = ()
    rule: str = ""
    condition: str = ""
    acts: bool = True

    @property
    def in_alarm(self) -> bool:
        """Whether its state is ALARM."""
        return self.state == "ALARM"

    @property
    def in_rule(self) -> frozenset[str]:
        """The names of the alarms that a composite alarm's rule reads."""
        found = (match.strip("\"'") for match in _IN_RULE.findall(self.rule))
        return frozenset(name.rsplit(":alarm:", 1)[-1] for name in found)


@dataclass(frozen=True, slots=True)
class AlarmChange:
    """One change of an alarm's state, from DescribeAlarmHistory.

    Attributes:
        old: The state before; "" if AWS does not say.
        new: The state since; "" if AWS does not say.
        summary: `HistorySummary`: "Alarm updated from OK to ALARM".
        reason: `stateReason` of the new state, in AWS's words; "" if AWS does not say.
    """

    alarm: str
    at: datetime | None
    old: str = ""
    new: str = ""
    summary: str = ""
    reason: str = ""


def target_group_dimension(arn: str) -> str:
    """The value of the dimension TargetGroup for a target group's ARN: `targetgroup/NAME/ID`.

    Source: "CloudWatch metrics for your Application Load Balancer" in its user guide.
    """
    parsed = parse_arn(arn)
    return parsed.resource if parsed is not None else arn


def load_balancer_dimension(arn: str) -> str:
    """The value of the dimension LoadBalancer for its ARN: `app/NAME/ID`."""
    parsed = parse_arn(arn)
    return parsed.resource.removeprefix("loadbalancer/") if parsed is not None else arn


_Subject = tuple[str, str]
"""What an alarm is about: (cluster, service), or ("", dimension of a target group)."""


class AlarmIndex:
    """All alarms of an account and region, found by the service that they are about.

    An alarm is about a service if one of its metrics has the dimensions ClusterName and ServiceName of
    the service, or the dimension TargetGroup of one of its target groups; if the service's deployment
    names it; or if it is a composite alarm whose rule reads such an alarm. It is made once for an
    answer, so that a list of two thousand services does not compare each with each alarm.

    Args:
        alarms: The alarms.

    Attributes:
        all: All of them.
    """

    def __init__(self, alarms: Iterable[Alarm]) -> None:
        self.all = tuple(alarms)
        self._by_name = {alarm.name: alarm for alarm in self.all}
        self._by_subject: dict[_Subject, dict[str, Alarm]] = {}
        self._readers: dict[str, list[str]] = {}
        for alarm in self._by_name.values():
            for subject in _subjects(alarm):
                self._by_subject.setdefault(subject, {})[alarm.name] = alarm
            for name in alarm.in_rule:
                self._readers.setdefault(name, []).append(alarm.name)

    def of(
        self,
        cluster: str,
        service: str,
        target_groups: Iterable[str] = (),
        named: Iterable[str] = (),
    ) -> list[Alarm]:
        """The alarms about a service, those in state ALARM first, then by name.

        Args:
            cluster: The cluster's name.
            service: The service's name.
            target_groups: ARNs of the service's target groups.
            named: Names of alarms that the service itself names (`deploymentConfiguration.alarms`).
        """
        found = dict(self._by_subject.get((cluster, service), {}))
        for arn in target_groups:
            found |= self._by_subject.get(("", target_group_dimension(arn)), {})
        found |= {name: self._by_name[name] for name in named if name in self._by_name}
        waiting = list(found)
        while waiting:  # a composite alarm may read another one
            for name in self._readers.get(waiting.pop(), ()):
                if name not in found:
                    found[name] = self._by_name[name]
                    waiting.append(name)
        return sorted(found.values(), key=lambda alarm: (not alarm.in_alarm, alarm.name))


def _subjects(alarm: Alarm) -> set[_Subject]:
    found: set[_Subject] = set()
    for dimensions in alarm.dimensions:
        values = dict(dimensions)
        if values.get("ServiceName") and values.get("ClusterName"):
            found.add((values["ClusterName"], values["ServiceName"]))
        if values.get("TargetGroup"):
            found.add(("", values["TargetGroup"]))
    return found
