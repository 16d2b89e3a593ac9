"""The parts of a descriptor, as data: columns, places, rows. The table widget draws them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Generic, Literal, Protocol, TypeVar

from ecs_tui.aws.account import Account
from ecs_tui.model.log_target import LogTarget
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.service import Service
from ecs_tui.model.text import clean
from ecs_tui.model.transcript import TranscriptRef
from ecs_tui.record import dataclass
from ecs_tui.resources.facts import Fact
from ecs_tui.resources.flat import Listing
from ecs_tui.store.inventory import Inventory, Scope
from ecs_tui.store.lookups import Lookup
from ecs_tui.store.source import ItemT, Source

TONES = {
    Sign.FINE: "",
    Sign.MOVING: "moving",
    Sign.WARNING: "warning",
    Sign.BAD: "bad",
    Sign.OFF: "off",
}
"""Only what needs attention has a colour: a fine row has that of the text."""
_RANKS = {Sign.BAD: 0, Sign.WARNING: 1, Sign.MOVING: 2}

GONE = "gone?"
"""Shown as the status of an object that List returns and Describe does not."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text and tone.

    Attributes:
        tone: "", moving, warning, bad or off.
        sentence: Whether a long text is cut at its end even if the column is cut in the `middle`.
    """

    text: str
    tone: str = ""
    sentence: bool = False


def signed(sign: Sign, text: str) -> Cell:
    """A cell with a sign and cleaned text, in the tone of the sign."""
    return Cell(f"{sign} {clean(text)}" if text else str(sign), TONES[sign])


def rank_of(sign: Sign) -> int:
    """The rank of a row with this sign: bad, then a warning, then moving, then all others."""
    return _RANKS.get(sign, 3)


def plain(text: object) -> Cell:
    """A cell of cleaned text."""
    return Cell(clean(str(text)))


class Sortable(Protocol):
    """A value by which rows are sorted; all values of a column are of one kind."""

    def __lt__(self, other: Any, /) -> bool: ...


@dataclass(frozen=True, slots=True)
class Column(Generic[ItemT]):
    """One column of a view.

    Attributes:
        key: Its id, for sorting and for `key:value` filters.
        title: Its title, in capitals.
        cell: Makes the cell of a row at a time.
        sort: The value of a row to sort by.
        right: Whether it is aligned to the right.
        priority: 0 is always shown; in a narrow list, columns with high numbers are dropped first.
        widest: Cells up to which other columns make room for it; beyond that it only gets cells
            that are left over.
        live: Whether its cells change with time alone, as ages do. A filter finds them by
            `column:value` only.
        searched: Whether a filter also finds its words without its name, although it is live:
            the words that it had when the row last changed.
        middle: Whether its cells are names, which are cut in the middle because their ends differ.
        normal: Texts of cells that tell nothing: a column in which all rows have the same one of them
            may be left out.
        group: Whether rows are grouped by it: it is shown once for rows that have the same cell.
        needs: The lookups of the rows in view, made only while the column is on the screen.
        billed: Metrics that each row in view asks of CloudWatch each minute, which AWS bills.
    """

    key: str
    title: str
    cell: Callable[[ItemT, datetime], Cell]
    sort: Callable[[ItemT], Sortable]
    right: bool = False
    priority: int = 1
    widest: int = 40
    live: bool = False
    searched: bool = False
    middle: bool = False
    normal: tuple[str, ...] = ()
    group: bool = False
    needs: Callable[[Inventory, Sequence[ItemT]], list[Lookup]] = lambda *_: []
    billed: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A place to navigate to: a view, and what it is restricted to.

    Attributes:
        view: The name of a resource. With a service and without a task, some views are the tabs of
            that service's page (`resources/service_page.py`).
        instance: The ARN of a container instance: only the tasks on it.
        logs: For logs: which tasks and containers, and the time that is shown first.
        around: For activity: the time around which it shows, in milliseconds since 1970; 0 for now.
        transcript: For a transcript: of which session.
    """

    view: str = "clusters"
    cluster: str = ""
    service: str = ""
    task_arn: str = ""
    stopped: bool = False
    instance: str = ""
    logs: LogTarget | None = None
    around: int = 0
    transcript: TranscriptRef | None = None

    def with_stopped(self, stopped: bool) -> Place:
        """The same place, with stopped or with running tasks."""
        return replace(self, stopped=stopped)


