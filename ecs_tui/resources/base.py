"""The parts of a view, as data: columns, places, rows. The table widget draws them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ecs_tui.model.rules.health import Sign
from ecs_tui.model.text import clean
from ecs_tui.store.inventory import Inventory, Scope
from ecs_tui.store.lookups import Lookup

TONES = {
    Sign.FINE: "fine",
    Sign.MOVING: "moving",
    Sign.WARNING: "warning",
    Sign.BAD: "bad",
    Sign.OFF: "off",
}


GONE = "gone?"
"""Shown as the status of an object that List returns and Describe does not."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text and tone.

    Attributes:
        tone: "", fine, moving, warning, bad or off.
        sentence: Whether a long text is cut at its end even if the column is cut in the `middle`.
    """

    text: str
    tone: str = ""
    sentence: bool = False


def signed(sign: Sign, text: str) -> Cell:
    """A cell with a sign and cleaned text, in the tone of the sign."""
    return Cell(f"{sign} {clean(text)}" if text else str(sign), TONES[sign])


def plain(text: object) -> Cell:
    """A cell of cleaned text."""
    return Cell(clean(str(text)))


@dataclass(frozen=True, slots=True)
class Column:
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
        live: Whether its cells change with time alone, as ages do.
        middle: Whether its cells are names, which are cut in the middle because their ends differ.
    """

    key: str
    title: str
    cell: Callable[[Any, datetime], Cell]
    sort: Callable[[Any], Any]
    right: bool = False
    priority: int = 1
    widest: int = 40
    live: bool = False
    middle: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A place to navigate to: a view, and what it is restricted to."""

    view: str = "clusters"
    cluster: str = ""
    service: str = ""
    task_arn: str = ""
    stopped: bool = False

    def with_stopped(self, stopped: bool) -> Place:
        """The same place, with stopped or with running tasks."""
        return replace(self, stopped=stopped)


@dataclass(frozen=True, slots=True)
class Resource:
    """A list of one kind of resource.

    Attributes:
        name: Its id, in `RESOURCES` and in a `Place`.
        kind: The kind of resource of a row, as `raw_description` takes it.
        columns: From left to right.
        scopes: The scopes to refresh while it is shown, the one of its rows first.
        rows: The rows at a place.
        key: A row's identity, by which the cursor stays on it.
        name_of: A row's name, as the operator knows it.
        enter: The place that `enter` goes to, or None.
        is_empty: Whether AWS has answered that there are no rows; None: the first scope decides.
        empty: The message in place of rows then.
        empty_stopped: The same for stopped tasks.
        merged: In a merged list: its rows, from (label, inventory) of each connection.
        lookups: The additional lookups that visible rows need.
    """

    name: str
    kind: str
    columns: Sequence[Column]
    scopes: Callable[[Place], tuple[Scope, ...]]
    rows: Callable[[Inventory, Place], list[Any]]
    key: Callable[[Any], str]
    name_of: Callable[[Any], str]
    enter: Callable[[Place, Any], Place | None]
    is_empty: Callable[[Inventory, Place], bool] | None = None
    empty: str = "Empty."
    empty_stopped: str = "Empty."
    merged: Callable[[Sequence[tuple[str, Inventory]]], list[Any]] | None = None
    lookups: Callable[[Inventory, Place, Sequence[Any]], list[Lookup]] = lambda *_: []


def without_rows(view: Resource, inventory: Inventory, place: Place) -> str:
    """The message in place of rows: that they are loading, or why there are none."""
    if view.is_empty is not None:
        empty = view.is_empty(inventory, place)
    else:
        empty = inventory.is_empty(view.scopes(place)[0])
    if not empty:
        return "◐ Loading…"
    return view.empty_stopped if place.stopped else view.empty


def dimmed(*columns: Column) -> tuple[Column, ...]:
    """The columns, dimmed for rows that List returns and Describe does not (`row.gone`)."""
    return tuple(replace(column, cell=_dim(column.cell)) for column in columns)


def _dim(cell: Callable[[Any, datetime], Cell]) -> Callable[[Any, datetime], Cell]:
    def made(row: Any, now: datetime) -> Cell:
        found = cell(row, now)
        return Cell(found.text, "off") if row.gone else found

    return made
