"""Where the operator is: the connection and the place shown, and the places before and after."""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest

from ecs_tui.aws.account import Account
from ecs_tui.config.sections import ListSettings
from ecs_tui.config.state import SavedChoices
from ecs_tui.errors import EcsTuiError
from ecs_tui.record import dataclass
from ecs_tui.resources import Place, Resource, resource_at
from ecs_tui.resources.service_page import same_page
from ecs_tui.store.connections import Connection, Connections
from ecs_tui.store.inventory import Freshness, Inventory
from ecs_tui.store.refresher import Refresher
from ecs_tui.ui.list_views import ListViews

MAX_VISITS = 100
"""Places that are kept to go back to."""
MAX_RECENT = 8
"""Places that the empty `:` offers."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A place as the operator left it.

    Attributes:
        connection: The connection it was shown through.
        place: The place.
        key: The key of the selected row, or "".
        filter: The filter, or "".
        turned: Whether one came to it by changing tabs: then it is not left for the tab before.
    """

    connection: Connection
    place: Place
    key: str = ""
    filter: str = ""
    turned: bool = False


class Navigation:
    """The current place, and the history. It changes no widget.

    Attributes:
        connections: The open connections and the current one.
        place: The place shown.
        turned: Whether one came to it by changing tabs.
        lists: The operator's columns and groups of each list.
    """

    def __init__(self, connections: Connections, lists: ListViews | None = None) -> None:
        self.connections = connections
        self.lists = lists or ListViews(ListSettings(), SavedChoices())
        self.place = Place()
        self.turned = False
        self._before: list[Visit] = []
        self._after: list[Visit] = []
        self._recent: list[Visit] = []

    @property
    def connection(self) -> Connection:
        """The current connection."""
        return self.connections.current

    @property
    def account(self) -> Account:
        """The account of the current connection."""
        return self.connection.account

    @property
    def inventory(self) -> Inventory:
        """The loaded data of the current connection."""
        return self.connection.inventory

    @property
    def refresher(self) -> Refresher:
        """The refresher of the current connection."""
        return self.connection.refresher

    @property
    def view(self) -> Resource:
        """The descriptor of the list shown, with the operator's columns."""
        return self.lists.of(resource_at(self.place))

    @property
    def shown(self) -> list[Connection]:
        """The connections whose rows are shown: all in a merged list, else the current one."""
        return self.connections.all if self.view.merged is not None else [self.connection]

    def freshness(self) -> list[Freshness]:
        """The freshness of each scope of the place; in a merged list, for every connection."""
        scopes = self.view.scopes(self.place)
        return [each.inventory.freshness(scope) for each in self.shown for scope in scopes]

    def standing_error(self) -> EcsTuiError | None:
        """The last error of the shown lists, else of the connection, unless a call succeeded since."""
        found = next((item.error for item in self.freshness() if item.error), None)
        return found or self.connection.error

    # -- history

    def start(self, place: Place, *before: Place) -> None:
        """Start at a place, with places to go back to."""
        self._before = [Visit(self.connection, each) for each in before]
        self.arrive(self.connection, place)

    def leave(self, visit: Visit) -> None:
        """Remember where the operator was before going somewhere new."""
        self._before.append(visit)
        del self._before[:-MAX_VISITS]
        self._after.clear()

    def arrive(self, connection: Connection, place: Place, *, turned: bool = False) -> None:
        """Make this the current place; refreshes in flight for another connection are cancelled.

        Args:
            connection: The connection to show it through.
            place: The place.
            turned: Whether one comes to it by changing tabs.
        """
        if connection is not self.connection:
            self.refresher.look_at()
            self.connections.current = connection
        self.place, self.turned = place, turned
        self._recent = [each for each in self._recent if not _is_at(each, connection, place)]
        self._recent.insert(0, Visit(connection, place))
        del self._recent[MAX_RECENT + 1 :]

    def before(self, here: Visit) -> Visit | None:
        """Take the place before this one, None if there is none; `here` is then the place after."""
        return self._step(self._before, self._after, here)

    def after(self, here: Visit) -> Visit | None:
        """Take the place from which `before` came back, None if there is none."""
        return self._step(self._after, self._before, here)

    def back_to(self, place: Place, here: Visit) -> Visit | None:
        """Take the place before this one if it is `place`; else None."""
        last = self._before[-1] if self._before else None
        if last is None or (last.connection, last.place) != (self.connection, place):
            return None
        return self.before(here)

    def out(self, here: Visit) -> Visit | None:
        """Take the place that one came from before changing tabs; None if there is none.

        The tabs that are passed on the way can be gone to again by `after`.
        """
        steps, turned = 1, here.turned
        earlier = self._before[::-1]
        for visit, before in zip_longest(earlier, earlier[1:]):
            if not turned:
                break
            steps, turned = steps + 1, visit.turned or _shows_stopped(visit, before)
        if steps > len(self._before):
            return None
        for _ in range(steps):
            here = self._step(self._before, self._after, here) or here
        return here

    def tab(self, place: Place) -> Visit:
        """A tab of the page that is shown, as it was left since the page was opened.

        Args:
            place: The place of the tab.
        """
        for visit in reversed(self._before):
            if visit.connection is not self.connection or not same_page(visit.place, place):
                break
            if visit.place.view == place.view:
                return replace(visit, turned=True)
        return Visit(self.connection, place, turned=True)

    @staticmethod
    def _step(source: list[Visit], target: list[Visit], here: Visit) -> Visit | None:
        if not source:
            return None
        target.append(here)
        return source.pop()

    @property
    def recent(self) -> list[Visit]:
        """The places visited last, the newest first, without the current page."""
        here = self.connection, self.place
        return [each for each in self._recent if not _is_at(each, *here)][:MAX_RECENT]


def _shows_stopped(visit: Visit, before: Visit | None) -> bool:
    """Whether a visit shows the stopped tasks where the one before it showed the running ones."""
    if before is None or before.place.stopped or before.connection is not visit.connection:
        return False
    return visit.place == replace(before.place, stopped=True)


def _is_at(visit: Visit, connection: Connection, place: Place) -> bool:
    """Whether it was a visit of this place, or of another tab of its page."""
    return visit.connection is connection and same_page(visit.place, place)
