"""Parses ECS's answers into model objects. Shapes as in botocore's service model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ecs_tui.aws.parse.fields import Raw, flag, moment, number, part, parts, text, texts, whole
from ecs_tui.model.arn import cluster_name, short_name
from ecs_tui.model.capacity_provider import CapacityProvider, StrategyItem
from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.container import Container, ManagedAgent, PortBinding
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.service import Deployment, Network, Service, ServiceEvent, TaskSet
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import ContainerDefinition, TaskDefinition

if TYPE_CHECKING:
    from types_aiobotocore_ecs import type_defs as aws

_MAX_EVENTS = 25
"""Events that are kept of a service; DescribeServices sends up to 100."""


def tags(raw: Raw) -> dict[str, str]:
    """`tags[]`, a list of `{key, value}`, as a dictionary."""
    return {text(item, "key"): text(item, "value") for item in parts(raw, "tags")}


def cluster(raw: aws.ClusterTypeDef) -> Cluster:
    """One of `clusters[]` of DescribeClusters."""
    configuration = part(raw, "configuration")
    exec_configuration = None
    if "executeCommandConfiguration" in configuration:
        exec_raw = part(configuration, "executeCommandConfiguration")
        logs = part(exec_raw, "logConfiguration")
        exec_configuration = ExecConfiguration(
            logging=text(exec_raw, "logging", "DEFAULT"),
            kms_key_id=text(exec_raw, "kmsKeyId"),
            log_group=text(logs, "cloudWatchLogGroupName"),
            log_encryption=flag(logs, "cloudWatchEncryptionEnabled"),
            s3_bucket=text(logs, "s3BucketName"),
            s3_prefix=text(logs, "s3KeyPrefix"),
            s3_encryption=flag(logs, "s3EncryptionEnabled"),
        )
    return Cluster(
        arn=raw["clusterArn"],
        name=text(raw, "clusterName") or short_name(raw["clusterArn"]),
        status=text(raw, "status"),
        active_services=number(raw, "activeServicesCount"),
        running_tasks=number(raw, "runningTasksCount"),
        pending_tasks=number(raw, "pendingTasksCount"),
        instances=number(raw, "registeredContainerInstancesCount"),
        exec_configuration=exec_configuration,
        capacity_providers=texts(raw, "capacityProviders"),
        settings={text(item, "name"): text(item, "value") for item in parts(raw, "settings")},
        tags=tags(raw),
    )


def service(raw: aws.ServiceTypeDef) -> Service:
    """One of `services[]` of DescribeServices."""
    vpc = part(part(raw, "networkConfiguration"), "awsvpcConfiguration")
    strategy = tuple(
        StrategyItem(text(item, "capacityProvider"), number(item, "base"), number(item, "weight"))
        for item in parts(raw, "capacityProviderStrategy")
    )
    task_sets = tuple(_task_set(item) for item in parts(raw, "taskSets"))
    return Service(
        arn=raw["serviceArn"],
        name=text(raw, "serviceName") or short_name(raw["serviceArn"]),
        cluster_arn=text(raw, "clusterArn"),
        status=text(raw, "status"),
        desired=number(raw, "desiredCount"),
        running=number(raw, "runningCount") or sum(item.running for item in task_sets),
        pending=number(raw, "pendingCount") or sum(item.pending for item in task_sets),
        task_definition=text(raw, "taskDefinition"),
        launch_type=text(raw, "launchType") or "+".join(item.provider for item in strategy),
        platform_version=text(raw, "platformVersion"),
        scheduling=text(raw, "schedulingStrategy", "REPLICA"),
        controller=text(part(raw, "deploymentController"), "type", "ECS"),
        exec_enabled=flag(raw, "enableExecuteCommand"),
        propagate_tags=text(raw, "propagateTags", "NONE"),
        role_arn=text(raw, "roleArn"),
        created_at=moment(raw, "createdAt"),
        deployments=tuple(_deployment(item) for item in parts(raw, "deployments")),
        task_sets=task_sets,
        events=tuple(
            ServiceEvent(text(item, "id"), moment(item, "createdAt"), text(item, "message"))
            for item in parts(raw, "events")[:_MAX_EVENTS]
        ),
        network=(
            vpc
            and Network(
                texts(vpc, "subnets"),
                texts(vpc, "securityGroups"),
                text(vpc, "assignPublicIp"),
            )
        )
        or None,
        tags=tags(raw),
        strategy=strategy,
        target_groups=_target_groups(raw),
    )


def _target_groups(raw: Raw) -> tuple[str, ...]:
    """The ARNs in `loadBalancers[]`, including the alternate one of a blue/green deployment."""
    found = []
    for item in parts(raw, "loadBalancers"):
        other = text(part(item, "advancedConfiguration"), "alternateTargetGroupArn")
        found += [arn for arn in (text(item, "targetGroupArn"), other) if arn]
    return tuple(found)


def capacity_provider(raw: Raw) -> CapacityProvider:
    """One of `capacityProviders[]` of DescribeCapacityProviders."""
    return CapacityProvider(
        name=text(raw, "name"),
        type=text(raw, "type"),
        status=text(raw, "status"),
        update_status=text(raw, "updateStatus"),
        update_reason=text(raw, "updateStatusReason"),
    )


def _deployment(raw: Raw) -> Deployment:
    return Deployment(
        id=text(raw, "id"),
        status=text(raw, "status"),
        rollout_state=text(raw, "rolloutState"),
        rollout_reason=text(raw, "rolloutStateReason"),
        desired=number(raw, "desiredCount"),
        running=number(raw, "runningCount"),
        pending=number(raw, "pendingCount"),
        failed=number(raw, "failedTasks"),
        task_definition=text(raw, "taskDefinition"),
        created_at=moment(raw, "createdAt"),
        updated_at=moment(raw, "updatedAt"),
    )


def _task_set(raw: Raw) -> TaskSet:
    scale = part(raw, "scale")
    percent = scale.get("value")
    return TaskSet(
        id=text(raw, "id"),
        status=text(raw, "status"),
        stability=text(raw, "stabilityStatus"),
        scale=float(percent) if isinstance(percent, int | float) else 0.0,
        desired=number(raw, "computedDesiredCount"),
        running=number(raw, "runningCount"),
        pending=number(raw, "pendingCount"),
        task_definition=text(raw, "taskDefinition"),
        launch_type=text(raw, "launchType"),
        external_id=text(raw, "externalId"),
        started_by=text(raw, "startedBy"),
        created_at=moment(raw, "createdAt"),
        stable_at=moment(raw, "stabilityStatusAt"),
        target_groups=_target_groups(raw),
    )


def task(raw: aws.TaskTypeDef) -> Task:
    """One of `tasks[]` of DescribeTasks."""
    details = _network_details(raw)
    arn = raw["taskArn"]
    return Task(
        arn=arn,
        id=short_name(arn),
        cluster_arn=text(raw, "clusterArn"),
        group=text(raw, "group"),
        last_status=text(raw, "lastStatus"),
        desired_status=text(raw, "desiredStatus"),
        health=text(raw, "healthStatus", "UNKNOWN"),
        connectivity=text(raw, "connectivity"),
        exec_enabled=flag(raw, "enableExecuteCommand"),
        task_definition=text(raw, "taskDefinitionArn"),
        launch_type=text(raw, "launchType") or text(raw, "capacityProviderName"),
        capacity_provider=text(raw, "capacityProviderName"),
        platform_version=text(raw, "platformVersion"),
        platform_family=text(raw, "platformFamily"),
        zone=text(raw, "availabilityZone"),
        private_ip=details.get("privateIPv4Address", ""),
        ipv6=details.get("ipv6Address", "") or _ipv6(raw),
        subnet=details.get("subnetId", ""),
        interface=details.get("networkInterfaceId", ""),
        created_at=moment(raw, "createdAt"),
        started_at=moment(raw, "startedAt"),
        pull_started_at=moment(raw, "pullStartedAt"),
        pull_stopped_at=moment(raw, "pullStoppedAt"),
        connectivity_at=moment(raw, "connectivityAt"),
        stopping_at=moment(raw, "stoppingAt"),
        stopped_at=moment(raw, "stoppedAt"),
        execution_stopped_at=moment(raw, "executionStoppedAt"),
        stop_code=text(raw, "stopCode"),
        stopped_reason=text(raw, "stoppedReason"),
        started_by=text(raw, "startedBy"),
        container_instance_arn=text(raw, "containerInstanceArn"),
        role_override=text(part(raw, "overrides"), "taskRoleArn"),
        cpu=text(raw, "cpu"),
        memory=text(raw, "memory"),
        containers=tuple(_container(item, arn) for item in parts(raw, "containers")),
        tags=tags(raw),
    )


def _network_details(raw: aws.TaskTypeDef) -> dict[str, str]:
    for attachment in parts(raw, "attachments"):
        if text(attachment, "type") == "ElasticNetworkInterface":
            return {
                text(item, "name"): text(item, "value") for item in parts(attachment, "details")
            }
    return {}


def _ipv6(raw: aws.TaskTypeDef) -> str:
    """The first IPv6 address of its containers' network interfaces."""
    interfaces = (each for item in parts(raw, "containers") for each in _interfaces(item))
    return next((found for each in interfaces if (found := text(each, "ipv6Address"))), "")


