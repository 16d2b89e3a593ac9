"""Fills moto with the demo account's resources."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.logs.models import logs_backends

from ecs_tui.demo.account import CLUSTERS, OTHER_REGIONS, ClusterSpec, scaled
from ecs_tui.demo.audit_answers import READ_AUDIT
from ecs_tui.demo.ecs import DemoEcsBackend, demo_ecs_backends
from ecs_tui.demo.logs_seed import FORBIDDEN_GROUP, LogWriters, create_groups
from ecs_tui.demo.network import endpoints, network_of
from ecs_tui.demo.on_request import begin, clusters_on_request, keep_events
from ecs_tui.demo.scaling import scalable_targets
from ecs_tui.demo.seed_services import crashed_tasks, create_service, tags_of
from ecs_tui.demo.standalone import standalone_tasks
from ecs_tui.system import wall_clock

ALIAS = "example-corp"
USER = "alice"
_SERVICE = {"Service": "ecs-tasks.amazonaws.com"}
_TRUSTED = {"Effect": "Allow", "Principal": _SERVICE, "Action": "sts:AssumeRole"}
_TRUST = json.dumps({"Version": "2012-10-17", "Statement": [_TRUSTED]})


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=2)


def _allow(*actions: str, resource: str = "*", sid: str = "", **more: Any) -> dict[str, Any]:
    statement: dict[str, Any] = {"Sid": sid} if sid else {}
    return {
        **statement, "Effect": "Allow", "Action": list(actions), "Resource": resource, **more
    }  # fmt: skip


_LOGS = _allow(
    "logs:DescribeLogGroups",
    "logs:CreateLogStream",
    "logs:DescribeLogStreams",
    "logs:PutLogEvents",
    sid="SessionLogs",
)
_BUCKET = _allow("s3:PutObject", "s3:GetEncryptionConfiguration", sid="SessionBucket")
_KMS = _allow("kms:Decrypt", sid="SessionKey")
_CHANNELS = _allow(
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
    sid="ExecChannels",
)
TASK_ROLES = {
    "ecs-exec-task-role": (_CHANNELS, _LOGS),
    "exec-cases-task-role": (_CHANNELS, _LOGS, _BUCKET, _KMS),
    "no-ssmmessages-role": (_LOGS, _BUCKET, _KMS),
    "no-logs-role": (_CHANNELS, _BUCKET, _KMS),
    "no-bucket-role": (_CHANNELS, _LOGS, _KMS),
    "no-kms-role": (_CHANNELS, _LOGS, _BUCKET),
}
_LOOK = _allow(
    "ecs:List*", "ecs:Describe*", "iam:Get*", "iam:List*", "iam:SimulatePrincipalPolicy",
    "ec2:Describe*", "kms:DescribeKey", sid="Look",
)  # fmt: skip


def _read_logs(*more: str, groups: str = "*") -> dict[str, Any]:
    return _allow(
        "logs:Describe*", "logs:Get*", "logs:FilterLogEvents", *more,
        resource=groups if groups == "*" else f"arn:aws:logs:*:*:log-group:{groups}:*",
        sid="ReadLogs",
    )  # fmt: skip


def _exec_where(sid: str, *environments: str) -> dict[str, Any]:
    condition = {"StringEquals": {"ecs:ResourceTag/environment": list(environments)}}
    return _allow("ecs:ExecuteCommand", sid=sid, Condition=condition)


OPERATORS = (
    _LOOK,
    _exec_where("ExecByEnvironment", "production", "staging", "batch", "exec-cases"),
    {
        "Sid": "NotIntoLogRouters",
        "Effect": "Deny",
        "Action": "ecs:ExecuteCommand",
        "Resource": "*",
        "Condition": {"StringEquals": {"ecs:container-name": "log-router"}},
    },
    _allow("kms:GenerateDataKey", sid="SessionKey"),
    _allow(
        "ecs:UpdateService", "ecs:TagResource", "ecs:RunTask", "ecs:StopTask", "iam:PassRole",
        "ecs:StopServiceDeployment", "ecs:ContinueServiceDeployment",
        sid="Operate",
    ),
    _read_logs("logs:StartLiveTail", "logs:StartQuery", "logs:StopQuery"),
    {
        "Sid": "NotTheVaultsLogs", "Effect": "Deny",
        "Action": "logs:*",
        "Resource": f"arn:aws:logs:*:*:log-group:{FORBIDDEN_GROUP}:*",
    },
    READ_AUDIT,
)  # fmt: skip
ROLES = {
    "dev": (
        _LOOK,
        _exec_where("ExecInStaging", "staging"),
        _read_logs("logs:StartLiveTail", groups="/ecs/staging/*"),
    ),
    "auditor": (_LOOK, _read_logs(), READ_AUDIT),
    "web-team": (
        _LOOK,
        _allow(
            "ecs:ExecuteCommand",
            sid="ExecByTeam",
            Condition={"StringEquals": {"ecs:ResourceTag/team": "web"}},
        ),
    ),
    "admin": (_allow("*", sid="Everything"),),
}


def fill(
    account: str,
    region: str,
    *,
    services: int = 0,
    tasks: int = 0,
    cases: bool = False,
    incident: str = "",
    writers: LogWriters | None = None,
) -> tuple[str, str]:
    """Create all resources; returns the access key ID and secret of the demo's user.

    Args:
        services: With `tasks`, the size of the additional cluster `scale`.
        cases: Whether the account has the clusters of `cases`.
        incident: One of `INCIDENTS`, which begins now; "" for none.
        writers: Gives the containers their log streams; None for none.
    """
    keys = _identities(account)
    logs_backends[account][region].create_log_group("/ecs/exec", {})
    clusters = scaled(services, tasks) if services else CLUSTERS
    clusters = (*clusters, *clusters_on_request(cases=cases, incident=incident))
    backend = demo_ecs_backends[account][region]
    for where, there in ((region, clusters), *OTHER_REGIONS.items()):
        create_groups(account, where, there)
        if writers is not None:
            demo_ecs_backends[account][where].on_place = writers.started
    network = network_of(account, region)
    isolated_subnet = endpoints(account, region)
    isolated = {
        "awsvpcConfiguration": {**network["awsvpcConfiguration"], "subnets": [isolated_subnet]}
    }
    keep_events(backend, cases=cases, incident=incident)
    _clusters(account, region, clusters, network, isolated)
    standalone_tasks(backend, network)
    crashed_tasks(backend, clusters, network)
    scalable_targets(account, region, scaled_services(clusters))
    for other, clusters_there in OTHER_REGIONS.items():
        network = network_of(account, other)
        _clusters(account, other, clusters_there, network, network)
    begin(backend, cases=cases, incident=incident)
    if writers is not None:
        writers.past(clusters, backend, wall_clock.now())
    return keys


def scaled_services(clusters: Sequence[ClusterSpec]) -> dict[str, tuple[int, int]]:
    """The limits of the services that say so, by `cluster/service`."""
    return {
        f"{cluster.name}/{service.name}": service.scaling
        for cluster in clusters
        for service in cluster.services
        if service.scaling is not None
    }


def _clusters(
    account: str, region: str, clusters: Sequence[ClusterSpec], network: Any, isolated: Any
) -> None:
    """Create clusters and their services; isolated services get the network `isolated`."""
    backend = demo_ecs_backends[account][region]
    for cluster in clusters:
        _cluster(backend, cluster, account, region)
    # IDs depend on the order of creation: odd services come last, so the other IDs stay the same.
    for odd in (False, True):
        for cluster in clusters:
            for service in cluster.services:
                if odd is bool(service.provider or service.ipv6_only):
                    where = isolated if service.isolated else network
                    create_service(backend, cluster, service, where)


def _identities(account: str) -> tuple[str, str]:
    iam = iam_backends[account]["aws"]
    iam.create_user("aws", USER)
    iam.create_account_alias(ALIAS)
    for name, statements in {**TASK_ROLES, **ROLES}.items():
        trust = _TRUST if name in TASK_ROLES else _trust_account(account)
        iam.create_role(name, trust, "/", None, "", [], "3600")
        iam.put_role_policy(name, "exec", _policy(*statements))
    iam.put_user_policy(USER, "operators", _policy(*OPERATORS))
    key = iam.create_access_key(USER)
    return key.access_key_id, key.secret_access_key


def _trust_account(account: str) -> str:
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    return _policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


def _cluster(backend: DemoEcsBackend, spec: ClusterSpec, account: str, region: str) -> None:
    logging: dict[str, Any] = {"logging": spec.logging}
    if spec.log_group:
        logging["logConfiguration"] = {"cloudWatchLogGroupName": spec.log_group}
    if spec.bucket:
        logging["logConfiguration"] |= {"s3BucketName": spec.bucket, "s3KeyPrefix": "exec"}
    if spec.kms:
        key = kms_backends[account][region].create_key(
            None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "exec sessions", []
        )
        logging["kmsKeyId"] = key.arn
    fargate = spec.launch_type == "FARGATE"
    insights = "enabled" if fargate else "disabled"
    backend.create_cluster(
        spec.name,
        tags_of(spec.tags),
        [{"name": "containerInsights", "value": spec.insights or insights}],
        {"executeCommandConfiguration": logging},
        ["FARGATE", "FARGATE_SPOT"] if fargate else [name for name, _ in spec.providers] or None,
    )
    backend.providers[spec.name] = spec.providers
    ec2 = ec2_backends[account][region]
    for number in range(spec.instances):
        zone = f"{region}{'abc'[number % 3]}"
        made = ec2.run_instances(
            "ami-12c6146b",
            1,
            "",
            [],
            instance_type="m6i.xlarge",
            placement=zone,
            is_instance_type_default=False,
        )
        instance = backend.register_container_instance(spec.name, made.instances[0].id)
        old = number == spec.instances - 1
        instance.version_info = {
            "agentVersion": "1.47.0" if old else "1.89.2",
            "agentHash": "7fa8d6b4",
            "dockerVersion": "DockerVersion: 25.0.6",
        }
        if old:
            instance.agent_connected = False
