"""ECS's answers, turned into model objects. The shapes are botocore's own service model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ecs_tui.model.arn import cluster_name, short_name
from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.container import Container, ManagedAgent, PortBinding
from ecs_tui.model.instance import ContainerInstance
from ecs_tui.model.service import Deployment, Network, Service, ServiceEvent
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import ContainerDefinition, TaskDefinition

if TYPE_CHECKING:
    from types_aiobotocore_ecs import type_defs as aws

_EVENTS_KEPT = 25


def tags(items: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """ECS's list of `{key, value}` as a dictionary."""
    return {str(item.get("key", "")): str(item.get("value", "")) for item in items or ()}


def cluster(raw: aws.ClusterTypeDef) -> Cluster:
    """One of `clusters[]` of DescribeClusters."""
    exec_raw = raw.get("configuration", {}).get("executeCommandConfiguration")
    exec_configuration = None
    if exec_raw is not None:
        logs = exec_raw.get("logConfiguration", {})
        exec_configuration = ExecConfiguration(
            logging=exec_raw.get("logging", "DEFAULT"),
            kms_key_id=exec_raw.get("kmsKeyId", ""),
            log_group=logs.get("cloudWatchLogGroupName", ""),
            log_encryption=logs.get("cloudWatchEncryptionEnabled", False),
            s3_bucket=logs.get("s3BucketName", ""),
            s3_prefix=logs.get("s3KeyPrefix", ""),
            s3_encryption=logs.get("s3EncryptionEnabled", False),
        )
    return Cluster(
        arn=raw["clusterArn"],
        name=raw.get("clusterName", short_name(raw["clusterArn"])),
        status=raw.get("status", ""),
        active_services=raw.get("activeServicesCount", 0),
        running_tasks=raw.get("runningTasksCount", 0),
        pending_tasks=raw.get("pendingTasksCount", 0),
        instances=raw.get("registeredContainerInstancesCount", 0),
        exec_configuration=exec_configuration,
        capacity_providers=tuple(raw.get("capacityProviders", ())),
        settings={
            str(item.get("name", "")): item.get("value", "") for item in raw.get("settings", ())
        },
        tags=tags(raw.get("tags")),
    )


def service(raw: aws.ServiceTypeDef) -> Service:
    """One of `services[]` of DescribeServices."""
    vpc = raw.get("networkConfiguration", {}).get("awsvpcConfiguration")
    strategy = raw.get("capacityProviderStrategy", [])
    return Service(
        arn=raw["serviceArn"],
        name=raw.get("serviceName", short_name(raw["serviceArn"])),
        cluster_arn=raw.get("clusterArn", ""),
        status=raw.get("status", ""),
        desired=raw.get("desiredCount", 0),
        running=raw.get("runningCount", 0),
        pending=raw.get("pendingCount", 0),
        task_definition=raw.get("taskDefinition", ""),
        launch_type=raw.get("launchType", "")
        or "+".join(str(item["capacityProvider"]) for item in strategy),
        platform_version=raw.get("platformVersion", ""),
        scheduling=raw.get("schedulingStrategy", "REPLICA"),
        exec_enabled=raw.get("enableExecuteCommand", False),
        propagate_tags=raw.get("propagateTags", "NONE"),
        role_arn=raw.get("roleArn", ""),
        created_at=raw.get("createdAt"),
        deployments=tuple(_deployment(item) for item in raw.get("deployments", ())),
        events=tuple(
            ServiceEvent(item.get("id", ""), item.get("createdAt"), item.get("message", ""))
            for item in raw.get("events", ())[:_EVENTS_KEPT]
        ),
        network=(
            vpc
            and Network(
                tuple(vpc.get("subnets", ())),
                tuple(vpc.get("securityGroups", ())),
                vpc.get("assignPublicIp", ""),
            )
        )
        or None,
        tags=tags(raw.get("tags")),
    )


def _deployment(raw: aws.DeploymentTypeDef) -> Deployment:
    return Deployment(
        id=raw.get("id", ""),
        status=raw.get("status", ""),
        rollout_state=raw.get("rolloutState", ""),
        rollout_reason=raw.get("rolloutStateReason", ""),
        desired=raw.get("desiredCount", 0),
        running=raw.get("runningCount", 0),
        pending=raw.get("pendingCount", 0),
        failed=raw.get("failedTasks", 0),
        task_definition=raw.get("taskDefinition", ""),
        created_at=raw.get("createdAt"),
        updated_at=raw.get("updatedAt"),
    )


def task(raw: aws.TaskTypeDef) -> Task:
    """One of `tasks[]` of DescribeTasks."""
    details = _network_details(raw)
    arn = raw["taskArn"]
    return Task(
        arn=arn,
        id=short_name(arn),
        cluster_arn=raw.get("clusterArn", ""),
        group=raw.get("group", ""),
        last_status=raw.get("lastStatus", ""),
        desired_status=raw.get("desiredStatus", ""),
        health=raw.get("healthStatus", "UNKNOWN"),
        connectivity=raw.get("connectivity", ""),
        exec_enabled=raw.get("enableExecuteCommand", False),
        task_definition=raw.get("taskDefinitionArn", ""),
        launch_type=raw.get("launchType", "") or raw.get("capacityProviderName", ""),
        platform_version=raw.get("platformVersion", ""),
        platform_family=raw.get("platformFamily", ""),
        zone=raw.get("availabilityZone", ""),
        private_ip=details.get("privateIPv4Address", ""),
        subnet=details.get("subnetId", ""),
        created_at=raw.get("createdAt"),
        started_at=raw.get("startedAt"),
        stopping_at=raw.get("stoppingAt"),
        stopped_at=raw.get("stoppedAt"),
        stop_code=raw.get("stopCode", ""),
        stopped_reason=raw.get("stoppedReason", ""),
        started_by=raw.get("startedBy", ""),
        container_instance_arn=raw.get("containerInstanceArn", ""),
        role_override=raw.get("overrides", {}).get("taskRoleArn", ""),
        cpu=raw.get("cpu", ""),
        memory=raw.get("memory", ""),
        containers=tuple(_container(item, arn) for item in raw.get("containers", ())),
        tags=tags(raw.get("tags")),
    )


