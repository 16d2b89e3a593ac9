"""The tab of metrics and the columns of services, by keys, on a stub whose numbers are known."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from textual.pilot import Pilot

from ecs_tui.config.sections import MetricSettings
from ecs_tui.resources import Place
from ecs_tui.ui import metric_cost
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.pages.service.metrics import MetricsTab
from tests.support.app import names, path_text, running_app, screen_text, too_wide
from tests.support.limits import until
from tests.support.stub_aws import SERVICE_RAW, StubAws, error_reply

pytestmark = pytest.mark.asyncio
GROUP = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/1"
BALANCER = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/front/2"


def numbers(body: str) -> Any:
    """Half an hour of points for each metric; CPU is the higher, the later it was asked."""
    asked = json.loads(body)
    now = time.time() // 60 * 60
    times = [now - 60 * (30 - n) for n in range(30)]
    return {
        "MetricDataResults": [
            {"Id": each["Id"], "Timestamps": times, "Values": [40.0 + n for n in range(30)]}
            for each in asked["MetricDataQueries"]
        ]
    }


@pytest.fixture
def measured(stub: StubAws) -> StubAws:
    """The stub with metrics, a target group of which one of two targets is healthy, and an alarm."""
    balanced = {**SERVICE_RAW, "loadBalancers": [{"targetGroupArn": GROUP, "containerName": "app"}]}
    stub.answers["ecs:DescribeServices"] = {"services": [balanced]}
    stub.answers["cloudwatch:GetMetricData"] = numbers
    stub.answers["elbv2:DescribeTargetGroups"] = {
        "TargetGroups": [
            {"TargetGroupArn": GROUP, "TargetGroupName": "web", "LoadBalancerArns": [BALANCER]}
        ]
    }
    stub.answers["elbv2:DescribeTargetHealth"] = {
        "TargetHealthDescriptions": [
            {"Target": {"Id": f"10.0.0.{n}", "Port": "80"}, "TargetHealth": {"State": state}}
            for n, state in enumerate(("healthy", "unhealthy"))
        ]
    }
    dimensions = [{"Name": "ClusterName", "Value": "stub"}, {"Name": "ServiceName", "Value": "web"}]
    stub.answers["cloudwatch:DescribeAlarms"] = {
        "MetricAlarms": [{"AlarmName": "cpu", "StateValue": "ALARM", "Dimensions": dimensions}],
        "CompositeAlarms": [],
    }
    stub.answers["application-autoscaling:DescribeScalableTargets"] = {
        "ScalableTargets": [{"ResourceId": "service/stub/web", "MinCapacity": 1, "MaxCapacity": 2}]
    }
    return stub


async def open_list(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await until(lambda: "stub" in names(app), "the cluster")
    await pilot.press("enter")
    rows = app.browser.table
    await until(lambda: names(app) == ["web"] and rows.rows[0].service.described, "the service")


async def test_charts_of_a_service_their_ranges_and_their_price(measured: StubAws) -> None:
    async with running_app(measured.account(5), (80, 24)) as (app, pilot):
        await open_list(app, pilot)
        await pilot.press("m")
        await until(lambda: app.browser.place == Place("metrics", cluster="stub", service="web"))
        await until(lambda: "CPU  ━ average 69%" in screen_text(app), "the chart of CPU")
        assert "Last 3 h, a point each 1 min" in screen_text(app)
        assert "11 metrics $0.0001 a reading" in screen_text(app)
        assert too_wide(app) == []
        await pilot.press("G")
        await until(lambda: "Latency" in screen_text(app), "further down")
        calls = measured.calls["cloudwatch:GetMetricData"]
        await pilot.press(">")
        await until(lambda: measured.calls["cloudwatch:GetMetricData"] == calls + 1, "one call")
        tab = app.browser.query_one(MetricsTab)
        await pilot.press("g")
        await until(lambda: "Last 6 h, a point each 2 min" in screen_text(app), "a longer range")
        for _ in range(8):
            await pilot.press("<")
        await until(lambda: "Last 1 h" in screen_text(app), "the shortest")
        assert tab.own_keys == "metrics"
        measured.faults["cloudwatch:GetMetricData"] = lambda op: error_reply(op, "AccessDenied", "")
        await pilot.press(">")
        words = "not allowed to look (cloudwatch:GetMetricData)"
        await until(lambda: words in screen_text(app), "why there is nothing new")
        assert "CPU  ━ average" in screen_text(app), "what is known stays"
        await pilot.press("escape")
        await until(lambda: app.browser.place.view == "services", "back")


async def test_columns_are_read_for_rows_in_view_while_they_have_room(measured: StubAws) -> None:
    async with running_app(measured.account(5), (180, 30)) as (app, pilot):
        await open_list(app, pilot)
        for words in ("69%", "✖ 1/1", "1/2", "1–2 at max"):
            await until(lambda words=words: words in screen_text(app), words)  # type: ignore[misc]
        assert measured.calls["cloudwatch:GetMetricData"] == 1
        assert "CPU, MEM $0.0012/h" in path_text(app)
        assert metric_cost.hourly_metrics(app.browser.navigation, app.browser.table) == 120
        await pilot.press("d")
        await until(lambda: "10.0.0.1" in screen_text(app), "the failing target in the details")
    measured.calls.clear()
    async with running_app(measured.account(5), (80, 24)) as (app, pilot):
        await open_list(app, pilot)
        await until(lambda: app.browser.table.shown_columns, "the columns")
        await pilot.pause(0.3)
        assert "cpu" not in app.browser.table.shown_columns
        assert measured.calls["cloudwatch:GetMetricData"] == 0, "without room nothing is asked"
        assert "CPU" not in path_text(app)


async def test_without_budget_nothing_is_read_by_itself(measured: StubAws) -> None:
    settings = {"metrics": MetricSettings(budget=0.0)}
    async with running_app(measured.account(5), (180, 30), **settings) as (app, pilot):
        await open_list(app, pilot)
        await until(lambda: "1/2" in screen_text(app), "what is not billed")
        assert "CPU, MEM off" in path_text(app)
        assert measured.calls["cloudwatch:GetMetricData"] == 0
        await pilot.press("m")
        await until(lambda: "CPU  ━ average 69%" in screen_text(app), "a key reads it")
        assert "not read by itself any more" in screen_text(app)
