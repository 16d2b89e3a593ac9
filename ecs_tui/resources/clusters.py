"""Clusters."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime

from ecs_tui.aws.account import ENVIRONMENT_KEYS, Account
from ecs_tui.aws.api import ecs
from ecs_tui.aws.configuration import Setting
from ecs_tui.config.key_text import KeyText
from ecs_tui.errors import NotFound
from ecs_tui.model.arn import short_name
from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.rules.exec_readiness import Verdict, container_readiness
from ecs_tui.model.rules.health import Sign, cluster_sign, service_sign, share_sign
from ecs_tui.model.text import clean
from ecs_tui.record import dataclass
from ecs_tui.resources.base import (
    GONE,
    Cell,
    Column,
    Place,
    RawView,
    Resource,
    dimmed,
    plain,
    rank_of,
    signed,
)
from ecs_tui.resources.facts import Fact, not_read, tag_facts
from ecs_tui.resources.flat import (
    CLUSTER_COLUMN,
    Listing,
    Row,
    TableColumn,
    itself,
    pages_of,
    value_of,
    with_nulls,
)
from ecs_tui.resources.inside import inside_fact, inside_of, with_inside
from ecs_tui.store.capacity import Providers, provider_words, providers_lookup
from ecs_tui.store.inventory import EVERY_CLUSTER, Inventory, Kind, Scope
from ecs_tui.store.lookups import Lookup, LookupResult, inside_lookup


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """A cluster, with the exec readiness of its loaded tasks and the health of its loaded services.

    Attributes:
        ready: How many of their containers are ready for a shell.
        containers: How many containers they have.
        failing, below, deploying: How many of its services are failing, have fewer running tasks
            than desired, or are deploying; None while none of its services is loaded.
        inside: How many sessions are open in its containers.
        counted: Whether all of its services are counted; otherwise there may be more.
    """

    cluster: Cluster
    ready: int
    containers: int
    failing: int | None = None
    below: int | None = None
    deploying: int | None = None
    inside: int = 0
    counted: bool = True

    @property
    def arn(self) -> str:
        return self.cluster.arn

    @property
    def name(self) -> str:
        return self.cluster.name

    @property
    def described(self) -> bool:
        """Whether it has been described: otherwise only its name is known."""
        return self.cluster.described

    @property
    def gone(self) -> bool:
        """Whether ListClusters returns it and DescribeClusters does not."""
        return self.cluster.gone


def _rows(inventory: Inventory, _: Place) -> list[ClusterRow]:
    return [cluster_row(inventory, cluster) for cluster in inventory.clusters]


def cluster_row(inventory: Inventory, cluster: Cluster) -> ClusterRow:
    """The row of a cluster; the same object until the cluster, its services or tasks change."""
    services = Scope(Kind.SERVICE, cluster.name)
    listed = inventory.freshness(services).listed_at is not None
    inside = inside_of(inventory).clusters.get(cluster.name, 0)

    def make() -> ClusterRow:
        verdicts = [
            container_readiness(task, container).verdict
            for task in inventory.known_tasks(cluster.name)
            if task.described
            for container in task.containers
        ]
        ready = sum(verdict == Verdict.READY for verdict in verdicts)
        known = inventory.of(services)
        signs = [service_sign(item) for item in known if item.described]
        none = cluster.described and not cluster.active_services
        if not signs and not none:
            return ClusterRow(cluster, ready, len(verdicts), inside=inside)
        bad, below, moving = (signs.count(sign) for sign in (Sign.BAD, Sign.WARNING, Sign.MOVING))
        counted = none or (listed and len(signs) == len(known))
        return ClusterRow(cluster, ready, len(verdicts), bad, below, moving, inside, counted)

    tasks = inventory.tasks_version(cluster.name)
    basis = (cluster, tasks, inventory.version(services), listed, inside)
    return inventory.row(Scope(Kind.CLUSTER), cluster.arn, basis, make)


def _count(value: int, row: ClusterRow) -> Cell:
    return Cell(str(value) if row.described else "·", "" if value else "off")


def _of_services(row: ClusterRow, value: int | None, tone: str) -> Cell:
    """A number of services; `2+` if there may be more."""
    if not value:
        return Cell("·" if value is None or not row.counted else "0", "off")
    return Cell(f"{value}" if row.counted else f"{value}+", tone)


def _status(row: ClusterRow, _: datetime) -> Cell:
    words = GONE if row.gone else row.cluster.status.lower() or "…"
    return signed(cluster_sign(row.cluster), words)


def _exec(row: ClusterRow, _: datetime) -> Cell:
    if not row.containers:  # its tasks are not loaded, and no call is made for this number alone
        return with_inside(Cell("·", "off"), row.inside)
    ready = signed(share_sign(row.ready, row.containers), f"{row.ready}/{row.containers} ready")
    return with_inside(ready, row.inside)


def cluster_rank(row: ClusterRow) -> int:
    """Failed clusters and those with failing services first, then those below desired, then moving ones."""
    if row.gone:
        return rank_of(Sign.OFF)
    own = rank_of(cluster_sign(row.cluster))
    if row.failing:
        return min(own, rank_of(Sign.BAD))
    if row.below:
        return min(own, rank_of(Sign.WARNING))
    return min(own, rank_of(Sign.MOVING)) if row.deploying or row.cluster.pending_tasks else own


# -- details


def cluster_facts(row: ClusterRow, inventory: Inventory, _: datetime) -> list[Fact]:
    """The facts about a cluster, and how the connection to it is configured."""
    cluster, exec_configuration = row.cluster, row.cluster.exec_configuration
    missing = not_read(cluster, "CONFIGURATIONS")
    ready = f"shell ready in {row.ready} of {row.containers} containers" if row.containers else ""
    providers = inventory.lookups.answer(providers_lookup(row.name))
    return [
        ("shell", ready),
        inside_fact(inventory, row.inside),
        ("arn", cluster.arn),
        ("status", cluster.status),
        ("services", cluster.active_services),
        ("tasks", f"{cluster.running_tasks} running, {cluster.pending_tasks} pending"),
        ("instances", cluster.instances),
        ("exec logging", missing or cluster.exec_logging),
        *_record(exec_configuration),
        ("exec KMS key", exec_configuration.kms_key_id if exec_configuration else missing),
        *_capacity(cluster.capacity_providers, providers),
        *cluster.settings.items(),
        *tag_facts(cluster),
        *_connection(inventory.account),
    ]


def _record(configuration: ExecConfiguration | None) -> list[Fact]:
    """Where transcripts of sessions are written, and whether they must be encrypted there."""
    if configuration is None or configuration.logging != "OVERRIDE":
        return []
    bucket, prefix = configuration.s3_bucket, configuration.s3_prefix.strip("/")
    return [
        ("exec log group", _place(configuration.log_group, encrypted=configuration.log_encryption)),
        (
            "exec bucket",
            _place(
                f"s3://{bucket}/{prefix}".rstrip("/") if bucket else "",
                encrypted=configuration.s3_encryption,
            ),
        ),
    ]


def _place(place: str, *, encrypted: bool) -> str:
    return f"{place}, must be encrypted" if place and encrypted else place


def cluster_lookups(row: ClusterRow, _: Inventory) -> list[Lookup]:
    """The lookup of its capacity providers."""
    return [providers_lookup(row.name)] if row.described else []


def _capacity(names: Sequence[str], providers: LookupResult[Providers] | None) -> list[Fact]:
    """A cluster's capacity providers: those in its description, then others that AWS returned."""
    known = (providers.value or {}) if providers is not None else {}
    found: list[Fact] = [
        (f"capacity provider {name}", provider_words(name, providers) or name)
        for name in dict.fromkeys((*names, *known))
    ]
    if providers is not None and providers.error is not None and not names:
        found.append(("capacity providers", f"not read: {providers.error}"))
    return found


