"""ARNs and console URLs of every kind, in every partition, and how each is shown."""

from __future__ import annotations

import pytest

from ecs_tui.errors import WrongUsage
from ecs_tui.model.address import Reference, parse_address, shown
from ecs_tui.model.reference import parse_resource

ID = "7d62f3a1" + "0123456789abcdef01234567"
UUID = "1a2b3c4d-1a2b-3c4d-5e6f-1a2b3c4d5e6f"
ACCOUNT = "111122223333"
ARN = f"arn:aws:ecs:eu-west-1:{ACCOUNT}"
IN = {"region": "eu-west-1", "account": ACCOUNT}
THERE = {"region": "eu-west-1"}
NEW = "https://eu-west-1.console.aws.amazon.com/ecs/v2"
OLD = "https://eu-west-1.console.aws.amazon.com/ecs/home?region=eu-west-1#"
GROUP = f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:targetgroup/web/0123456789abcdef"


@pytest.mark.parametrize(
    ("arn", "meant"),
    [
        (f"{ARN}:task-definition/web:7", {"definition": f"{ARN}:task-definition/web:7"}),
        (f"{ARN}:task-definition/web", {"definition": f"{ARN}:task-definition/web"}),
        (f"{ARN}:daemon-task-definition/agent:3",
         {"definition": f"{ARN}:daemon-task-definition/agent:3"}),
        (f"{ARN}:capacity-provider/spot", {"provider": "spot"}),
        (f"{ARN}:capacity-provider/prod/managed", {"cluster": "prod", "provider": "managed"}),
        (f"{ARN}:daemon/prod/agent", {"cluster": "prod", "daemon": "agent"}),
        (f"{ARN}:daemon-deployment/prod/agent/abc", {"cluster": "prod", "daemon": "agent"}),
        (f"{ARN}:daemon-revision/prod/agent/123", {"cluster": "prod", "daemon": "agent"}),
        (f"{ARN}:service-deployment/prod/web/abc", {"cluster": "prod", "service": "web"}),
        (f"{ARN}:service-revision/prod/web/123", {"cluster": "prod", "service": "web"}),
        (f"{ARN}:task-set/prod/web/ecs-svc-123", {"cluster": "prod", "service": "web"}),
        (GROUP, {"target_group": GROUP}),
        (f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/ecs/web:*", {"log_group": "/ecs/web"}),
        (f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/ecs/web:log-stream:ecs/app/{ID}",
         {"log_group": "/ecs/web"}),
    ],
)  # fmt: skip
def test_arns_of_the_other_kinds(arn: str, meant: dict[str, str]) -> None:
    assert parse_address(f" {arn}\n") == Reference(**{**meant, **IN})


@pytest.mark.parametrize(
    ("partition", "region"),
    [
        ("aws", "eu-west-1"), ("aws-cn", "cn-northwest-1"), ("aws-us-gov", "us-gov-east-1"),
        ("aws-iso", "us-iso-east-1"), ("aws-iso-b", "us-isob-east-1"), ("aws-iso-e", "eu-isoe-west-1"),
        ("aws-iso-f", "us-isof-south-1"), ("aws-eusc", "eusc-de-east-1"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "resource", [f"task/prod/{ID}", f"task/{UUID}", "service/web", "cluster/prod"]
)
def test_every_partition(partition: str, region: str, resource: str) -> None:
    found = parse_address(f"arn:{partition}:ecs:{region}:{ACCOUNT}:{resource}")
    assert found is not None
    assert (found.region, found.account) == (region, ACCOUNT)
    assert found.kind == resource.partition("/")[0]


@pytest.mark.parametrize(
    ("url", "meant", "tab"),
    [
        (f"{NEW}/task-definitions/web/7/containers?region=eu-west-1", {"definition": "web:7"}, ""),
        (f"{NEW}/task-definitions/web?status=ACTIVE&region=eu-west-1", {"definition": "web"}, ""),
        (f"{OLD}/taskDefinitions/web/7", {"definition": "web:7"}, ""),
        (f"{OLD}/taskDefinitions/web/status/ACTIVE", {"definition": "web"}, ""),
        (f"{NEW}/clusters/prod/infrastructure?region=eu-west-1", {"cluster": "prod"}, "instances"),
        (f"{NEW}/clusters/prod/tasks", {"cluster": "prod"}, "tasks"),
        (f"{NEW}/clusters/prod/services", {"cluster": "prod"}, ""),
        (f"{NEW}/clusters/prod/services/web/events", {"cluster": "prod", "service": "web"}, "events"),
        (f"{NEW}/clusters/prod/services/web/deployments",
         {"cluster": "prod", "service": "web"}, "deployments"),
        (f"{NEW}/clusters/prod/infrastructure/container-instances/{ID}",
         {"cluster": "prod", "instance": ID}, ""),
        (f"{OLD}/clusters/prod/containerInstances/{UUID}", {"cluster": "prod", "instance": UUID}, ""),
        (f"{OLD}/clusters/prod/containerInstances", {"cluster": "prod"}, "instances"),
        (f"{OLD}/clusters/prod/capacityProviders", {"cluster": "prod"}, "capacity-providers"),
        (f"{NEW}/clusters/task-definitions/services", {"cluster": "task-definitions"}, ""),
        ("https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1"
         "#logsV2:log-groups/log-group/$252Fecs$252Fweb/log-events/x", {"log_group": "/ecs/web"}, ""),
    ],
)  # fmt: skip
def test_urls_of_the_other_pages(url: str, meant: dict[str, str], tab: str) -> None:
    found = parse_address(url)
    assert found == Reference(**meant, **THERE)
    assert found.tab == tab


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("eusc-de-east-1.console.amazonaws-eusc.eu", "eusc-de-east-1"),
        ("us-gov-west-1.console.amazonaws-us-gov.com", "us-gov-west-1"),
        ("cn-north-1.console.amazonaws.cn", "cn-north-1"),
    ],
)
def test_hosts_of_other_partitions(host: str, region: str) -> None:
    found = parse_address(f"https://{host}/ecs/v2/clusters/prod/tasks/{ID}/configuration")
    assert found == Reference("prod", task=ID, region=region)


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        (Reference("prod", task=f"{ARN}:task/prod/{ID}", region="us-east-1"),
         "task 7d62f3a1… in prod, us-east-1"),
        (Reference(name="7d62f3"), "task 7d62f3"),
        (Reference("prod", "web", **IN), f"service web in prod, eu-west-1, account {ACCOUNT}"),
        (Reference("prod", **IN), f"cluster prod in eu-west-1, account {ACCOUNT}"),
        (Reference("prod", task=ID, container="app", **THERE),
         "container app of task 7d62f3a1… in prod, eu-west-1"),
        (Reference(container_arn=f"{ARN}:container/{UUID}"), "container 1a2b3c4d…"),
        (Reference("prod", instance=ID), "container instance 7d62f3a1… in prod"),
        (Reference(definition=f"{ARN}:task-definition/web:7", **THERE),
         "task definition web:7 in eu-west-1"),
        (Reference("prod", provider="spot"), "capacity provider spot in prod"),
        (Reference("prod", daemon="agent"), "daemon agent in prod"),
        (Reference(target_group=GROUP), "target group web"),
        (Reference(log_group="/ecs/web"), "log group /ecs/web"),
    ],
)  # fmt: skip
def test_it_is_shown_in_words(reference: Reference, words: str) -> None:
    assert reference.words == words


