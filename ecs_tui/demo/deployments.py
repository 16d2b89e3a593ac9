"""Deployments of the demo account: the circuit breaker, and the updates that ECS refuses.

Source: "How the Amazon ECS deployment circuit breaker detects failures" in the developer guide.
"""

from __future__ import annotations

import math
from typing import Any

from moto.ecs.exceptions import ECSException, InvalidParameterException
from moto.ecs.models import Service

from ecs_tui.demo.state import DeploymentState, IdGenerator, ServiceState

DEPLOYMENT_CONFIGURATION: dict[str, Any] = {
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
}
"""`deploymentConfiguration` of a service that sets none."""
MIN_FAILURES, MAX_FAILURES = 3, 200
CIRCUIT_BREAKER = (
    "Service deployment rolled back because the circuit breaker threshold was exceeded."
)


def threshold(desired: int, breaker: dict[str, Any] | None = None) -> int:
    """The failed tasks after which a deployment has failed: half the desired count, within limits.

    Args:
        desired: The service's desired count.
        breaker: Its `deploymentCircuitBreaker`; `thresholdConfiguration` replaces the half or limits.
    """
    wanted = (breaker or {}).get("thresholdConfiguration") or {}
    kind, value = wanted.get("type", "BOUNDED_PERCENT"), int(wanted.get("value", 50))
    if kind == "COUNT":
        return value
    count = math.ceil(desired * value / 100)
    return max(1, count) if kind == "UNBOUNDED_PERCENT" else _bounded(count)


def _bounded(count: int) -> int:
    return min(MAX_FAILURES, max(MIN_FAILURES, count))


def least_healthy(service: Service, state: ServiceState) -> int:
    """The tasks that a rolling deployment keeps running (`minimumHealthyPercent`)."""
    percent = state.configuration.get("minimumHealthyPercent", 100)
    return math.ceil(int(service.desired_count) * int(percent) / 100)


def break_circuit(
    name: str, desired: int, state: ServiceState, names: IdGenerator, now: float
) -> str:
    """Fail the deployment in progress if too many of its tasks have failed.

    Returns:
        The task definition to roll back to, "" for none.
    """
    primary = state.primary
    breaker = state.configuration.get("deploymentCircuitBreaker", {})
    if (
        not breaker.get("enable")
        or primary.rollout != "IN_PROGRESS"
        or primary.failed < threshold(desired, breaker)
    ):
        return ""
    primary.rollout = "FAILED"
    primary.reason = "ECS deployment circuit breaker: tasks failed to start."
    primary.updated_at = now
    state.say(
        names,
        now,
        f"(service {name}) (deployment {primary.id}) deployment failed: tasks failed to start.",
    )
    if not breaker.get("rollback") or not state.completed:
        return ""
    if state.record is not None and state.record.sources:
        state.record.failed = primary.failed
        state.record.roll_back(now, CIRCUIT_BREAKER)
    return state.completed


def rolls_back(deployment: DeploymentState, failed: DeploymentState) -> None:
    """Mark a new deployment as the rollback of one that has failed."""
    deployment.reason = (
        f"ECS deployment circuit breaker: rolling back to deploymentId {deployment.id}."
    )
    failed.status = "ACTIVE"


def check_update(service: Service, asked: dict[str, Any]) -> None:
    """Raise AWS's errors for updates that it refuses."""
    if service.status != "ACTIVE":
        raise ECSException("ServiceNotActiveException", "Service was not ACTIVE.")
    if service.scheduling_strategy == "DAEMON" and asked.get("desired_count") is not None:
        raise InvalidParameterException(
            "The daemon scheduling strategy does not support a desired count for services. Remove "
            "a desired count value and try again."
        )
    controller = service.deployment_controller["type"]
    if controller != "ECS" and asked.get("force_new_deployment"):
        raise InvalidParameterException(
            f"Cannot force a new deployment on services with a {controller} deployment controller."
        )