def _interfaces(raw: Raw) -> list[Raw]:
    return parts(raw, "networkInterfaces")


def _container(raw: Raw, task_arn: str) -> Container:
    return Container(
        name=text(raw, "name"),
        arn=text(raw, "containerArn"),
        task_arn=task_arn,
        last_status=text(raw, "lastStatus"),
        health=text(raw, "healthStatus", "UNKNOWN"),
        runtime_id=text(raw, "runtimeId"),
        image=text(raw, "image"),
        image_digest=text(raw, "imageDigest"),
        exit_code=whole(raw, "exitCode"),
        reason=text(raw, "reason"),
        agents=tuple(
            ManagedAgent(
                text(item, "name"),
                text(item, "lastStatus"),
                text(item, "reason"),
                moment(item, "lastStartedAt"),
            )
            for item in parts(raw, "managedAgents")
        ),
        ports=tuple(
            PortBinding(
                number(item, "containerPort"),
                number(item, "hostPort"),
                text(item, "protocol", "tcp"),
            )
            for item in parts(raw, "networkBindings")
        ),
        addresses=tuple(
            found
            for item in _interfaces(raw)
            for name in ("privateIpv4Address", "ipv6Address")
            if (found := text(item, name))
        ),
        cpu=text(raw, "cpu"),
        memory=text(raw, "memory"),
    )


