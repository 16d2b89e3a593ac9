"""Parses service deployments and service revisions. Shapes as in botocore's service model."""

from __future__ import annotations

from ecs_tui.aws.parse.fields import (
    Raw,
    decimal,
    flag,
    moment,
    number,
    part,
    parts,
    shared,
    text,
    texts,
    whole,
)
from ecs_tui.aws.parse.service_parts import (
    deployment_settings,
    load_balancers,
    network,
    service_connect,
    strategy,
)
from ecs_tui.model.service_deployment import (
    AlarmMonitor,
    CircuitBreaker,
    HookRun,
    RevisionTasks,
    Rollback,
    ServiceDeployment,
)
from ecs_tui.model.service_revision import (
    ContainerImage,
    ServiceRegistry,
    ServiceRevision,
    ServiceVolume,
)


def deployment_brief(raw: Raw) -> ServiceDeployment:
    """One of `serviceDeployments[]` of ListServiceDeployments."""
    target = shared(raw, "targetServiceRevisionArn")
    return ServiceDeployment(
        arn=text(raw, "serviceDeploymentArn"),
        service_arn=shared(raw, "serviceArn"),
        cluster_arn=shared(raw, "clusterArn"),
        status=shared(raw, "status"),
        status_reason=text(raw, "statusReason"),
        created_at=moment(raw, "createdAt"),
        started_at=moment(raw, "startedAt"),
        finished_at=moment(raw, "finishedAt"),
        target=RevisionTasks(target) if target else None,
        described=False,
    )


def service_deployment(raw: Raw) -> ServiceDeployment:
    """One of `serviceDeployments[]` of DescribeServiceDeployments."""
    target = part(raw, "targetServiceRevision")
    rollback = part(raw, "rollback")
    breaker, alarms = part(raw, "deploymentCircuitBreaker"), part(raw, "alarms")
    return ServiceDeployment(
        arn=text(raw, "serviceDeploymentArn"),
        service_arn=shared(raw, "serviceArn"),
        cluster_arn=shared(raw, "clusterArn"),
        status=shared(raw, "status"),
        status_reason=text(raw, "statusReason"),
        created_at=moment(raw, "createdAt"),
        started_at=moment(raw, "startedAt"),
        finished_at=moment(raw, "finishedAt"),
        stopped_at=moment(raw, "stoppedAt"),
        updated_at=moment(raw, "updatedAt"),
        stage=shared(raw, "lifecycleStage"),
        sources=tuple(_tasks(item) for item in parts(raw, "sourceServiceRevisions")),
        target=_tasks(target) if target else None,
        hooks=tuple(_hook(item) for item in parts(raw, "lifecycleHookDetails")),
        settings=deployment_settings(raw),
        rollback=(
            Rollback(
                text(rollback, "reason"),
                moment(rollback, "startedAt"),
                shared(rollback, "serviceRevisionArn"),
            )
            if rollback
            else None
        ),
        breaker=(
            CircuitBreaker(
                shared(breaker, "status"),
                number(breaker, "failureCount"),
                number(breaker, "threshold"),
            )
            if breaker
            else None
        ),
        alarms=(
            AlarmMonitor(
                shared(alarms, "status"),
                texts(alarms, "alarmNames"),
                texts(alarms, "triggeredAlarmNames"),
            )
            if alarms
            else None
        ),
    )


def _tasks(raw: Raw) -> RevisionTasks:
    return RevisionTasks(
        shared(raw, "arn"),
        number(raw, "requestedTaskCount"),
        number(raw, "runningTaskCount"),
        number(raw, "pendingTaskCount"),
        decimal(raw, "requestedTestTrafficWeight"),
        decimal(raw, "requestedProductionTrafficWeight"),
    )


def _hook(raw: Raw) -> HookRun:
    return HookRun(
        id=text(raw, "hookId"),
        target_type=shared(raw, "targetType"),
        target_arn=text(raw, "targetArn"),
        status=shared(raw, "status"),
        expires_at=moment(raw, "expiresAt"),
        timeout_action=shared(raw, "timeoutAction"),
    )


def service_revision(raw: Raw) -> ServiceRevision:
    """One of `serviceRevisions[]` of DescribeServiceRevisions."""
    resolved = part(raw, "resolvedConfiguration")
    managed = part(raw, "ecsManagedResources")
    return ServiceRevision(
        arn=text(raw, "serviceRevisionArn"),
        service_arn=shared(raw, "serviceArn"),
        cluster_arn=shared(raw, "clusterArn"),
        task_definition=shared(raw, "taskDefinition"),
        capacity=strategy(raw),
        launch_type=shared(raw, "launchType"),
        platform_version=shared(raw, "platformVersion"),
        platform_family=shared(raw, "platformFamily"),
        load_balancers=load_balancers(raw),
        registries=tuple(
            ServiceRegistry(
                shared(item, "registryArn"),
                text(item, "containerName"),
                number(item, "containerPort") or number(item, "port"),
            )
            for item in parts(raw, "serviceRegistries")
        ),
        network=network(raw),
        images=tuple(
            ContainerImage(
                shared(item, "containerName"), shared(item, "image"), shared(item, "imageDigest")
            )
            for item in parts(raw, "containerImages")
        ),
        guard_duty=flag(raw, "guardDutyEnabled"),
        connect=service_connect(raw),
        volumes=tuple(_volume(item) for item in parts(raw, "volumeConfigurations")),
        lattice=tuple(
            shared(item, "targetGroupArn") for item in parts(raw, "vpcLatticeConfigurations")
        ),
        cpu_architecture=shared(part(part(raw, "overrides"), "runtimePlatform"), "cpuArchitecture"),
        listener_rules=tuple(
            rule
            for name in ("loadBalancers", "vpcLatticeConfigurations")
            for item in parts(resolved, name)
            if (rule := shared(item, "productionListenerRule"))
        ),
        endpoints=tuple(
            found for item in parts(managed, "ingressPaths") if (found := text(item, "endpoint"))
        ),
        created_at=moment(raw, "createdAt"),
    )


def _volume(raw: Raw) -> ServiceVolume:
    disk = part(raw, "managedEBSVolume")
    return ServiceVolume(
        text(raw, "name"),
        shared(disk, "volumeType"),
        whole(disk, "sizeInGiB"),
        flag(disk, "encrypted"),
    )
