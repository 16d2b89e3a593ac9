"""Load balancers, metrics, alarms, scaling and events of the demo over the wire, as boto3 sees them."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ecs_tui.demo import balancing_views, cloudwatch, neighbours, scaling
from ecs_tui.system import wall_clock
from tests.support.demo import Demo, demo_account
from tests.support.demo_backend import valid
from tests.support.demo_logs import boto_client, code_of, events


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with wall_clock.restored(), demo_account("--cases", "--incident", "memory") as served:
        yield served


class Api:
    """A client of boto3 whose answers are checked against botocore's model."""

    def __init__(self, demo: Demo, service: str) -> None:
        self._client, self._service = boto_client(demo, service), service

    def __getattr__(self, name: str) -> Any:
        def call(**params: Any) -> dict[str, Any]:
            answer: dict[str, Any] = getattr(self._client, name)(**params)
            answer.pop("ResponseMetadata")
            return valid(self._service, "".join(map(str.title, name.split("_"))), answer)

        return call


def test_a_load_balancer_leads_to_its_listener_rules_groups_and_targets(demo: Demo) -> None:
    elb = Api(demo, "elbv2")
    [balancer] = elb.describe_load_balancers(Names=["deployment-cases"])["LoadBalancers"]
    arn = balancer["LoadBalancerArn"]
    [listener] = elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]
    rules = elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
    rule = next(r for r in rules if r["Conditions"][0]["Values"][0].startswith("canary."))
    weights = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
    assert [item["Weight"] for item in weights] == [90, 10]
    for item in weights:  # the old version has the traffic, the new one its own group
        [group] = elb.describe_target_groups(TargetGroupArns=[item["TargetGroupArn"]])[
            "TargetGroups"
        ]
        assert group["LoadBalancerArns"] == [arn]
        found = elb.describe_target_health(TargetGroupArn=item["TargetGroupArn"])
        states = [each["TargetHealth"]["State"] for each in found["TargetHealthDescriptions"]]
        assert states == ["healthy"] * 3
    page = elb.describe_target_groups(PageSize=3)
    assert len(page["TargetGroups"]) == 3
    assert len(elb.describe_target_groups(Marker=page["NextMarker"])["TargetGroups"]) > 3
    assert set(balancing_views.OPERATIONS) <= set(dir_of("elbv2"))


def dir_of(service: str) -> list[str]:
    from tests.support.demo_backend import model

    return list(model(service).operation_names)


def test_a_target_is_a_task(demo: Demo) -> None:
    elb, ecs = Api(demo, "elbv2"), boto_client(demo, "ecs")
    [service] = ecs.describe_services(cluster="prod", services=["web"])["services"]
    arn = service["loadBalancers"][0]["targetGroupArn"]
    found = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    tasks = ecs.describe_tasks(
        cluster="prod", tasks=ecs.list_tasks(cluster="prod", serviceName="web")["taskArns"]
    )["tasks"]
    addresses = {
        task["containers"][0]["networkInterfaces"][0]["privateIpv4Address"] for task in tasks
    }
    assert {item["Target"]["Id"] for item in found} == addresses and len(addresses) == 8


@pytest.mark.parametrize(
    ("service", "call", "params", "code"),
    [
        ("elbv2", "describe_target_health", {"TargetGroupArn": "arn:x"}, "TargetGroupNotFound"),
        ("elbv2", "describe_load_balancers", {"Names": ["nobody"]}, "LoadBalancerNotFound"),
        ("elbv2", "describe_rules", {"RuleArns": ["arn:x"]}, "RuleNotFound"),
    ],
)
def test_what_is_not_there_is_an_error(
    demo: Demo, service: str, call: str, params: dict[str, Any], code: str
) -> None:
    client = boto_client(demo, service)
    assert code_of(lambda: getattr(client, call)(**params))[0] == code


def query(name: str, *dimensions: str, namespace: str = "AWS/ECS", **more: Any) -> dict[str, Any]:
    pairs = [dict(zip(("Name", "Value"), pair.split("="), strict=True)) for pair in dimensions]
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": pairs}
    stat = {"Metric": metric, "Period": 60, "Stat": "Average", **more}
    return {"Id": name.lower(), "MetricStat": stat}


