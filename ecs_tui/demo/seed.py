"""Fills moto with the demo account's resources."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.logs.models import logs_backends

from ecs_tui.demo.account import CLUSTERS, DAY, OTHER_REGIONS, ClusterSpec, ServiceSpec, scaled
from ecs_tui.demo.ecs import DemoEcsBackend, demo_ecs_backends
from ecs_tui.demo.lifecycle import TaskLifecycle
from ecs_tui.demo.standalone import standalone_tasks
from ecs_tui.demo.state import DeploymentState, ServiceState, TaskState

ALIAS = "example-corp"
USER = "alice"
_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


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
        sid="Operate",
    ),
)  # fmt: skip
ROLES = {
    "dev": (_LOOK, _exec_where("ExecInStaging", "staging")),
    "auditor": (_LOOK,),
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


def fill(account: str, region: str, *, services: int = 0, tasks: int = 0) -> tuple[str, str]:
    """Create all resources; returns the access key ID and secret of the demo's user."""
    keys = _identities(account)
    logs_backends[account][region].create_log_group("/ecs/exec", {})
    clusters = scaled(services, tasks) if services else CLUSTERS
    network = _network(account, region)
    isolated_subnet = _endpoints(account, region)
    isolated = {
        "awsvpcConfiguration": {**network["awsvpcConfiguration"], "subnets": [isolated_subnet]}
    }
    _clusters(account, region, clusters, network, isolated)
    standalone_tasks(demo_ecs_backends[account][region], network)
    for other, clusters_there in OTHER_REGIONS.items():
        network = _network(account, other)
        _clusters(account, other, clusters_there, network, network)
    return keys


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
                    _service(backend, cluster, service, isolated if service.isolated else network)


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


def _endpoints(account: str, region: str) -> str:
    """Create endpoints for sessions in the default VPC; returns a subnet of a VPC without any."""
    ec2 = ec2_backends[account][region]
    subnet = ec2.describe_subnets()[0]
    for service in ("ssmmessages", "kms", "logs"):
        ec2.create_vpc_endpoint(
            vpc_id=subnet.vpc_id,
            service_name=f"com.amazonaws.{region}.{service}",
            endpoint_type="Interface",
            policy_document=None,
            route_table_ids=[],
            subnet_ids=[subnet.id],
            private_dns_enabled=True,
        )
    vpc = ec2.create_vpc("10.66.0.0/16")
    ec2.modify_vpc_attribute(vpc.id, "enable_dns_hostnames", "true")
    return str(ec2.create_subnet(vpc.id, "10.66.1.0/24", availability_zone=f"{region}a").id)


def _network(account: str, region: str) -> dict[str, Any]:
    ec2 = ec2_backends[account][region]
    subnets = [subnet.id for subnet in ec2.describe_subnets()][:3]
    group = next(iter(ec2.describe_security_groups())).id
    return {
        "awsvpcConfiguration": {
            "subnets": subnets,
            "securityGroups": [group],
            "assignPublicIp": "DISABLED",
        }
    }


def _tags(pairs: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in pairs]


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
    backend.create_cluster(
        spec.name,
        _tags(spec.tags),
        [{"name": "containerInsights", "value": "enabled" if fargate else "disabled"}],
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


def _definition(
    backend: DemoEcsBackend, cluster: ClusterSpec, spec: ServiceSpec, revision: int
) -> str:
    family = spec.name if cluster.name == "prod" else f"{cluster.name}-{spec.name}"
    role = f"arn:aws:iam::{backend.account_id}:role/"
    fargate = cluster.launch_type == "FARGATE"
    containers = [
        {
            "name": item.name,
            "image": item.image,
            "essential": index == 0,
            "memory": 512,
            "cpu": 256,
            "portMappings": [{"containerPort": item.port, "protocol": "tcp"}] if item.port else [],
            "environment": [{"name": key, "value": value} for key, value in item.environment],
            "readonlyRootFilesystem": item.readonly_root,
            "linuxParameters": {"initProcessEnabled": item.init_process},
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": f"/ecs/{cluster.name}/{spec.name}",
                    "awslogs-region": backend.region_name,
                    "awslogs-stream-prefix": "ecs",
                },
            },
        }
        for index, item in enumerate(spec.containers)
    ]
    known = backend.task_definitions.setdefault(family, {})
    if revision not in known:
        made = backend.register_task_definition(
            family,
            containers,
            tags=[],
            network_mode="awsvpc" if fargate else "bridge",
            requires_compatibilities=["FARGATE"] if fargate else ["EC2"],
            cpu="512",
            memory="1024",
            task_role_arn=role + spec.task_role if spec.task_role else None,
            execution_role_arn=role + "ecsTaskExecutionRole",
            pid_mode=spec.pid_mode or None,
        )
        # moto starts at revision 1; the families of the demo have had more revisions.
        del known[made.revision]
        made.revision = revision
        made.arn = f"{made.arn.rsplit(':', 1)[0]}:{revision}"
        known[revision] = made
    return known[revision].arn


