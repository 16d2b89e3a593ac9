"""Parses task definitions. Shapes as in botocore's service model.

Values of environment variables are dropped: they may be secrets.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ecs_tui.aws.parse.fields import (
    Raw,
    flag,
    moment,
    number,
    part,
    parts,
    tags,
    text,
    texts,
    whole,
)
from ecs_tui.aws.parse.log_configuration import log_configuration
from ecs_tui.model.container import PortBinding
from ecs_tui.model.task_definition import ContainerDefinition, HealthCheck, TaskDefinition

if TYPE_CHECKING:
    from types_aiobotocore_ecs import type_defs as aws


def task_definition(
    raw: aws.TaskDefinitionTypeDef, its_tags: Iterable[Raw] | None
) -> TaskDefinition:
    """`taskDefinition` of DescribeTaskDefinition."""
    return TaskDefinition(
        arn=text(raw, "taskDefinitionArn"),
        family=text(raw, "family"),
        revision=number(raw, "revision"),
        task_role_arn=text(raw, "taskRoleArn"),
        execution_role_arn=text(raw, "executionRoleArn"),
        network_mode=text(raw, "networkMode"),
        pid_mode=text(raw, "pidMode"),
        os_family=text(part(raw, "runtimePlatform"), "operatingSystemFamily"),
        status=text(raw, "status"),
        containers=tuple(_container(item) for item in parts(raw, "containerDefinitions")),
        tags=tags({"tags": its_tags}),
        cpu=text(raw, "cpu"),
        memory=text(raw, "memory"),
        architecture=text(part(raw, "runtimePlatform"), "cpuArchitecture"),
        registered_at=moment(raw, "registeredAt"),
        registered_by=text(raw, "registeredBy"),
    )


def daemon_task_definition(raw: aws.DaemonTaskDefinitionTypeDef) -> TaskDefinition:
    """`daemonTaskDefinition` of DescribeDaemonTaskDefinition, whose other members are the same."""
    arn = text(raw, "daemonTaskDefinitionArn")
    return task_definition({**raw, "taskDefinitionArn": arn}, None)  # type: ignore[typeddict-item]


def _container(raw: Raw) -> ContainerDefinition:
    return ContainerDefinition(
        name=text(raw, "name"),
        image=text(raw, "image"),
        essential=flag(raw, "essential", True),
        ports=tuple(
            PortBinding(
                number(port, "containerPort"),
                number(port, "hostPort"),
                text(port, "protocol", "tcp"),
            )
            for port in parts(raw, "portMappings")
        ),
        readonly_root=flag(raw, "readonlyRootFilesystem"),
        writable_mounts=tuple(
            text(mount, "containerPath")
            for mount in parts(raw, "mountPoints")
            if not flag(mount, "readOnly")
        ),
        init_process=flag(part(raw, "linuxParameters"), "initProcessEnabled"),
        environment_names=tuple(text(pair, "name") for pair in parts(raw, "environment")),
        secret_names=tuple(text(pair, "name") for pair in parts(raw, "secrets")),
        environment_files=tuple(text(each, "value") for each in parts(raw, "environmentFiles")),
        restarts=flag(part(raw, "restartPolicy"), "enabled"),
        logging=log_configuration(raw),
        stop_timeout=whole(raw, "stopTimeout"),
        depends_on=tuple(text(each, "containerName") for each in parts(raw, "dependsOn")),
        secret_sources=tuple(text(pair, "valueFrom") for pair in parts(raw, "secrets")),
        cpu=number(raw, "cpu"),
        memory=whole(raw, "memory"),
        memory_reservation=whole(raw, "memoryReservation"),
        health_check=_health_check(part(raw, "healthCheck")),
        command=texts(raw, "command"),
        entry_point=texts(raw, "entryPoint"),
    )


def _health_check(raw: Raw) -> HealthCheck | None:
    if not raw:
        return None
    return HealthCheck(
        command=texts(raw, "command"),
        interval=whole(raw, "interval"),
        timeout=whole(raw, "timeout"),
        retries=whole(raw, "retries"),
        start_period=whole(raw, "startPeriod"),
    )
