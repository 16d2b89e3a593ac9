"""Filter and order of a list, as indices into its rows; rows are never copied.

The keys of a row (its text for the filter, its value in the sort column) are cached while the row object
is the same. They are made in small portions, so that no key press waits for ten thousand of them.
All rows are sorted only if a value changes by which they are sorted; a filter picks from that order,
and a longer filter from the rows that the shorter one found.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, cast

from ecs_tui.record import dataclass
from ecs_tui.resources.base import Column, Resource, Sortable
from ecs_tui.ui.table.terms import Term, implies, parse_term

PORTION_SECONDS = 0.008
"""Seconds of making row keys without a break: half a frame."""
FEW_ROWS = 200
"""Up to so many rows are made at once, however slow the machine: a key may follow that needs one."""
_SEPARATOR = "\x1f"
_BETWEEN = _SEPARATOR.encode()
_NOT_YET = b"\xff"
"""In place of a text that is not made yet; no text in UTF-8 is this."""
_SHARE_FROM = 1000
"""Different values of a column from which they are shared only if most rows have one of them."""


@dataclass(slots=True, eq=False)
class _RowKeys:
    """The cached keys of a row: value in the sort column, rank, case-folded text of its words.

    The text is in UTF-8: as a string, one sign in a cell would double the memory of all of it. It is
    made when a filter needs it, or the list rests.
    """

    row: object
    value: object
    rank: Any
    words: bytes = _NOT_YET


class _SortValues:
    """Makes the sort values of a column; equal ones are one object."""

    def __init__(self, column: Column) -> None:
        self._make = column.sort
        self._known: dict[Sortable, Sortable] | None = {}
        self._rows = 0

    def of(self, row: object) -> Sortable:
        """The value of a row."""
        value, known = self._make(row), self._known
        if known is None:
            return value
        try:
            value = known.setdefault(value, value)
        except TypeError:  # a list
            self._known = None
        self._rows += 1
        if len(known) > _SHARE_FROM and 2 * len(known) > self._rows:
            self._known = None
        return value


class RowIndex:
    """The filtered and sorted rows of a view, as indices.

    Attributes:
        rows: All rows.
        indices: Indices into `rows` of the shown rows, in their order.
        keys: The keys of the shown rows, in the same order.
        filter: Words that must all match (`terms.py`). Live columns (ages) match only as
            `column:value`, unless they are `searched`.
        sort_key: Key of the sort column, "" for the resource's own order: the worst rows first.
        troubled: Tells whether a row has a problem, for `is:problem`.
        incomplete: Whether rows are missing or misplaced because their keys are not made yet.
        wordless: Rows whose text is not made yet.
        sorted_times: How often all rows were sorted.
        looked_at: Rows that the filter has looked at so far.
    """

    def __init__(self, view: Resource) -> None:
        self.view = view
        self.rows: list[Any] = []
        self.indices: list[int] = []
        self.keys: list[str] = []
        self.filter = self.sort_key = ""
        self.descending = False
        self.incomplete = False
        self.sorted_times = self.looked_at = 0
        self.troubled: Callable[[object], bool] = lambda row: True
        self._names: list[str] = []
        self._by_name: list[int] = []
        self._row_keys: list[_RowKeys | None] = []
        self._missing: list[int] = []
        self.wordless: list[int] = []
        self._order: list[int] = []
        self._place = 0
        self._ordered_by: tuple[str, bool] | None = None
        self._matched: tuple[Term, ...] | None = None
        self._fixed = [column for column in view.columns if column.searched or not column.live]
        self._sort_values = [_SortValues(column) for column in view.columns]

    @property
    def column(self) -> Column:
        """The sort column; for the resource's own order, the one that orders rows of equal rank."""
        columns = self.view.columns
        return next((c for c in columns if c.key == self.sort_key), columns[0])

    def set_rows(self, rows: list[Any]) -> bool:
        """Replace the rows; returns whether any differs from before (by identity)."""
        old, self.rows = self.rows, rows
        key, names = self.view.key, self._names
        if len(old) == len(rows):
            pairs = enumerate(zip(old, rows, strict=True))
            changed = [index for index, (before, row) in pairs if before is not row]
            if not changed:
                return False
            if all(key(rows[index]) == names[index] for index in changed):
                self._missing += reversed(changed)
                return True
        known = dict(zip(names, self._row_keys, strict=True))
        self._names = names = [key(row) for row in rows]
        self._by_name = list(range(len(names)))
        if not self.view.in_order:
            self._by_name.sort(key=names.__getitem__)
        self._row_keys = [known.get(name) for name in names]
        self._missing = [
            index
            for index, (keys, row) in enumerate(zip(self._row_keys, rows, strict=True))
            if keys is None or keys.row is not row
        ]
        self._missing.reverse()
        self.wordless = [
            index
            for index, keys in enumerate(self._row_keys)
            if keys is not None and keys.words is _NOT_YET
        ]
        self._ordered_by = self._matched = None
        return True

    def arrange(self, now: datetime) -> None:
        """Filter and sort again, as far as that may change anything."""
        few = len(self.rows) <= FEW_ROWS
        end = float("inf") if few else time.perf_counter() + PORTION_SECONDS
        self.incomplete = self._make_missing(now, end)
        if self.filter and not self.incomplete:
            self.incomplete = self._make_words(now, end)
        by = (self.sort_key, self.descending)
        if self._ordered_by != by:
            self._order = self._sorted()
            self._ordered_by, self._matched = by, None
        terms = tuple(parse_term(word, self.view) for word in self.filter.split())
        terms = tuple(term for term in terms if not term.incomplete)
        if self._matched == terms and not any(term.live for term in terms):
            return
        indices, new = self._base(terms)
        for term in new:
            indices = self._matching(term, indices, now)
        self.indices = list(indices)
        names = self._names
        self.keys = [names[index] for index in self.indices]
        self._matched = terms

    def _base(self, terms: Sequence[Term]) -> tuple[Sequence[int], Sequence[Term]]:
        """Where to look: in the shown rows, if all others cannot match, and which terms are new."""
        old = self._matched
        if old is None or not all(any(implies(term, each) for term in terms) for each in old):
            return self._order, terms
        return self.indices, [term for term in terms if term not in old]

    def _sorted(self) -> list[int]:
        """All rows by rank, or by a column's values; equal rows by their key, in either direction.

        Rows without keys are last.
        """
        self.sorted_times += 1
        row_keys, start, rest = self._row_keys, self._by_name, []
        if self._ordered_by == (self.sort_key, not self.descending):
            start = self._order  # rows of equal value are in the order of their keys there too
        if self.incomplete:
            rest = [index for index in start if row_keys[index] is None]
            start = [index for index in start if row_keys[index] is not None]
        known = list(start)
        self._sort_by(list(self.view.columns).index(self.column))
        if self.sort_key or not self.view.in_order:
            values = [None if keys is None else keys.value for keys in row_keys]
            _sort(known, values, self.descending)
        if not self.sort_key:  # stable: rows of equal rank stay in the order of the first column
            ranks = [None if keys is None else keys.rank for keys in row_keys]
            _sort(known, ranks, self.descending)
        return known + rest

    def _sort_by(self, place: int) -> None:
        """Take the values of another column; those of all columns would be a third of the memory."""
        if place != self._place:
            self._place, value_of = place, self._sort_values[place].of
            for keys in self._row_keys:
                if keys is not None:
                    keys.value = value_of(keys.row)

    def _matching(self, term: Term, indices: Sequence[int], now: datetime) -> Sequence[int]:
        """The rows among `indices` that a term matches; none whose keys are not made yet."""
        column, wanted, has = term.column, not term.inverted, term.test
        rows, keys = self.rows, cast(list[_RowKeys], self._row_keys)
        self.looked_at += len(indices)
        if term.of_problems:
            return [i for i in indices if self.troubled(rows[i]) is wanted]
        if term.of_tags:
            return [i for i in indices if term.has_tag(rows[i]) is wanted]
        if column is not None and column.live:
            return [i for i in indices if has(column.cell(rows[i], now).text.casefold()) is wanted]
        if self.incomplete:
            row_keys = self._row_keys
            indices = [i for i in indices if row_keys[i] and keys[i].words is not _NOT_YET]
        if term.value and wanted:
            value = _bytes(term.value)
            indices = [i for i in indices if value in keys[i].words]
            if column is None:
                return indices
        if column is not None:
            place = self._fixed.index(column)
            return [
                i for i in indices if has(_text(keys[i].words.split(_BETWEEN)[place])) is wanted
            ]
        if term.pattern is not None:  # within one cell, so that ^ and $ are its ends
            cells = (_text(keys[i].words).split(_SEPARATOR) for i in indices)
            return [
                i for i, each in zip(indices, cells, strict=True) if any(map(has, each)) is wanted
            ]
        return [i for i in indices if has(_text(keys[i].words)) is wanted]

    def rows_with(self, names: Collection[str]) -> list[Any]:
        """The rows with these keys, also hidden ones: the shown ones first, in their order."""
        shown = [index for index, key in zip(self.indices, self.keys, strict=True) if key in names]
        seen = set(shown)
        hidden = [i for i in self._by_name if self._names[i] in names and i not in seen]
        return [self.rows[index] for index in (*shown, *hidden)]

    def _make_missing(self, now: datetime, end: float) -> bool:
        """Make the missing row keys until `end` (`time.perf_counter`); returns whether some are."""
        missing = self._missing
        while missing:
            index = missing[-1]
            keys = self._row_keys[index]
            if keys is None or keys.row is not self.rows[index]:
                if time.perf_counter() > end:
                    return True
                self._make(index, now)
            missing.pop()
        return False

    def _make(self, index: int, now: datetime) -> None:
        """Make the keys of a row; notes whether its place in the order or its match may change.

        Its text only while there is a filter: it is half of the work.
        """
        row = self.rows[index]
        made = _RowKeys(row, self._sort_values[self._place].of(row), self.view.rank(row))
        before, self._row_keys[index] = self._row_keys[index], made
        if before is None or not self._sorts_like(before, made):
            self._ordered_by = None
        if self.filter:
            made.words = self._words(row, now)
        elif before is None or before.words is not _NOT_YET:
            self.wordless.append(index)
        if (
            before is None
            or (self._matched and before.words != made.words)
            or any(t.of_tags for t in self._matched or ())
        ):
            self._matched = None

    def _words(self, row: object, now: datetime) -> bytes:
        texts = (column.cell(row, now).text for column in self._fixed)
        return _bytes(_SEPARATOR.join(texts).casefold())

    def _make_words(self, now: datetime, end: float) -> bool:
        """Make the missing texts until `end`; returns whether some are missing."""
        wordless = self.wordless
        while wordless:
            keys = self._row_keys[wordless[-1]]
            if keys is not None and keys.words is _NOT_YET:
                if time.perf_counter() > end:
                    return True
                keys.words = self._words(keys.row, now)
                if self._matched:
                    self._matched = None  # it was found without this row
            wordless.pop()
        return False

    def _sorts_like(self, before: _RowKeys, made: _RowKeys) -> bool:
        """Whether a row's place in the present order stays the same."""
        if before.value != made.value:
            return False
        by_rank = self._ordered_by is not None and not self._ordered_by[0]
        return not by_rank or bool(before.rank == made.rank)

    def warm(self, now: datetime) -> bool:
        """Make one portion of the missing row keys and texts; returns whether more are missing."""
        end = time.perf_counter() + PORTION_SECONDS
        return self._make_missing(now, end) or self._make_words(now, end)


def _sort(indices: list[int], values: Sequence[Any], descending: bool) -> None:
    """Sort indices by their values, which may be of different types."""
    try:
        indices.sort(key=values.__getitem__, reverse=descending)
    except TypeError:  # by their text
        indices.sort(key=lambda index: str(values[index]), reverse=descending)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(words: bytes) -> str:
    return words.decode("utf-8", "surrogatepass")
