"""What is recognised in pasted texts: alarms, events, chat messages, IDs; and hostile ones."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_tui.errors import WrongUsage
from ecs_tui.model.address import Reference
from ecs_tui.model.pasted import MAX_CHARACTERS, is_pasted, one_line, recognise

ID = "7d62f3a1" + "0123456789abcdef01234567"
UUID = "1a2b3c4d-1a2b-3c4d-5e6f-1a2b3c4d5e6f"
ACCOUNT, OTHER = "111122223333", "999999999999"
ARN = f"arn:aws:ecs:eu-west-1:{ACCOUNT}"
ALARM_ARN = f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:web cpu"
IN = {"region": "eu-west-1", "account": ACCOUNT}
WEB = Reference("prod", "web", **IN)
CONSOLE = "https://eu-west-1.console.aws.amazon.com"
DIMENSIONS = [{"value": "web", "name": "ServiceName"}, {"value": "prod", "name": "ClusterName"}]
TASK_ARN = f"{ARN}:task/prod/{ID}"

ALARM: dict[str, Any] = {
    "AlarmName": "web cpu", "AlarmDescription": None, "AWSAccountId": ACCOUNT,
    "NewStateValue": "ALARM", "Region": "EU (Ireland)", "AlarmArn": ALARM_ARN,
    "OKActions": [f"arn:aws:sns:eu-west-1:{ACCOUNT}:ops"],
    "Trigger": {"MetricName": "CPUUtilization", "Namespace": "AWS/ECS", "Dimensions": DIMENSIONS},
}  # fmt: skip
SNS: dict[str, Any] = {
    "Type": "Notification", "MessageId": UUID, "TopicArn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:ops",
    "Subject": 'ALARM: "web cpu" in EU (Ireland)', "Message": json.dumps(ALARM),
    "UnsubscribeURL": f"https://sns.eu-west-1.amazonaws.com/?SubscriptionArn=arn:aws:sns:eu-west-1:{ACCOUNT}:ops:{UUID}",
}  # fmt: skip
MATH = {
    "AlarmArn": ALARM_ARN, "AWSAccountId": ACCOUNT,
    "Trigger": {"Metrics": [{"Id": "m", "AccountId": OTHER,
        "MetricStat": {"Metric": {"Dimensions": DIMENSIONS, "Namespace": "AWS/ECS"}}}]},
}  # fmt: skip
STATE_CHANGE = {
    "source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change", "account": ACCOUNT,
    "region": "eu-west-1", "resources": [ALARM_ARN],
    "detail": {"configuration": {"metrics": [{"metricStat": {"metric": {
        "namespace": "AWS/ECS", "name": "CPUUtilization",
        "dimensions": {"ClusterName": "prod", "ServiceName": "web"}}}}]}},
}  # fmt: skip
TASK_EVENT = {
    "version": "0", "id": UUID, "detail-type": "ECS Task State Change", "source": "aws.ecs",
    "account": ACCOUNT, "region": "eu-west-1", "resources": [TASK_ARN],
    "detail": {
        "clusterArn": f"{ARN}:cluster/prod", "group": "service:web",
        "containerInstanceArn": f"{ARN}:container-instance/prod/{ID[::-1]}",
        "containers": [{"containerArn": f"{ARN}:container/prod/{ID}/{UUID}", "name": "app",
                        "taskArn": TASK_ARN, "exitCode": 137}],
        "taskDefinitionArn": f"{ARN}:task-definition/web:7", "taskArn": TASK_ARN,
    },
}  # fmt: skip
OLD_TASK_EVENT = json.loads(json.dumps(TASK_EVENT).replace(f"task/prod/{ID}", f"task/{UUID}"))
SERVICE_EVENT = {
    "detail-type": "ECS Service Action", "source": "aws.ecs", "account": ACCOUNT,
    "region": "eu-west-1", "resources": [f"{ARN}:service/prod/web"],
    "detail": {"eventName": "SERVICE_TASK_PLACEMENT_FAILURE", "clusterArn": f"{ARN}:cluster/prod",
               "capacityProviderArns": [f"{ARN}:capacity-provider/spot"]},
}  # fmt: skip
INSTANCE_EVENT = {
    "detail-type": "ECS Container Instance State Change", "account": ACCOUNT, "region": "eu-west-1",
    "detail": {"containerInstanceArn": f"{ARN}:container-instance/prod/{ID}",
               "clusterArn": f"{ARN}:cluster/prod", "ec2InstanceId": "i-0abc"},
}  # fmt: skip
MAIL = f"""You are receiving this email because your Amazon CloudWatch Alarm "web" in the EU (Ireland)
region has entered the ALARM state, because "Threshold Crossed: 1 datapoint [93.2]".

