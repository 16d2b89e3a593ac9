"""The loaded data of one account: clusters, services, tasks and other objects by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.model.arn import cluster_name, short_name
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.problem import SeenProblem
from ecs_tui.model.service import Service
from ecs_tui.model.service_revision import ServiceRevision
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.store import names
from ecs_tui.store.loader import Loader
from ecs_tui.store.lookups import Lookup, Lookups
from ecs_tui.store.scope import (
    EVERY_CLUSTER,
    Changed,
    Freshness,
    Kind,
    Listener,
    Scope,
    calls,
    clock,
)
from ecs_tui.store.source import Source
from ecs_tui.store.stopped_memory import StoppedMemory

__all__ = [
    "EVERY_CLUSTER", "Changed", "Freshness", "Inventory", "Kind", "Listener", "Scope", "calls",
    "clock",
]  # fmt: skip

LARGE_CLUSTER_SERVICES = 300
LARGE_CLUSTER_TASKS = 1000
"""In larger clusters, the exec agents of a service are loaded only when it is selected."""


class Inventory(Loader):
    """Keeps model objects by key. Objects never change; they are replaced.

    A list contains what its List call returned (`Lists`).
    """

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._definitions: dict[str, TaskDefinition] = {}
        self._revisions: dict[str, ServiceRevision] = {}
        self.lookups = Lookups(
            account, self.task_definition, self.service_revisions, self._looked_up
        )
        self.stopped_memory = StoppedMemory()
        self.problems: tuple[SeenProblem, ...] = ()
        self.listen(self._remember)

    def _remember(self, changed: Changed) -> None:
        """Keep stopped tasks for later than ECS does."""
        if changed.scope.kind is Kind.TASK and changed.keys:
            found = (self.get(changed.scope, key) for key in changed.keys)
            self.stopped_memory.take(task for task in found if task is not None)

    def _looked_up(self, lookup: Lookup) -> None:
        self._publish(Scope(Kind.SERVICE, lookup.cluster))

    def show_problems(self, found: Sequence[SeenProblem]) -> None:
        """Set the problems of the watched clusters, worst first; tells the listeners."""
        self.problems = tuple(found)
        self._publish(Scope(Kind.CLUSTER))

    # -- reading

    @property
    def clusters(self) -> list[Cluster]:
        """All known clusters."""
        return self.of(Scope(Kind.CLUSTER))

    def cluster(self, name: str) -> Cluster | None:
        """The cluster called `name` (or by ARN)."""
        wanted = short_name(name)
        return next((item for item in self.clusters if item.name == wanted), None)

    def services(self, cluster: str) -> list[Service]:
        """The services of a cluster."""
        return self.of(Scope(Kind.SERVICE, cluster))

    def service(self, cluster: str, name: str) -> Service | None:
        """One service, or None while unknown; an existing one is preferred to a deleted one."""
        scope = Scope(Kind.SERVICE, cluster)

        def make() -> dict[str, Service]:
            by_name: dict[str, Service] = {}
            for item in self.services(cluster):
                known = by_name.get(item.name)
                newest = names.newest_service([known, item]) if known is not None else item
                by_name[item.name] = newest or item
            return by_name

        basis = (self.version(scope), self.freshness(scope).asked_at is None)
        return self.derived(("services by name", cluster), basis, make).get(name)

    def tasks(self, cluster: str, service: str = "", *, stopped: bool = False) -> list[Task]:
        """The list of tasks of a cluster, or of one service of it."""
        return self.of(Scope(Kind.TASK, cluster, service, stopped))

    def stopped_tasks(self, cluster: str, service: str = "") -> list[Task]:
        """The stopped tasks of a cluster or a service: those that ECS lists, then remembered ones."""
        listed = self.tasks(cluster, service, stopped=True)
        memory = self.stopped_memory

        def make() -> list[Task]:
            return memory.joined(listed, cluster, service)

        basis = (self.tasks_version(cluster), memory.version, len(listed))
        return list(self.derived(("stopped tasks", cluster, service), basis, make))

    def task(self, arn: str) -> Task | None:
        """One task by ARN, from any list, else a remembered one that has stopped."""
        cluster = self._objects.cluster_of(arn)
        if cluster is None:
            return self.stopped_memory.get(arn)
        return self.get(Scope(Kind.TASK, cluster), arn)

    def cluster_of(self, task_arn: str) -> str | None:
        """The name of a task's cluster; ARNs in the old format do not contain it."""
        return self._objects.cluster_of(task_arn)

    def task_scope(self, arn: str) -> Scope:
        """The scope of the running tasks of a task's cluster."""
        return Scope(Kind.TASK, self.cluster_of(arn) or cluster_name(arn))

    def known_tasks(self, cluster: str) -> list[Task]:
        """The running tasks of a cluster: those of its list, or all loaded ones if it is not listed."""
        return self.known(Scope(Kind.TASK, cluster))

    def service_tasks(self, cluster: str, service: str) -> list[Task]:
        """The running tasks that a service started ("": standalone tasks).

        Decided by their group, among the newer of the service's and the cluster's list. Used for
        the service's row and for names, not for its list.
        """
        whole = Scope(Kind.TASK, cluster)

        def make() -> list[Task]:
            found = self._objects.of_service(cluster, service)
            named = self._members.of(self._newest(whole, service))
            listed = self.freshness(whole).asked_at is not None
            return [
                item
                for key, item in found.items()
                if (key in named or not listed) and not item.stopping and not item.gone
            ]

        name, basis = ("tasks of", cluster, service), self.tasks_version(cluster, service)
        return list(self.derived(name, (basis,), make))

    def tasks_version(self, cluster: str, service: str = "") -> int:
        """A number that changes with every change of a task of the cluster or service."""
        return self.version(Scope(Kind.TASK, cluster, service))

    def large(self, cluster: str) -> bool:
        """Whether the cluster has too many tasks to load those that are not visible."""
        if self.count(Scope(Kind.SERVICE, cluster)) > LARGE_CLUSTER_SERVICES:
            return True
        known = self.cluster(cluster)
        if known is not None and known.running_tasks > LARGE_CLUSTER_TASKS:
            return True
        return sum(item.running for item in self.services(cluster)) > LARGE_CLUSTER_TASKS

    def waits_for_services(self, cluster: str) -> bool:
        """Whether the services of a cluster are not listed yet, so that its size is not known."""
        return self.freshness(Scope(Kind.SERVICE, cluster)).listed_at is None

    def in_every_cluster(self, kind: Source) -> list[Scope]:
        """The scopes of a kind in all clusters that are known to exist."""
        alive = (item for item in self.clusters if not item.gone and item.status != "INACTIVE")
        return [Scope(kind, item.name) for item in alive]

    def instances(self, cluster: str) -> list[ContainerInstance]:
        """The container instances of a cluster."""
        return self.of(Scope(Kind.INSTANCE, cluster))

    async def close(self) -> None:
        """Cancel every load and lookup."""
        await self.lookups.close()
        await super().close()

    # -- task definitions

    async def task_definition(self, arn: str) -> TaskDefinition:
        """A task definition; loaded once, because a revision never changes."""
        if arn not in self._definitions:
            self._definitions[arn] = await ecs.describe_task_definition(self.account, arn)
        return self._definitions[arn]

    def known_definition(self, arn: str) -> TaskDefinition | None:
        """The task definition, or None if it is not loaded."""
        return self._definitions.get(arn)

    @property
    def definitions(self) -> Mapping[str, TaskDefinition]:
        """The loaded task definitions by ARN."""
        return self._definitions

    # -- service revisions

    async def service_revisions(self, arns: Sequence[str]) -> Mapping[str, ServiceRevision]:
        """Service revisions by ARN; each is loaded once, because it never changes.

        Those that AWS does not have are missing.
        """
        from ecs_tui.aws.api.service_deployments import describe_service_revisions

        new = [arn for arn in dict.fromkeys(arns) if arn not in self._revisions]
        for item in await describe_service_revisions(self.account, new) if new else ():
            self._revisions[item.arn] = item
        return {arn: self._revisions[arn] for arn in arns if arn in self._revisions}

    def known_revision(self, arn: str) -> ServiceRevision | None:
        """The service revision, or None if it is not loaded."""
        return self._revisions.get(arn)