def _network_details(raw: aws.TaskTypeDef) -> dict[str, str]:
    for attachment in raw.get("attachments", ()):
        if attachment.get("type") == "ElasticNetworkInterface":
            return {
                item.get("name", ""): item.get("value", "")
                for item in attachment.get("details", ())
            }
    return {}


def _container(raw: aws.ContainerTypeDef, task_arn: str) -> Container:
    return Container(
        name=raw.get("name", ""),
        arn=raw.get("containerArn", ""),
        task_arn=task_arn,
        last_status=raw.get("lastStatus", ""),
        health=raw.get("healthStatus", "UNKNOWN"),
        runtime_id=raw.get("runtimeId", ""),
        image=raw.get("image", ""),
        image_digest=raw.get("imageDigest", ""),
        exit_code=raw.get("exitCode"),
        reason=raw.get("reason", ""),
        agents=tuple(
            ManagedAgent(
                item.get("name", ""),
                item.get("lastStatus", ""),
                item.get("reason", ""),
                item.get("lastStartedAt"),
            )
            for item in raw.get("managedAgents", ())
        ),
        ports=tuple(
            PortBinding(
                item.get("containerPort", 0), item.get("hostPort", 0), item.get("protocol", "tcp")
            )
            for item in raw.get("networkBindings", ())
        ),
        private_ips=tuple(
            item.get("privateIpv4Address", "") for item in raw.get("networkInterfaces", ())
        ),
        cpu=raw.get("cpu", ""),
        memory=raw.get("memory", ""),
    )


def task_definition(
    raw: aws.TaskDefinitionTypeDef, its_tags: Iterable[Mapping[str, Any]] | None
) -> TaskDefinition:
    """`taskDefinition` of DescribeTaskDefinition. Values of environment variables are dropped."""
    return TaskDefinition(
        arn=raw.get("taskDefinitionArn", ""),
        family=raw.get("family", ""),
        revision=raw.get("revision", 0),
        task_role_arn=raw.get("taskRoleArn", ""),
        execution_role_arn=raw.get("executionRoleArn", ""),
        network_mode=raw.get("networkMode", ""),
        pid_mode=raw.get("pidMode", ""),
        containers=tuple(
            ContainerDefinition(
                name=item.get("name", ""),
                image=item.get("image", ""),
                essential=item.get("essential", True),
                ports=tuple(
                    PortBinding(
                        port.get("containerPort", 0),
                        port.get("hostPort", 0),
                        port.get("protocol", "tcp"),
                    )
                    for port in item.get("portMappings", ())
                ),
                readonly_root=item.get("readonlyRootFilesystem", False),
                init_process=item.get("linuxParameters", {}).get("initProcessEnabled", False),
                environment_names=tuple(
                    pair.get("name", "") for pair in item.get("environment", ())
                ),
                log_driver=item.get("logConfiguration", {}).get("logDriver", ""),
            )
            for item in raw.get("containerDefinitions", ())
        ),
        tags=tags(its_tags),
    )


def instance(raw: aws.ContainerInstanceTypeDef) -> ContainerInstance:
    """One of `containerInstances[]` of DescribeContainerInstances."""
    attributes = {
        item["name"]: item.get("value", "") for item in raw.get("attributes", ()) if "name" in item
    }

    def amount(kind: str, name: str) -> int:
        resources: Any = raw.get(kind, ())
        return next((r.get("integerValue", 0) for r in resources if r.get("name") == name), 0)

    arn = raw["containerInstanceArn"]
    version = raw.get("versionInfo", {})
    return ContainerInstance(
        arn=arn,
        id=short_name(arn),
        cluster_arn=arn.rsplit(":", 1)[0] + f":cluster/{cluster_name(arn)}",
        ec2_id=raw.get("ec2InstanceId", ""),
        status=raw.get("status", ""),
        agent_connected=raw.get("agentConnected", False),
        agent_version=version.get("agentVersion", ""),
        docker_version=version.get("dockerVersion", ""),
        running_tasks=raw.get("runningTasksCount", 0),
        pending_tasks=raw.get("pendingTasksCount", 0),
        instance_type=attributes.get("ecs.instance-type", ""),
        zone=attributes.get("ecs.availability-zone", ""),
        cpu_free=amount("remainingResources", "CPU"),
        cpu_total=amount("registeredResources", "CPU"),
        memory_free=amount("remainingResources", "MEMORY"),
        memory_total=amount("registeredResources", "MEMORY"),
        registered_at=raw.get("registeredAt"),
    )
