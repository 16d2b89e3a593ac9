"""How many sessions are open in what a row shows, behind the words about its shell."""

from __future__ import annotations

from dataclasses import replace

from ecs_tui.model.active_session import SessionsInside
from ecs_tui.resources.base import Cell
from ecs_tui.resources.facts import Fact
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.lookups import inside_lookup

_NOBODY = SessionsInside()


def inside_of(inventory: Inventory) -> SessionsInside:
    """The open sessions of the region as they were last read; none while they are not known."""
    answer = inventory.lookups.answer(inside_lookup())
    return answer.value if answer is not None and answer.value is not None else _NOBODY


def with_inside(cell: Cell, count: int) -> Cell:
    """The cell, with the number of open sessions if there are any: `● ready · 1 inside`."""
    return replace(cell, text=f"{cell.text} · {count} inside".lstrip(" ·")) if count else cell


def inside_fact(inventory: Inventory, count: int) -> Fact:
    """The number for the details, or why it is not known."""
    answer = inventory.lookups.answer(inside_lookup())
    if answer is None:
        return ("open sessions", "")
    if answer.error is not None:
        return ("open sessions", f"not read: {answer.error}")
    return ("open sessions", str(count) if count else "")
