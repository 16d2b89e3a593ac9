"""Facts for the details of a row: (name, value) pairs, and the words that several resources share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from ecs_tui.model.text import age_of, local

Fact = tuple[str, object]
"""A name and a value; a fact with the value "" or None is not shown."""


class Tagged(Protocol):
    """An object with tags.

    Attributes:
        tags: Its tags by key.
        not_read: Values of `include` that AWS refused, each with its reason.
    """

    @property
    def tags(self) -> Mapping[str, str]: ...

    @property
    def not_read(self) -> Mapping[str, str]: ...


def when(then: datetime | None, now: datetime) -> str:
    """A time in the local time zone, and its age; "" if unknown."""
    if then is None:
        return ""
    return f"{local(then)} ({age_of(then, now)} ago)"


def tag_facts(row: Tagged) -> list[Fact]:
    """A fact for each tag; without any, that there are none, or why they were not read."""
    tags: list[Fact] = [(f"tag {key}", value) for key, value in sorted(row.tags.items())]
    return tags or [("tags", not_read(row, "TAGS") or "none")]


def not_read(row: Tagged, extra: str) -> str:
    """Why AWS refused a value of `include`; "" if it did not."""
    return f"not read: {row.not_read[extra]}" if extra in row.not_read else ""
