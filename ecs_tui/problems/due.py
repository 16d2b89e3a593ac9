"""What of a watched cluster is to be read next: pure, over what the store has and when it was read."""

from __future__ import annotations

from ecs_tui.problems.last_deployments import only_late
from ecs_tui.problems.watch_times import QUIET_SERVICES_SECONDS
from ecs_tui.problems.watched import WatchedCluster
from ecs_tui.store.inventory import Inventory, Kind, Scope


def stopped_due(inventory: Inventory, watched: WatchedCluster, at: float, period: float) -> bool:
    """Whether the stopped tasks are to be listed: a list on the screen may have done it.

    Args:
        at: Monotonic seconds.
        period: Seconds between two reads.
    """
    listed = inventory.freshness(Scope(Kind.TASK, watched.name, stopped=True)).listed_at
    last = [each for each in (watched.stopped_at, listed) if each is not None]
    return watched.stopped_at is None or at - max(last) >= period


def running_due(inventory: Inventory, watched: WatchedCluster, at: float, period: float) -> bool:
    """Whether the running tasks are to be read; never those of a large cluster."""
    if inventory.large(watched.name):
        return False
    listed = inventory.freshness(Scope(Kind.TASK, watched.name)).listed_at
    last = [each for each in (watched.running_at, listed) if each is not None]
    return not last or at - max(last) >= period


def services_due(
    inventory: Inventory, watched: WatchedCluster, at: float, period: float
) -> list[str] | None:
    """The services to describe next; [] if they must be listed first; None if nothing is due.

    Args:
        at: Monotonic seconds.
        period: Seconds after which they are described again where the counts do not agree.
    """
    scope = Scope(Kind.SERVICE, watched.name)
    fresh = inventory.freshness(scope)
    if fresh.listed_at is None or at - fresh.listed_at > QUIET_SERVICES_SECONDS:
        return None if fresh.loading else []
    if watched.urgent:
        return list(watched.urgent)[: Kind.SERVICE.batch]
    wanted = inventory.to_describe(scope)
    if not wanted:
        quiet = watched.is_quiet(at, lambda: agrees(inventory, watched))
        oldest = QUIET_SERVICES_SECONDS if quiet else period
        wanted = [
            arn
            for each in inventory.services(watched.name)
            if at - inventory.described_at(scope, arn := each.arn) > oldest
            and not inventory.in_flight(scope, arn)
        ]
        first = watched.below.keys() | watched.suspects.keys()
        wanted.sort(key=lambda arn: (arn not in first, inventory.described_at(scope, arn)))
    return wanted[: Kind.SERVICE.batch] or None


def agrees(inventory: Inventory, watched: WatchedCluster) -> bool:
    """Whether the cluster's counts agree with what its services should run, and none is a suspect."""
    known = inventory.cluster(watched.name)
    if known is None or not known.described or watched.below:
        return False
    if not all(map(watched.only_deployments, watched.suspects)):
        return False
    services = inventory.services(watched.name)
    if not all(each.described for each in services) or known.pending_tasks:
        return False
    wanted = sum(each.desired for each in services)
    alone = sum(1 for task in inventory.known_tasks(watched.name) if not task.service)
    return wanted <= known.running_tasks <= wanted + max(alone, len(services) // 20)


def is_complete(inventory: Inventory, watched: WatchedCluster) -> bool:
    """Whether everything was read, so that a problem that was not found is over."""
    services = Scope(Kind.SERVICE, watched.name)
    stopped = Scope(Kind.TASK, watched.name, stopped=True)
    fresh = [inventory.freshness(each) for each in (services, stopped)]
    read = all(each.listed_at is not None and each.error is None for each in fresh)
    return read and only_late(watched) and not inventory.to_describe(services)
