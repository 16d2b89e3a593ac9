"""Forms of CLUSTER and TARGET: names, ids, ARNs and console URLs, and what each refers to."""

from __future__ import annotations

import pytest

from ecs_tui.errors import WrongUsage
from ecs_tui.model.reference import (
    Reference,
    is_address,
    parse_address,
    parse_place,
    parse_resource,
    parse_target,
)

ID = "0123456789abcdef0123456789abcdef"
UUID = "1a2b3c4d-1a2b-3c4d-5e6f-1a2b3c4d5e6f"
ACCOUNT = "111122223333"
ARN = f"arn:aws:ecs:eu-west-1:{ACCOUNT}"
IN = {"region": "eu-west-1", "account": ACCOUNT}
LONG = "ShopStack-CheckoutServiceB0A5F1E2-hQ3x9TzKp1Lm"
NEW = "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters"
OLD = "https://console.aws.amazon.com/ecs/home?region=eu-west-1#/clusters"
THERE = {"region": "eu-west-1"}


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("prod",), {"cluster": "prod"}),
        (("prod", "web"), {"cluster": "prod", "name": "web"}),
        (("prod", "web/app"), {"cluster": "prod", "name": "web", "container": "app"}),
        (("prod", "web", "app"), {"cluster": "prod", "name": "web", "container": "app"}),
        (("prod", "3e51"), {"cluster": "prod", "name": "3e51"}),
        (("prod", "3e51/app"), {"cluster": "prod", "name": "3e51", "container": "app"}),
        (("prod", ID), {"cluster": "prod", "task": ID}),
        (("prod", UUID), {"cluster": "prod", "task": UUID}),
        (("prod", f"{ID}/app"), {"cluster": "prod", "task": ID, "container": "app"}),
        (("prod", LONG), {"cluster": "prod", "name": LONG}),
        (("prod", "web/app", "app"), {"cluster": "prod", "name": "web", "container": "app"}),
        (("prod", f"{ARN}:task/{UUID}"), {"cluster": "prod", "task": f"{ARN}:task/{UUID}", **IN}),
        (
            ("prod", f"{ARN}:service/prod/web", "app"),
            {"cluster": "prod", "service": "web", "service_arn": f"{ARN}:service/prod/web",
             "container": "app", **IN},
        ),
        ((f"{ARN}:cluster/prod", "web"), {"cluster": "prod", "name": "web", **IN}),
        ((f"{NEW}/prod/services?region=eu-west-1", "web"), {"cluster": "prod", "name": "web", **THERE}),
        (
            (f"{ARN}:task/prod/{ID}", "app"),
            {"cluster": "prod", "task": f"{ARN}:task/prod/{ID}", "container": "app", **IN},
        ),
    ],
)  # fmt: skip
def test_cluster_and_target(words: tuple[str, ...], meant: dict[str, str]) -> None:
    cluster, target, container = (*words, None, None)[:3]
    assert parse_target(cluster, target, container or "") == Reference(**meant)


@pytest.mark.parametrize(
    ("arn", "meant"),
    [
        (f"{ARN}:cluster/prod", {"cluster": "prod"}),
        (f" {ARN}:cluster/prod\n", {"cluster": "prod"}),
        (f"{ARN}:service/prod/web", {"cluster": "prod", "service": "web"}),
        (f"{ARN}:service/web", {"service": "web"}),
        (f"{ARN}:task/prod/{ID}", {"cluster": "prod"}),
        (f"{ARN}:task/{UUID}", {}),
        (f"{ARN}:container/{UUID}", {}),
        (f"{ARN}:container/prod/{ID}/{UUID}", {"cluster": "prod", "task": ID}),
    ],
)
def test_arns_of_the_new_and_the_old_form(arn: str, meant: dict[str, str]) -> None:
    kind = arn.strip().split(":")[5].partition("/")[0]
    own = {"service": "service_arn", "task": "task", "container": "container_arn"}.get(kind)
    whole = {own: arn.strip()} if own else {}
    assert parse_target(arn) == Reference(**{**whole, **meant, **IN})


