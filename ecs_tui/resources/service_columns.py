"""Columns of services about what surrounds them: targets, alarms, CPU and memory, auto scaling.

Each names what it needs (`Column.needs`), which is read for the rows in view, and only while the column
is on the screen. What is not read yet, or may not be read, says so in its cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Protocol

from ecs_tui.errors import AccessDenied
from ecs_tui.model.alarm import AlarmIndex
from ecs_tui.model.arn import short_name
from ecs_tui.model.metric import METRICS_PER_SERVICE, MetricSeries, ServiceUsage
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.scalable_target import ScalableTarget
from ecs_tui.model.scaling_activity import scaled_resource
from ecs_tui.model.service import Service
from ecs_tui.model.target_health import TargetHealth, count_targets
from ecs_tui.record import dataclass
from ecs_tui.resources.base import TONES, Cell, Column
from ecs_tui.resources.facts import Fact
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.lookups import Lookup, LookupResult, Subject
from ecs_tui.store.surroundings import (
    ALARMS,
    SCALABLE_TARGETS,
    Known,
    alarm_index,
    alarms_of,
    known,
    scaling_of,
    target_lookup,
    targets_of,
    usage_lookup,
)

HIGH_PERCENT = 90.0
"""Percent of CPU or memory from which a cell stands out."""
NONE, LOADING, DENIED, UNKNOWN, STOPPED = "–", "·", "denied", "?", "budget"
"""What a cell says without a value: there is none, it is being read, may not be read, could not be
read, or is not read any more because the budget for metrics is used up."""
_LAST = float("-inf")


@dataclass(frozen=True, slots=True)
class ColumnValue:
    """What a column says of a service.

    Attributes:
        text: The text of its cell.
        tone: The tone of its cell.
        order: The value to sort by.
    """

    text: str = LOADING
    tone: str = "off"
    order: float = _LAST


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the columns say of a service."""

    targets: ColumnValue = ColumnValue()
    alarms: ColumnValue = ColumnValue()
    cpu: ColumnValue = ColumnValue()
    memory: ColumnValue = ColumnValue()
    scaling: ColumnValue = ColumnValue()


UNREAD = Surroundings()


class SurroundedRow(Protocol):
    """A row of a service."""

    @property
    def service(self) -> Service: ...

    @property
    def surroundings(self) -> Surroundings: ...


class SurroundingAnswers:
    """The answers about the services of a cluster, taken once for all rows of a list.

    Args:
        inventory: The loaded data.
        cluster: The cluster's name.
    """

    def __init__(self, inventory: Inventory, cluster: str) -> None:
        lookups = inventory.lookups
        self._cluster = cluster
        self._health = lookups.answers(Subject.TARGET_HEALTH)
        self._usage = lookups.answers(Subject.USAGE)
        self._alarms = alarm_index(inventory)
        self._scaling = lookups.answer(SCALABLE_TARGETS)
        self._stopped = lookups.stopped
        self._any = bool(self._health or self._usage or self._scaling or self._alarms.at)
        scaling = known(self._scaling)
        self._common = (
            self._alarms.value, self._alarms.error, scaling.value, scaling.error, self._stopped,
        )  # fmt: skip

    def basis(self, service: Service) -> tuple[object, ...]:
        """What the columns are made from: they change only if this does.

        It is made for each row of a list at each of its updates, so it looks up as little as it can.
        """
        if not self._any:
            return ()
        usage = self._usage.get((self._cluster, service.name)) if self._usage else None
        if not self._health:
            return (self._common, usage)
        arns = service.every_target_group if service.task_sets else service.target_groups
        return (self._common, usage, *[self._health.get(("", arn)) for arn in arns])

    def of(self, service: Service) -> Surroundings:
        """What the columns say."""
        if not self._any and not self._stopped:
            return UNREAD
        groups = service.every_target_group
        usage = known(self._usage.get((self._cluster, service.name)))
        if usage.at is None and not service.running:
            cpu = memory = _plain(NONE)  # without tasks there are no points: it is not asked
        else:
            found = usage.value
            cpu = _percent(usage, found.cpu if found else None, self._stopped)
            memory = _percent(usage, found.memory if found else None, self._stopped)
        return Surroundings(
            _targets([self._health.get(("", arn)) for arn in groups]),
            _alarms(self._alarms, self._cluster, service),
            cpu,
            memory,
            _scaling(known(self._scaling), self._cluster, service),
        )


