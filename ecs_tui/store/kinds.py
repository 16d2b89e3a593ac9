"""The kinds of objects that the queries of the inventory know: clusters, services, tasks, instances.

Every other kind is declared in the file of its resource.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.model.arn import short_name
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.store.names import cluster_arn, newest_service
from ecs_tui.store.source import Scope, Source


def _named_service(scope: Scope, key: str, known: Service | None) -> Service:
    return known or Service(
        key, short_name(key), cluster_arn(key, scope.cluster), described=False
    )  # fmt: skip


def _named_instance(scope: Scope, key: str, known: ContainerInstance | None) -> ContainerInstance:
    return known or ContainerInstance(
        key, short_name(key), cluster_arn(key, scope.cluster), described=False
    )


def _named_task(scope: Scope, key: str, known: Task | None) -> Task:
    """Service and desired status are shown from the start; neither decides in which list it is."""
    group = f"service:{scope.service}" if scope.service else ""
    if known is None:
        arn = cluster_arn(key, scope.cluster)
        desired = "STOPPED" if scope.stopped else "RUNNING"
        return Task(key, short_name(key), arn, group, desired_status=desired, described=False)
    if group and not known.described and not known.group:
        return replace(known, group=group)
    return known


async def _describe_services(
    account: Account, cluster: str, keys: Sequence[str]
) -> Sequence[Service]:
    """Of services with the same name, the existing one: a deleted one is returned for a while.

    Both have the same ARN.
    """
    by_arn: dict[str, list[Service]] = {}
    for item in await ecs.describe_services(account, cluster, keys):
        by_arn.setdefault(item.arn, []).append(item)
    return [newest for each in by_arn.values() if (newest := newest_service(each)) is not None]


def _task_moves(item: Task) -> bool:
    starting = any(agent.status == "PENDING" for each in item.containers for agent in each.agents)
    between = item.last_status not in ("RUNNING", "STOPPED", "")
    return not item.gone and (between or item.draining or starting)


class Kind:
    """The kinds, by name."""

    CLUSTER: Source[Cluster] = Source(
        "cluster",
        lambda account, scope, _: ecs.list_clusters(account),
        describe=lambda account, _, keys: ecs.describe_clusters(account, keys),
        named=lambda _, key, known: known or Cluster(key, short_name(key), described=False),
        in_cluster=False,
        model=Cluster,
    )
    SERVICE: Source[Service] = Source(
        "service",
        lambda account, scope, _: ecs.list_services(account, scope.cluster),
        describe=_describe_services,
        batch=ecs.SERVICES_PER_CALL,
        named=_named_service,
        moves=lambda item: item.deploying and not item.gone,
        measures=lambda item: {"running": float(item.running)},
        model=Service,
        saved=lambda item: replace(item, events=()),
    )
    TASK: Source[Task] = Source(
        "task",
        lambda account, scope, _: ecs.list_tasks(
            account, scope.cluster, scope.service, stopped=scope.stopped
        ),
        describe=ecs.describe_tasks,
        batch=ecs.TASKS_PER_CALL,
        named=_named_task,
        by_status=True,
        moves=_task_moves,
        model=Task,
    )
    INSTANCE: Source[ContainerInstance] = Source(
        "instance",
        lambda account, scope, _: ecs.list_instances(account, scope.cluster),
        describe=ecs.describe_instances,
        named=_named_instance,
    )


KINDS: tuple[Source, ...] = (Kind.CLUSTER, Kind.SERVICE, Kind.TASK, Kind.INSTANCE)
SAVED: Mapping[str, Source] = {kind.name: kind for kind in KINDS if kind.model is not None}
"""The kinds that snapshots contain, by name; the first one of a cluster decides whether it is saved."""
