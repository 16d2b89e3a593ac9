"""Filter and order of a list, as indices into its rows; rows are never copied.

The keys of a row (its text for the filter, its values for sorting) are cached while the row object
is the same. They are made in small portions, so that no key press waits for ten thousand of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecs_tui.resources.base import Column, Resource

PORTION_SECONDS = 0.008
"""Seconds of making row keys without a break: half a frame."""
_SEPARATOR = "\x1f"


@dataclass(slots=True)
class _RowKeys:
    """The cached keys of a row: case-folded text of fixed columns, sort value of each column."""

    row: Any
    words: str
    values: tuple[Any, ...]


def title_word(column: Column) -> str:
    """A column's title as typed in a filter: lower case, one word (`private-ip`)."""
    return "-".join(column.title.casefold().split())


def column_called(view: Resource, name: str) -> Column | None:
    """The column with this title, as typed in a filter, else with this key, else None."""
    wanted = name.replace("_", "-")
    by_title = {title_word(column): column for column in reversed(view.columns)}
    by_title |= {word.replace("-", ""): column for word, column in reversed(by_title.items())
                 if word.replace("-", "") not in by_title}  # fmt: skip
    return by_title.get(wanted) or next((c for c in view.columns if c.key == name), None)


def unknown_column(view: Resource, text: str) -> str:
    """The first name before a colon in a filter that names no column, or ""."""
    for word in text.casefold().split():
        name, colon, _ = word.partition(":")
        if colon and name and column_called(view, name) is None:
            return name
    return ""


class RowIndex:
    """The filtered and sorted rows of a view, as indices.

    Attributes:
        rows: All rows.
        indices: Indices into `rows` of the shown rows, in their order.
        keys: The keys of the shown rows, in the same order.
        filter: Text anywhere in a row, or `column:value`; all words must match. Live columns (ages)
            match only as `column:value`.
        sort_key: Key of the sort column, "" for the first one.
        incomplete: Whether rows are missing or misplaced because their keys are not made yet.
    """

    def __init__(self, view: Resource) -> None:
        self.view = view
        self.rows: list[Any] = []
        self.indices: list[int] = []
        self.keys: list[str] = []
        self.filter = self.sort_key = ""
        self.descending = False
        self.incomplete = False
        self._known: dict[str, _RowKeys] = {}
        self._names: list[str] = []
        self._by_name: list[int] = []
        self._row_keys: list[_RowKeys | None] = []
        self._missing: list[int] = []
        self._fixed = [column for column in view.columns if not column.live]

    @property
    def column(self) -> Column:
        """The sort column."""
        columns = self.view.columns
        return next((c for c in columns if c.key == self.sort_key), columns[0])

    def set_rows(self, rows: list[Any]) -> bool:
        """Replace the rows; returns whether any differs from before (by identity)."""
        old = self.rows
        if len(old) == len(rows) and all(a is b for a, b in zip(old, rows, strict=True)):
            self.rows = rows
            return False
        self.rows = rows
        names = [self.view.key(row) for row in rows]
        if names != self._names:
            self._names = names
            self._by_name = sorted(range(len(names)), key=names.__getitem__)
        known = self._known
        self._row_keys = [
            keys if (keys := known.get(name)) is not None and keys.row is row else None
            for name, row in zip(names, rows, strict=True)
        ]
        self._missing = [index for index, keys in enumerate(self._row_keys) if keys is None]
        self._missing.reverse()
        if len(known) > 2 * len(rows) + 100:
            self._known = {
                name: keys
                for name, keys in zip(names, self._row_keys, strict=True)
                if keys is not None
            }
        return True

    def arrange(self, now: datetime) -> None:
        """Filter and sort again."""
        self.incomplete = False
        end = time.perf_counter() + PORTION_SECONDS
        indices: Sequence[int] = self._by_name
        for word in self.filter.casefold().split():
            indices = self._matching(word, indices, now, end)
        self.indices = self._sorted(indices, now, end)
        names = self._names
        self.keys = [names[index] for index in self.indices]

    def _sorted(self, indices: Sequence[int], now: datetime, end: float) -> list[int]:
        """Sort by the column's values; equal rows by their key, in either direction."""
        column = self.column
        place = list(self.view.columns).index(column)
        if self._missing:
            for index in indices:
                if self._row_keys[index] is None:
                    if self._late(end):
                        break
                    self._make(index, now)
        values: list[Any] = [
            None if keys is None else keys.values[place] for keys in self._row_keys
        ]
        known = [index for index in indices if self._row_keys[index] is not None]
        rest = [index for index in indices if self._row_keys[index] is None]
        try:
            known.sort(key=values.__getitem__, reverse=self.descending)
        except TypeError:  # values of different types: by their text
            known.sort(key=lambda index: str(values[index]), reverse=self.descending)
        return known + rest

    def _matching(
        self, word: str, indices: Sequence[int], now: datetime, end: float
    ) -> Sequence[int]:
        name, colon, value = word.partition(":")
        column = column_called(self.view, name) if colon else None
        rows = self.rows
        if column is not None and column.live:
            return [i for i in indices if value in column.cell(rows[i], now).text.casefold()]
        matches: Callable[[str], bool]
        if column is not None:
            place = self._fixed.index(column)
            matches = lambda words: value in words.split(_SEPARATOR)[place]  # noqa: E731
        else:
            matches = lambda words: word in words  # noqa: E731
        keys = self._row_keys
        if not self._missing:
            return [i for i in indices if matches(keys[i].words)]  # type: ignore[union-attr]
        found = []
        for index in indices:
            made = keys[index]
            if made is None and not self._late(end):
                made = self._make(index, now)
            if made is not None and matches(made.words):
                found.append(index)
        return found

    def _late(self, end: float) -> bool:
        """Whether the time for making row keys is over; the order is then incomplete."""
        self.incomplete = self.incomplete or time.perf_counter() > end
        return self.incomplete

    def _make(self, index: int, now: datetime) -> _RowKeys:
        """Make the keys of a row."""
        row = self.rows[index]
        words = _SEPARATOR.join(column.cell(row, now).text for column in self._fixed).casefold()
        values = tuple(column.sort(row) for column in self.view.columns)
        made = self._known[self._names[index]] = self._row_keys[index] = _RowKeys(
            row, words, values
        )
        return made

    def warm(self, now: datetime) -> bool:
        """Make one portion of the missing row keys; returns whether more are missing."""
        end = time.perf_counter() + PORTION_SECONDS
        while self._missing:
            index = self._missing[-1]
            if self._row_keys[index] is None:
                if time.perf_counter() > end:
                    return True
                self._make(index, now)
            self._missing.pop()
        return False
