"""Which services deserve further calls: pure, over what the lists already know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ecs_tui.model.rules.waiting import failing_event
from ecs_tui.model.scalable_target import ScalableTarget
from ecs_tui.model.scaling_activity import ScalingActivity
from ecs_tui.model.service import Service
from ecs_tui.model.service_deployment import ServiceDeployment
from ecs_tui.model.task import Task
from ecs_tui.problems.causes import grouped

LAST_DEPLOYMENT = "its last deployment"
"""The suspicion for which service deployments are asked for, and nothing else."""
RECENT_DEPLOYMENT = timedelta(hours=24)
"""The deployments of a service whose last one is not older are asked for once: a rollback that is
complete shows nowhere else."""
OLD_DEPLOYMENT = timedelta(minutes=10)
"""A deployment that is older is looked at."""


def suspicion(
    service: Service,
    stopped: Sequence[Task],
    running: Sequence[Task],
    scalable: ScalableTarget | None,
    now: datetime,
    *,
    activities: Sequence[ScalingActivity] = (),
    deployment: ServiceDeployment | None = None,
) -> str:
    """Why a service is looked at more closely, in a few words; "" if nothing speaks against it.

    Args:
        service: The service as DescribeServices returned it.
        stopped: Its stopped tasks of the last hour, as far as they are known.
        running: Its running tasks, as far as they are known.
        scalable: The range of its desired count, if that is known.
        now: The time from which ages are counted.
        activities: Its newest scaling activities, as far as they are known.
        deployment: Its last service deployment, if that was asked for.
    """
    if not service.described or service.gone or service.status != "ACTIVE":
        return ""
    if service.running < service.desired:
        return "below its desired count"
    primary = service.primary
    if primary is not None and (primary.failed or primary.rollout_state == "FAILED"):
        return "tasks of its deployment failed"
    if service.rolled_back is not None:
        return "rolling back"
    if failing_event(service) is not None:
        return "an event about a failure"
    if any(group.cause.ours for group in grouped(stopped)):
        return "tasks that ended"
    if service.deploying and _needs_deployments(service, now):
        return "a deployment in progress"
    if any(task.health == "UNHEALTHY" for task in running):
        return "unhealthy tasks"
    if any(each.failed and not each.not_scaled for each in activities[:1]):
        return "a scaling activity that failed"
    if scalable is not None and service.desired >= scalable.most > scalable.least:
        return "at the maximum of its auto scaling"
    return LAST_DEPLOYMENT if _ended_badly(service, deployment, now) else ""


def _ended_badly(service: Service, deployment: ServiceDeployment | None, now: datetime) -> bool:
    """Whether its last deployment did not succeed, or is recent and was not asked for yet."""
    primary = service.primary
    reason = primary.rollout_reason.casefold() if primary is not None else ""
    if any(word in reason for word in ("circuit breaker", "roll", "alarm", "hook")):
        return True
    if deployment is not None and deployment.arn == service.current_deployment:
        return deployment.status != "SUCCESSFUL" and not service.deploying
    if service.controller != "ECS" or service.deploying or primary is None:
        return False
    if deployment is not None and not service.current_deployment:
        return False  # it was asked for, and which one is current is not known
    # After a rollback, the primary deployment is the one before: only its change is recent.
    times = [at for at in (primary.created_at, primary.updated_at) if at is not None]
    return bool(times) and now - max(times) < RECENT_DEPLOYMENT


def _needs_deployments(service: Service, now: datetime) -> bool:
    """Whether its deployment may wait for a person, bakes, or is old."""
    settings, primary = service.deployment_settings, service.primary
    if settings is not None and (settings.hooks or settings.strategy not in ("", "ROLLING")):
        return True
    began = primary.created_at if primary is not None else None
    return began is not None and now - began > OLD_DEPLOYMENT