@pytest.mark.parametrize(
    ("partition", "region"),
    [("aws-us-gov", "us-gov-west-1"), ("aws-cn", "cn-north-1"), ("aws-iso-b", "us-isob-east-1")],
)
def test_arns_of_other_partitions(partition: str, region: str) -> None:
    found = parse_target(f"arn:{partition}:ecs:{region}:{ACCOUNT}:service/prod/web")
    assert (found.region, found.cluster, found.service) == (region, "prod", "web")


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        (f"{NEW}/prod/services?region=eu-west-1", {"cluster": "prod"}),
        (f"{NEW}/prod/tasks?region=eu-west-1", {"cluster": "prod"}),
        (f"{NEW}/prod", {"cluster": "prod"}),
        (
            f"{NEW}/services/services/services/health",
            {"cluster": "services", "service": "services"},
        ),
        (f"{NEW}/prod/services/web/health?region=eu-west-1", {"cluster": "prod", "service": "web"}),
        (f"{NEW}/prod/services/web/tasks?region=eu-west-1", {"cluster": "prod", "service": "web"}),
        (
            f"{NEW}/prod/services/web/tasks/{ID}/configuration?region=eu-west-1",
            {"cluster": "prod", "task": ID},
        ),
        (f"{NEW}/prod/tasks/{ID}/configuration", {"cluster": "prod", "task": ID}),
        (
            f"{NEW}/prod/tasks/{ID}/configuration/containers/app?region=eu-west-1",
            {"cluster": "prod", "task": ID, "container": "app"},
        ),
        (f"{OLD}/prod/services", {"cluster": "prod"}),
        (f"{OLD}/prod/services/web/details", {"cluster": "prod", "service": "web"}),
        (f"{OLD}/prod/tasks/{ID}/details", {"cluster": "prod", "task": ID}),
        (f"{OLD}/prod/tasks/{UUID}/details", {"cluster": "prod", "task": UUID}),
    ],
)
def test_urls_of_the_console(url: str, meant: dict[str, str]) -> None:
    assert parse_target(url) == Reference(**meant, **THERE)


@pytest.mark.parametrize(
    ("host", "query", "region", "account"),
    [
        ("us-gov-west-1.console.amazonaws-us-gov.com", "", "us-gov-west-1", ""),
        ("console.amazonaws-us-gov.com", "?region=us-gov-east-1", "us-gov-east-1", ""),
        ("cn-north-1.console.amazonaws.cn", "", "cn-north-1", ""),
        ("console.amazonaws.cn", "?region=cn-northwest-1", "cn-northwest-1", ""),
        # The page's region counts, not that of the host name.
        ("us-east-1.console.aws.amazon.com", "?region=eu-west-1", "eu-west-1", ""),
        (f"{ACCOUNT}-abcd1234.us-east-1.console.aws.amazon.com", "", "us-east-1", ACCOUNT),
        ("US-EAST-1.CONSOLE.AWS.AMAZON.COM", "", "us-east-1", ""),
    ],
)
def test_hosts_of_the_console(host: str, query: str, region: str, account: str) -> None:
    found = parse_target(f"https://{host}/ecs/v2/clusters/prod/services/web/health{query}")
    assert (found.region, found.account) == (region, account)
    assert (found.cluster, found.service) == ("prod", "web")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("",), "The name of a cluster is missing."),
        (("  ",), "The name of a cluster is missing."),
        (("prod", ""), "The name of a service or a task is missing."),
        (("prod", " \t"), "The name of a service or a task is missing."),
        (("prod", "/app"), "The name of a service or a task is missing."),
        (("prod", "web/"), "'web/' is not a target. Give SERVICE[/CONTAINER] or TASK[/CONTAINER]."),
        (("prod", "a/b/c"), "'a/b/c' is not a target."),
        (("prod", "web app"), "'web app' cannot be the name of a service or a task."),
        (("prod", "web", "a/b"), "'a/b' cannot be the name of a container."),
        (("prod", "x" * 256), "xxx…' cannot be the name of a service or a task."),
        (("pröd", "web"), "'pröd' cannot be the name of a cluster."),
        (("prod\x1b]0;x\x07", "web"), "'prod�]0;x�' cannot be the name of a cluster."),
        (("../prod", "web"), "'../prod' cannot be the name of a cluster."),
        (("prod", "web/app", "envoy"), "Two containers are named: app and envoy."),
        (("prod", f"{ARN}:cluster/prod"), "TARGET is a cluster."),
        (("prod", f"{ARN}:service/staging/web"), "Two clusters are named: prod and staging."),
        (
            (f"arn:aws:ecs:us-east-1:{ACCOUNT}:cluster/prod", f"{ARN}:task/prod/{ID}"),
            "Two regions are named: us-east-1 and eu-west-1.",
        ),
        (
            ("arn:aws:ecs:eu-west-1:999999999999:cluster/prod", f"{ARN}:task/prod/{ID}"),
            "Two accounts are named: 999999999999 and 111122223333.",
        ),
        (("arn:aws:ecs",), "'arn:aws:ecs' is not a complete ECS ARN."),
        (("arn:aws:ecs:::cluster/prod",), "is not a complete ECS ARN."),
        ((f"{ARN}:service/prod/",), "is not a complete ECS ARN."),
        ((f"arn:aws:s3:eu-west-1:{ACCOUNT}:x",), "is an ARN of s3, not of ECS."),
        ((f"{ARN}:task-definition/web:7",), "does not name a cluster, service, task or container."),
        ((f"{ARN}:container-instance/prod/{ID}",), "does not name a cluster, service, task or container."),
        ((f"{ARN}:service/a/b/c",), "does not name a cluster, service, task or container."),
        (("https://example.com/ecs/v2/clusters/prod",), "is not an AWS console URL."),
        (("https://console.aws.amazon.com.evil.example/ecs/v2/clusters/p",), "is not an AWS"),
        (("https://[::1/",), "is not an AWS console URL."),
        (("https://console.aws.amazon.com/ecs/v2/clusters/prod",), "has no region."),
        (("https://x.console.aws.amazon.com/ecs/v2/clusters/prod",), "has no region."),
        ((f"{NEW}".removesuffix("/clusters"),), "does not name a cluster, service, task or container."),
        ((f"{NEW}/",), "does not name a cluster, service, task or container."),
        ((f"{NEW}/a%20b",), "does not name a cluster, service, task or container."),
        ((f"{NEW}/prod/infrastructure/container-instances/{ID}",), "does not name a cluster, service, task"),
        ((f"{NEW}/prod/tasks/0123/configuration",), "has no complete task ID."),
        (
            ("https://eu-west-1.console.aws.amazon.com/lambda/clusters/prod",),
            "does not name a cluster, service, task or container.",
        ),
    ],
)  # fmt: skip
def test_what_is_none_of_that_is_one_sentence(words: tuple[str, ...], said: str) -> None:
    cluster, target, container = (*words, None, None)[:3]
    with pytest.raises(WrongUsage) as refused:
        parse_target(cluster, target, container or "")
    text = str(refused.value)
    assert said in text
    assert len(text) < 300 and text.isprintable()