def task_definition(
    raw: aws.TaskDefinitionTypeDef, its_tags: Iterable[Mapping[str, Any]] | None
) -> TaskDefinition:
    """`taskDefinition` of DescribeTaskDefinition. Values of environment variables are dropped."""
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
        containers=tuple(
            ContainerDefinition(
                name=text(item, "name"),
                image=text(item, "image"),
                essential=flag(item, "essential", True),
                ports=tuple(
                    PortBinding(
                        number(port, "containerPort"),
                        number(port, "hostPort"),
                        text(port, "protocol", "tcp"),
                    )
                    for port in parts(item, "portMappings")
                ),
                readonly_root=flag(item, "readonlyRootFilesystem"),
                writable_mounts=tuple(
                    text(mount, "containerPath")
                    for mount in parts(item, "mountPoints")
                    if not flag(mount, "readOnly")
                ),
                init_process=flag(part(item, "linuxParameters"), "initProcessEnabled"),
                environment_names=tuple(text(pair, "name") for pair in parts(item, "environment")),
                secret_names=tuple(text(pair, "name") for pair in parts(item, "secrets")),
                environment_files=tuple(
                    text(each, "value") for each in parts(item, "environmentFiles")
                ),
                restarts=flag(part(item, "restartPolicy"), "enabled"),
                log_driver=text(part(item, "logConfiguration"), "logDriver"),
                stop_timeout=whole(item, "stopTimeout"),
                depends_on=tuple(text(each, "containerName") for each in parts(item, "dependsOn")),
            )
            for item in parts(raw, "containerDefinitions")
        ),
        tags=tags({"tags": its_tags}),
    )


def daemon_task_definition(raw: aws.DaemonTaskDefinitionTypeDef) -> TaskDefinition:
    """`daemonTaskDefinition` of DescribeDaemonTaskDefinition, whose other members are the same."""
    arn = text(raw, "daemonTaskDefinitionArn")
    return task_definition({**raw, "taskDefinitionArn": arn}, None)  # type: ignore[typeddict-item]


def instance(raw: aws.ContainerInstanceTypeDef) -> ContainerInstance:
    """One of `containerInstances[]` of DescribeContainerInstances."""
    attributes = {text(item, "name"): text(item, "value") for item in parts(raw, "attributes")}

    def amount(kind: str, name: str) -> int:
        found = (item for item in parts(raw, kind) if text(item, "name") == name)
        return next((number(item, "integerValue") for item in found), 0)

    arn = raw["containerInstanceArn"]
    cluster = cluster_name(arn)
    version = part(raw, "versionInfo")
    return ContainerInstance(
        arn=arn,
        id=short_name(arn),
        # ARNs in the old format lack the cluster: it is the one of the request (store/names.py).
        cluster_arn=f"{arn.rsplit(':', 1)[0]}:cluster/{cluster}" if cluster else "",
        ec2_id=text(raw, "ec2InstanceId"),
        status=text(raw, "status"),
        agent_connected=flag(raw, "agentConnected"),
        agent_version=text(version, "agentVersion"),
        docker_version=text(version, "dockerVersion"),
        running_tasks=number(raw, "runningTasksCount"),
        pending_tasks=number(raw, "pendingTasksCount"),
        instance_type=attributes.get("ecs.instance-type", ""),
        os_type=attributes.get("ecs.os-type", ""),
        zone=attributes.get("ecs.availability-zone", ""),
        cpu_free=amount("remainingResources", "CPU"),
        cpu_total=amount("registeredResources", "CPU"),
        memory_free=amount("remainingResources", "MEMORY"),
        memory_total=amount("registeredResources", "MEMORY"),
        registered_at=moment(raw, "registeredAt"),
    )