def _without(error: object, at: float | None) -> ColumnValue:
    if error is None:
        return _plain(LOADING if at is None else NONE)
    return _plain(DENIED if isinstance(error, AccessDenied) else UNKNOWN)


@lru_cache(16)
def _plain(text: str, tone: str = "off", order: float = _LAST) -> ColumnValue:
    """A value that most rows have, kept once."""
    return ColumnValue(text, tone, order)


def _targets(answers: Sequence[LookupResult[tuple[TargetHealth, ...]] | None]) -> ColumnValue:
    """`3/4`; coloured if not all are healthy. A target that is new is not healthy yet."""
    if not answers:
        return _plain(NONE)
    found: list[TargetHealth] = []
    for answer in answers:
        if answer is None or answer.value is None:
            return _without(answer.error if answer else None, None)
        found += answer.value
    counts = count_targets(found)
    if not counts.registered:
        return ColumnValue(str(counts) if counts.unused else "0/0", TONES[Sign.OFF], 1.0)
    share = counts.healthy / counts.registered
    sign = Sign.FINE
    if counts.failing or share < 1:
        sign = Sign.BAD if not counts.healthy and counts.failing else Sign.WARNING
    return ColumnValue(str(counts), TONES[sign], share)


def _alarms(index: Known[AlarmIndex], cluster: str, service: Service) -> ColumnValue:
    """`✖ 1/3`: alarms in state ALARM, of all that are about the service."""
    if index.value is None:
        return _without(index.error, index.at)
    settings = service.deployment_settings
    named = settings.alarms if settings is not None else ()
    found = index.value.of(cluster, service.name, service.every_target_group, named)
    if not found:
        return _plain(NONE)
    count = sum(alarm.in_alarm for alarm in found)
    if not count:
        return _plain("ok", "", 0.0)
    return ColumnValue(f"{Sign.BAD} {count}/{len(found)}", TONES[Sign.BAD], float(count))


def _percent(usage: Known[ServiceUsage], series: MetricSeries | None, stopped: bool) -> ColumnValue:
    """The newest point, as a whole percentage."""
    if series is None:
        return _plain(STOPPED) if stopped and usage.error is None else _without(usage.error, None)
    if series.status == "Forbidden":
        return _plain(DENIED)
    value = series.last
    if value is None:
        return _plain(NONE)
    if stopped:  # the value is from before
        return ColumnValue(f"{value:.0f}%", "off", value)
    return ColumnValue(f"{value:.0f}%", TONES[Sign.WARNING] if value >= HIGH_PERCENT else "", value)


def scaling_words(target: ScalableTarget, desired: int) -> str:
    """The range and what limits it: `2–10 at max`."""
    words = f"{target.least}–{target.most}"
    if target.suspended or target.out_suspended:
        return f"{words} suspended"
    return f"{words} at max" if _at_ceiling(target, desired) else words


def _at_ceiling(target: ScalableTarget, desired: int) -> bool:
    return desired >= target.most > target.least


def _scaling(
    targets: Known[Mapping[str, ScalableTarget]], cluster: str, service: Service
) -> ColumnValue:
    if targets.value is None:
        return _without(targets.error, None)
    target = targets.value.get(scaled_resource(cluster, service.name))
    if target is None:
        return _plain(NONE)
    notable = target.out_suspended or _at_ceiling(target, service.desired)
    tone = TONES[Sign.WARNING] if notable else ""
    return ColumnValue(scaling_words(target, service.desired), tone, float(target.most))


# -- the columns


def _need_targets(_: Inventory, seen: Sequence[SurroundedRow]) -> list[Lookup]:
    return [target_lookup(arn) for row in seen for arn in row.service.every_target_group]


def _need_alarms(_: Inventory, seen: Sequence[SurroundedRow]) -> list[Lookup]:
    return [ALARMS] if seen else []