@pytest.mark.parametrize("word", ["prod", "web/app", ID, "", "console.aws.amazon.com/ecs"])
def test_what_is_neither_arn_nor_url(word: str) -> None:
    assert parse_resource(word) is None


@pytest.mark.parametrize(
    ("cluster", "service", "meant"),
    [
        ("", "", {}),
        ("prod", "", {"cluster": "prod"}),
        ("", "web", {"service": "web"}),
        ("prod", "web", {"cluster": "prod", "service": "web"}),
        (f"{ARN}:cluster/prod", "web", {"cluster": "prod", "service": "web", **IN}),
        ("", f"{NEW}/prod/services/web/health", {"cluster": "prod", "service": "web", **THERE}),
    ],
)
def test_the_flags_of_ls(cluster: str, service: str, meant: dict[str, str]) -> None:
    assert parse_place(cluster, service) == Reference(**meant)


@pytest.mark.parametrize(
    ("cluster", "service", "said"),
    [
        (f"{ARN}:service/prod/web", "", "is not a cluster. Give a service with --service."),
        ("", f"{ARN}:cluster/prod", "is not a service."),
        ("", f"{ARN}:task/prod/{ID}", "is not a service."),
        ("prod", f"{ARN}:service/staging/web", "Two clusters are named"),
        ("a b", "", "'a b' cannot be the name of a cluster."),
    ],
)
def test_wrong_flags_of_ls(cluster: str, service: str, said: str) -> None:
    with pytest.raises(WrongUsage, match=said):
        parse_place(cluster, service)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (
            f"{ARN}:container-instance/prod/{ID}",
            {"cluster": "prod", "instance": f"{ARN}:container-instance/prod/{ID}", **IN},
        ),
        (
            f"{ARN}:container-instance/{UUID}",
            {"instance": f"{ARN}:container-instance/{UUID}", **IN},
        ),
        (
            f"{NEW}/prod/infrastructure/container-instances/{ID}",
            {"cluster": "prod", "instance": ID, **THERE},
        ),
        (f"{ARN}:cluster/prod", {"cluster": "prod", **IN}),
        (f"{NEW}/prod/tasks/{ID}/configuration", {"cluster": "prod", "task": ID, **THERE}),
    ],
)
def test_an_address_may_be_a_container_instance(text: str, meant: dict[str, str]) -> None:
    assert parse_address(text) == Reference(**meant)
    assert is_address(text) and is_address(f"  {text}")
    assert parse_address(text) == parse_address(f" {text}\n")
    if "instance" not in meant:
        assert parse_resource(text) == parse_address(text)
        return
    assert not Reference(**meant).whole_cluster
    with pytest.raises(WrongUsage, match="does not name a cluster, service, task or container"):
        parse_resource(text)


@pytest.mark.parametrize("word", ["prod", "arn", "ls", "http", "console.aws.amazon.com/ecs", ""])
def test_a_name_is_no_address(word: str) -> None:
    assert not is_address(word)
    assert parse_address(word) is None