def test_metrics_of_an_hour_come_in_one_call_newest_first(demo: Demo) -> None:
    cloud, now = Api(demo, "cloudwatch"), datetime.now(UTC)
    of = ("ClusterName=failure-cases", "ServiceName=at-maximum")
    queries = [
        query("CPUUtilization", *of),
        query("RunningTaskCount", *of, namespace="ECS/ContainerInsights"),
        query("NoSuchMetric", *of),
    ]
    found = cloud.get_metric_data(
        MetricDataQueries=queries, StartTime=now - timedelta(hours=1), EndTime=now
    )["MetricDataResults"]
    cpu, running, nothing = found
    assert 58 <= len(cpu["Values"]) <= 60 and cpu["Timestamps"] == sorted(cpu["Timestamps"])[::-1]
    assert running["Values"][0] == 4.0 and nothing["Values"] == []
    assert sum(cpu["Values"][:10]) > 1.5 * sum(cpu["Values"][-10:])  # it has become busy meanwhile
    again = cloud.get_metric_data(
        MetricDataQueries=queries[:1],
        StartTime=now - timedelta(hours=1),
        EndTime=now,
        ScanBy="TimestampAscending",
    )["MetricDataResults"]
    assert again[0]["Values"] == cpu["Values"][::-1]


@pytest.mark.parametrize(
    ("queries", "span", "words"),
    [
        ([query("CPUUtilization")], 0, "must be less than"),
        ([query("CPUUtilization")] * 501, 1, "greater than 500"),
        ([query("CPUUtilization", Period=30)], 1, "multiple of 60"),
        ([{"Id": "e", "Expression": "m1*2"}], 1, "expressions"),
    ],
)
def test_metrics_beyond_the_limits_are_refused(
    demo: Demo, queries: list[Any], span: int, words: str
) -> None:
    cloud, now = boto_client(demo, "cloudwatch"), datetime.now(UTC)
    start = now - timedelta(hours=span)
    with pytest.raises(ClientError, match=words):
        cloud.get_metric_data(MetricDataQueries=queries, StartTime=start, EndTime=now)


def test_metrics_are_listed_by_namespace_and_dimension(demo: Demo) -> None:
    cloud = Api(demo, "cloudwatch")
    one = [{"Name": "ServiceName", "Value": "at-maximum"}]
    found = cloud.list_metrics(Namespace="ECS/ContainerInsights", Dimensions=one)["Metrics"]
    names = {item["MetricName"] for item in found}
    assert {"RunningTaskCount", "TaskMemoryUtilization", "ContainerCpuUtilization"} <= names
    assert "Metrics" in cloud.list_metrics() and "NextToken" in cloud.list_metrics()
    web = [{"Name": "ServiceName", "Value": "ingest"}]  # its cluster has no Container Insights
    assert cloud.list_metrics(Namespace="ECS/ContainerInsights", Dimensions=web)["Metrics"] == []
    assert set(cloudwatch.OPERATIONS) <= set(dir_of("cloudwatch"))


def test_the_health_of_instances_is_told_on_request(demo: Demo) -> None:
    ecs = Api(demo, "ecs")
    arns = ecs.list_container_instances(cluster="instance-cases")["containerInstanceArns"]
    asked = {"cluster": "instance-cases", "containerInstances": arns}
    found = ecs.describe_container_instances(**asked, include=["CONTAINER_INSTANCE_HEALTH"])
    states = [item["healthStatus"]["overallStatus"] for item in found["containerInstances"]]
    assert sorted(states) == ["IMPAIRED", "OK", "OK", "OK"]
    plain = ecs.describe_container_instances(**asked)["containerInstances"]
    assert not any("healthStatus" in item for item in plain)


def test_no_alarm_of_the_usual_account_is_on(demo: Demo) -> None:
    cloud = Api(demo, "cloudwatch")
    found = cloud.describe_alarms(AlarmNamePrefix="prod-")["MetricAlarms"]
    assert found and {item["StateValue"] for item in found} == {"OK"}
    assert "was not greater than the threshold" in found[0]["StateReason"]
    assert cloud.describe_alarms(StateValue="ALARM", AlarmNamePrefix="prod-")["MetricAlarms"] == []


