"""The calls about one suspect, within their limit: what is not allowed or not answered is kept in words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from functools import partial
from typing import Literal, TypeVar

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import autoscaling, ecs, elbv2, service_deployments
from ecs_tui.aws.api.secret_changes import changes_of
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.arn import parse_arn, short_name
from ecs_tui.model.log_source import LogGroupRef
from ecs_tui.model.nothing import nothing
from ecs_tui.model.scaling_activity import ScalingActivity, scaled_resource
from ecs_tui.model.service import Service, ServiceEvent
from ecs_tui.model.service_deployment import ServiceDeployment
from ecs_tui.model.target_health import TargetHealth
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.problems.causes import CauseGroup, grouped
from ecs_tui.problems.facts import KnownChange, LastLines
from ecs_tui.problems.last_lines import last_events, lines_source
from ecs_tui.problems.refreshing import refresh
from ecs_tui.record import dataclass
from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.store.lifecycle_events import may_have_events, read_stopped
from ecs_tui.store.log_access import AwsLogs
from ecs_tui.store.surroundings import why_unknown

MAX_CALLS = 12
"""Calls about one suspect at a time."""
MAX_TARGET_GROUPS = 2
"""Target groups that are read of one service."""
MAX_DEPLOYMENTS = 10
"""Service deployments that are read: the last one, and earlier ones for how long they took."""
MAX_SECRETS = 2
"""Secrets and parameters of a service whose changes are looked up; CloudTrail allows 2 calls a second."""
CHANGED_WITHIN = timedelta(hours=3)
"""How far back changes of secrets are looked up."""
FORGOTTEN_WITHIN = timedelta(hours=24)
"""How far back stopped tasks are read from Container Insights' lifecycle events."""
_NEVER_BY_SECRETS = frozenset(
    {"image-not-found", "image-pull", "image-rate-limit", "out-of-memory", "architecture-mismatch",
     "volume-mount", "disk-full", "entrypoint-not-found"}
)  # fmt: skip
"""Causes that a changed secret does not explain."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SuspectAnswers:
    """What was asked about one service, besides what the lists have.

    Attributes:
        at: When, in monotonic seconds.
        calls: How many calls it took.
        denied: Why something is not known, by operation.
    """

    at: float
    calls: int
    events: tuple[ServiceEvent, ...] | None = None
    deployments: tuple[ServiceDeployment, ...] | None = None
    targets: tuple[TargetHealth, ...] | None = None
    activities: tuple[ScalingActivity, ...] | None = None
    changes: tuple[KnownChange, ...] | None = None
    last_lines: LastLines | None = None
    denied: Mapping[str, str] = field(default_factory=nothing)


class Asker:
    """Counts calls and keeps why some were not answered.

    Args:
        limit: Maximum calls.

    Attributes:
        calls: Calls that were made.
        denied: Why something is not known, by operation.
    """

    def __init__(self, limit: int = MAX_CALLS) -> None:
        self._limit, self.calls = limit, 0
        self.denied: dict[str, str] = {}

    @property
    def room(self) -> int:
        """Calls that are left."""
        return self._limit - self.calls

    async def ask(
        self, operation: str, work: Callable[[], Awaitable[T]], calls: int = 1
    ) -> T | None:
        """The answer, or None: then `denied` says why.

        Args:
            operation: `ecs:ListServiceDeployments`, as IAM writes it.
            work: Makes the calls.
            calls: How many it makes at most.
        """
        if self.calls + calls > self._limit:
            self.denied[operation] = f"not asked: at most {self._limit} calls about one service"
            return None
        self.calls += calls
        try:
            return await work()
        except EcsTuiError as error:
            self.denied[getattr(error, "operation", "") or operation] = why_unknown(error)
            return None


async def ask_about(
    inventory: Inventory,
    cluster: str,
    service: Service,
    now: datetime,
    at: float,
    *,
    scaled: bool = True,
    limit: int = MAX_CALLS,
    only_deployments: bool = False,
) -> SuspectAnswers:
    """Ask what a suspect's problem may be; at most `limit` calls, the most telling first.

    Its running tasks go to the inventory, everything else is returned.

    Args:
        inventory: The loaded data of the account.
        cluster: The cluster's name.
        service: The suspect.
        now: The time from which ages are counted.
        at: Monotonic seconds.
        scaled: Whether its desired count is, or may be, scaled automatically.
        limit: Maximum calls.
        only_deployments: Whether nothing but its last deployment speaks against it.
    """
    account, asker = inventory.account, Asker(limit)
    deployments: tuple[ServiceDeployment, ...] | None = None
    if service.controller == "ECS":
        deployments = await asker.ask(
            "ecs:ListServiceDeployments", lambda: _deployments(account, cluster, service), 2
        )
    if only_deployments and (not deployments or deployments[0].status == "SUCCESSFUL"):
        return SuspectAnswers(at, asker.calls, deployments=deployments, denied=asker.denied)
    if not inventory.large(cluster):
        scope = Scope(Kind.TASK, cluster, service.name)
        await asker.ask("ecs:ListTasks", lambda: refresh(inventory, scope), 2)
        if (error := inventory.freshness(scope).error) is not None:
            asker.denied[getattr(error, "operation", "ecs:ListTasks")] = why_unknown(error)
    events = await asker.ask("ecs:DescribeServices", lambda: _events(account, cluster, service))
    targets = await _targets(account, service, asker)
    activities = None
    if scaled:
        activities = await asker.ask(
            "application-autoscaling:DescribeScalingActivities",
            lambda: _activities(account, cluster, service),
        )
    ended = _ended(inventory, cluster, service)
    last_lines = await _last_lines(inventory, ended, asker) if ended is not None else None
    changes = await _changes(inventory, ended, now, asker) if ended is not None else None
    await _forgotten(inventory, cluster, service, now, asker)
    return SuspectAnswers(
        at, asker.calls, events, deployments, targets, activities, changes, last_lines, asker.denied
    )  # fmt: skip


def _ended(inventory: Inventory, cluster: str, service: Service) -> CauseGroup | None:
    """Its tasks that ended for a reason of their own, if there are some."""
    found = grouped(inventory.stopped_tasks(cluster, service.name))
    return next((group for group in found if group.cause.ours), None)


async def _definition(
    inventory: Inventory, ended: CauseGroup, asker: Asker
) -> TaskDefinition | None:
    arn = ended.tasks[0].task_definition
    known = inventory.known_definition(arn)
    if known is not None:
        return known
    return await asker.ask("ecs:DescribeTaskDefinition", lambda: inventory.task_definition(arn))


async def _last_lines(inventory: Inventory, ended: CauseGroup, asker: Asker) -> LastLines | None:
    """The last lines of the task that ended last, if its program ran."""
    task = ended.tasks[0]
    if ended.cause.id != "exit-code" or task.started_at is None:
        return None
    definition = await _definition(inventory, ended, asker)
    source = lines_source(task, definition) if definition is not None else None
    if source is None or source.group is None or not _is_here(source.group, inventory):
        return None
    events = await asker.ask(
        "logs:FilterLogEvents", lambda: last_events(AwsLogs(inventory.account), source, task)
    )
    if not events:
        return None
    return LastLines(task.arn, tuple(event.message for event in events), events[-1].at)


def _is_here(group: LogGroupRef, inventory: Inventory) -> bool:
    """Whether a log group is in the account's own region: others need a client of their own."""
    return group.region in ("", inventory.account.region)


