"""Which rows of the timeline are shown: those of a place, a span, some layers, one person, the marked ones."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from datetime import datetime

from ecs_tui.audit.reader import ALL_LAYERS
from ecs_tui.audit.timeline import time_of
from ecs_tui.model.arn import short_name
from ecs_tui.model.rules.audit_events import AuditLayer, layer_of
from ecs_tui.record import dataclass
from ecs_tui.resources.audit import AuditRow


@dataclass(frozen=True, slots=True)
class AuditChoice:
    """What is chosen of the timeline.

    Attributes:
        since: Rows from this time on; None for all.
        cluster, service, task: Names; "" for all. Events of IAM concern every cluster, so that a
            service and a task leave them out.
        named: A service's name, or the beginning of a task's ID; "" for all.
        container: The container's name; "" for all.
        layers: The layers.
        person: A part of the person's name, of the identity or its ARN, in any case; "" for all.
        flagged: Only rows with marks.
    """

    since: datetime | None = None
    cluster: str = ""
    service: str = ""
    task: str = ""
    named: str = ""
    container: str = ""
    layers: frozenset[AuditLayer] = field(default_factory=lambda: frozenset(ALL_LAYERS))
    person: str = ""
    flagged: bool = False

    def matches(self, row: AuditRow) -> bool:
        """Whether a row is chosen."""
        event = row.event
        if self.since is not None and (event.at is None or event.at < self.since):
            return False
        if self.flagged and not row.flags:
            return False
        layer = layer_of(event)
        if layer not in self.layers or not self._at_place(row, layer):
            return False
        person = self.person.casefold()
        return not person or any(
            person in each.casefold() for each in (row.who, row.kind, event.who.arn)
        )

    def _at_place(self, row: AuditRow, layer: AuditLayer) -> bool:
        target = row.event.target
        if layer == "policies":
            return not (self.service or self.task or self.named or self.container)
        if self.cluster and target.cluster not in (short_name(self.cluster), ""):
            return False
        if self.task and target.task != short_name(self.task):
            return False
        if self.named and self.named != row.service and not target.task.startswith(self.named):
            return False
        if self.service and not self.task and row.service != short_name(self.service):
            return False
        return not self.container or target.container == self.container


def chosen(rows: Iterable[AuditRow], choice: AuditChoice) -> list[AuditRow]:
    """The rows that are chosen, in their order."""
    matches: Callable[[AuditRow], bool] = choice.matches
    return [row for row in rows if matches(row)]


def merged(every: Sequence[Sequence[AuditRow]]) -> list[AuditRow]:
    """The rows of several timelines, the newest first; an event that two of them have once.

    Args:
        every: The rows of each, the newest first.
    """
    if len(every) == 1:
        return list(every[0])
    seen: dict[str, AuditRow] = {}
    for row in heapq.merge(*every, key=time_of, reverse=True):
        seen.setdefault(row.event.id, row)
    return list(seen.values())
