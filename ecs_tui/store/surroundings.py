"""Lookups of what surrounds a service: targets, alarms, auto scaling; each answer with its age.

Alarms and scalable targets are read once for the whole account, whatever asks for them, and matched
here; targets are read for each target group, the other things for each service.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic

from ecs_tui.errors import AccessDenied, EcsTuiError
from ecs_tui.model.alarm import Alarm, AlarmIndex
from ecs_tui.model.metric import ServiceUsage
from ecs_tui.model.scalable_target import ScalableTarget
from ecs_tui.model.scaling_activity import (
    ScalingActivity,
    ScalingPolicy,
    ScheduledAction,
    scaled_resource,
)
from ecs_tui.model.service import Service
from ecs_tui.model.target_health import TargetGroup, TargetHealth
from ecs_tui.model.text import clean
from ecs_tui.record import dataclass
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.lookups import Lookup, LookupResult, Subject
from ecs_tui.store.source import ItemT


@dataclass(frozen=True, slots=True)
class Known(Generic[ItemT]):
    """What is known of something: a value, that it is loading, or why it could not be read.

    Attributes:
        value: The newest value; None if there has been none.
        error: Why it could not be read the last time, or None.
        at: When the newest answer came, in monotonic seconds; None before the first.
    """

    value: ItemT | None = None
    error: EcsTuiError | None = None
    at: float | None = None

    @property
    def words(self) -> str:
        """Why there is no value, for the screen: "loading", or why it could not be read."""
        if self.value is not None:
            return ""
        return "loading" if self.error is None else why_unknown(self.error)

    @property
    def denied(self) -> bool:
        """Whether the caller is not allowed to look."""
        return isinstance(self.error, AccessDenied)


def why_unknown(error: EcsTuiError) -> str:
    """Why something could not be read: `not allowed to look (cloudwatch:DescribeAlarms)`."""
    operation = getattr(error, "operation", "")
    if isinstance(error, AccessDenied):
        return f"not allowed to look ({clean(operation)})" if operation else "not allowed to look"
    return f"not read: {error}"


def known(answer: LookupResult[ItemT] | None) -> Known[ItemT]:
    """The answer to a lookup."""
    if answer is None:
        return Known()
    return Known(answer.value, answer.error, answer.at)


def target_lookup(arn: str) -> Lookup[tuple[TargetHealth, ...]]:
    """The health of the targets of a target group."""
    return Lookup(Subject.TARGET_HEALTH, thing=arn)


def target_group_lookup(arn: str) -> Lookup[TargetGroup]:
    """A target group."""
    return Lookup(Subject.TARGET_GROUP, thing=arn)


ALARMS: Lookup[tuple[Alarm, ...]] = Lookup(Subject.ALARMS)
"""All alarms of the account and region."""
SCALABLE_TARGETS: Lookup[Mapping[str, ScalableTarget]] = Lookup(Subject.SCALABLE_TARGETS)
"""The scalable targets of all services, by `service/CLUSTER/SERVICE`."""


def usage_lookup(cluster: str, service: str) -> Lookup[ServiceUsage]:
    """CPU and memory of a service; AWS bills two metrics a minute for it."""
    return Lookup(Subject.USAGE, cluster, service)


def activities_lookup(cluster: str, service: str) -> Lookup[tuple[ScalingActivity, ...]]:
    """The newest scaling activities of a service, those that changed nothing included."""
    return Lookup(Subject.SCALING_ACTIVITIES, thing=scaled_resource(cluster, service))


def policies_lookup(cluster: str, service: str) -> Lookup[tuple[ScalingPolicy, ...]]:
    """The scaling policies of a service."""
    return Lookup(Subject.SCALING_POLICIES, thing=scaled_resource(cluster, service))


def schedules_lookup(cluster: str, service: str) -> Lookup[tuple[ScheduledAction, ...]]:
    """The scheduled actions of a service."""
    return Lookup(Subject.SCHEDULED_ACTIONS, thing=scaled_resource(cluster, service))


def targets_of(inventory: Inventory, service: Service) -> Known[tuple[TargetHealth, ...]]:
    """The targets of all target groups of a service, once all are read; () if it has none.

    If one could not be read, the error is that of the first such group, and the value is None: a
    part of the targets would be taken for all of them.
    """
    found: list[TargetHealth] = []
    oldest: float | None = None
    for arn in service.every_target_group:
        each = known(inventory.lookups.answer(target_lookup(arn)))
        if each.value is None:
            return Known(None, each.error, each.at)
        found += each.value
        if each.at is not None:
            oldest = each.at if oldest is None else min(oldest, each.at)
    return Known(tuple(found), None, oldest)


def alarm_index(inventory: Inventory) -> Known[AlarmIndex]:
    """All alarms, found by service; the same object until they are read again."""
    each = known(inventory.lookups.answer(ALARMS))
    if each.value is None:
        return Known(None, each.error, each.at)
    value = each.value
    made = inventory.derived("alarm index", (value,), lambda: AlarmIndex(value))
    return Known(made, each.error, each.at)


def alarms_of(inventory: Inventory, cluster: str, service: Service) -> Known[list[Alarm]]:
    """The alarms about a service, those in state ALARM first.

    Args:
        cluster: The cluster's name.
        service: The service, whose deployment configuration may name some.
    """
    index = alarm_index(inventory)
    if index.value is None:
        return Known(None, index.error, index.at)
    settings = service.deployment_settings
    named = settings.alarms if settings is not None else ()
    found = index.value.of(cluster, service.name, service.every_target_group, named)
    return Known(found, index.error, index.at)


@dataclass(frozen=True, slots=True)
class Scaling:
    """Whether a service's desired count is scaled automatically, and within which range.

    Attributes:
        target: The range; None if it is not scaled.
    """

    target: ScalableTarget | None = None


def scaling_of(inventory: Inventory, cluster: str, service: str) -> Known[Scaling]:
    """The scalable target of a service.

    Args:
        cluster: The cluster's name.
        service: The service's name.
    """
    each = known(inventory.lookups.answer(SCALABLE_TARGETS))
    if each.value is None:
        return Known(None, each.error, each.at)
    return Known(Scaling(each.value.get(scaled_resource(cluster, service))), each.error, each.at)