def _connection(account: Account) -> list[Fact]:
    """The profile, the credentials and the region in use, and where each is configured."""
    profile, region = account.profile_setting, account.region_setting
    if account.is_demo:
        return []
    keys = "AWS_ACCESS_KEY_ID" if account.name == ENVIRONMENT_KEYS else profile.value
    login = f" (login of {account.login.words})" if account.login else ""
    return [
        ("profile", _from(profile)),
        ("keys", f"{keys}{login}"),
        ("region", _from(region)),
    ]


def _from(setting: Setting) -> str:
    return f"{setting.value} ({setting.origin})" if setting.origin else f"{setting.value} (chosen)"


# -- the command line


async def _pages(account: Account, cluster: str, _: str) -> AsyncIterator[list[Cluster]]:
    if not cluster:
        async for page in pages_of(Kind.CLUSTER)(account, "", ""):
            yield page
        return
    found = await ecs.describe_clusters(account, [cluster])
    if not found:
        raise NotFound(
            f'Cluster "{clean(short_name(cluster))}" not found in {account.region}.',
            "List them with: ecs-tui ls clusters",
        )
    yield found


def _flat(cluster: Cluster) -> Row:
    return with_nulls(
        {
            "clusterName": cluster.name,
            "clusterArn": cluster.arn,
            "status": cluster.status,
            "activeServicesCount": cluster.active_services,
            "runningTasksCount": cluster.running_tasks,
            "pendingTasksCount": cluster.pending_tasks,
            "registeredContainerInstancesCount": cluster.instances,
            "capacityProviders": list(cluster.capacity_providers),
            "execLogging": cluster.exec_logging,
        }
    )


