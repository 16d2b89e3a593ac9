"""The tab with a service's numbers over time: charts of CloudWatch's metrics, and what they cost."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from ecs_tui.errors import EcsTuiError
from ecs_tui.model.metric import RANGES, MetricRange
from ecs_tui.model.service import Service
from ecs_tui.record import dataclass
from ecs_tui.store.connections import Connection
from ecs_tui.store.metric_budget import MetricBudget
from ecs_tui.ui.pages.base import Visiting

if TYPE_CHECKING:
    from ecs_tui.store.service_metrics import MetricSources, ServiceMetrics

FIRST_RANGE = RANGES[1]
"""The range that is shown first: three hours."""
SOURCES_SECONDS = 300.0
"""Seconds after which it is looked again which metrics exist."""
LEAST_SECONDS = 15.0
"""Seconds within which the same points are not read again: each reading is billed."""


@dataclass(frozen=True, slots=True)
class _Target:
    """The service that is shown."""

    connection: Connection
    cluster: str
    service: str


class MetricsTab(VerticalScroll):
    """Charts of one service. It reads while it is shown: each period, within the budget."""

    DEFAULT_CSS = "MetricsTab { padding: 0 1; scrollbar-gutter: stable; }"
    own_keys = "metrics"

    def __init__(self, id: str) -> None:
        self._head, self._charts = Static("", markup=False), Static("", markup=False)
        super().__init__(self._head, self._charts, id=id)
        self._target: _Target | None = None
        self._service: Service | None = None
        self._within = FIRST_RANGE
        self._sources: MetricSources | None = None
        self._sources_at = self._read_at = 0.0
        self._found: ServiceMetrics | None = None
        self._error: EcsTuiError | None = None
        self._again = self._reading = False
        self._turn = 0
        self._drawn: tuple[object, ...] = ()
        self._said = ""

    # -- what every tab has

    @property
    def scroller(self) -> VerticalScroll:
        """Itself."""
        return self

    def show(self, at: Visiting, service: Service | None) -> None:
        """Show the charts; read them if that is due."""
        self._target = _Target(at.connection, at.place.cluster, at.place.service)
        self._service = service
        budget = at.connection.inventory.lookups.budget
        if service is not None and self._due(budget):
            self._begin(service)
        self._draw(budget)

    def refresh_now(self) -> None:
        """Read again, unless that has just happened."""
        self._again = time.monotonic() - self._read_at > LEAST_SECONDS

    def forget(self) -> None:
        """Forget what was read; the range stays."""
        self._cancel()
        self._sources = self._found = self._error = None
        self._read_at, self._drawn = 0.0, ()
        self.scroll_to(y=0, animate=False)

    def press(self, command: str, key: str = "") -> None:
        """Choose a shorter or a longer range."""
        step = 1 if command == "metrics-longer" else -1
        number = max(0, min(len(RANGES) - 1, RANGES.index(self._within) + step))
        if RANGES[number] is not self._within:
            self._within, self._again = RANGES[number], True
            self._cancel()
            if self._service is not None:
                self._begin(self._service)

    # -- reading

    def _cancel(self) -> None:
        self.workers.cancel_group(self, "metrics")
        self._turn += 1
        self._reading = False

    def _due(self, budget: MetricBudget | None) -> bool:
        """Whether the points are read now. A key reads them whatever the budget says."""
        if self._reading or self._target is None:
            return False
        if self._again or not self._read_at:
            return True
        if self._error is not None:
            return time.monotonic() - self._read_at > self._within.period
        asked = self._found.asked if self._found is not None else 0
        over = budget is not None and not budget.allows(asked)
        return not over and time.monotonic() - self._read_at > self._within.period

    def _begin(self, service: Service) -> None:
        assert self._target is not None
        self._again, self._reading = False, True
        self._turn += 1
        work = self._read(self._target, service, self._within)
        self.run_worker(work, group="metrics", exclusive=True)

    async def _read(self, target: _Target, service: Service, within: MetricRange) -> None:
        turn = self._turn
        try:
            await self._read_points(target, service, within)
        finally:
            if turn == self._turn:  # not if a newer reading has taken its place
                self._reading, self._read_at = False, time.monotonic()
        self._draw(target.connection.inventory.lookups.budget)

    async def _read_points(self, target: _Target, service: Service, within: MetricRange) -> None:
        from ecs_tui.store.service_metrics import find_sources, panels_of, read_panels

        account, sources = target.connection.account, self._sources
        budget = target.connection.inventory.lookups.budget
        try:
            if sources is None or time.monotonic() - self._sources_at > SOURCES_SECONDS:
                sources = await find_sources(account, target.cluster, service)
                self._sources, self._sources_at = sources, time.monotonic()
            panels = panels_of(sources, target.cluster, target.service, within)
            found = await read_panels(account, panels, within)
            if budget is not None:
                budget.add(found.asked)
            self._found, self._error = found, None
        except EcsTuiError as error:
            self._error = error

    # -- drawing

    def on_resize(self) -> None:
        """Lay the charts out again."""
        if self._target is not None:
            self._draw(self._target.connection.inventory.lookups.budget)

    def _draw(self, budget: MetricBudget | None) -> None:
        from ecs_tui.ui.pages.service.metric_words import MetricReading, charts, head_lines

        width, height = self.scrollable_content_region.width, self.size.height
        if not width:
            return
        age = time.monotonic() - self._read_at if self._read_at else None
        state = MetricReading(
            self._within, self._found, self._sources, self._error, self._reading, age
        )
        said = "\n".join(head_lines(state, budget, width))
        if said != self._said:
            self._said = said
            self._head.update(said)
        basis = (self._found, self._sources, width, height)
        if basis != self._drawn:
            self._drawn = basis
            marks = self._sources.deployments if self._sources is not None else ()
            content = charts(self._found, marks, width, height) if self._found else Content("")
            self._charts.update(content)
