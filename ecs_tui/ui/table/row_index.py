"""Filter and order of a list, as indices into its rows; rows are never copied.

The keys of a row (its text for the filter, its values for sorting) are cached while the row object
is the same. They are made in small portions, so that no key press waits for ten thousand of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecs_tui.resources.base import Column, Resource
from ecs_tui.ui.table.terms import Term, parse_term

PORTION_SECONDS = 0.008
"""Seconds of making row keys without a break: half a frame."""
_SEPARATOR = "\x1f"


@dataclass(slots=True)
class _RowKeys:
    """The cached keys of a row: case-folded text of fixed columns, sort value of each column, rank."""

    row: Any
    words: str
    values: tuple[Any, ...]
    rank: Any


class RowIndex:
    """The filtered and sorted rows of a view, as indices.

    Attributes:
        rows: All rows.
        indices: Indices into `rows` of the shown rows, in their order.
        keys: The keys of the shown rows, in the same order.
        filter: Words that must all match (`terms.py`). Live columns (ages) match only as
            `column:value`.
        sort_key: Key of the sort column, "" for the resource's own order: the worst rows first.
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
        """The sort column; for the resource's own order, the one that orders rows of equal rank."""
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
            self._by_name = list(range(len(names)))
            if not self.view.in_order:
                self._by_name.sort(key=names.__getitem__)
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
        for word in self.filter.split():
            term = parse_term(word, self.view)
            if not term.incomplete:
                indices = self._matching(term, indices, now, end)
        self.indices = self._sorted(indices, now, end)
        names = self._names
        self.keys = [names[index] for index in self.indices]

    def _sorted(self, indices: Sequence[int], now: datetime, end: float) -> list[int]:
        """Sort by rank, or by a column's values; equal rows by their key, in either direction."""
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
        if self.sort_key or not self.view.in_order:
            _sort(known, values, self.descending)
        if not self.sort_key:  # stable: rows of equal rank stay in the order of the first column
            ranks = [None if keys is None else keys.rank for keys in self._row_keys]
            _sort(known, ranks, self.descending)
        return known + rest

    def _matching(
        self, term: Term, indices: Sequence[int], now: datetime, end: float
    ) -> Sequence[int]:
        column, wanted, has = term.column, not term.inverted, term.test
        rows, keys = self.rows, self._row_keys
        if term.of_tags:
            return [i for i in indices if term.has_tag(rows[i]) is wanted]
        if column is not None and column.live:
            return [i for i in indices if has(column.cell(rows[i], now).text.casefold()) is wanted]
        matches: Callable[[str], bool]
        if column is not None:
            place = self._fixed.index(column)
            matches = lambda words: has(words.split(_SEPARATOR)[place])  # noqa: E731
        elif term.pattern is not None:  # within one cell, so that ^ and $ are its ends
            matches = lambda words: any(map(has, words.split(_SEPARATOR)))  # noqa: E731
        else:
            matches = has
        if not self._missing:
            return [i for i in indices if matches(keys[i].words) is wanted]  # type: ignore[union-attr]
        found = []
        for index in indices:
            made = keys[index]
            if made is None and not self._late(end):
                made = self._make(index, now)
            if made is not None and matches(made.words) is wanted:
                found.append(index)
        return found

    def rows_with(self, names: Collection[str]) -> list[Any]:
        """The rows with these keys, also hidden ones: the shown ones first, in their order."""
        shown = [index for index, key in zip(self.indices, self.keys, strict=True) if key in names]
        seen = set(shown)
        hidden = [i for i in self._by_name if self._names[i] in names and i not in seen]
        return [self.rows[index] for index in (*shown, *hidden)]

    def _late(self, end: float) -> bool:
        """Whether the time for making row keys is over; the order is then incomplete."""
        self.incomplete = self.incomplete or time.perf_counter() > end
        return self.incomplete

    def _make(self, index: int, now: datetime) -> _RowKeys:
        """Make the keys of a row."""
        row = self.rows[index]
        words = _SEPARATOR.join(column.cell(row, now).text for column in self._fixed).casefold()
        values = tuple(column.sort(row) for column in self.view.columns)
        made = _RowKeys(row, words, values, self.view.rank(row))
        self._known[self._names[index]] = self._row_keys[index] = made
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


def _sort(indices: list[int], values: Sequence[Any], descending: bool) -> None:
    """Sort indices by their values, which may be of different types."""
    try:
        indices.sort(key=values.__getitem__, reverse=descending)
    except TypeError:  # by their text
        indices.sort(key=lambda index: str(values[index]), reverse=descending)
