"""Which rows of a list match its filter, and in which order: indices, never copies of rows.

A row's facts (its words for the filter, its value for the sort) are kept as long as the row object
is the same, and made in small portions, so that no key waits for ten thousand of them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from ecs_tui.ui.views.base import Column, View

PORTION = 0.008
"""Seconds of making words in one go: half a frame."""
_SEPARATOR = "\x1f"


class Order:
    """The order of a view's rows.

    Attributes:
        rows: All rows.
        indices: Indices into `rows` of those that are shown, in their order.
        keys: The keys of the shown rows, in the same order.
        filter: Words anywhere in a row, or `column:value`; all must match. Columns that change by
            themselves (ages) only match by their name.
        sort_key: Key of the column that is sorted by, "" for the first one.
        unsettled: Whether rows were left out since their words are not made yet.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self.rows: list[Any] = []
        self.indices: list[int] = []
        self.keys: list[str] = []
        self.filter = self.sort_key = ""
        self.descending = False
        self.unsettled = False
        self._words: dict[str, tuple[Any, str]] = {}
        self._values: dict[str, tuple[Any, Any]] = {}
        self._values_of = ""
        self._fixed = [column for column in view.columns if not column.live]
        self._cold: Iterator[Any] = iter(())

    @property
    def column(self) -> Column:
        """The column that is sorted by."""
        columns = self.view.columns
        return next((c for c in columns if c.key == self.sort_key), columns[0])

    def set_rows(self, rows: list[Any]) -> bool:
        """Other rows; returns whether any differs from before (by identity)."""
        old = self.rows
        same = len(old) == len(rows) and all(a is b for a, b in zip(old, rows, strict=True))
        self.rows = rows
        if not same:
            self._cold = iter(rows)
            if len(self._words) > 2 * len(rows) + 100:
                keep = {self.view.key(row) for row in rows}
                self._words = {key: it for key, it in self._words.items() if key in keep}
                self._values = {key: it for key, it in self._values.items() if key in keep}
        return not same

    def arrange(self, now: datetime) -> None:
        """Filter and sort anew."""
        key = self.view.key
        indices: Sequence[int] = range(len(self.rows))
        self.unsettled = False
        for word in self.filter.casefold().split():
            indices = self._matching(word, indices, now)
        column = self.column
        values = self._sort_values(column)
        pairs: list[tuple[Any, str, int]] = []
        for index in indices:
            row = self.rows[index]
            name = key(row)
            known = values.get(name)
            if known is None or known[0] is not row:
                known = values[name] = (row, column.sort(row))
            pairs.append((known[1], name, index))
        try:
            pairs.sort(reverse=self.descending)
        except TypeError:  # values that do not compare: by their words
            pairs.sort(key=lambda pair: (str(pair[0]), pair[1]), reverse=self.descending)
        self.indices = [pair[2] for pair in pairs]
        self.keys = [pair[1] for pair in pairs]

    def _sort_values(self, column: Column) -> dict[str, tuple[Any, Any]]:
        if self._values_of != column.key:
            self._values_of, self._values = column.key, {}
        return self._values

    def _matching(self, word: str, indices: Sequence[int], now: datetime) -> list[int]:
        name, colon, value = word.partition(":")
        column = next((c for c in self.view.columns if c.key == name), None) if colon else None
        rows = self.rows
        if column is not None and column.live:
            return [i for i in indices if value in column.cell(rows[i], now).text.casefold()]
        place = self._fixed.index(column) if column is not None else -1
        wanted = value if column is not None else word
        end = time.perf_counter() + PORTION
        found = []
        for index in indices:
            words = self._known_words(rows[index])
            if words is None:
                if self.unsettled or time.perf_counter() > end:
                    self.unsettled = True
                    continue
                words = self._make_words(rows[index], now)
            if wanted in (words if place < 0 else words.split(_SEPARATOR)[place]):
                found.append(index)
        return found

    def _known_words(self, row: Any) -> str | None:
        known = self._words.get(self.view.key(row))
        return known[1] if known is not None and known[0] is row else None

    def _make_words(self, row: Any, now: datetime) -> str:
        words = _SEPARATOR.join(column.cell(row, now).text for column in self._fixed).casefold()
        self._words[self.view.key(row)] = (row, words)
        return words

    def warm(self, now: datetime) -> bool:
        """Make one portion of the words that are missing; returns whether more are."""
        end = time.perf_counter() + PORTION
        for row in self._cold:
            if self._known_words(row) is None:
                self._make_words(row, now)
                if time.perf_counter() > end:
                    return True
        return False
