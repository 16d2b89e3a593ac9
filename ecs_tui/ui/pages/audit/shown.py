"""What the page of the audit shows: readings of connections, and which of their rows, in which order.

It is imported when the page is first opened: the first rows of the dashboard need none of it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast

from ecs_tui.audit.export import ExportForm
from ecs_tui.audit.group import GROUPS, GroupBy, group_of, grouped
from ecs_tui.audit.history import AthenaSearch, HistoryRequest, HistorySearch, TrailSearch
from ecs_tui.audit.marks import chosen_marks
from ecs_tui.audit.reader import ALL_LAYERS
from ecs_tui.audit.selection import AuditChoice, chosen, merged
from ecs_tui.audit.timeline import TimelineSource
from ecs_tui.audit.timeline_reading import AuditReading
from ecs_tui.config.key_text import KeyText
from ecs_tui.config.sections import TranscriptSettings
from ecs_tui.model.arn import short_name
from ecs_tui.model.audit_event import AuditEvent
from ecs_tui.model.rules.audit_events import AuditLayer
from ecs_tui.model.text import clean
from ecs_tui.resources import Place, Resource
from ecs_tui.resources.audit import AuditRow
from ecs_tui.resources.base import Column, plain
from ecs_tui.store.connections import Connection
from ecs_tui.system import wall_clock
from ecs_tui.ui.pages.audit import words
from ecs_tui.ui.pages.audit.save import save
from ecs_tui.ui.pages.audit.tasks import TaskServices
from ecs_tui.ui.pages.base import Visiting

AGAIN_SECONDS = 60.0
"""Seconds after a reading when the next one begins, while the page is shown. CloudTrail is minutes late itself,
and one reading is as many calls as there are names of events, of two a second for the whole account."""


class ShownAudit:
    """The state of the page.

    Args:
        changed: Called when rows, progress or errors have changed.
        marks: What is marked in transcripts.

    Attributes:
        connections: Those whose rows are shown.
        seconds: How far back rows are shown.
        layers: The layers that are shown and read.
        flagged: Whether only rows with marks are shown.
        stopped: Whether the operator has stopped reading.
        group: What rows are grouped by.
    """

    def __init__(
        self, changed: Callable[[], None], marks: TranscriptSettings | None = None
    ) -> None:
        self._changed = changed
        marks = marks or TranscriptSettings()
        self._rules = chosen_marks(marks.marks, declared=marks.declared)
        self._readings: dict[Connection, AuditReading] = {}
        self._ended: dict[Connection, float] = {}
        """When the last reading ended, on the monotonic clock; `inf` while one is under way."""
        self._services: dict[Connection, TaskServices] = {}
        self._place = Place()
        self.connections: list[Connection] = []
        self.seconds = words.FIRST_RANGE
        self.layers: set[AuditLayer] = set(ALL_LAYERS)
        self.flagged = self.stopped = False
        self.group: GroupBy = ""

    # -- what is read

    def open(self, at: Visiting) -> list[Connection]:
        """Show a place; returns the connections that have not been read yet."""
        self._place = at.place
        every = at.every or (at.connection,)
        self.connections = [at.connection] if at.place.cluster else list(every)
        new = []
        for connection in self.connections:
            services = self._services.setdefault(connection, TaskServices(connection.inventory))
            if connection is at.connection and at.place.cluster:
                services.include(at.place.cluster)
            services.look()
            if connection not in self._readings:
                source = TimelineSource(connection.label, services.of, connection.inventory)
                reading = AuditReading(connection.audit, source, self._changed, self._rules)
                self._readings[connection] = reading
                new.append(connection)
            self._readings[connection].mark()  # a transcript may have been read meanwhile
        return new

    async def read(self, connection: Connection) -> None:
        """Read what is missing of a connection, within the range and the layers."""
        self._ended[connection] = math.inf
        now = wall_clock.moment()
        layers = tuple(layer for layer in ALL_LAYERS if layer in self.layers)
        since = now - timedelta(seconds=self.seconds)
        try:
            await self._readings[connection].run(since, now, layers)
        finally:
            self._ended[connection] = time.monotonic()

    def due(self) -> list[Connection]:
        """Those of the shown connections that are to be read again now; they are no longer due."""
        now = time.monotonic()
        found = [
            connection
            for connection in self.connections
            if not (self.stopped or self._readings[connection].running)
            and now - self._ended.get(connection, math.inf)
            > AGAIN_SECONDS * connection.refresher.idle_factor
        ]
        self._ended.update(dict.fromkeys(found, math.inf))
        return found

    @property
    def readings(self) -> list[AuditReading]:
        """Those of the connections that are shown."""
        return [self._readings[connection] for connection in self.connections]

    @property
    def running(self) -> bool:
        """Whether any of them reads."""
        return any(each.running for each in self.readings)

    def named(self) -> None:
        """More tasks are loaded: maybe the services of some rows are known now."""
        for connection in self.connections:
            if self._services[connection].look():
                self._readings[connection].timeline.named()

    # -- what LookupEvents no longer has

    @property
    def beyond(self) -> bool:
        """Whether the range is longer than LookupEvents reaches back."""
        return self.seconds == words.RANGES[-1]

    def places(self) -> list[tuple[str, str]]:
        """Where older events can be searched, with words: a trail's log group, Athena's table."""
        found = [("trail", "Logs Insights, in the log group that a trail delivers to")]
        if self.connections and (table := self.connections[0].audit.athena):
            found.append(("athena", f"Athena, in {clean(table)}"))
        return found

    def search(self, where: str) -> HistorySearch:
        """A search for older events of the first connection.

        Raises:
            EcsTuiError: It cannot be searched there.
        """
        connection, now = self.connections[0], wall_clock.moment()
        layers = tuple(layer for layer in ALL_LAYERS if layer in self.layers)
        request = HistoryRequest(now - timedelta(seconds=self.seconds), now, layers)
        if where == "athena":
            return AthenaSearch(connection.account, connection.audit.athena, request)
        return TrailSearch(connection.account, request)

    def found(self, events: Sequence[AuditEvent]) -> None:
        """Take what a search has found."""
        self.readings[0].timeline.add(events)
        self._changed()

    # -- what is shown of it

    def state(self) -> object:
        """A value that changes with the rows."""
        versions = tuple(each.timeline.version for each in self.readings)
        return versions, tuple(self.connections), self._choice(), self.group

    def rows(self) -> list[object]:
        """The rows that are chosen, in their order."""
        every = merged([each.timeline.rows for each in self.readings])
        found = chosen(every, self._choice())
        return list(grouped(found, self.group)) if self.group else list(found)

    def _choice(self) -> AuditChoice:
        # To the minute, so that the choice is the same one for some time.
        now = wall_clock.moment().replace(second=0, microsecond=0)
        return AuditChoice(
            since=now - timedelta(seconds=self.seconds),
            cluster=self._place.cluster,
            service=self._place.service,
            task=short_name(self._place.task_arn),
            layers=frozenset(self.layers),
            flagged=self.flagged,
        )

    def view(self, view: Resource) -> Resource:
        """The view without columns in which all rows are the same; a first one names the group."""
        place, several = self._place, len(self.connections) > 1
        same = {"cluster": place.cluster, "service": place.service, "task": place.task_arn,
                "account": not several}  # fmt: skip
        kept = tuple(each for each in view.columns if not same.get(each.key))
        view = replace(view, columns=kept)
        if not self.group:
            return view
        of = group_of(self.group)
        column: Column[AuditRow] = Column(
            "group", self.group.upper(), lambda row, _: plain(of(row)), of, priority=0,
            widest=28, group=True,
        )  # fmt: skip
        return replace(view, columns=(column, *view.columns))

    # -- words

    def title(self) -> str:
        """What is shown."""
        return words.title(self._place, len(self.connections))

    def progress(self) -> list[str]:
        """How far it is, and the range."""
        state = words.state(self.readings, wall_clock.moment(), stopped=self.stopped)
        return [state, words.range_words(self.seconds)]

    def legend(self) -> tuple[str, list[str]]:
        """The layers, and what is left out or grouped."""
        counts: dict[str, int] = {}
        for each in self.readings:
            for caller, count in each.automatic.items():
                counts[caller] = counts.get(caller, 0) + count
        marked = "marked only" if self.flagged else ""
        parts = [marked, words.grouping(self.group), words.left_out(counts)]
        return words.layers(self.layers), parts

    def problems(self, said: str) -> str:
        """What is wrong, a sentence a line."""
        return words.problems(self.readings, said)

    def nothing(self) -> KeyText:
        """Why there are no rows."""
        every = sum(len(each.timeline) for each in self.readings)
        return words.nothing(every, self.seconds, flagged=self.flagged, running=self.running)

    # -- keys

    def step_range(self, step: int) -> bool:
        """A longer (1) or shorter (-1) range; returns whether it has changed."""
        at = words.RANGES.index(self.seconds) + step
        if not 0 <= at < len(words.RANGES):
            return False
        self.seconds = words.RANGES[at]
        return True

    def turn_layer(self, position: int) -> AuditLayer | None:
        """Show a layer, or hide it; returns the layer if it is shown now."""
        if position >= len(ALL_LAYERS):
            return None
        layer = ALL_LAYERS[position]
        self.layers ^= {layer}
        return layer if layer in self.layers else None

    def next_group(self) -> None:
        """Group by the next thing, or not."""
        self.group = GROUPS[(GROUPS.index(self.group) + 1) % len(GROUPS)]

    def save(self, rows: Sequence[object], form: str) -> str:
        """Save rows in a private file; returns its path.

        Raises:
            OSError: It cannot be written.
        """
        place = self._place
        what = short_name(place.task_arn) or place.service or place.cluster
        found = [row for row in rows if isinstance(row, AuditRow)]
        return str(save(found, cast("ExportForm", form), what))
