"""The deployments API of the demo account: what ECS answers to its five operations.

Source: "ListServiceDeployments", "DescribeServiceDeployments", "DescribeServiceRevisions",
"StopServiceDeployment" and "ContinueServiceDeployment" in the ECS API reference.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from moto.core.exceptions import ServiceException
from moto.ecs.exceptions import InvalidParameterException, ServiceNotFoundException
from moto.ecs.models import Service

from ecs_tui.demo.deployment_records import DeploymentRecord, HookRecord
from ecs_tui.demo.deployment_views import (
    brief_view,
    deployment_arn,
    deployment_view,
    revision_arn,
    revision_view,
)
from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.demo.state import ServiceState
from ecs_tui.demo.tasks import service_key
from ecs_tui.model.arn import short_name

MAX_DESCRIBED = 20
"""ARNs in one call of DescribeServiceDeployments or DescribeServiceRevisions."""
BY_REQUEST = "Service deployment rolled back because of StopServiceDeployment request."
ABORTED = "Service deployment stopped because of StopServiceDeployment request."
BY_HOOK = "Service deployment rolled back because of ContinueServiceDeployment request."
Found = tuple[Service, ServiceState, DeploymentRecord]


class ServiceDeploymentNotFound(ServiceException):
    """No service of the account has this deployment."""

    code = "ServiceDeploymentNotFoundException"


class DeploymentConflict(ServiceException):
    """The deployment's state does not allow the change."""

    code = "ConflictException"


def list_deployments(backend: DemoEcsBackend, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`serviceDeployments[]` of ListServiceDeployments, newest first, all pages."""
    cluster = backend._get_cluster(asked.get("cluster") or "default")
    name = short_name(asked.get("service") or "")
    service = backend.services.get(f"{cluster.name}:{name}")
    if service is None:
        raise ServiceNotFoundException
    backend.remember(service, backend.service_states[service_key(service)])
    statuses, created = asked.get("status"), asked.get("createdAt") or {}
    after, before = _seconds(created.get("after"), 0.0), _seconds(created.get("before"), math.inf)
    return [
        brief_view(service, record)
        for record in backend.service_states[service_key(service)].records
        if (not statuses or record.status in statuses) and after <= record.created_at <= before
    ]


def describe_deployments(
    backend: DemoEcsBackend, arns: list[str], now: float
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """(`serviceDeployments[]`, `failures[]`) of DescribeServiceDeployments."""
    _check(arns, "serviceDeploymentArns")
    views, failures = [], []
    for arn in arns:
        found = find(backend, arn)
        if found is None:
            failures.append({"arn": arn, "reason": "MISSING"})
        else:
            service, state, record = found
            views.append(deployment_view(service, state, record, backend.counts(service, now)))
    return views, failures


def describe_revisions(
    backend: DemoEcsBackend, arns: list[str]
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """(`serviceRevisions[]`, `failures[]`) of DescribeServiceRevisions."""
    _check(arns, "serviceRevisionArns")
    views, failures = [], []
    for arn in arns:
        views += (found := list(_revisions(backend, arn)))
        if not found:
            failures.append({"arn": arn, "reason": "MISSING"})
    return views, failures


def stop_deployment(backend: DemoEcsBackend, asked: Mapping[str, Any], now: float) -> str:
    """StopServiceDeployment: roll back, or leave everything as it is; returns the ARN.

    Raises:
        ServiceDeploymentNotFound: There is none.
        DeploymentConflict: It has ended, is rolled back already, or has nothing to go back to.
    """
    arn = asked.get("serviceDeploymentArn") or ""
    service, state, record = _existing(backend, arn)
    if not record.active or record.rollback is not None or record is not state.record:
        raise DeploymentConflict(
            f"The service deployment can't be stopped because its status is {record.status}."
        )
    if (asked.get("stopType") or "ROLLBACK") == "ABORT":
        record.stop(now, service.desired_count, ABORTED)
        state.primary.rollout, state.primary.reason = "FAILED", ABORTED
    elif not record.sources:
        raise DeploymentConflict(
            "The service deployment can't be rolled back because there is no previous service "
            "revision."
        )
    else:
        backend.roll_back(service, state, BY_REQUEST, now)
    backend.converge_service(service, state, now)
    return str(arn)


def continue_deployment(backend: DemoEcsBackend, asked: Mapping[str, Any], now: float) -> str:
    """ContinueServiceDeployment: end the pause of a hook; returns the ARN.

    Raises:
        ServiceDeploymentNotFound: There is none.
        InvalidParameterException: It has no such hook, or does not wait at it.
    """
    arn = asked.get("serviceDeploymentArn") or ""
    service, state, record = _existing(backend, arn)
    hook = _hook(record, asked.get("hookId") or "")
    if hook.status != "AWAITING_ACTION":
        raise InvalidParameterException(
            f"The lifecycle hook {hook.id} is not awaiting an action. Its status is {hook.status}."
        )
    hook.status = "SUCCEEDED"
    if (asked.get("action") or "CONTINUE") == "ROLLBACK":
        backend.roll_back(service, state, BY_HOOK, now)
    else:
        record.stage_since = record.updated_at = now
    backend.converge_service(service, state, now)
    return str(arn)


def find(backend: DemoEcsBackend, arn: str) -> Found | None:
    """The service, its state and the record of a service deployment's ARN."""
    parts = arn.split("/")
    service = backend.services.get(f"{parts[1]}:{parts[2]}") if len(parts) == 4 else None
    if service is None:
        return None
    state = backend.service_states[service_key(service)]
    backend.remember(service, state)
    for record in state.records:
        if deployment_arn(service, record) == arn:
            return service, state, record
    return None


def _existing(backend: DemoEcsBackend, arn: str) -> Found:
    found = find(backend, arn)
    if found is None:
        raise ServiceDeploymentNotFound("The specified service deployment was not found.")
    return found


def _hook(record: DeploymentRecord, hook_id: str) -> HookRecord:
    for hook in record.hooks:
        if hook.id == hook_id:
            return hook
    raise InvalidParameterException(f"The lifecycle hook {hook_id} was not found.")


def _revisions(backend: DemoEcsBackend, arn: str) -> Iterator[dict[str, Any]]:
    parts = arn.split("/")
    service = backend.services.get(f"{parts[1]}:{parts[2]}") if len(parts) == 4 else None
    if service is None:
        return
    state = backend.service_states[service_key(service)]
    backend.remember(service, state)
    known = [*state.revisions.values(), *(record.target for record in state.records)]
    for revision in {each.number: each for each in known}.values():
        if revision_arn(service, revision) == arn:
            yield revision_view(service, revision)


def _seconds(value: Any, default: float) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    return default if value is None else float(value)


def _check(arns: list[str], name: str) -> None:
    if not arns:
        raise InvalidParameterException(f"{name} cannot be empty.")
    if len(arns) > MAX_DESCRIBED:
        raise InvalidParameterException(f"{name} cannot be more than {MAX_DESCRIBED}.")
