"""The facts about one row for the detail pane, as names and values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ecs_tui.model.text import clean
from ecs_tui.resources import resource_of
from ecs_tui.resources.facts import Fact
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.lookups import Lookup
from ecs_tui.ui.two_columns import two_columns


def details(row: object, inventory: Inventory, now: datetime, width: int = 0) -> str:
    """The facts about `row` as text, at most `width` cells wide; 0 for no limit."""
    return two_columns(facts_about(row, inventory, now), width)


def facts_about(
    row: object, inventory: Inventory, now: datetime, more: Sequence[Fact] = ()
) -> list[tuple[str, str]]:
    """The facts about a row as (name, value), cleaned for the screen, the most important first.

    Args:
        row: A row of any resource, or None.
        inventory: The loaded data of the row's account.
        now: The time from which ages are counted.
        more: Facts to add at the end.
    """
    resource = resource_of(row)
    facts = resource.facts(row, inventory, now) if resource is not None else []
    # Some names are untrusted too: tag keys and container names.
    return [
        (clean(name), clean(str(value)))
        for name, value in (*facts, *more)
        if value not in ("", None)
    ]


def lookups_for(row: object, inventory: Inventory) -> list[Lookup]:
    """The additional lookups that the details of a row need."""
    resource = resource_of(row)
    return resource.fact_lookups(row, inventory) if resource is not None else []
