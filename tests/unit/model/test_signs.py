"""Tables of all symbols, and of the policy documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from ecs_tui.model import permission
from ecs_tui.model import text as words
from ecs_tui.model.arn import cluster_name
from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.container import EXEC_AGENT, Container, ManagedAgent, PortBinding
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.permission import Decision, Grant, Statement
from ecs_tui.model.rules import exec_readiness as exec_status
from ecs_tui.model.rules import health
from ecs_tui.model.rules.exec_readiness import Readiness, Verdict
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.service import Deployment, Service
from ecs_tui.model.task import Task

FINE, MOVING, WARNING, BAD, OFF = Sign
ARN = "arn:aws:ecs:eu-west-1:123456789012:task/prod/0123"
CLUSTER_ARN = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod"
TASK = Task(
    ARN, "0123", CLUSTER_ARN, last_status="RUNNING", desired_status="RUNNING",
    exec_enabled=True, launch_type="FARGATE", platform_version="1.4.0",
)  # fmt: skip
SERVICE = Service(
    "arn", "web", CLUSTER_ARN, status="ACTIVE", desired=4, running=4,
    deployments=(Deployment("id", "PRIMARY", "COMPLETED", "", 4, 4, 0, 0, "td:1"),),
)  # fmt: skip
CONTAINER = Container("app", ARN, ARN, "RUNNING")
INSTANCE = ContainerInstance(ARN, "i", CLUSTER_ARN, status="ACTIVE", agent_connected=True)


def rolling(state: str, running: int, failed: int = 0) -> dict[str, object]:
    return {"deployments": (Deployment("id", "PRIMARY", state, "", 4, running, 0, failed, "td:1"),)}


@pytest.mark.parametrize(
    ("status", "gone", "sign"),
    [
        ("ACTIVE", False, FINE), ("ACTIVE", True, OFF), ("PROVISIONING", False, MOVING),
        ("DEPROVISIONING", False, MOVING), ("FAILED", False, BAD), ("INACTIVE", False, OFF),
        ("", False, OFF),
    ],
)  # fmt: skip
def test_clusters(status: str, gone: bool, sign: Sign) -> None:
    assert health.cluster_sign(Cluster("arn", "prod", status, gone=gone)) is sign


@pytest.mark.parametrize(
    ("changes", "sign", "said"),
    [
        ({}, FINE, "steady"),
        ({"running": 3}, WARNING, "3 of 4 running"),
        ({"running": 0}, BAD, "0 of 4 running"),
        ({"described": False}, OFF, ""),
        ({"gone": True}, OFF, "steady"),
        ({"status": "DRAINING"}, MOVING, "draining: 4 tasks running"),
        ({"status": "DRAINING", "desired": 0, "running": 1}, MOVING, "draining: 1 task running"),
        ({"status": "INACTIVE"}, OFF, "inactive"),
        ({"desired": 0, "running": 0}, OFF, "scaled to 0"),
        ({"desired": 0, "running": 1}, MOVING, "1 running, 0 desired"),
        ({"running": 5}, MOVING, "5 running, 4 desired"),
        ({"deployments": ()}, OFF, "no deployment"),
        ({"deployments": (), "running": 3}, WARNING, "3 of 4 running"),
        ({"deployments": (), "running": 0}, BAD, "0 of 4 running"),
        ({"controller": "EXTERNAL"}, OFF, "external: no task set"),
        (rolling("IN_PROGRESS", 3), MOVING, "deploying 75%"),
        ({**rolling("IN_PROGRESS", 0), "running": 0}, WARNING, "deploying 0%"),
        (rolling("IN_PROGRESS", 1, 2), BAD, "failing: 2 failed tasks"),
        (rolling("FAILED", 0, 5), BAD, "deployment failed (5 tasks)"),
    ],
)
def test_services(changes: dict[str, object], sign: Sign, said: str) -> None:
    service = replace(SERVICE, **changes)  # type: ignore[arg-type]
    assert health.service_sign(service) is sign
    assert health.deployment_words(service)[1] == said


def test_a_deployment_of_nothing_is_done() -> None:
    nothing = Deployment("id", "PRIMARY", "IN_PROGRESS", "", 0, 0, 0, 0, "td:1")
    service = replace(SERVICE, deployments=(nothing,), desired=0)
    assert health.deployment_words(service) == (MOVING, "deploying 100%")


@pytest.mark.parametrize(
    ("changes", "sign", "draining"),
    [
        ({}, FINE, False),
        ({"connectivity": "DISCONNECTED"}, WARNING, False),
        ({"health": "UNHEALTHY"}, BAD, False),
        ({"described": False}, OFF, False),
        ({"gone": True}, OFF, False),
        ({"last_status": "PENDING"}, MOVING, False),
        ({"desired_status": "STOPPED"}, MOVING, True),
        ({"desired_status": "STOPPED", "gone": True}, OFF, False),
        ({"desired_status": "STOPPED", "described": False}, OFF, False),
        ({"last_status": "DEPROVISIONING", "desired_status": "STOPPED"}, MOVING, True),
        ({"last_status": "STOPPED", "stop_code": "EssentialContainerExited"}, BAD, False),
        ({"last_status": "STOPPED", "stop_code": "TaskFailedToStart"}, BAD, False),
        ({"last_status": "STOPPED", "stop_code": "UserInitiated"}, OFF, False),
        ({"last_status": "STOPPED", "health": "UNHEALTHY"}, OFF, False),
    ],
)
def test_tasks(changes: dict[str, object], sign: Sign, draining: bool) -> None:
    task = replace(TASK, **changes)  # type: ignore[arg-type]
    assert health.task_sign(task) is sign
    assert task.draining is draining


@pytest.mark.parametrize(
    ("changes", "sign"),
    [
        ({}, FINE),
        ({"health": "UNHEALTHY"}, BAD),
        ({"last_status": "PENDING"}, MOVING),
        ({"last_status": "STOPPED", "exit_code": 0}, OFF),
        ({"last_status": "STOPPED", "exit_code": 1}, BAD),
        ({"last_status": "STOPPED"}, BAD),
    ],
)
def test_containers(changes: dict[str, object], sign: Sign) -> None:
    assert health.container_sign(replace(CONTAINER, **changes)) is sign  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "sign"), [("RUNNING", FINE), ("PENDING", MOVING), ("STOPPED", BAD), ("NEW", OFF)]
)
def test_agents(status: str, sign: Sign) -> None:
    assert health.agent_sign(ManagedAgent(EXEC_AGENT, status)) is sign
    assert health.agent_sign(None) is OFF


@pytest.mark.parametrize(
    ("changes", "sign"),
    [
        ({}, FINE),
        ({"agent_connected": False}, BAD),
        ({"status": "DRAINING"}, MOVING),
        ({"status": "DRAINING", "gone": True}, OFF),
        ({"status": "REGISTERING"}, OFF),
    ],
)
def test_instances(changes: dict[str, object], sign: Sign) -> None:
    assert health.instance_sign(replace(INSTANCE, **changes)) is sign  # type: ignore[arg-type]


def test_of_a_name_alone_nothing_is_claimed() -> None:
    """A resource that List has returned, before Describe."""
    instance = ContainerInstance("arn", "i", "arn", described=False)
    assert (instance.agent_connected, health.instance_sign(instance)) == (False, OFF)
    task = Task("arn", "t", "arn", described=False)
    assert (task.exec_enabled, task.health, task.containers) == (False, "UNKNOWN", ())
    service = Service("arn", "web", "arn", described=False)
    assert (service.exec_enabled, service.primary, service.deploying) == (False, None, False)
    assert Cluster("arn", "prod", described=False).exec_logging == ""


def test_verdicts_in_words_and_signs() -> None:
    """`ls --json` prints these words, and scripts read them."""
    assert [str(each) for each in Verdict] == ["ready", "wait", "no", "unknown"]
    signs = [health.readiness_sign(Readiness(each)) for each in Verdict]
    assert signs == [FINE, MOVING, OFF, OFF]
    assert str(Readiness(Verdict.NO, "off")) == "no: off"
    assert str(Readiness(Verdict.READY)) == "ready"


@pytest.mark.parametrize(
    ("version", "launch_type", "family", "old"),
    [
        ("1.3.0", "FARGATE", "Linux", True), ("1.3.9", "FARGATE", "", True),
        ("1.4.0", "FARGATE", "Linux", False), ("1.10.0", "FARGATE", "Linux", False),
        ("1.3.0", "EC2", "Linux", False), ("1.0.0", "FARGATE", "Windows_Server", False),
        ("LATEST", "FARGATE", "Linux", False), ("", "FARGATE", "Linux", False),
    ],
)  # fmt: skip
def test_old_platforms(version: str, launch_type: str, family: str, old: bool) -> None:
    task = replace(TASK, platform_version=version, launch_type=launch_type, platform_family=family)
    assert exec_status.fargate_too_old(task) is old


@pytest.mark.parametrize(("reason", "said"), [("", "exec agent has stopped"), ("oom", "oom")])
def test_a_stopped_agents_reason(reason: str, said: str) -> None:
    container = replace(CONTAINER, agents=(ManagedAgent(EXEC_AGENT, "STOPPED", reason),))
    found = exec_status.container_readiness(TASK, container)
    assert (found.verdict, found.reason) == (Verdict.NO, said)


@pytest.mark.parametrize(
    ("configuration", "where"),
    [
        (None, "task's awslogs"),
        (ExecConfiguration(), "task's awslogs"),
        (ExecConfiguration("NONE"), "none"),
        (ExecConfiguration("OVERRIDE"), "OVERRIDE, no destination"),
        (ExecConfiguration("OVERRIDE", log_group="exec"), "exec"),
        (ExecConfiguration("OVERRIDE", s3_bucket="b"), "s3://b"),
        (ExecConfiguration("OVERRIDE", log_group="exec", s3_bucket="b"), "exec + s3://b"),
    ],
)
def test_where_sessions_are_recorded(configuration: ExecConfiguration | None, where: str) -> None:
    assert Cluster("arn", "prod", exec_configuration=configuration).exec_logging == where


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:ecs:r:1:task/prod/0123", "prod"),
        ("arn:aws:ecs:r:1:task/0123", ""),
        ("arn:aws:ecs:r:1:service/web", ""),
        ("arn:aws:ecs:r:1:cluster/prod", "prod"),
        ("arn:aws:ecs:r:1:a/b/c/d", ""),
        ("cluster", ""),
        ("", ""),
    ],
)
def test_the_cluster_in_an_arn(arn: str, name: str) -> None:
    assert cluster_name(arn) == name


@pytest.mark.parametrize(
    ("binding", "text"),
    [
        (PortBinding(80), "80/tcp"), (PortBinding(80, 80), "80/tcp"),
        (PortBinding(80, 32768), "32768→80/tcp"), (PortBinding(53, 0, "udp"), "53/udp"),
    ],
)  # fmt: skip
def test_ports(binding: PortBinding, text: str) -> None:
    assert str(binding) == text


STATEMENT = Statement("ops", "identity", 3)


@pytest.mark.parametrize(
    ("decision", "text"),
    [
        (Decision("allowed"), "allowed"),
        (Decision("allowed", (STATEMENT,)), "allowed by policy ops (line 3)"),
        (
            Decision("allowed", (STATEMENT, Statement("more"))),
            "allowed by policy ops (line 3); policy more",
        ),
        (Decision("explicitDeny"), "explicit deny"),
        (Decision("explicitDeny", (STATEMENT,)), "denied by policy ops (line 3)"),
        (Decision("implicitDeny"), "implicit deny (no matching Allow)"),
        (
            Decision("implicitDeny", missing=("aws:SourceIp", "b")),
            "implicit deny (no matching Allow); missing context: aws:SourceIp, b",
        ),
    ],
)
def test_decisions_in_words(decision: Decision, text: str) -> None:
    assert str(decision) == text
    assert decision.allowed is (decision.answer == "allowed")


def test_what_the_task_role_needs() -> None:
    whole = ExecConfiguration("OVERRIDE", "1234", "exec", True, "logs", "p", True)
    group = "arn:aws:logs:eu-west-1:1:log-group:exec:*"
    key = "arn:aws:kms:eu-west-1:1:key/1234"
    assert permission.role_needs(whole, "eu-west-1", "1", "aws") == [
        (permission.CHANNELS, "*"),
        (("kms:Decrypt",), key),
        (("logs:DescribeLogGroups",), "*"),
        (("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"), group),
        (("s3:PutObject",), "arn:aws:s3:::logs/p/*"),
        (("s3:GetEncryptionConfiguration",), "arn:aws:s3:::logs"),
    ]
    plain = replace(whole, s3_prefix="", s3_encryption=False)
    assert permission.bucket_needs(plain, "aws") == [(("s3:PutObject",), "arn:aws:s3:::logs/*")]
    for logging in ("DEFAULT", "NONE"):
        needs = permission.role_needs(replace(whole, logging=logging), "eu-west-1", "1", "aws")
        assert needs == [(permission.CHANNELS, "*"), (("kms:Decrypt",), key)]
    assert len(permission.role_needs(ExecConfiguration("OVERRIDE"), "eu-west-1", "1", "aws")) == 1
    document = permission.task_role_policy(
        ExecConfiguration("NONE", "alias/k"), "eu-west-1", "1", "aws"
    )
    assert document == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": list(permission.CHANNELS), "Resource": "*"},
            {
                "Effect": "Allow",
                "Action": ["kms:Decrypt"],
                "Resource": "arn:aws:kms:eu-west-1:1:key/*",
                "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/k"}},
            },
        ],
    }
    assert permission.key_arn("arn:x", "r", "1", "aws") == "arn:x"
    assert permission.log_group_arn("r", "1", "aws-cn", "g") == "arn:aws-cn:logs:r:1:log-group:g:*"


def test_the_operators_policy_word_by_word() -> None:
    grant = Grant("team", "pay", "prod", "app")
    document = permission.operator_policy(grant, "eu-west-1", "1", "aws", "1234")
    assert document == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ExecIntoTasks",
                "Effect": "Allow",
                "Action": "ecs:ExecuteCommand",
                "Resource": ["arn:aws:ecs:eu-west-1:1:task/prod/*"],
                "Condition": {
                    "StringEquals": {"ecs:ResourceTag/team": "pay", "ecs:container-name": "app"}
                },
            },
            {
                "Sid": "ExecInCluster",
                "Effect": "Allow",
                "Action": "ecs:ExecuteCommand",
                "Resource": ["arn:aws:ecs:eu-west-1:1:cluster/prod"],
            },
            {
                "Sid": "FindTasks",
                "Effect": "Allow",
                "Action": ["ecs:DescribeTasks", "ecs:ListTasks"],
                "Resource": "*",
            },
            {
                "Sid": "DenyUnloggedSessions",
                "Effect": "Deny",
                "Action": "ssm:StartSession",
                "Resource": "arn:aws:ecs:eu-west-1:1:task/*",
            },
            {
                "Sid": "SessionKey",
                "Effect": "Allow",
                "Action": "kms:GenerateDataKey",
                "Resource": "arn:aws:kms:eu-west-1:1:key/1234",
            },
        ],
    }
    bare = permission.operator_policy(Grant(), "eu-west-1", "1", "aws")["Statement"]
    assert "Condition" not in bare[0]
    assert bare[0]["Resource"] == ["arn:aws:ecs:eu-west-1:1:task/*/*"]
    assert [each["Sid"] for each in bare][-1] == "DenyUnloggedSessions"


@pytest.mark.parametrize(
    ("grant", "reaches"),
    [
        (Grant(), True),
        (Grant("team", "pay"), True),
        (Grant("team", "other"), False),
        (Grant("other", "pay"), False),
        (Grant(cluster="prod"), True),
        (Grant(cluster="staging"), False),
        (Grant(container="app"), True),
        (Grant(container="envoy"), False),
        (Grant("team", "pay", "prod", "app"), True),
    ],
)
def test_whom_a_grant_reaches(grant: Grant, reaches: bool) -> None:
    assert grant.reaches(replace(TASK, tags={"team": "pay"}), "app") is reaches


def test_the_keys_that_ecs_hands_to_iam() -> None:
    assert permission.exec_context(replace(TASK, tags={"team": "pay"}), "app") == (
        ("aws:ResourceTag/team", "pay"),
        ("ecs:ResourceTag/team", "pay"),
        ("ecs:cluster", CLUSTER_ARN),
        ("ecs:container-name", "app"),
        ("aws:RequestedRegion", "eu-west-1"),
        ("aws:SecureTransport", "true"),
    )


def test_times_in_words() -> None:
    then = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))
    assert words.iso(then) == "2026-01-02T03:04:05+02:00"
    assert words.iso(None) is None
    assert words.age_of(then, then + timedelta(seconds=59)) == "59s"
    assert words.age_of(None, datetime.now(UTC)) == ""
    ages = [(0, "0s"), (59.9, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h"), (86399, "23h")]
    assert [words.age(seconds) for seconds, _ in ages] == [text for _, text in ages]
    assert [words.clock(seconds) for seconds in (-5, 0, 59, 60, 3599, 3600)] == [
        "00:00", "00:00", "00:59", "01:00", "59:59", "1:00:00",
    ]  # fmt: skip