@pytest.mark.parametrize(
    "text",
    [
        f"{ARN}:task-definition/a b:7", f"{ARN}:task-definition/web:x", f"{ARN}:task-definition/a/b",
        f"{ARN}:capacity-provider/a/b/c", f"{ARN}:daemon/agent", f"{ARN}:task-set/web/1",
        f"{ARN}:namespace/x", f"arn:aws:iam::{ACCOUNT}:role/x",
        f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:loadbalancer/app/web/1",
        f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:a b",
        f"{NEW}/task-definitions", f"{NEW}/clusters", f"{NEW}/account-settings",
        f"{NEW}/clusters/prod/infrastructure/container-instances/a%2Fb",
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/web",
        "https://console.c2s.example/ecs/v2/clusters/prod",
    ],
)  # fmt: skip
def test_what_is_none_of_that_is_one_sentence(text: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        parse_address(text)
    assert len(str(refused.value)) < 300 and str(refused.value).isprintable()


@pytest.mark.parametrize("text", [f"{ARN}:capacity-provider/spot", f"{NEW}/task-definitions/web/7"])
def test_cluster_and_target_are_never_of_the_other_kinds(text: str) -> None:
    with pytest.raises(WrongUsage, match="does not name a cluster, service, task or container"):
        parse_resource(text)


def test_a_long_word_is_quoted_in_part() -> None:
    assert shown("x" * 10**7) == repr(f"{'x' * 99}…")