View this alarm in the AWS Management Console:
{CONSOLE}/cloudwatch/deeplink.js?region=eu-west-1#alarmsV2:alarm/web

Alarm Details:
- Name:                       web
- AWS Account:                {ACCOUNT}
- Alarm Arn:                  arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:web

Monitored Metric:
- MetricNamespace:                     AWS/ECS
- MetricName:                          CPUUtilization
- Dimensions:                          [ServiceName = web] [ClusterName = prod]
- Period:                              60 seconds
"""
CHAT = f"""ops-bot  APP  3:14 AM
:rotating_light: *ALARM* web is down
*ClusterName:* `prod`   *ServiceName:* `web`
<{CONSOLE}/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/web|Open>
"""
SERVICE = f"{ARN}:service/prod/web"
SERVICE_REFERENCE = Reference("prod", "web", service_arn=SERVICE, **IN)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (json.dumps(ALARM), WEB), (json.dumps(ALARM, indent=4), WEB),
        (json.dumps(SNS), WEB), (json.dumps(SNS, indent=2), WEB),
        (json.dumps({"Records": [{"Sns": {"Message": json.dumps(SNS)}}]}), WEB),
        (json.dumps(MATH), Reference("prod", "web", region="eu-west-1", account=OTHER)),
        (json.dumps(STATE_CHANGE), WEB), (json.dumps(STATE_CHANGE, indent=2), WEB), (MAIL, WEB),
        (CHAT, Reference("prod", "web", region="eu-west-1")),
        (json.dumps(TASK_EVENT), Reference("prod", task=TASK_ARN, **IN)),
        (json.dumps(OLD_TASK_EVENT), Reference("prod", task=f"{ARN}:task/{UUID}", **IN)),
        (json.dumps(SERVICE_EVENT), SERVICE_REFERENCE),
        (json.dumps(INSTANCE_EVENT),
         Reference("prod", instance=f"{ARN}:container-instance/prod/{ID}", **IN)),
        (f"please look at <{SERVICE}|web>, it is failing.", SERVICE_REFERENCE),
        (f"why ({SERVICE})?", SERVICE_REFERENCE), (f'"{SERVICE}",', SERVICE_REFERENCE),
        (f"PagerDuty #123\nweb\n{CONSOLE}/ecs/v2/clusters/prod/services/web/health?region=eu-west-1\n",
         Reference("prod", "web", region="eu-west-1")),
        (f"(service web) has started 1 tasks: (task {ID}).", Reference(task=ID)),
        (f"Cluster {ARN}:cluster/prod: task {ID} stopped", Reference("prod", task=ID, **IN)),
        (f"TaskId={ID} ClusterName=prod ContainerName=app", Reference("prod", task=ID, container="app")),
        (f"task {ID} replaced by task {ID[::-1]}\n{SERVICE}", SERVICE_REFERENCE),
        ("TaskDefinitionFamily: web", Reference(definition="web")),
        (f"{CONSOLE}/ec2/home?region=eu-west-1#TargetGroup:targetGroupArn=arn:aws:elasticloadbalancing:"
         f"eu-west-1:{ACCOUNT}:targetgroup/web/0123456789abcdef",
         Reference(target_group=f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:targetgroup/web/"
                   "0123456789abcdef", **IN)),
        (ID, Reference(task=ID)), (f" {UUID}\n", Reference(task=UUID)), (f"`{ID}`", Reference(task=ID)),
        ("7d62f3", Reference(name="7d62f3")), (ID[:31], Reference(name=ID[:31])),
        (UUID[:13], Reference(name=UUID[:13])),
        (TASK_ARN, Reference("prod", task=TASK_ARN, **IN)),
    ],
)  # fmt: skip
def test_what_a_text_names(text: str, meant: Reference) -> None:
    assert recognise(text) == meant
    assert recognise(one_line(text)) == meant, "pasted into one line"


@pytest.mark.parametrize(
    "text",
    ["", " \n", "web", "prod web", "7d62f", "7D62F3", "facades", "12-34-56", "{}", "[1, 2]", "task 7d62",
     f"md5 {ID}", "ClusterName", "ServiceName: web", f"arn:aws:iam::{ACCOUNT}:role/x and nothing else"],
)  # fmt: skip
def test_what_names_nothing(text: str) -> None:
    assert recognise(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("arn:aws:s3:eu-west-1:111122223333:bucket", "is an ARN of s3, not of ECS."),
        ("https://example.com/ecs/v2/clusters/prod", "is not an AWS console URL."),
        (f"{CONSOLE}/lambda/home", "does not name a cluster"),
    ],
)
def test_another_address_says_what_it_is(text: str, said: str) -> None:
    with pytest.raises(WrongUsage, match=said):
        recognise(text)


@pytest.mark.parametrize(
    ("word", "pasted"),
    [
        (TASK_ARN, True), (ID, True), (UUID, True), (MAIL, True), (json.dumps(ALARM), True),
        ("http://x", True), ("deadbeef", False), ("ls", False), ("ls services", False), ("", False),
    ],
)  # fmt: skip
def test_an_argument_that_is_an_address_or_has_one(word: str, pasted: bool) -> None:
    assert is_pasted(word) == pasted


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:ecs:" * 10**6, "https://" * 10**6, "ClusterName:" * 10**6, "\\" * 10**7,
        "task " * 10**6, "a" * 10**7, "{" * 10**6, "[" * 10**6 + "]" * 10**6, "value:a," * 10**6,
        "region:" + "a-" * 10**6, "ClusterName" + " " * 10**7, f"{ARN}:task/" + "a/" * 10**6,
        f"{TASK_ARN} " * 10**5, "\x1b]52;c;x\x07" * 10**5, "7" * 10**7, "name:ClusterName," * 10**6,
    ],
)  # fmt: skip
def test_huge_and_hostile_texts_take_no_time(text: str) -> None:
    began = time.perf_counter()
    words = said(text)
    assert len(words) < 300 and words.isprintable()
    assert time.perf_counter() - began < 2.0
    line = one_line(text)
    assert len(line) <= MAX_CHARACTERS and line.isprintable()


def said(text: str) -> str:
    """What the screen says of a text: what it names, or why it is refused."""
    try:
        found = recognise(text)
    except WrongUsage as error:
        return str(error)
    return "" if found is None else found.words


PIECES = st.sampled_from(
    ["arn:aws:ecs:", "eu-west-1", ":", "/", ACCOUNT, "task", "service", ID, UUID, " ", "\n", '"', "\\",
     "ClusterName", "ServiceName", "=", "prod", "https://", "console.aws.amazon.com", "/ecs/v2/clusters/",
     "?region=", "#", "%", "$252F", "[", "]", "{", "}", ",", "name", "value", "\x1b", "é", "\ud800"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=200))
def test_any_text_names_something_printable_or_nothing(text: str) -> None:
    assert said(text).isprintable()