def _need_scaling(_: Inventory, seen: Sequence[SurroundedRow]) -> list[Lookup]:
    return [SCALABLE_TARGETS] if seen else []


def _need_usage(_: Inventory, seen: Sequence[SurroundedRow]) -> list[Lookup]:
    """Of services with tasks: the others have no points."""
    return [
        usage_lookup(short_name(row.service.cluster_arn), row.service.name)
        for row in seen
        if row.service.running
    ]


def _cell(reading: ColumnValue) -> Cell:
    return Cell(reading.text, reading.tone)


SURROUNDING_COLUMNS: tuple[Column, ...] = (
    Column(
        "alarm", "ALARM",
        lambda row, _: _cell(row.surroundings.alarms),
        lambda row: row.surroundings.alarms.order,
        priority=3, normal=(NONE, LOADING, "ok", DENIED), needs=_need_alarms,
    ),
    Column(
        "lb", "LB",
        lambda row, _: _cell(row.surroundings.targets),
        lambda row: row.surroundings.targets.order,
        right=True, priority=3, normal=(NONE, LOADING, DENIED), needs=_need_targets,
    ),
    Column(
        "cpu", "CPU",
        lambda row, _: _cell(row.surroundings.cpu),
        lambda row: row.surroundings.cpu.order,
        right=True, priority=4, normal=(NONE, LOADING, DENIED, STOPPED), needs=_need_usage,
        billed=METRICS_PER_SERVICE // 2,
    ),
    Column(
        "memory", "MEM",
        lambda row, _: _cell(row.surroundings.memory),
        lambda row: row.surroundings.memory.order,
        right=True, priority=4, normal=(NONE, LOADING, DENIED, STOPPED), needs=_need_usage,
        billed=METRICS_PER_SERVICE // 2,
    ),
    Column(
        "scale", "SCALE",
        lambda row, _: _cell(row.surroundings.scaling),
        lambda row: row.surroundings.scaling.order,
        priority=4, normal=(NONE, LOADING, DENIED), needs=_need_scaling,
    ),
)  # fmt: skip


# -- details


def surrounding_facts(service: Service, inventory: Inventory) -> list[Fact]:
    """The facts about targets, alarms, auto scaling, CPU and memory of a service, as far as they are known."""
    cluster = short_name(service.cluster_arn)
    facts: list[Fact] = []
    if service.every_target_group:
        targets = targets_of(inventory, service)
        if targets.value is not None:
            facts.append(("targets", f"{count_targets(targets.value)} healthy"))
            facts += [
                (f"target {target.id}", f"{target.state}: {target.why}")
                for target in targets.value
                if target.failing
            ]
        elif targets.error is not None:
            facts.append(("targets", targets.words))
    alarms = alarms_of(inventory, cluster, service)
    if alarms.value is not None:
        facts += [
            (f"alarm {alarm.name}", f"{Sign.BAD} {alarm.reason or alarm.condition}")
            for alarm in alarms.value
            if alarm.in_alarm
        ]
    elif alarms.error is not None:
        facts.append(("alarms", alarms.words))
    scaling = scaling_of(inventory, cluster, service.name)
    if scaling.value is not None and scaling.value.target is not None:
        facts.append(("auto scaling", scaling_words(scaling.value.target, service.desired)))
    elif scaling.error is not None:
        facts.append(("auto scaling", scaling.words))
    return [
        *facts,
        *_usage_facts(known(inventory.lookups.answer(usage_lookup(cluster, service.name)))),
    ]


def _usage_facts(usage: Known[ServiceUsage]) -> list[Fact]:
    if usage.value is None:
        return [("CPU and memory", usage.words)] if usage.error is not None else []
    found: list[Fact] = []
    for name, series in (("CPU", usage.value.cpu), ("memory", usage.value.memory)):
        if series.values:
            least, most = min(series.values), max(series.values)
            lately = f"{least:.0f} to {most:.0f}% in the last {len(series.values)} min"
            found.append((name, f"{series.values[-1]:.0f}%, {lately}"))
    return found
