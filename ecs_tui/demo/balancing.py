"""The load balancers of the demo account: their ARNs, and the health of the targets of services.

Nothing is stored: a service's targets are its tasks. Source: "DescribeTargetHealth" in the API
reference of Elastic Load Balancing V2, and "Target health status" in its user guide.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from moto.ecs.models import Service, Task

from ecs_tui.demo.account import ServiceSpec
from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.demo.state import TaskState
from ecs_tui.demo.tasks import service_key
from ecs_tui.demo.views import address_of, host_port
from ecs_tui.model.arn import short_name

ACCOUNT = "123456789012"
INITIAL_SECONDS = 10.0
"""From RUNNING until a target has passed its first health checks."""
REGISTERING = "Target registration is in progress"
DEREGISTERING = "Target deregistration is in progress"


def _arn(region: str, kind: str, name: str) -> str:
    return (
        f"arn:aws:elasticloadbalancing:{region}:{ACCOUNT}:{kind}/{name}/"
        f"{hashlib.sha256(f'{region}{kind}{name}'.encode()).hexdigest()[:16]}"
    )


def target_group_arn(region: str, cluster: str, service: str, colour: str = "") -> str:
    """Of a service's target group; `colour` for the second one of blue/green deployments."""
    return _arn(region, "targetgroup", f"{cluster}-{service}{colour}"[:32])


def load_balancer_arn(region: str, cluster: str) -> str:
    """Of a cluster's load balancer."""
    return _arn(region, "loadbalancer/app", cluster)


def listener_arn(region: str, cluster: str) -> str:
    """Of the one listener of a cluster's load balancer."""
    balancer = load_balancer_arn(region, cluster).replace(":loadbalancer/", ":listener/")
    return f"{balancer}/{hashlib.sha256(balancer.encode()).hexdigest()[:16]}"


def rule_arn(region: str, cluster: str, service: str) -> str:
    """Of the listener's rule for a service."""
    listener = listener_arn(region, cluster).replace(":listener/", ":listener-rule/")
    return f"{listener}/{hashlib.sha256(f'{listener}{service}'.encode()).hexdigest()[:16]}"


def balanced(region: str, cluster: str, spec: ServiceSpec) -> dict[str, Any]:
    """A service's one item of `loadBalancers[]`, with a second group if its deployments shift."""
    container = next((item for item in spec.containers if item.port), spec.containers[0])
    item: dict[str, Any] = {
        "targetGroupArn": target_group_arn(region, cluster, spec.name),
        "containerName": container.name,
        "containerPort": container.port or 80,
    }
    if spec.shifts:
        item["advancedConfiguration"] = {
            "alternateTargetGroupArn": target_group_arn(region, cluster, spec.name, "-green"),
            "productionListenerRule": rule_arn(region, cluster, spec.name),
            "roleArn": f"arn:aws:iam::{ACCOUNT}:role/ecsInfrastructureRoleForLoadBalancers",
        }
    return item


def balanced_services(backend: DemoEcsBackend) -> Iterator[Service]:
    """The services with a target group."""
    return (service for service in backend.services.values() if service.load_balancers)


def target_groups(service: Service) -> Iterator[tuple[str, bool]]:
    """(ARN, whether it is the alternate one) of each target group of a service."""
    for item in service.load_balancers or ():
        yield item["targetGroupArn"], False
        if other := (item.get("advancedConfiguration") or {}).get("alternateTargetGroupArn"):
            yield other, True


def target_health(
    backend: DemoEcsBackend, service: Service, now: float, *, alternate: bool = False
) -> list[dict[str, Any]]:
    """`TargetHealthDescriptions[]` of one of a service's target groups."""
    port = service.load_balancers[0]["containerPort"]
    state = backend.service_states[service_key(service)]
    found = []
    for task in backend.by_service[service_key(service)]:
        mine = backend.state_of(task)
        newest = mine.deployment == state.primary.id
        if (len(state.deployments) > 1 and newest and _two(service)) is not alternate:
            continue
        health = _health(mine, now)
        if health is not None:
            found.append(_description(backend, task, mine, port, health))
    return found


def _two(service: Service) -> bool:
    return bool(service.load_balancers[0].get("advancedConfiguration"))


def _health(mine: TaskState, now: float) -> tuple[str, str, str] | None:
    """(state, reason, description) of a task's target; None if it is not registered."""
    status = mine.lifecycle.status(now)
    if mine.lifecycle.stop_at is not None and now >= mine.lifecycle.stop_at:
        if status in ("DEACTIVATING", "STOPPING") and mine.ran():
            return "draining", "Target.DeregistrationInProgress", DEREGISTERING
        return None
    if status != "RUNNING":
        return None
    if mine.failure is not None and mine.failure.target[0]:
        return mine.failure.target
    if now < mine.lifecycle.running_at + INITIAL_SECONDS:
        return "initial", "Elb.RegistrationInProgress", REGISTERING
    return "healthy", "", ""


def _description(
    backend: DemoEcsBackend, task: Task, mine: TaskState, port: int, health: tuple[str, str, str]
) -> dict[str, Any]:
    state, reason, description = health
    found: dict[str, str] = {"State": state}
    if reason:
        found |= {"Reason": reason, "Description": description}
    target: dict[str, Any] = {"Id": address_of(task), "Port": port, "AvailabilityZone": mine.zone}
    if task.container_instance_arn:
        instances = backend.container_instances[short_name(task.cluster_arn)]
        instance = instances[short_name(task.container_instance_arn)]
        target = {"Id": instance.ec2_instance_id, "Port": host_port(mine, 0)}
    return {"Target": target, "HealthCheckPort": str(target["Port"]), "TargetHealth": found}