@dataclass(frozen=True, slots=True)
class RawView(Generic[ItemT]):
    """AWS's own description of a row, for people to read.

    Attributes:
        title: What is described, for the title: `service web`.
        fetch: Fetches it; takes the account, the cluster's name and the row.
    """

    title: Callable[[ItemT], str]
    fetch: Callable[[Account, str, ItemT], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Resource(Generic[ItemT]):
    """The descriptor of one kind of resource: how it is listed, shown, described and written out.

    Attributes:
        name: Its id, in `RESOURCES` and in a `Place`; also its name in `:` and in `ls`.
        kind: What a row is, in one word: "service".
        row: The class of its rows, by which the details of a row are found.
        columns: From left to right.
        scopes: The scopes to refresh while it is shown, the one of its rows first.
        beside: Scopes of which its columns show only sums. They are refreshed slowly, after its own,
            and their errors are not the list's.
        rows: The rows at a place.
        key: A row's identity, by which the cursor stays on it.
        name_of: A row's name, as the operator knows it.
        enter: The place that `enter` goes to, or None.
        about: What the list shows, in a few words: the help of its command in `:`. "" for none.
        within: What a place must name: nothing, a cluster, a service of it, or a task.
        source: Where its objects come from; None for rows that are made from other objects.
        facts: The facts about a row for the details, the most important first.
        fact_lookups: The additional lookups that they need.
        raw: AWS's own description of a row; None if there is none.
        listing: How `ls` lists it; None if it does not.
        rank: The default order is by this value, the worst first; rows with equal ranks are in the
            order of the first column.
        in_order: Whether rows with equal ranks are in the order of `rows` instead.
        listed: Whether its rows are shown as a list; else a page shows the one row in its own way.
        cluster_of: The cluster of a row, where the place names none.
        service_of: The service that a row is, or None.
        definition_of: The task definition of a row, or "".
        is_empty: Whether AWS has answered that there are no rows; None: the first scope decides.
        empty: The message in place of rows then.
        count: The number of its rows in words, where not every row is one of what it lists.
        merged: In a merged list: its rows, from (label, inventory) of each connection. Its rows have
            `inventory`, and `arn`, "" for rows that are no resource.
        lookups: The additional lookups that visible rows need.
    """

    name: str
    kind: str
    columns: Sequence[Column[ItemT]]
    scopes: Callable[[Place], tuple[Scope, ...]]
    rows: Callable[[Inventory, Place], list[ItemT]]
    key: Callable[[ItemT], str]
    name_of: Callable[[ItemT], str]
    enter: Callable[[Place, ItemT], Place | None]
    row: type[ItemT]
    about: str = ""
    beside: Callable[[Place], tuple[Scope, ...]] = lambda _: ()
    within: Literal["", "cluster", "service", "task"] = "cluster"
    source: Source | None = None
    facts: Callable[[ItemT, Inventory, datetime], list[Fact]] = lambda *_: []
    fact_lookups: Callable[[ItemT, Inventory], list[Lookup]] = lambda *_: []
    raw: RawView[ItemT] | None = None
    listing: Listing | None = None
    rank: Callable[[ItemT], Sortable] = lambda _: 0
    in_order: bool = False
    listed: bool = True
    cluster_of: Callable[[ItemT], str] = lambda _: ""
    service_of: Callable[[ItemT], Service | None] = lambda _: None
    definition_of: Callable[[ItemT], str] = lambda _: ""
    is_empty: Callable[[Inventory, Place], bool] | None = None
    empty: str = "Empty."
    count: Callable[[Sequence[ItemT]], str] | None = None
    merged: Callable[[Sequence[tuple[str, Inventory]]], list[ItemT]] | None = None
    lookups: Callable[[Inventory, Place, Sequence[ItemT]], list[Lookup]] = lambda *_: []

    def at(self, cluster: str, service: str = "") -> Place:
        """The place that shows it, in a cluster or a service if it belongs to one."""
        return Place(
            self.name,
            cluster=cluster if self.within else "",
            service=service if self.within == "service" else "",
        )


def stored(source: Source[ItemT]) -> Callable[[Inventory, Place], list[ItemT]]:
    """For `Resource.rows`: the objects of a source in the place's cluster."""
    return lambda inventory, place: inventory.of(Scope(source, place.cluster))


def in_cluster(source: Source) -> Callable[[Place], tuple[Scope, ...]]:
    """For `Resource.scopes`: the objects of a source in the place's cluster."""
    return lambda place: (Scope(source, place.cluster),)


def told_by_page(*_: object) -> bool:
    """For `Resource.is_empty` where the page itself says how far it is and why there are no rows."""
    return True


def counting(is_one: Callable[[ItemT], bool]) -> Callable[[Sequence[ItemT]], str]:
    """For `Resource.count`: the rows that are no notice; `31+` while a notice says that there may be more."""

    def words(rows: Sequence[ItemT]) -> str:
        known = sum(map(is_one, rows))
        if known == len(rows):
            return str(known)
        return f"{known}+" if known else ""

    return words


def number_is_known(view: Resource, inventory: Inventory, place: Place, rows: int) -> bool:
    """Whether the number of rows may be shown: while they load it is not 0."""
    return bool(rows) or (view.is_empty is not told_by_page and known_empty(view, inventory, place))


def known_empty(view: Resource, inventory: Inventory, place: Place) -> bool:
    """Whether AWS has answered that there are no rows."""
    if view.is_empty is not None:
        return view.is_empty(inventory, place)
    return inventory.is_empty(view.scopes(place)[0])


def without_rows(view: Resource, inventory: Inventory, place: Place) -> str:
    """The message in place of rows: that they are loading, or why there are none."""
    return view.empty if known_empty(view, inventory, place) else "◐ Loading…"


class _MayBeGone(Protocol):
    @property
    def gone(self) -> bool: ...


GoneT = TypeVar("GoneT", bound=_MayBeGone)


def dimmed(*columns: Column[GoneT]) -> tuple[Column[GoneT], ...]:
    """The columns, dimmed for rows that List returns and Describe does not (`row.gone`)."""
    return tuple(replace(column, cell=_dim(column.cell)) for column in columns)


def _dim(cell: Callable[[GoneT, datetime], Cell]) -> Callable[[GoneT, datetime], Cell]:
    def made(row: GoneT, now: datetime) -> Cell:
        found = cell(row, now)
        return Cell(found.text, "off") if row.gone else found

    return made