def _service(
    backend: DemoEcsBackend, cluster: ClusterSpec, spec: ServiceSpec, network: dict[str, Any]
) -> None:
    now = time.time()
    arn = _definition(backend, cluster, spec, spec.revision)
    fargate = cluster.launch_type == "FARGATE"
    service = super(DemoEcsBackend, backend).create_service(
        cluster.name,
        spec.name,
        spec.desired,
        arn,
        tags=_tags(spec.tags),
        launch_type=cluster.launch_type,
        platform_version=spec.platform_version if fargate else None,
        propagate_tags=spec.propagate,
        network_configuration=network if fargate else None,
    )
    tasks_exec = spec.exec_enabled if spec.tasks_exec_enabled is None else spec.tasks_exec_enabled
    key = f"{cluster.name}:{spec.name}"
    deployed = now - min(spec.age, spec.task_age + 60)
    crashing = any(item.exits_after for item in spec.containers)
    moving = crashing or bool(spec.unplaced)
    deployment = DeploymentState(
        backend._deployment_id(),
        arn,
        deployed,
        deployed,
        tasks_exec,
        rollout="IN_PROGRESS" if moving else "COMPLETED",
        failed=spec.failed,
        start_takes=spec.start_takes,
        agent_takes=spec.agent_takes,
    )
    state = ServiceState(
        spec.containers,
        spec.exec_enabled,
        now - spec.age,
        deployments=[deployment],
        provider=spec.provider,
        ipv6_only=spec.ipv6_only,
    )
    backend.service_states[key] = state
    event = f"was unable to place a task because {spec.unplaced}. For more information, see the "
    event += "Troubleshooting section of the Amazon ECS Developer Guide."
    event = event if spec.unplaced else "has reached a steady state."
    state.say(backend.names, deployed + 50, f"(service {spec.name}) {event}")
    # Start times differ, so that one task is the newest.
    for number in range(spec.desired):
        backend.place(
            cluster=backend._get_cluster(cluster.name),
            task_definition=arn,
            group=f"service:{spec.name}",
            launch_type=cluster.launch_type,
            network=network if fargate else None,
            tags=_tags(spec.tags) if spec.propagate == "SERVICE" else [],
            started_by=deployment.id,
            state=TaskState(
                lifecycle=TaskLifecycle(
                    now - spec.task_age + number * min(30.0, spec.task_age / 20),
                    DAY if spec.unplaced else min(spec.start_takes, spec.task_age / 2),
                    spec.agent_takes,
                ),
                containers=spec.containers,
                runtime_ids=(),
                exec_enabled=tasks_exec,
                zone="",
                platform_version=spec.platform_version if fargate else "",
                service_key=key,
                deployment=deployment.id,
                provider=spec.provider,
                ipv6_only=spec.ipv6_only,
                unplaced=bool(spec.unplaced),
            ),
        )
    if spec.deploying:
        newer = _definition(backend, cluster, spec, spec.revision + 1)
        backend._deploy(service, state, newer, now - 30)
        state.primary.start_takes = spec.start_takes
        state.primary.agent_takes = spec.agent_takes
    if tasks_exec != spec.exec_enabled:
        # Exec was enabled after these tasks started, without a new deployment.
        deployment.exec_enabled = tasks_exec