async def _changes(
    inventory: Inventory, ended: CauseGroup, now: datetime, asker: Asker
) -> tuple[KnownChange, ...] | None:
    """Changes of the secrets and parameters that its containers read."""
    if ended.cause.id in _NEVER_BY_SECRETS:
        return None
    definition = await _definition(inventory, ended, asker)
    if definition is None:
        return None
    names = (name for item in definition.containers for name in item.secret_sources)
    since = now - CHANGED_WITHIN
    found: list[KnownChange] = []
    for source in [*dict.fromkeys(map(secret_name, names))][:MAX_SECRETS]:
        events = await asker.ask(
            "cloudtrail:LookupEvents", partial(changes_of, inventory.account, source, since)
        )
        if events is None:
            return tuple(found) or None
        kind: Literal["secret", "parameter"] = "secret" if ":secret:" in source else "parameter"
        found += [
            KnownChange(kind, short_name(source), at, words, by, "cloudtrail:LookupEvents")
            for at, words, by in events
        ]
    return tuple(found)


def secret_name(source: str) -> str:
    """What CloudTrail calls the secret or parameter in a `valueFrom`.

    A secret's ARN may be followed by `:JSON-KEY:STAGE:VERSION`. Source: Secret in the ECS API
    reference.
    """
    parsed = parse_arn(source)
    if parsed is not None and parsed.service == "secretsmanager":
        return ":".join(source.split(":")[:7])
    return source


async def _forgotten(
    inventory: Inventory, cluster: str, service: Service, now: datetime, asker: Asker
) -> None:
    """Read what ECS has forgotten of its stopped tasks, where lifecycle events are on."""
    known = inventory.cluster(cluster)
    if known is None or not may_have_events(known) or not asker.room:
        return
    since = now - FORGOTTEN_WITHIN
    found = await asker.ask(
        "logs:FilterLogEvents",
        lambda: read_stopped(AwsLogs(inventory.account), known, service.name, since),
    )
    if found:
        inventory.stopped_memory.take(found, "Container Insights")


async def _events(account: Account, cluster: str, service: Service) -> tuple[ServiceEvent, ...]:
    found: list[ServiceEvent] = []
    async for page in ecs.service_events(account, cluster, service.name):
        found += page
    return tuple(found)


async def _deployments(
    account: Account, cluster: str, service: Service
) -> tuple[ServiceDeployment, ...]:
    arns: list[str] = []
    async for page in service_deployments.list_service_deployments(
        account, cluster, service.arn, MAX_DEPLOYMENTS
    ):
        arns += [each.arn for each in page]
        break  # one page has them all
    if not arns:
        return ()
    found = await service_deployments.describe_service_deployments(account, cluster, arns)
    order = {arn: number for number, arn in enumerate(arns)}
    return tuple(sorted(found, key=lambda each: order.get(each.arn, len(order))))


async def _targets(
    account: Account, service: Service, asker: Asker
) -> tuple[TargetHealth, ...] | None:
    """All targets of its target groups; None if one of them could not be read."""
    groups = service.every_target_group[:MAX_TARGET_GROUPS]
    if not groups:
        return None
    found: list[TargetHealth] = []
    for arn in groups:
        operation = "elasticloadbalancing:DescribeTargetHealth"
        some = await asker.ask(operation, partial(elbv2.target_health, account, arn))
        if some is None:
            return None
        found += some
    return tuple(found)


async def _activities(
    account: Account, cluster: str, service: Service
) -> tuple[ScalingActivity, ...]:
    resource = scaled_resource(short_name(cluster), service.name)
    async for page in autoscaling.scaling_activities(account, resource, not_scaled=True):
        return tuple(page)
    return ()
