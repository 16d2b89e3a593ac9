"""Keeps a service's deployment records in step with its roll-outs."""

from __future__ import annotations

from typing import Any

from moto.ecs.models import Service, TaskDefinition

from ecs_tui.demo import traffic_shift
from ecs_tui.demo.deployment_records import (
    DeploymentRecord,
    RevisionRecord,
    image_digest,
    record_id,
)
from ecs_tui.demo.deployments import DEPLOYMENT_CONFIGURATION, threshold
from ecs_tui.demo.state import DeploymentState, ServiceState

KEPT_SECONDS = 90 * 24 * 3600.0
"""How long ECS lists a service deployment (ListServiceDeployments)."""


def revision_of(
    service: Service, state: ServiceState, deployment: DeploymentState, definition: TaskDefinition
) -> RevisionRecord:
    """The service revision that a roll-out of a service has, as the service is now."""
    more: dict[str, Any] = {"guardDutyEnabled": False}
    if state.provider:
        item = {"capacityProvider": state.provider, "weight": 1, "base": 0}
        more["capacityProviderStrategy"] = [item]
    else:
        more["launchType"] = service.launch_type
    if service.launch_type == "FARGATE":
        more["platformVersion"] = service.platform_version or "1.4.0"
        more["platformFamily"] = "Linux"
    if service.network_configuration:
        more["networkConfiguration"] = service.network_configuration
    if service.load_balancers:
        more["loadBalancers"] = service.load_balancers
        more["resolvedConfiguration"] = {
            "loadBalancers": [_resolved(item) for item in service.load_balancers]
        }
    images = tuple(
        (item["name"], item.get("image", ""), image_digest(item.get("image", "")))
        for item in definition.container_definitions
    )
    number = deployment.id.removeprefix("ecs-svc/")
    return RevisionRecord(number, deployment.task_definition, deployment.created_at, images, more)


def _resolved(item: dict[str, Any]) -> dict[str, Any]:
    rule = (item.get("advancedConfiguration") or {}).get("productionListenerRule")
    resolved = {"targetGroupArn": item["targetGroupArn"]}
    return resolved | ({"productionListenerRule": rule} if rule else {})


def begin_record(
    service: Service, state: ServiceState, revision: RevisionRecord, now: float
) -> DeploymentRecord | None:
    """Record that a roll-out begins; None for services whose deployments are CodeDeploy's.

    A deployment that still runs is replaced.
    """
    primary = state.primary
    state.revisions[primary.id] = revision
    if service.deployment_controller["type"] != "ECS":
        return None
    current = state.record
    if current is not None and current.active:
        current.stop(now, service.desired_count, "Stopped because a newer deployment was started.")
    running = dict.fromkeys(
        state.revisions[old.id].number for old in state.deployments[1:] if old.id in state.revisions
    )
    by_number = {each.number: each for each in state.revisions.values()}
    record = DeploymentRecord(
        id=record_id(primary.id),
        target=revision,
        sources=tuple(by_number[number] for number in running),
        configuration={**DEPLOYMENT_CONFIGURATION, **state.configuration},
        created_at=now,
        updated_at=now,
    )
    if record.strategy != "ROLLING" and record.sources:
        traffic_shift.begin(record, now)
    state.records.insert(0, record)
    state.records[:] = [each for each in state.records if now - each.created_at < KEPT_SECONDS]
    return record


def follow(service: Service, state: ServiceState, now: float) -> None:
    """Note what has become of the roll-out in progress, and the desired count."""
    if not state.wanted or state.wanted[-1][1] != service.desired_count:
        state.wanted.append((now, service.desired_count))
    record, primary = state.record, state.primary
    if record is None or not record.active:
        return
    if record.rollback is None:
        record.failed = primary.failed
    if primary.rollout == "COMPLETED":
        record.succeed(primary.updated_at, service.desired_count)
    elif primary.rollout == "FAILED" and record.rollback is None:
        record.stop(now, service.desired_count, primary.reason)


def breaker_view(record: DeploymentRecord, desired: int) -> dict[str, Any]:
    """`deploymentCircuitBreaker` of DescribeServiceDeployments."""
    breaker = record.configuration.get("deploymentCircuitBreaker") or {}
    count = {"failureCount": record.failed, "threshold": threshold(desired, breaker)}
    if not breaker.get("enable"):
        return {"status": "DISABLED", **count}
    if record.failed >= count["threshold"]:
        return {"status": "TRIGGERED", **count}
    return {"status": "MONITORING" if record.active else "MONITORING_COMPLETE", **count}
