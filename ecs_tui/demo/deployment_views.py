"""Service deployments and revisions of the demo in the shapes of botocore's service model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.ecs.models import Service

from ecs_tui.demo.deployment_records import (
    DeploymentRecord,
    HookRecord,
    RevisionRecord,
    RollbackRecord,
)
from ecs_tui.demo.recording import breaker_view
from ecs_tui.demo.state import ServiceState, when

Counts = Mapping[str, tuple[int, int]]
"""(running, pending) tasks of a service, by `DeploymentState.id`."""


def deployment_arn(service: Service, record: DeploymentRecord) -> str:
    """The ARN of a service deployment."""
    return f"{service.arn.replace(':service/', ':service-deployment/')}/{record.id}"


def revision_arn(service: Service, revision: RevisionRecord) -> str:
    """The ARN of a service revision."""
    return f"{service.arn.replace(':service/', ':service-revision/')}/{revision.number}"


def brief_view(service: Service, record: DeploymentRecord) -> dict[str, Any]:
    """One of `serviceDeployments[]` of ListServiceDeployments."""
    return {
        "serviceDeploymentArn": deployment_arn(service, record),
        "serviceArn": service.arn,
        "clusterArn": service.cluster_arn,
        "targetServiceRevisionArn": revision_arn(service, record.target),
        "status": record.status,
        **_reason(record),
        **_times(record, "createdAt", "startedAt", "finishedAt"),
    }


def deployment_view(
    service: Service, state: ServiceState, record: DeploymentRecord, counts: Counts
) -> dict[str, Any]:
    """One of `serviceDeployments[]` of DescribeServiceDeployments."""
    desired = service.desired_count if record.desired < 0 else record.desired
    view: dict[str, Any] = {
        "serviceDeploymentArn": deployment_arn(service, record),
        "serviceArn": service.arn,
        "clusterArn": service.cluster_arn,
        **_times(record, "createdAt", "startedAt", "finishedAt", "stoppedAt", "updatedAt"),
        "sourceServiceRevisions": [
            _summary(service, state, record, each, counts) for each in record.sources
        ],
        "targetServiceRevision": _summary(service, state, record, record.target, counts),
        "status": record.status,
        **_reason(record),
        "deploymentConfiguration": record.configuration,
    }
    if record.strategy == "ROLLING":
        view["deploymentCircuitBreaker"] = breaker_view(record, desired)
    if record.stage:
        view["lifecycleStage"] = record.stage
        view["lifecycleHookDetails"] = [_hook(hook) for hook in record.hooks]
    if record.rollback is not None:
        view["rollback"] = _rollback(service, record.rollback)
    if alarms := record.configuration.get("alarms"):
        view["alarms"] = _alarms(record, alarms)
    return view


def revision_view(service: Service, revision: RevisionRecord) -> dict[str, Any]:
    """One of `serviceRevisions[]` of DescribeServiceRevisions."""
    return {
        "serviceRevisionArn": revision_arn(service, revision),
        "serviceArn": service.arn,
        "clusterArn": service.cluster_arn,
        "taskDefinition": revision.task_definition,
        "createdAt": when(revision.created_at),
        "containerImages": [
            {"containerName": name, "image": image, "imageDigest": digest}
            for name, image, digest in revision.images
        ],
        **revision.more,
    }


def current_views(service: Service, state: ServiceState, counts: Counts) -> dict[str, Any]:
    """`currentServiceDeployment` and `currentServiceRevisions` of DescribeServices."""
    record = state.record
    if record is None:
        return {}
    shown = {state.revisions[d.id].number: state.revisions[d.id] for d in state.deployments
             if d.id in state.revisions}  # fmt: skip
    view: dict[str, Any] = {
        "currentServiceRevisions": [
            {"arn": revision_arn(service, each), **_counts(state, each, counts, service)}
            for each in shown.values()
        ]
    }
    if record.active:
        view["currentServiceDeployment"] = deployment_arn(service, record)
    return view


def _summary(
    service: Service,
    state: ServiceState,
    record: DeploymentRecord,
    revision: RevisionRecord,
    counts: Counts,
) -> dict[str, Any]:
    """A ServiceRevisionSummary; of a deployment that has ended, with its final counts."""
    target = revision is record.target
    view: dict[str, Any] = {"arn": revision_arn(service, revision)}
    if record.active:
        view |= _counts(state, revision, counts, service)
    else:
        kept = record.target if record.rollback is None else record.rollback.revision
        count = record.desired if revision is kept and record.status != "STOPPED" else 0
        view |= {
            "requestedTaskCount": count, "runningTaskCount": count, "pendingTaskCount": 0
        }  # fmt: skip
    if record.stage:
        share = record.weight if target else 100.0 - record.weight
        test = record.test_weight if target else 100.0 - record.test_weight
        view["requestedProductionTrafficWeight"] = share
        view["requestedTestTrafficWeight"] = test
    return view


def _counts(
    state: ServiceState, revision: RevisionRecord, counts: Counts, service: Service
) -> dict[str, int]:
    running = pending = requested = 0
    for deployment in state.deployments:
        if state.revisions.get(deployment.id) is not revision:
            continue
        up, coming = counts.get(deployment.id, (0, 0))
        running, pending = running + up, pending + coming
        primary = deployment is state.primary
        requested += service.desired_count if primary else up + coming
    return {
        "requestedTaskCount": requested, "runningTaskCount": running, "pendingTaskCount": pending
    }  # fmt: skip


def _reason(record: DeploymentRecord) -> dict[str, str]:
    return {"statusReason": record.reason} if record.reason else {}


def _times(record: DeploymentRecord, *names: str) -> dict[str, Any]:
    known = {
        "createdAt": record.created_at,
        "startedAt": record.created_at + 0.5,
        "finishedAt": record.finished_at,
        "stoppedAt": record.stopped_at,
        "updatedAt": record.updated_at,
    }
    return {name: when(known[name]) for name in names if known[name]}


def _hook(hook: HookRecord) -> dict[str, Any]:
    view: dict[str, Any] = {
        "hookId": hook.id, "targetType": hook.target_type, "status": hook.status,
        "timeoutAction": hook.timeout_action,
    }  # fmt: skip
    if hook.target_arn:
        view["targetArn"] = hook.target_arn
    if hook.expires_at:
        view["expiresAt"] = when(hook.expires_at)
    return view


def _rollback(service: Service, rollback: RollbackRecord) -> dict[str, Any]:
    return {
        "reason": rollback.reason,
        "startedAt": when(rollback.started_at),
        "serviceRevisionArn": revision_arn(service, rollback.revision),
    }


def _alarms(record: DeploymentRecord, configured: dict[str, Any]) -> dict[str, Any]:
    if not configured.get("enable"):
        status = "DISABLED"
    elif record.triggered:
        status = "TRIGGERED"
    else:
        status = "MONITORING" if record.active else "MONITORING_COMPLETE"
    return {
        "status": status,
        "alarmNames": list(configured.get("alarmNames") or ()),
        "triggeredAlarmNames": list(record.triggered),
    }
