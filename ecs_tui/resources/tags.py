"""Tags in lists: the tags of a row, columns of them, and rows grouped by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import cast, get_args, get_type_hints

from ecs_tui.model.text import clean
from ecs_tui.resources.base import Cell, Column, Resource, Sortable
from ecs_tui.resources.facts import Tagged

PREFIX = "tag:"
"""Before the key of a tag in the name of a column: `tag:team`."""
MAX_TITLE = 24
"""Characters of a title: a tag's key may have 128."""
WIDEST = 24
_NESTED = ("service", "task", "cluster", "row")
"""Attributes of a row with the object that it is about."""
_UNKNOWN, _MISSING, _KNOWN = 2, 1, 0
"""Ranks: rows without the tag come after those with it, and then those not described yet."""


def tagged_of(row: object) -> Tagged | None:
    """The object with tags that a row is, or is about; None if it is about none."""
    for each in (row, *(getattr(row, name, None) for name in _NESTED)):
        if isinstance(getattr(each, "tags", None), Mapping):
            return cast("Tagged", each)  # a check of all its attributes is ten times slower
    inner = getattr(row, "row", None)
    return tagged_of(inner) if inner is not None else None


def tags_of(row: object) -> Mapping[str, str]:
    """The tags of a row's resource, {} if they are not known."""
    found = tagged_of(row)
    return found.tags if found is not None else {}


@lru_cache(64)
def _has_tags(row: type) -> bool:
    if hasattr(row, "tags"):
        return True
    try:
        hints = get_type_hints(row)
    except NameError:  # a type that is imported for type checks only
        return False
    inner = [hints[name] for name in _NESTED if name in hints]
    every = [each for hint in inner for each in (get_args(hint) or (hint,))]
    return any(isinstance(each, type) and each is not row and _has_tags(each) for each in every)


def has_tags(view: Resource) -> bool:
    """Whether the rows of a list have tags, judging by their class."""
    return view.listed and _has_tags(cast("Hashable", view.row))


def known_tags(rows: Iterable[object]) -> list[tuple[str, int, int]]:
    """(key, rows that have it, values) of each tag of some rows, the most frequent first."""
    counts: Counter[str] = Counter()
    values: dict[str, set[str]] = {}
    for row in rows:
        for key, value in tags_of(row).items():
            counts[key] += 1
            values.setdefault(key, set()).add(value)
    found = [(key, count, len(values[key])) for key, count in counts.items()]
    return sorted(found, key=lambda item: (-item[1], item[0]))


def _state(row: object, key: str) -> tuple[int, str]:
    """Whether the tag is known, and its value."""
    tagged = tagged_of(row)
    if tagged is None or not getattr(tagged, "described", True):
        return _UNKNOWN, ""
    if key in tagged.tags:
        return _KNOWN, tagged.tags[key]
    return (_UNKNOWN if "TAGS" in tagged.not_read else _MISSING), ""


def _cell(key: str) -> Callable[[object, datetime], Cell]:
    def made(row: object, _: datetime) -> Cell:
        state, value = _state(row, key)
        if state == _KNOWN:
            return Cell(clean(value) or '""')
        tagged = tagged_of(row)
        if state == _MISSING or tagged is None:
            return Cell("-" if tagged is not None else "", "off")
        return Cell("not read" if "TAGS" in tagged.not_read else "·", "off")

    return made


def _sort(key: str) -> Callable[[object], tuple[int, str]]:
    def made(row: object) -> tuple[int, str]:
        state, value = _state(row, key)
        return state, value.casefold()

    return made


def tag_column(key: str) -> Column:
    """The column of a tag, titled as the tag's key is written."""
    title = clean(key)
    if len(title) > MAX_TITLE:
        title = f"{title[: MAX_TITLE - 1]}…"
    return Column(f"{PREFIX}{key}", title, _cell(key), _sort(key), widest=WIDEST, middle=True)


def arranged(view: Resource, keys: Sequence[str], group: str = "") -> Resource:
    """A list with columns of tags, and its rows grouped by one.

    Args:
        view: The list.
        keys: The tags that have a column, in order; they stand before the first column that a narrow
            list leaves out.
        group: The tag by which rows are grouped, "" for none. Its column is the first one. Within a
            group, rows are in the order that they would have without groups.
    """
    if not has_tags(view) or not (keys or group):
        return view
    columns = list(view.columns)
    at = next((n for n, each in enumerate(columns) if n and each.priority > 1), len(columns))
    columns[at:at] = [tag_column(key) for key in dict.fromkeys(keys) if key != group]
    if not group:
        return replace(view, columns=tuple(columns))
    value, rank = _sort(group), view.rank
    first = _within(value, view.columns[0].sort)
    of_group = replace(tag_column(group), sort=first, priority=0, group=True)
    inside = [replace(each, sort=_within(value, each.sort)) for each in columns]
    return replace(
        view, columns=(of_group, *inside), rank=lambda row: (value(row), rank(row))
    )  # fmt: skip


def _within(
    value: Callable[[object], Sortable], sort: Callable[[object], Sortable]
) -> Callable[[object], Sortable]:
    return lambda row: (value(row), sort(row))
