"""Which alarms are about a service: by dimensions, by name, through composite alarms."""

from __future__ import annotations

import pytest

from ecs_tui.model.alarm import (
    Alarm,
    AlarmIndex,
    Dimensions,
    load_balancer_dimension,
    target_group_dimension,
)

GROUP = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef"


def alarm(name: str, *dimensions: Dimensions, state: str = "OK", rule: str = "") -> Alarm:
    kind = "composite" if rule else "metric"
    return Alarm(name, f"arn:{name}", state, kind, dimensions=dimensions, rule=rule)  # type: ignore[arg-type]


CPU = alarm("cpu", (("ServiceName", "web"), ("ClusterName", "prod")))
OTHER = alarm("other-cpu", (("ServiceName", "web"), ("ClusterName", "test")))
CLUSTER = alarm("cluster", (("ClusterName", "prod"),))
ERRORS = alarm(
    "5xx", (("TargetGroup", "targetgroup/web/0123456789abcdef"), ("LoadBalancer", "app/x/1")),
    state="ALARM",
)  # fmt: skip
MATH = alarm("math", (("QueueName", "q"),), (("ServiceName", "web"), ("ClusterName", "prod")))
PAGE = alarm("page", rule='ALARM("5xx") AND NOT OK(arn:aws:cloudwatch:eu-west-1:1:alarm:x)')
BOTH = alarm("both", rule="ALARM('page') OR ALARM(cpu)")
APART = alarm("apart", rule="ALARM(other-cpu)")
EVERY = (APART, BOTH, CLUSTER, CPU, ERRORS, MATH, OTHER, PAGE)


@pytest.mark.parametrize(
    ("service", "groups", "named", "found"),
    [
        ("web", (GROUP,), (), ["5xx", "both", "cpu", "math", "page"]),
        ("web", (), (), ["both", "cpu", "math"]),
        ("cart", (), (), []),
        ("cart", (), ("cluster", "gone"), ["cluster"]),
        ("cart", (GROUP,), (), ["5xx", "both", "page"]),
    ],
)
def test_alarms_of_a_service_those_in_alarm_first(
    service: str, groups: tuple[str, ...], named: tuple[str, ...], found: list[str]
) -> None:
    index = AlarmIndex(EVERY)
    assert [each.name for each in index.of("prod", service, groups, named)] == found


def test_a_rule_that_reads_itself_ends() -> None:
    index = AlarmIndex(
        (CPU, alarm("a", rule="ALARM(b) OR ALARM(cpu)"), alarm("b", rule="ALARM(a)"))
    )
    assert [each.name for each in index.of("prod", "web")] == ["a", "b", "cpu"]


@pytest.mark.parametrize(
    ("arn", "group", "balancer"),
    [
        (GROUP, "targetgroup/web/0123456789abcdef", "targetgroup/web/0123456789abcdef"),
        ("arn:aws-cn:elasticloadbalancing:cn-north-1:1:loadbalancer/app/x/50dc", "loadbalancer/app/x/50dc", "app/x/50dc"),
        ("web", "web", "web"),
    ],
)  # fmt: skip
def test_dimensions_of_arns(arn: str, group: str, balancer: str) -> None:
    assert target_group_dimension(arn) == group
    assert load_balancer_dimension(arn) == balancer
