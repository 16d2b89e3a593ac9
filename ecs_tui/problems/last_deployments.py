"""The last deployments of services that nothing else speaks against: how they are read without haste.

Where DescribeServices names the current deployment, one call tells of twenty services. Otherwise each
service's deployments are listed, in a large cluster one service after the other, the newest first.
"""

from __future__ import annotations

from datetime import UTC, datetime

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.service_deployments import DEPLOYMENTS_PER_CALL, describe_service_deployments
from ecs_tui.errors import AccessDenied, EcsTuiError
from ecs_tui.model.service import Service
from ecs_tui.problems.watched import WatchedCluster
from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.store.surroundings import why_unknown

_OPERATION = "ecs:DescribeServiceDeployments"
FEW = 20
"""Services whose deployments are listed at once; of more, one after the other."""
_EPOCH = datetime.fromtimestamp(0, UTC)


def postponed(
    inventory: Inventory, watched: WatchedCluster, at: float, period: float
) -> frozenset[str]:
    """The ARNs of suspects that are not to be asked about now.

    Args:
        at: Monotonic seconds.
        period: Seconds between two services whose deployments are listed, where many are to be.
    """
    scope = Scope(Kind.SERVICE, watched.name)
    late = [arn for arn in watched.asking if _is_late(watched, arn)]
    known = [each for arn in late if (each := inventory.get(scope, arn)) is not None]
    together = {each.arn for each in known if each.current_deployment}
    alone = [each for each in known if not each.current_deployment]
    if len(alone) <= FEW:
        return frozenset(together)
    due = at - watched.deployment_listed_at >= period
    first = {max(alone, key=_changed_at).arn} if due else set[str]()
    return frozenset(together | {each.arn for each in alone}) - first


def _is_late(watched: WatchedCluster, arn: str) -> bool:
    return watched.only_deployments(arn) and arn not in watched.deployments


def only_late(watched: WatchedCluster) -> bool:
    """Whether all that is still to be asked are the last deployments of many services."""
    late = sum(_is_late(watched, arn) for arn in watched.asking)
    return late == len(watched.asking) and (late > FEW or not late)


def deployments_due(
    inventory: Inventory, watched: WatchedCluster, at: float, period: float
) -> list[Service]:
    """The services whose last deployments are to be read next, those deployed last first.

    Args:
        at: Monotonic seconds.
        period: Seconds between two of these calls.
    """
    if at - watched.deployments_at < period:
        return []
    scope = Scope(Kind.SERVICE, watched.name)
    known = [each for arn in watched.asking if (each := inventory.get(scope, arn)) is not None]
    found = [each for each in known if each.current_deployment and _is_late(watched, each.arn)]
    found.sort(key=_changed_at, reverse=True)
    return found[:DEPLOYMENTS_PER_CALL]


def _changed_at(service: Service) -> datetime:
    primary = service.primary
    times = (primary.created_at, primary.updated_at) if primary is not None else ()
    return max((at for at in times if at is not None), default=_EPOCH)


async def read_last_deployments(
    account: Account, watched: WatchedCluster, services: list[Service], at: float
) -> None:
    """Read the last deployments of these services, at most twenty: one call.

    Args:
        at: Monotonic seconds.
    """
    watched.deployments_at = at
    arns = [each.current_deployment for each in services]
    try:
        found = await describe_service_deployments(account, watched.name, arns)
    except EcsTuiError as error:
        watched.denied[_OPERATION] = why_unknown(error)
        if isinstance(error, AccessDenied):
            watched.not_told.update(each.arn for each in services)
        return
    watched.denied.pop(_OPERATION, None)
    by_arn = {each.arn: each for each in found}
    for service in services:
        deployment = by_arn.get(service.current_deployment)
        if deployment is None:
            watched.not_told.add(service.arn)
        else:
            watched.deployments[service.arn] = deployment