_LISTING: Listing[Cluster] = Listing(
    _pages,
    _flat,
    (
        CLUSTER_COLUMN,
        TableColumn("STATUS", value_of("status")),
        TableColumn("SERVICES", value_of("activeServicesCount")),
        TableColumn("RUNNING", value_of("runningTasksCount")),
        TableColumn("PENDING", value_of("pendingTasksCount"), priority=2),
        TableColumn("INSTANCES", value_of("registeredContainerInstancesCount"), priority=3),
        TableColumn("EXEC_LOGGING", value_of("execLogging"), shrinks=True, priority=1),
    ),
    blank=Cluster("", ""),
    ours=frozenset({"execLogging"}),
    by="",
    tagged=itself,
)


def _counts(
    key: str, of: Callable[[Cluster], int], priority: int = 1, normal: tuple[str, ...] = ()
) -> Column[ClusterRow]:
    """A column with one of ECS's counts; its title is its key."""
    return Column(
        key,
        key.upper(),
        lambda row, _: _count(of(row.cluster), row),
        lambda row: of(row.cluster),
        right=True,
        priority=priority,
        normal=normal,
    )


CLUSTERS: Resource[ClusterRow] = Resource(
    name="clusters",
    kind="cluster",
    row=ClusterRow,
    about="List clusters.",
    within="",
    source=Kind.CLUSTER,
    columns=dimmed(
        Column(
            "name",
            "CLUSTER",
            lambda row, _: plain(row.name),
            lambda row: row.name,
            priority=0,
            middle=True,
        ),
        Column(
            "status",
            "STATUS",
            _status,
            lambda row: row.cluster.status,
            priority=0,
            normal=(f"{Sign.FINE} active",),
        ),
        Column(
            "failing",
            "FAILING",
            lambda row, _: _of_services(row, row.failing, "bad"),
            lambda row: -1 if row.failing is None else row.failing,
            right=True,
            normal=("·",),
        ),
        Column(
            "deploying",
            "DEPLOYING",
            lambda row, _: _of_services(row, row.deploying, "moving"),
            lambda row: -1 if row.deploying is None else row.deploying,
            right=True,
            normal=("·", "0"),
        ),
        _counts("services", lambda cluster: cluster.active_services),
        _counts("running", lambda cluster: cluster.running_tasks),
        _counts("pending", lambda cluster: cluster.pending_tasks, normal=("0",)),
        _counts("instances", lambda cluster: cluster.instances, priority=2, normal=("0",)),
        Column(
            "exec",
            "SHELL",
            _exec,
            lambda row: row.ready / row.containers if row.containers else -1.0,
            normal=("·",),
        ),
        Column(
            "logging",
            "EXEC LOGGING",
            lambda row, _: plain(row.cluster.exec_logging),
            lambda row: row.cluster.exec_logging,
            priority=2,
        ),
    ),
    scopes=lambda place: (Scope(Kind.CLUSTER),),
    beside=lambda place: (Scope(Kind.SERVICE, EVERY_CLUSTER),),
    rows=_rows,
    key=lambda row: row.arn,
    name_of=lambda row: row.name,
    enter=lambda place, row: Place("services", cluster=row.name),
    facts=cluster_facts,
    fact_lookups=cluster_lookups,
    raw=RawView(
        lambda row: f"cluster {row.name}",
        lambda account, _, row: ecs.raw_description(account, "cluster", "", row.arn),
    ),
    listing=_LISTING,
    rank=cluster_rank,
    cluster_of=lambda row: row.name,
    lookups=lambda inventory, place, seen: [inside_lookup()] if seen else [],
    empty=KeyText("No clusters in this region. Press {regions} to switch."),
)
