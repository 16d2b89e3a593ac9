"""Keeps the rows of the page, and what they need besides, in step with the store."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from textual.screen import Screen
from textual.timer import Timer

from ecs_tui.resources.trouble import trouble_of
from ecs_tui.store.connections import Connection
from ecs_tui.store.inventory import Changed, Kind, Scope, clock
from ecs_tui.store.lookups import Lookup
from ecs_tui.ui.navigation import Navigation
from ecs_tui.ui.page_host import Pages

MANY_ROWS = 1000
"""Rows above which a list is updated less often."""
MANY_ROWS_SECONDS = 0.25
"""Seconds from a change to the update of such a list."""
SOME_ROWS = 100
"""Rows above which a list rests after an update: answers that are still to come need the time, too."""
REST_FACTOR = 8.0
"""The pause after an update of such a list, as a multiple of its duration."""
NAMES_SECONDS = 3.0
"""Seconds for which the lookups of a list's columns wait for its names, which come first."""
REST_SECONDS = 0.4
"""Seconds for which the cursor rests on a service of a large cluster before its tasks load."""


class RowUpdates:
    """Takes the rows from the store to the page, once for all changes that arrive together.

    Args:
        screen: Owns the timers.
        at: The connections and the place shown.
        pages: The page of the place.
        updated: Called when the rows have been updated.
    """

    def __init__(
        self,
        screen: Screen[None],
        at: Navigation,
        pages: Pages,
        updated: Callable[[], None],
    ) -> None:
        self._screen, self._at, self._pages, self._updated = screen, at, pages, updated
        self._pending = False
        self._next = 0.0  # when a list of some rows may be updated again, by `perf_counter`
        self._later: Timer | None = None
        self._rest: Timer | None = None

    def changed(self, changed: Changed) -> None:
        """Schedule one update for all changes that arrive together."""
        if not self._screen.is_attached:
            return
        count = len(self._pages.table.rows)
        rest = self._next - perf_counter() if count > SOME_ROWS else 0.0
        if count > MANY_ROWS:
            rest = MANY_ROWS_SECONDS
        if rest <= 0 or self._complete(changed):
            if self._later is not None:
                self._later.stop()
                self._later = None
                self._pending = False
            if not self._pending:
                self._pending = True
                self._screen.call_later(self.update)
        elif not self._pending:
            self._pending = True
            self._later = self._screen.set_timer(rest, self.update)

    def _complete(self, changed: Changed) -> bool:
        """Whether a List call of the shown list is complete and its rows are not drawn yet."""
        inventory = self._at.inventory
        return (
            not changed.keys
            and changed.scope in self._at.view.scopes(self._at.place)
            and not inventory.freshness(changed.scope).loading
            and len(inventory.of(changed.scope)) != len(self._pages.table.rows)
        )

    def update(self) -> None:
        """Show the store's rows."""
        started = perf_counter()
        self._pending = False
        self._later = None
        view = self._at.view
        if view.merged is not None:
            every = self._at.connections.all
            rows = view.merged([(each.label, each.inventory) for each in every])
        else:
            rows = view.rows(self._at.inventory, self._at.place)
        shown = [each.inventory for each in self._at.shown]
        self._pages.table.judge_by(trouble_of(view, self._at.place, shown))
        self._pages.take(rows)
        self.look_up()
        self._updated()
        ended = perf_counter()
        self._next = ended + min(MANY_ROWS_SECONDS, REST_FACTOR * (ended - started))

    def drawn(self) -> None:
        """Call AWS from now on: the first frame is drawn."""
        from ecs_tui.system.heap import use_one_heap

        use_one_heap()  # before the threads that import AWS's libraries
        self._at.connections.release()
        self.look_up()

    def look_up(self) -> None:
        """Request the additional lookups that the visible rows and the details need."""
        if self._at.connections.held:
            return  # their modules are imported after the first frame
        wanted = self._pages.lookups()
        if not self._names_come():
            self._look_up_rows(wanted)
        for each in self._at.connections.all:
            each.inventory.lookups.look_up(wanted.get(each, []))

    def _names_come(self) -> bool:
        """Whether the names of the list are still being read, for the first time and not for long."""
        return any(
            each.loading
            and not each.answered
            and clock() - (each.arrived_at or 0.0) < NAMES_SECONDS
            for each in self._at.freshness()
        )

    def _look_up_rows(self, wanted: dict[Connection, list[Lookup]]) -> None:
        """Add what the rows in view need."""
        view, seen = self._at.view, self._pages.table.rows_in_view
        for connection in self._at.shown:
            own: list[Any] = seen
            if view.merged is not None:
                own = [row for row in seen if row.inventory is connection.inventory]
            more = view.lookups(connection.inventory, self._at.place, own)
            wanted[connection] = [*wanted.get(connection, []), *more]
        for each in self._at.shown if view.listed and self._pages.display else ():
            wanted[each] = [*wanted.get(each, []), *self._of_columns(each)]

    def _of_columns(self, connection: Connection) -> list[Lookup]:
        """What columns need for the rows in view; those without room on the screen need nothing."""
        table, merged = self._pages.table, self._at.view.merged is not None
        seen = table.rows_in_view
        if merged:
            seen = [row for row in seen if row.inventory is connection.inventory]
        columns = table.fitted.candidates if seen else ()
        return [need for each in columns for need in each.needs(connection.inventory, seen)]

    def scrolled(self) -> None:
        """Load the visible rows first."""
        if self._at.place.view == "containers":
            self._at.refresher.see([self._at.place.task_arn])
        elif self._at.view.merged is None:
            self._at.refresher.see(*self._pages.table.in_view)
        else:
            rows = self._pages.table.rows_in_view
            for each in self._at.connections.all:
                own = [row.arn for row in rows if row.arn and row.inventory is each.inventory]
                each.refresher.see(own)

    def moved(self) -> None:
        """In large clusters, load the tasks of the service under the cursor once it rests."""
        place = self._at.place
        if place.view == "services" and self._at.refresher.large(place.cluster):
            if self._rest is not None:
                self._rest.stop()
            self._rest = self._screen.set_timer(REST_SECONDS, self._look)

    def _look(self) -> None:
        """Refresh the lists of the place, and the tasks of the service under the cursor."""
        place, view, row = self._at.place, self._at.view, self._pages.table.current
        scopes = view.scopes(place)
        if place.view == "services" and row is not None:
            service = view.service_of(row)
            if service is not None:
                scopes = (*scopes, Scope(Kind.TASK, place.cluster, service.name))
        self._at.refresher.look_at(*scopes)
        self.scrolled()
