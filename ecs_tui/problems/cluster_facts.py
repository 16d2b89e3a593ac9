"""Makes the facts of a cluster from what the store holds, and from what was asked about its suspects."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field
from datetime import datetime, timedelta

from ecs_tui.model.alarm import AlarmIndex
from ecs_tui.model.auto_scaling_group import AutoScalingGroup
from ecs_tui.model.capacity_provider import CapacityProvider
from ecs_tui.model.nothing import nothing
from ecs_tui.model.retirement import Retirement
from ecs_tui.model.scalable_target import ScalableTarget
from ecs_tui.model.scaling_activity import ScalingActivity, scaled_resource
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.problems.asking import SuspectAnswers
from ecs_tui.problems.facts import ClusterFacts, ServiceFacts
from ecs_tui.record import dataclass
from ecs_tui.store.inventory import Inventory, Kind, Scope

STOPPED_WITHIN = timedelta(hours=24)
"""How old the remembered stopped tasks are that rules look at."""


@dataclass(frozen=True, slots=True)
class AccountAnswers:
    """What is asked once for a whole account, each None until it is known.

    Attributes:
        activities: The newest scaling activities by `service/CLUSTER/SERVICE`, of one page.
        denied: Why something is not known, by operation.
    """

    alarms: AlarmIndex | None = None
    scalable: Mapping[str, ScalableTarget] | None = None
    activities: Mapping[str, tuple[ScalingActivity, ...]] | None = None
    retirements: tuple[Retirement, ...] | None = None
    denied: Mapping[str, str] = field(default_factory=nothing)


@dataclass(frozen=True, slots=True)
class ClusterAnswers:
    """What is asked for a cluster, besides its lists; each None until it is known."""

    providers: tuple[CapacityProvider, ...] | None = None
    groups: Mapping[str, AutoScalingGroup] | None = None
    denied: Mapping[str, str] = field(default_factory=nothing)


def service_facts(
    inventory: Inventory,
    cluster: str,
    service: Service,
    account: AccountAnswers,
    answers: SuspectAnswers | None,
    seen_below: datetime | None,
    now: datetime,
) -> ServiceFacts:
    """The facts of one service.

    Args:
        answers: What was asked about it; None if it is no suspect.
        seen_below: Since when it was seen below its desired count.
        now: The time from which ages are counted.
    """
    settings = service.deployment_settings
    named = settings.alarms if settings is not None else ()
    groups = service.every_target_group
    alarms = account.alarms
    return ServiceFacts(
        cluster,
        service,
        running=running_tasks(inventory, cluster, service.name),
        stopped=stopped_tasks(inventory, cluster, service.name, now),
        events=answers.events if answers is not None else None,
        deployments=answers.deployments if answers is not None else None,
        targets=answers.targets if answers is not None else None,
        alarms=(
            tuple(alarms.of(cluster, service.name, groups, named)) if alarms is not None else None
        ),
        scalable=scalable_of(account, cluster, service.name),
        activities=_activities(account, answers, cluster, service.name),
        changes=answers.changes if answers is not None else None,
        last_lines=answers.last_lines if answers is not None else None,
        definitions=inventory.definitions,
        seen_below=seen_below,
        denied={**account.denied, **(answers.denied if answers is not None else {})},
    )


def activities_of(
    account: AccountAnswers, cluster: str, service: str
) -> tuple[ScalingActivity, ...]:
    """The scaling activities of a service among the newest ones of the account."""
    return (account.activities or {}).get(scaled_resource(cluster, service), ())


def _activities(
    account: AccountAnswers, answers: SuspectAnswers | None, cluster: str, service: str
) -> tuple[ScalingActivity, ...] | None:
    if answers is not None and answers.activities is not None:
        return answers.activities
    if account.activities is None:
        return None
    return activities_of(account, cluster, service)


def scalable_of(account: AccountAnswers, cluster: str, service: str) -> ScalableTarget | None:
    """The range of a service's desired count, if it is known."""
    return (account.scalable or {}).get(scaled_resource(cluster, service))


def running_tasks(inventory: Inventory, cluster: str, service: str) -> tuple[Task, ...] | None:
    """The running tasks of a service as far as they are described; None if they were not listed."""
    own, whole = Scope(Kind.TASK, cluster, service), Scope(Kind.TASK, cluster)
    if all(inventory.freshness(each).listed_at is None for each in (own, whole)):
        return None
    return tuple(task for task in inventory.service_tasks(cluster, service) if task.described)


def stopped_tasks(
    inventory: Inventory, cluster: str, service: str, now: datetime
) -> tuple[Task, ...] | None:
    """The stopped tasks of a service ("": of all), remembered ones included; None if not listed."""
    found = inventory.stopped_tasks(cluster, service)
    listed = inventory.freshness(Scope(Kind.TASK, cluster, stopped=True)).listed_at is not None
    if not found and not listed:
        return None
    return tuple(
        task
        for task in found
        if task.described and (task.stopped_at is None or now - task.stopped_at <= STOPPED_WITHIN)
    )


def cluster_facts(
    inventory: Inventory,
    cluster: str,
    services: Collection[ServiceFacts],
    account: AccountAnswers,
    answers: ClusterAnswers,
    now: datetime,
) -> ClusterFacts:
    """The facts of a cluster, without those of services that nothing speaks against."""
    instances, stopped = Scope(Kind.INSTANCE, cluster), stopped_tasks(inventory, cluster, "", now)
    listed = inventory.freshness(instances).listed_at is not None
    return ClusterFacts(
        cluster,
        inventory.cluster(cluster),
        tuple(services),
        instances=tuple(inventory.instances(cluster)) if listed else None,
        providers=answers.providers,
        groups=answers.groups,
        standalone=None if stopped is None else tuple(t for t in stopped if not t.service),
        unreachable=tuple(
            task for task in inventory.known_tasks(cluster) if task.connectivity == "DISCONNECTED"
        ),
        waiting=tuple(
            task for task in inventory.known_tasks(cluster) if task.last_status == "PROVISIONING"
        ),
        retirements=account.retirements,
        denied={**account.denied, **answers.denied},
    )  # fmt: skip
