"""When a service has settled: its newest deployment is over, and as many tasks run as are desired."""

from __future__ import annotations

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.aws.api.service_deployments import (
    HAS_NONE,
    describe_service_deployments,
    list_service_deployments,
)
from ecs_tui.errors import AccessDenied, AwsError
from ecs_tui.model.arn import short_name
from ecs_tui.model.service import Service
from ecs_tui.model.service_deployment import ServiceDeployment
from ecs_tui.operations.calls import Applied
from ecs_tui.operations.follow import Progress, new_event
from ecs_tui.operations.service_deployments import end_words, progress_words
from ecs_tui.record import dataclass
from ecs_tui.store.names import newest_service


@dataclass(frozen=True, slots=True)
class ServiceSettled:
    """The service has settled, or its newest deployment has failed."""

    cluster: str
    service: str

    async def look(self, account: Account, applied: Applied, seconds: float) -> Progress:
        """DescribeServices, and the newest service deployment where it may be read."""
        found = await ecs.describe_services(account, self.cluster, [self.service])
        service = newest_service(found)
        deployment = None
        if service is not None and service.controller == "ECS":
            deployment = await _newest(account, self.cluster, service)
        return settle_progress(service, short_name(self.service), deployment)


async def _newest(account: Account, cluster: str, service: Service) -> ServiceDeployment | None:
    """The newest deployment of a service; None if it has none, or it may not be read."""
    arns = [service.current_deployment] if service.current_deployment else []
    try:
        if not arns:  # it is over
            async for page in list_service_deployments(account, cluster, service.arn, 1):
                arns += [item.arn for item in page]
        found = await describe_service_deployments(account, cluster, arns) if arns else []
    except AwsError as error:
        if not isinstance(error, AccessDenied) and error.code not in HAS_NONE:
            raise
        return None
    return found[0] if found else None


def settle_progress(
    service: Service | None, name: str, deployment: ServiceDeployment | None
) -> Progress:
    """How far a service is from being settled.

    Args:
        service: The service now; None if there is none.
        name: Its name.
        deployment: Its newest service deployment; None if it has none, or it may not be read.
    """
    if service is None or service.status in ("INACTIVE", "DRAINING"):
        return Progress(f"Service {name} is being deleted, or has been.", "failed")
    counts = f"{service.running}/{service.desired} tasks running"
    counts += f" · {service.pending} pending" if service.pending else ""
    primary = service.primary
    newer = primary is not None and primary.rollout_state == "IN_PROGRESS"
    ended = deployment is not None and deployment.over and not newer
    if deployment is not None and ended and deployment.status != "SUCCESSFUL":
        return Progress(f"{counts}. {end_words(deployment)}", "failed")
    if deployment is not None and not deployment.over:
        return Progress(f"{progress_words(deployment)}{new_event(service, None)}")
    if primary is not None and primary.rollout_state == "FAILED":
        why = primary.rollout_reason or "no reason given"
        return Progress(f"{counts}. The deployment failed: {why}", "failed")
    if service.deploying or service.running != service.desired or service.pending:
        return Progress(f"{counts}{new_event(service, None)}")
    if any(item.stability != "STEADY_STATE" for item in service.task_sets):
        return Progress(f"{counts} · task sets stabilizing")
    return Progress(f"{counts}. {service.name} has settled on {service.revision}.", "done")
