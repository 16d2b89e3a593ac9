"""Columns of services about what surrounds them: what each says, and what it asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ecs_tui.errors import AccessDenied, NoNetwork
from ecs_tui.model.alarm import Alarm
from ecs_tui.model.metric import MetricQuery, MetricSeries, ServiceUsage, service_metric
from ecs_tui.model.scalable_target import ScalableTarget
from ecs_tui.model.service import Service
from ecs_tui.model.target_health import TargetHealth
from ecs_tui.resources.service_columns import (
    SURROUNDING_COLUMNS,
    UNREAD,
    SurroundingAnswers,
    scaling_words,
    surrounding_facts,
)
from ecs_tui.resources.services import SERVICES, service_rows
from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.store.lookups import LookupResult
from ecs_tui.store.metric_budget import MetricBudget
from ecs_tui.store.surroundings import ALARMS, SCALABLE_TARGETS, target_lookup, usage_lookup
from tests.support.stub_aws import ARN, StubAws

GROUP = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/1"
CLUSTER = f"{ARN}:cluster/prod"
WEB = Service(
    f"{ARN}:service/prod/web", "web", CLUSTER, desired=4, running=4, target_groups=(GROUP,)
)
PLAIN = Service(f"{ARN}:service/prod/cart", "cart", CLUSTER, desired=1, running=0)
DENIED = AccessDenied("Access denied.", operation="x:Y")


@pytest.fixture
def inventory(stub: StubAws) -> Inventory:
    return Inventory(stub.account())


def answer(inventory: Inventory, lookup: Any, value: object, error: Any = None) -> None:
    inventory.lookups._keep(lookup, LookupResult(1.0, value, error))


def targets(*states: str) -> tuple[TargetHealth, ...]:
    return tuple(TargetHealth(GROUP, f"10.0.0.{n}", 80, state=s) for n, s in enumerate(states))


def usage(cpu: float, memory: float) -> ServiceUsage:
    def series(value: float, name: str) -> MetricSeries:
        return MetricSeries(MetricQuery(service_metric("prod", "web", name)), (0.0,), (value,))

    return ServiceUsage(series(cpu, "CPUUtilization"), series(memory, "MemoryUtilization"))


def said(inventory: Inventory, service: Service = WEB) -> tuple[list[str], list[str]]:
    """(texts, tones) of alarm, targets, CPU, memory, scaling."""
    found = SurroundingAnswers(inventory, "prod").of(service)
    every = (found.alarms, found.targets, found.cpu, found.memory, found.scaling)
    return [each.text for each in every], [each.tone for each in every]


def test_nothing_is_known_at_first(inventory: Inventory) -> None:
    assert said(inventory)[0] == ["·"] * 5
    assert SurroundingAnswers(inventory, "prod").of(WEB) is UNREAD


def test_what_is_known_is_said_and_what_is_wrong_stands_out(inventory: Inventory) -> None:
    alarms = (
        Alarm("5xx", "a", "ALARM", dimensions=((("TargetGroup", "targetgroup/web/1"),),)),
        Alarm("cpu", "b", "OK", dimensions=((("ClusterName", "prod"), ("ServiceName", "web")),)),
    )
    answer(inventory, ALARMS, alarms)
    answer(inventory, target_lookup(GROUP), targets("healthy", "healthy", "healthy", "unhealthy"))
    answer(inventory, usage_lookup("prod", "web"), usage(31.4, 97.0))
    answer(inventory, SCALABLE_TARGETS, {"service/prod/web": ScalableTarget(2, 4)})
    texts, tones = said(inventory)
    assert texts == ["✖ 1/2", "3/4", "31%", "97%", "2–4 at max"]
    assert tones == ["bad", "warning", "", "warning", "warning"]
    assert said(inventory, PLAIN)[0] == ["–"] * 5, "a service without any"
    facts = dict(surrounding_facts(WEB, inventory))
    assert facts["targets"] == "3/4 healthy" and facts["auto scaling"] == "2–4 at max"
    assert facts["target 10.0.0.3"].startswith("unhealthy") and "alarm 5xx" in facts
    assert str(facts["CPU"]).startswith("31%")


@pytest.mark.parametrize(
    ("states", "text", "tone"),
    [
        (("healthy",), "1/1", ""),
        (("unhealthy", "unhealthy"), "0/2", "bad"),
        (("initial",), "0/1", "warning"),
        (("unused", "unused"), "2 unused", "off"),
        ((), "0/0", "off"),
    ],
)
def test_targets(inventory: Inventory, states: tuple[str, ...], text: str, tone: str) -> None:
    answer(inventory, target_lookup(GROUP), targets(*states))
    found = SurroundingAnswers(inventory, "prod").of(WEB).targets
    assert (found.text, found.tone) == (text, tone)


def test_what_may_not_be_read_says_so_and_is_not_empty(inventory: Inventory) -> None:
    answer(inventory, ALARMS, None, DENIED)
    answer(inventory, target_lookup(GROUP), None, DENIED)
    answer(inventory, usage_lookup("prod", "web"), None, NoNetwork("No network."))
    answer(inventory, SCALABLE_TARGETS, None, DENIED)
    assert said(inventory)[0] == ["denied", "denied", "?", "?", "denied"]
    facts = dict(surrounding_facts(WEB, inventory))
    assert (
        facts["alarms"] == facts["targets"] == facts["auto scaling"] == "not allowed to look (x:Y)"
    )
    assert facts["CPU and memory"] == "not read: No network."


def test_an_old_value_stays_while_a_call_fails(inventory: Inventory) -> None:
    answer(inventory, target_lookup(GROUP), targets("healthy"), NoNetwork("No network."))
    assert said(inventory)[0][1] == "1/1"


def test_without_budget_the_columns_say_so(inventory: Inventory) -> None:
    inventory.lookups.budget = MetricBudget(0.0, keep=False)
    assert said(inventory)[0][2:4] == ["budget", "budget"]
    answer(inventory, usage_lookup("prod", "web"), usage(10, 20))
    texts, tones = said(inventory)
    assert texts[2:4] == ["10%", "20%"] and tones[2:4] == ["off", "off"], "from before"


@pytest.mark.parametrize(
    ("target", "desired", "words"),
    [
        (ScalableTarget(2, 10), 4, "2–10"),
        (ScalableTarget(2, 10), 10, "2–10 at max"),
        (ScalableTarget(2, 10), 12, "2–10 at max"),
        (ScalableTarget(4, 4), 4, "4–4"),
        (ScalableTarget(2, 10, False, True), 10, "2–10 suspended"),
    ],
)
def test_scaling_in_words(target: ScalableTarget, desired: int, words: str) -> None:
    assert scaling_words(target, desired) == words


def test_columns_ask_only_for_what_they_show(inventory: Inventory) -> None:
    rows = [type("Row", (), {"service": each, "surroundings": UNREAD})() for each in (WEB, PLAIN)]
    asked = {column.key: column.needs(inventory, rows) for column in SURROUNDING_COLUMNS}  # type: ignore[arg-type]
    assert asked["alarm"] == [ALARMS] and asked["scale"] == [SCALABLE_TARGETS]
    assert asked["lb"] == [target_lookup(GROUP)]
    assert asked["cpu"] == asked["memory"] == [usage_lookup("prod", "web")], "cart runs nothing"
    assert all(column.needs(inventory, []) == [] for column in SURROUNDING_COLUMNS)
    assert {column.key for column in SERVICES.columns if column.billed} == {"cpu", "memory"}


def test_a_row_is_the_same_object_until_an_answer_changes(inventory: Inventory) -> None:
    scope = Scope(Kind.SERVICE, "prod")
    inventory._name(scope, [WEB.arn])
    inventory._objects.keep(scope.within, WEB.arn, WEB)
    first = service_rows(inventory, "prod")
    assert service_rows(inventory, "prod")[0] is first[0]
    answer(inventory, target_lookup(GROUP), targets("healthy"))
    second = service_rows(inventory, "prod")[0]
    assert second is not first[0] and second.surroundings.targets.text == "1/1"
    assert replace(second, surroundings=UNREAD) == first[0]