def test_scaling_tells_what_it_did_and_why_it_did_not(demo: Demo) -> None:
    api = Api(demo, "application-autoscaling")
    of = {"ServiceNamespace": "ecs", "ResourceId": "service/failure-cases/at-maximum"}
    done = api.describe_scaling_activities(**of)["ScalingActivities"]
    assert [item["Description"] for item in done] == [
        "Setting desired count to 4.", "Setting desired count to 3.",
    ]  # fmt: skip
    newest = api.describe_scaling_activities(**of, IncludeNotScaledActivities=True)
    [reason] = newest["ScalingActivities"][0]["NotScaledReasons"]
    assert reason == {"Code": "AlreadyAtMaxCapacity", "MaxCapacity": 4}
    of["ResourceId"] = "service/failure-cases/scaling-denied"
    [failed] = api.describe_scaling_activities(**of)["ScalingActivities"]
    assert failed["StatusCode"] == "Failed" and "not authorized" in failed["StatusMessage"]
    targets = api.describe_scalable_targets(
        ServiceNamespace="ecs", ResourceIds=[of["ResourceId"]], MaxResults=1
    )["ScalableTargets"]
    assert [(item["MinCapacity"], item["MaxCapacity"]) for item in targets] == [(2, 10)]
    [policy] = api.describe_scaling_policies(**of)["ScalingPolicies"]
    assert policy["PolicyName"] == scaling.POLICY and len(policy["Alarms"]) == 2
    assert api.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"] == []


def test_operations_that_are_denied_are_refused_in_their_protocol(demo: Demo) -> None:
    demo.set_faults(deny=["cloudwatch:DescribeAlarms", "elasticloadbalancing:DescribeRules"])
    try:
        cloud, elb = boto_client(demo, "cloudwatch"), boto_client(demo, "elbv2")
        assert code_of(cloud.describe_alarms)[0] == "AccessDeniedException"
        assert code_of(elb.describe_rules)[0] == "AccessDenied"
    finally:
        demo.heal()
    calls = demo.counts()["calls"]
    assert calls["cloudwatch:DescribeAlarms"] and calls["elasticloadbalancing:DescribeRules"]
    assert set(neighbours.SERVICES) == {"elasticloadbalancing", "monitoring", "health"}


def test_the_incident_is_played_as_its_clock_is_moved(demo: Demo) -> None:
    ecs, cloud, logs = (boto_client(demo, name) for name in ("ecs", "cloudwatch", "logs"))

    def ended() -> list[Any]:
        arns = ecs.list_tasks(cluster="shop", desiredStatus="STOPPED")["taskArns"]
        tasks = ecs.describe_tasks(cluster="shop", tasks=arns)["tasks"] if arns else []
        return [
            task
            for task in tasks
            if task["lastStatus"] == "STOPPED" and task["stopCode"] == "EssentialContainerExited"
        ]

    assert not ended()
    demo.advance(110)
    found = ended()
    assert found and all(task["containers"][0]["exitCode"] == 137 for task in found)
    on = cloud.describe_alarms(StateValue="ALARM", AlarmNamePrefix="shop-")["MetricAlarms"]
    assert "shop-catalog-memory" in {item["AlarmName"] for item in on}
    history = cloud.describe_alarm_history(AlarmName="shop-catalog-memory")["AlarmHistoryItems"]
    assert history[0]["HistorySummary"] == "Alarm updated from OK to ALARM"
    task_id = min(found, key=lambda task: task["stoppingAt"])["taskArn"].rpartition("/")[2]
    lines = events(logs, logGroupName="/ecs/shop/catalog", logStreamNames=[f"ecs/app/{task_id}"])
    assert any("OutOfMemoryError" in line["message"] for line in lines)
    kept = events(logs, logGroupName="/aws/events/ecs/containerinsights/shop/performance")
    details = [json.loads(item["message"]) for item in kept]
    codes = {item["detail"].get("stopCode") for item in details}
    assert "EssentialContainerExited" in codes
    names = {item["detail"].get("eventName") for item in details}
    assert "SERVICE_DEPLOYMENT_IN_PROGRESS" in names


def test_the_time_of_answers_is_the_accounts(demo: Demo) -> None:
    request = urllib.request.Request(
        f"{demo.endpoint}/_ecs-tui/counts", headers={"X-Ecs-Tui-Secret": demo.secret}
    )

    def ahead() -> float:
        with urllib.request.urlopen(request) as answer:
            return parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()

    before = ahead()
    demo.advance(60)
    assert 57 < ahead() - before < 63


@pytest.mark.parametrize("fields", [{"seconds": -1}, {"seconds": 1e9}, {"minutes": 1}, {}])
def test_the_clock_is_not_moved_otherwise(demo: Demo, fields: dict[str, float]) -> None:
    with pytest.raises(urllib.error.HTTPError) as error:
        demo._put("clock", fields)
    assert error.value.code == 400
