"""Which rows of a list match its filter, and in which order: indices, never copies of rows.

A row's facts (its words for the filter, its values for the sort) are kept as long as the row object
is the same, and made in small portions, so that no key waits for ten thousand of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecs_tui.ui.views.base import Column, View

PORTION = 0.008
"""Seconds of making facts in one go: half a frame."""
_SEPARATOR = "\x1f"


@dataclass(slots=True)
class _Facts:
    """What is kept of a row: its fixed columns' words, folded, and its value in each column."""

    row: Any
    words: str
    values: tuple[Any, ...]


def title_word(column: Column) -> str:
    """A column's title as it is written in a filter: lower case, one word (`private-ip`)."""
    return "-".join(column.title.casefold().split())


def column_called(view: View, name: str) -> Column | None:
    """The column with this title, as shown; else the one that is called so inside."""
    wanted = name.replace("_", "-")
    by_title = {title_word(column): column for column in reversed(view.columns)}
    by_title |= {word.replace("-", ""): column for word, column in reversed(by_title.items())
                 if word.replace("-", "") not in by_title}  # fmt: skip
    return by_title.get(wanted) or next((c for c in view.columns if c.key == name), None)


def unknown_column(view: View, text: str) -> str:
    """The first name before a colon in a filter that is no column's, or ""."""
    for word in text.casefold().split():
        name, colon, _ = word.partition(":")
        if colon and name and column_called(view, name) is None:
            return name
    return ""


class Order:
    """The order of a view's rows.

    Attributes:
        rows: All rows.
        indices: Indices into `rows` of those that are shown, in their order.
        keys: The keys of the shown rows, in the same order.
        filter: Words anywhere in a row, or `column:value`; all must match. Columns that change by
            themselves (ages) only match by their name.
        sort_key: Key of the column that is sorted by, "" for the first one.
        unsettled: Whether rows stand wrong or are left out since their facts are not made yet.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self.rows: list[Any] = []
        self.indices: list[int] = []
        self.keys: list[str] = []
        self.filter = self.sort_key = ""
        self.descending = False
        self.unsettled = False
        self._known: dict[str, _Facts] = {}
        self._names: list[str] = []
        self._by_name: list[int] = []
        self._facts: list[_Facts | None] = []
        self._missing: list[int] = []
        self._fixed = [column for column in view.columns if not column.live]

    @property
    def column(self) -> Column:
        """The column that is sorted by."""
        columns = self.view.columns
        return next((c for c in columns if c.key == self.sort_key), columns[0])

    def set_rows(self, rows: list[Any]) -> bool:
        """Other rows; returns whether any differs from before (by identity)."""
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
        self._facts = [
            facts if (facts := known.get(name)) is not None and facts.row is row else None
            for name, row in zip(names, rows, strict=True)
        ]
        self._missing = [index for index, facts in enumerate(self._facts) if facts is None]
        self._missing.reverse()
        if len(known) > 2 * len(rows) + 100:
            self._known = {
                name: facts
                for name, facts in zip(names, self._facts, strict=True)
                if facts is not None
            }
        return True

    def arrange(self, now: datetime) -> None:
        """Filter and sort anew."""
        self.unsettled = False
        end = time.perf_counter() + PORTION
        indices: Sequence[int] = self._by_name
        for word in self.filter.casefold().split():
            indices = self._matching(word, indices, now, end)
        self.indices = self._sorted(indices, now, end)
        names = self._names
        self.keys = [names[index] for index in self.indices]

    def _sorted(self, indices: Sequence[int], now: datetime, end: float) -> list[int]:
        """By the column's values; equal ones by name, whichever way round."""
        column = self.column
        place = list(self.view.columns).index(column)
        if self._missing:
            for index in indices:
                if self._facts[index] is None:
                    if self._late(end):
                        break
                    self._make(index, now)
        values: list[Any] = [
            None if facts is None else facts.values[place] for facts in self._facts
        ]
        known = [index for index in indices if self._facts[index] is not None]
        rest = [index for index in indices if self._facts[index] is None]
        try:
            known.sort(key=values.__getitem__, reverse=self.descending)
        except TypeError:  # values that do not compare: by their words
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
        facts = self._facts
        if not self._missing:
            return [i for i in indices if matches(facts[i].words)]  # type: ignore[union-attr]
        found = []
        for index in indices:
            made = facts[index]
            if made is None and not self._late(end):
                made = self._make(index, now)
            if made is not None and matches(made.words):
                found.append(index)
        return found

    def _late(self, end: float) -> bool:
        """Whether the time for making facts is over: the order is unsettled then."""
        self.unsettled = self.unsettled or time.perf_counter() > end
        return self.unsettled

    def _make(self, index: int, now: datetime) -> _Facts:
        """The facts of a row."""
        row = self.rows[index]
        words = _SEPARATOR.join(column.cell(row, now).text for column in self._fixed).casefold()
        values = tuple(column.sort(row) for column in self.view.columns)
        made = self._known[self._names[index]] = self._facts[index] = _Facts(row, words, values)
        return made

    def warm(self, now: datetime) -> bool:
        """Make one portion of the facts that are missing; returns whether more are."""
        end = time.perf_counter() + PORTION
        while self._missing:
            index = self._missing[-1]
            if self._facts[index] is None:
                if time.perf_counter() > end:
                    return True
                self._make(index, now)
            self._missing.pop()
        return False
