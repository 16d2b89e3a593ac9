"""Parses ECS's answers into model objects. Shapes as in botocore's service model."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ecs_tui.aws.parse.fields import (
    Raw,
    flag,
    moment,
    number,
    part,
    parts,
    shared,
    tags,
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
    target_groups,
)
from ecs_tui.model.arn import cluster_name, short_name
from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.container import Container, ManagedAgent, PortBinding
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.rules.waiting import telling_events
from ecs_tui.model.service import (
    Deployment,
    EventOfService,
    Service,
    ServiceEvent,
    TaskSet,
)
from ecs_tui.model.task import Task

if TYPE_CHECKING:
    from types_aiobotocore_ecs import type_defs as aws

_MAX_EVENTS = 25
"""Maximum events that are kept with a service; DescribeServices sends up to 100 (`service_events`)."""


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
    capacity = strategy(raw)
    deployments = parts(raw, "deployments")
    newest = deployments[0] if deployments else {}
    primary = next((item for item in deployments if text(item, "status") == "PRIMARY"), newest)
    task_sets = tuple(_task_set(item) for item in parts(raw, "taskSets"))
    return Service(
        arn=sys.intern(raw["serviceArn"]),
        name=text(raw, "serviceName") or short_name(raw["serviceArn"]),
        cluster_arn=shared(raw, "clusterArn"),
        status=shared(raw, "status"),
        desired=number(raw, "desiredCount"),
        running=number(raw, "runningCount") or sum(item.running for item in task_sets),
        pending=number(raw, "pendingCount") or sum(item.pending for item in task_sets),
        task_definition=shared(raw, "taskDefinition"),
        launch_type=shared(raw, "launchType") or "+".join(item.provider for item in capacity),
        platform_version=shared(raw, "platformVersion"),
        scheduling=shared(raw, "schedulingStrategy", "REPLICA"),
        controller=shared(part(raw, "deploymentController"), "type", "ECS"),
        exec_enabled=flag(raw, "enableExecuteCommand"),
        propagate_tags=shared(raw, "propagateTags", "NONE"),
        role_arn=shared(raw, "roleArn"),
        created_at=moment(raw, "createdAt"),
        deployments=tuple(_deployment(item) for item in deployments),
        task_sets=task_sets,
        events=telling_events(_event(item) for item in parts(raw, "events")[:_MAX_EVENTS]),
        network=network(raw),
        tags=tags(raw),
        strategy=capacity,
        target_groups=target_groups(raw),
        deployment_settings=deployment_settings(raw),
        load_balancers=load_balancers(raw),
        current_deployment=text(raw, "currentServiceDeployment"),
        current_revisions=tuple(
            shared(item, "arn") for item in parts(raw, "currentServiceRevisions")
        ),
        zone_rebalancing=shared(raw, "availabilityZoneRebalancing"),
        grace_seconds=whole(raw, "healthCheckGracePeriodSeconds"),
        connect=service_connect(primary),
        managed_by=shared(raw, "resourceManagementType"),
    )


def service_events(raw: Raw, after: str = "") -> list[EventOfService]:
    """All `events[]` of a service, the newest first; only those before the one with ID `after`."""
    found = []
    for item in parts(raw, "events"):
        event = _event(item)
        if after and event.id == after:
            break
        arn = text(raw, "serviceArn")
        found.append(EventOfService(event.id, event.at, event.message, arn))
    return found


def _event(raw: Raw) -> ServiceEvent:
    return ServiceEvent(text(raw, "id"), moment(raw, "createdAt"), text(raw, "message"))


def _deployment(raw: Raw) -> Deployment:
    return Deployment(
        id=text(raw, "id"),
        status=shared(raw, "status"),
        rollout_state=shared(raw, "rolloutState"),
        rollout_reason=text(raw, "rolloutStateReason"),
        desired=number(raw, "desiredCount"),
        running=number(raw, "runningCount"),
        pending=number(raw, "pendingCount"),
        failed=number(raw, "failedTasks"),
        task_definition=shared(raw, "taskDefinition"),
        created_at=moment(raw, "createdAt"),
        updated_at=moment(raw, "updatedAt"),
    )


def _task_set(raw: Raw) -> TaskSet:
    scale = part(raw, "scale")
    percent = scale.get("value")
    return TaskSet(
        id=text(raw, "id"),
        status=shared(raw, "status"),
        stability=shared(raw, "stabilityStatus"),
        scale=float(percent) if isinstance(percent, int | float) else 0.0,
        desired=number(raw, "computedDesiredCount"),
        running=number(raw, "runningCount"),
        pending=number(raw, "pendingCount"),
        task_definition=shared(raw, "taskDefinition"),
        launch_type=shared(raw, "launchType"),
        external_id=shared(raw, "externalId"),
        started_by=shared(raw, "startedBy"),
        created_at=moment(raw, "createdAt"),
        stable_at=moment(raw, "stabilityStatusAt"),
        target_groups=target_groups(raw),
    )


def task(raw: aws.TaskTypeDef) -> Task:
    """One of `tasks[]` of DescribeTasks."""
    details = _network_details(raw)
    arn = sys.intern(raw["taskArn"])
    return Task(
        arn=arn,
        id=short_name(arn),
        cluster_arn=shared(raw, "clusterArn"),
        group=shared(raw, "group"),
        last_status=shared(raw, "lastStatus"),
        desired_status=shared(raw, "desiredStatus"),
        health=shared(raw, "healthStatus", "UNKNOWN"),
        connectivity=shared(raw, "connectivity"),
        exec_enabled=flag(raw, "enableExecuteCommand"),
        task_definition=shared(raw, "taskDefinitionArn"),
        launch_type=shared(raw, "launchType") or shared(raw, "capacityProviderName"),
        capacity_provider=shared(raw, "capacityProviderName"),
        platform_version=shared(raw, "platformVersion"),
        platform_family=shared(raw, "platformFamily"),
        zone=shared(raw, "availabilityZone"),
        private_ip=shared(details, "privateIPv4Address"),
        ipv6=shared(details, "ipv6Address") or _ipv6(raw),
        subnet=shared(details, "subnetId"),
        interface=details.get("networkInterfaceId", ""),
        created_at=moment(raw, "createdAt"),
        started_at=moment(raw, "startedAt"),
        pull_started_at=moment(raw, "pullStartedAt"),
        pull_stopped_at=moment(raw, "pullStoppedAt"),
        connectivity_at=moment(raw, "connectivityAt"),
        stopping_at=moment(raw, "stoppingAt"),
        stopped_at=moment(raw, "stoppedAt"),
        execution_stopped_at=moment(raw, "executionStoppedAt"),
        stop_code=shared(raw, "stopCode"),
        stopped_reason=text(raw, "stoppedReason"),
        started_by=shared(raw, "startedBy"),
        container_instance_arn=shared(raw, "containerInstanceArn"),
        role_override=shared(part(raw, "overrides"), "taskRoleArn"),
        cpu=shared(raw, "cpu"),
        memory=shared(raw, "memory"),
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
        name=shared(raw, "name"),
        arn=text(raw, "containerArn"),
        task_arn=task_arn,
        last_status=shared(raw, "lastStatus"),
        health=shared(raw, "healthStatus", "UNKNOWN"),
        runtime_id=text(raw, "runtimeId"),
        image=shared(raw, "image"),
        image_digest=shared(raw, "imageDigest"),
        exit_code=whole(raw, "exitCode"),
        reason=text(raw, "reason"),
        agents=tuple(
            ManagedAgent(
                shared(item, "name"),
                shared(item, "lastStatus"),
                text(item, "reason"),
                moment(item, "lastStartedAt"),
            )
            for item in parts(raw, "managedAgents")
        ),
        ports=tuple(
            PortBinding(
                number(item, "containerPort"),
                number(item, "hostPort"),
                shared(item, "protocol", "tcp"),
            )
            for item in parts(raw, "networkBindings")
        ),
        addresses=tuple(
            found
            for item in _interfaces(raw)
            for name in ("privateIpv4Address", "ipv6Address")
            if (found := shared(item, name))
        ),
        cpu=shared(raw, "cpu"),
        memory=shared(raw, "memory"),
    )


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
        tags=tags(raw),
    )
