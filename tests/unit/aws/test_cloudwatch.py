"""CloudWatch, target health and auto scaling as AWS answers them: pages, batches, parsed objects."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ecs_tui.aws.api import autoscaling, cloudwatch, elbv2
from ecs_tui.aws.api.paging import pages_by
from ecs_tui.aws.parse import cloudwatch as parse
from ecs_tui.aws.parse import scaling
from ecs_tui.errors import AccessDenied, AwsError
from ecs_tui.model.metric import MetricQuery, service_metric
from ecs_tui.model.scalable_target import ScalableTarget
from ecs_tui.model.scaling_activity import scaled_resource
from tests.support.stub_aws import StubAws, error_reply

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
AT = NOW.timestamp()
QUERY = MetricQuery(service_metric("prod", "web", "CPUUtilization"))
GROUP = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/1"


@pytest.mark.parametrize(
    ("count", "seconds", "period", "sizes"),
    [
        (0, 3600, 60, []),
        (500, 3600, 60, [500]),
        (501, 3600, 60, [500, 1]),
        (40, 14 * 86400, 300, [24, 16]),  # 4,033 points each, 100,800 in an answer
    ],
)
def test_calls_hold_as_many_metrics_and_points_as_they_may(
    count: int, seconds: float, period: int, sizes: list[int]
) -> None:
    queries = [MetricQuery(QUERY.metric, "Average", period)] * count
    assert [len(each) for each in cloudwatch.batches(queries, seconds)] == sizes


@pytest.mark.asyncio
async def test_points_of_all_pages_are_one_series_in_order(stub: StubAws) -> None:
    def answer(body: str) -> Any:
        asked = json.loads(body)
        second = "NextToken" in asked
        points = {
            "Timestamps": [AT + 60] if second else [AT + 120, AT],
            "Values": [2.0] if second else [3.0, 1.0],
            "StatusCode": "Complete" if second else "PartialData",
        }
        results = [{"Id": each["Id"], **points} for each in asked["MetricDataQueries"]]
        return {"MetricDataResults": results} | ({} if second else {"NextToken": "more"})

    stub.answers["cloudwatch:GetMetricData"] = answer
    account = stub.account()
    found = await cloudwatch.metric_data(account, [QUERY, QUERY], NOW - timedelta(hours=1), NOW)
    await account.close()
    assert [each.values for each in found] == [(1.0, 2.0, 3.0)] * 2
    assert {each.status for each in found} == {"Complete"}
    assert stub.calls["cloudwatch:GetMetricData"] == 2
    asked = json.loads(stub.bodies[0][1])["MetricDataQueries"][0]["MetricStat"]
    assert asked["Metric"]["Dimensions"][0] == {"Name": "ClusterName", "Value": "prod"}
    assert (asked["Period"], asked["Stat"]) == (60, "Average")


@pytest.mark.parametrize(
    ("raw", "points"),
    [
        ({}, []),
        ({"Timestamps": [NOW], "Values": [float("nan")]}, []),
        ({"Timestamps": [NOW, "x"], "Values": [1, 2]}, [(AT, 1.0)]),
        ({"Timestamps": [NOW], "Values": [True]}, []),
    ],
)
def test_what_is_no_point_is_left_out(raw: dict[str, Any], points: list[Any]) -> None:
    assert parse.series_points(raw) == points


def test_a_series_that_is_forbidden_or_of_an_unknown_status_says_so() -> None:
    messages = {"Messages": [{"Value": "a"}, {"Value": "b"}]}
    assert parse.series_status({"StatusCode": "Forbidden", **messages}) == ("Forbidden", "a; b")
    assert parse.series_status({"StatusCode": "New"})[0] == "InternalError"


METRIC_ALARM = {
    "AlarmName": "cpu", "AlarmArn": "arn:cpu", "StateValue": "ALARM",
    "StateReason": "Threshold Crossed", "StateUpdatedTimestamp": NOW,
    "StateTransitionedTimestamp": NOW - timedelta(hours=1), "Namespace": "AWS/ECS",
    "MetricName": "CPUUtilization", "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 80.0, "EvaluationPeriods": 3, "DatapointsToAlarm": 2, "Period": 60,
    "Dimensions": [{"Name": "ServiceName", "Value": "web"}],
}  # fmt: skip


def test_an_alarm_of_one_metric() -> None:
    found = parse.metric_alarm(METRIC_ALARM)
    assert (found.metric, found.condition) == ("CPUUtilization", "> 80 for 2 of 3 × 60 s")
    assert found.since == NOW - timedelta(hours=1), "not when only the reason changed"
    assert found.dimensions == ((("ServiceName", "web"),),) and found.in_alarm and found.acts


def test_an_alarm_of_an_expression_has_the_dimensions_of_all_its_metrics() -> None:
    metric = {"Namespace": "A", "MetricName": "m", "Dimensions": [{"Name": "n", "Value": "v"}]}
    raw = {"Metrics": [{"Id": "e", "Expression": "a+b"}, {"MetricStat": {"Metric": metric}}]}
    assert parse.metric_alarm(raw).dimensions == ((("n", "v"),),)
    assert parse.metric_alarm({"AlarmName": "x"}).dimensions == ((),)


def test_a_change_of_state_and_one_that_cannot_be_read() -> None:
    data = {
        "oldState": {"stateValue": "OK"},
        "newState": {"stateValue": "ALARM", "stateReason": "r"},
    }
    raw = {"AlarmName": "cpu", "Timestamp": NOW, "HistoryData": json.dumps(data)}
    found = parse.alarm_change(raw)
    assert (found.old, found.new, found.reason, found.at) == ("OK", "ALARM", "r", NOW)
    assert parse.alarm_change({**raw, "HistoryData": "{"}).new == ""


@pytest.mark.asyncio
async def test_alarms_history_and_metrics_that_exist(stub: StubAws) -> None:
    raw = {**METRIC_ALARM, "StateUpdatedTimestamp": AT, "StateTransitionedTimestamp": AT}
    stub.answers["cloudwatch:DescribeAlarms"] = {
        "MetricAlarms": [raw],
        "CompositeAlarms": [{"AlarmName": "page", "AlarmRule": "ALARM(cpu)", "StateValue": "OK"}],
    }
    stub.answers["cloudwatch:DescribeAlarmHistory"] = {
        "AlarmHistoryItems": [{"AlarmName": "cpu", "Timestamp": AT, "HistorySummary": "s"}]
    }
    stub.answers["cloudwatch:ListMetrics"] = {
        "Metrics": [{"Namespace": "N", "MetricName": "m", "Dimensions": []}]
    }
    account = stub.account()
    alarms = await cloudwatch.describe_alarms(account)
    history = [each async for each in cloudwatch.alarm_history(account, NOW, NOW, "cpu")]
    metrics = [
        each async for each in cloudwatch.list_metrics(account, "N", [("a", "b"), ("c", "")])
    ]
    await account.close()
    assert [each.name for each in alarms] == ["cpu", "page"] and alarms[1].in_rule == {"cpu"}
    assert history[0][0].summary == "s" and metrics[0][0].name == "m"
    bodies = {name: json.loads(body) for name, body in stub.bodies}
    assert bodies["cloudwatch:ListMetrics"]["Dimensions"] == [
        {"Name": "a", "Value": "b"},
        {"Name": "c"},
    ]
    assert bodies["cloudwatch:DescribeAlarmHistory"]["AlarmName"] == "cpu"


@pytest.mark.asyncio
async def test_what_may_not_be_read_is_an_error_that_names_the_operation(stub: StubAws) -> None:
    stub.faults["cloudwatch:DescribeAlarms"] = lambda op: error_reply(op, "AccessDenied", "no")
    account = stub.account()
    with pytest.raises(AccessDenied) as caught:
        await cloudwatch.describe_alarms(account)
    assert caught.value.operation == "cloudwatch:DescribeAlarms"
    await account.close()


@pytest.mark.asyncio
async def test_a_page_that_names_itself_again_is_an_error(stub: StubAws) -> None:
    stub.answers["cloudwatch:ListMetrics"] = {"Metrics": [], "NextToken": "same"}
    account = stub.account()
    client = await account.client("cloudwatch")
    with pytest.raises(AwsError):
        async for _ in pages_by(account, client.list_metrics):
            pass
    await account.close()


@pytest.mark.asyncio
async def test_targets_and_their_groups(stub: StubAws) -> None:
    stub.answers["elbv2:DescribeTargetHealth"] = {
        "TargetHealthDescriptions": [
            {
                "Target": {"Id": "10.0.0.1", "Port": "8080", "AvailabilityZone": "us-east-1a"},
                "HealthCheckPort": "8080",
                "TargetHealth": {"State": "unhealthy", "Reason": "Target.Timeout"},
            }
        ]
    }
    stub.answers["elbv2:DescribeTargetGroups"] = {
        "TargetGroups": [
            {"TargetGroupArn": GROUP, "TargetGroupName": "web", "LoadBalancerArns": ["arn:lb"]}
        ]
    }
    account = stub.account()
    (target,) = await elbv2.target_health(account, GROUP)
    (group,) = await elbv2.target_groups(account, [GROUP])
    await account.close()
    assert (target.id, target.port, target.zone) == ("10.0.0.1", 8080, "us-east-1a")
    assert target.failing and target.why == "Target.Timeout"
    assert (group.name, group.load_balancers) == ("web", ("arn:lb",))


@pytest.mark.asyncio
async def test_auto_scaling_of_all_services_and_of_one(stub: StubAws) -> None:
    resource = scaled_resource("prod", "web")
    assert resource == "service/prod/web"
    stub.answers["application-autoscaling:DescribeScalableTargets"] = {
        "ScalableTargets": [{"ResourceId": resource, "MinCapacity": 2, "MaxCapacity": 5}]
    }
    stub.answers["application-autoscaling:DescribeScalingActivities"] = {
        "ScalingActivities": [{"ActivityId": "1", "ResourceId": resource, "StatusCode": "Failed"}]
    }
    account = stub.account()
    assert await autoscaling.scalable_targets(account) == {resource: ScalableTarget(2, 5)}
    ours = [
        each async for each in autoscaling.scaling_activities(account, resource, not_scaled=True)
    ]
    every = [each async for each in autoscaling.scaling_activities(account)]
    assert await autoscaling.scaling_policies(account) == []
    assert await autoscaling.scheduled_actions(account, resource) == []
    await account.close()
    assert ours == every and ours[0][0].failed
    bodies = [json.loads(body) for name, body in stub.bodies if name.endswith("Activities")]
    assert bodies[0]["ResourceId"] == resource and bodies[0]["IncludeNotScaledActivities"]
    assert bodies[1] == {"ServiceNamespace": "ecs"}, "a dimension goes only with a resource"


def test_policies_activities_and_schedules_are_parsed() -> None:
    tracking = scaling.scaling_policy({
        "PolicyName": "cpu", "PolicyType": "TargetTrackingScaling", "Alarms": [{"AlarmName": "a"}],
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 60.0, "ScaleOutCooldown": 30, "DisableScaleIn": True,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "ECSServiceAverageCPUUtilization"
            },
        },
    })  # fmt: skip
    assert (tracking.target, tracking.metric) == (60.0, "ECSServiceAverageCPUUtilization")
    assert (tracking.out_cooldown, tracking.in_cooldown, tracking.in_disabled) == (30, None, True)
    stepping = scaling.scaling_policy({
        "PolicyName": "q", "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": {
            "AdjustmentType": "PercentChangeInCapacity", "Cooldown": 60,
            "StepAdjustments": [
                {"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 10},
                {"MetricIntervalUpperBound": 0.0, "ScalingAdjustment": -10},
            ],
        },
    })  # fmt: skip
    assert stepping.steps == ("+10 % from 0", "-10 % up to 0") and stepping.in_cooldown == 60
    assert scaling.scaling_policy({"PolicyType": "New"}).kind == ""
    reason = {"Code": "AlreadyAtMaxCapacity", "MaxCapacity": 5}
    activity = scaling.scaling_activity({"ActivityId": "1", "NotScaledReasons": [reason]})
    assert activity.at_ceiling and activity.not_scaled[0].most == 5
    action = scaling.scheduled_action(
        {"ScheduledActionName": "n", "ScalableTargetAction": {"MinCapacity": 1}}
    )
    assert (action.least, action.most) == (1, None)
