"""What a view is: declared columns over rows from the inventory. The machine is the table widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ecs_tui.inventory.inventory import Inventory, Scope
from ecs_tui.model.health import Sign
from ecs_tui.model.words import clean

TONES = {
    Sign.FINE: "fine",
    Sign.MOVING: "moving",
    Sign.WARNING: "warning",
    Sign.BAD: "bad",
    Sign.OFF: "off",
}


GONE = "gone?"
"""Instead of the status of what a List call names and Describe does not know."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of a cell and its tone: "", fine, moving, warning, bad or off."""

    text: str
    tone: str = ""


def signed(sign: Sign, text: str) -> Cell:
    """A cell with its sign before the words, toned alike."""
    return Cell(f"{sign} {clean(text)}" if text else str(sign), TONES[sign])


def plain(text: object) -> Cell:
    """A cell of cleaned text."""
    return Cell(clean(str(text)))


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key (for `key:value` and sorting), title, and how a row fills it.

    `priority` 0 always shows; where the width is short, high numbers go first. A `live` column
    changes with the time alone, as ages do.
    """

    key: str
    title: str
    cell: Callable[[Any, datetime], Cell]
    sort: Callable[[Any], Any]
    right: bool = False
    priority: int = 1
    widest: int = 40
    live: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where the operator is: a view, and what it is restricted to."""

    view: str = "clusters"
    cluster: str = ""
    service: str = ""
    task_arn: str = ""
    stopped: bool = False

    def with_stopped(self, stopped: bool) -> Place:
        """The same place, over running or stopped tasks."""
        return replace(self, stopped=stopped)


@dataclass(frozen=True, slots=True)
class View:
    """A list of one kind of resource.

    Attributes:
        name: As `:` knows it.
        kind: What AWS calls one row, for raw descriptions.
        columns: From the left.
        scopes: What must be kept fresh for it.
        rows: The rows at a place.
        key: A row's identity: the cursor stays on it.
        name_of: What an operator calls the row.
        enter: Where `enter` leads, or None.
        empty: What stands in place of rows once AWS has said that there are none.
        empty_stopped: The same in place of stopped tasks.
        merged: For a view over several accounts: its rows from (pair, inventory) of each.
    """

    name: str
    kind: str
    columns: Sequence[Column]
    scopes: Callable[[Place], tuple[Scope, ...]]
    rows: Callable[[Inventory, Place], list[Any]]
    key: Callable[[Any], str]
    name_of: Callable[[Any], str]
    enter: Callable[[Place, Any], Place | None]
    empty: str = "Nothing here."
    empty_stopped: str = "Nothing here."
    merged: Callable[[Sequence[tuple[str, Inventory]]], list[Any]] | None = None


def without_rows(view: View, inventory: Inventory, place: Place) -> str:
    """What stands in place of rows: that it is being loaded, or why there are none."""
    if not inventory.is_empty(view.scopes(place)[0]):
        return "◐ loading …"
    return view.empty_stopped if place.stopped else view.empty


def dimmed(*columns: Column) -> tuple[Column, ...]:
    """Columns in which a row is dim that AWS lists and does not know (`row.gone`)."""
    return tuple(replace(column, cell=_dim(column.cell)) for column in columns)


def _dim(cell: Callable[[Any, datetime], Cell]) -> Callable[[Any, datetime], Cell]:
    def made(row: Any, now: datetime) -> Cell:
        found = cell(row, now)
        return Cell(found.text, "off") if row.gone else found

    return made
