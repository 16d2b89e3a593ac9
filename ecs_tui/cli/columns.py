"""Which columns are printed, in which order rows stand, and which rows are left out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from ecs_tui.cli.output import Row, TableColumn
from ecs_tui.errors import WrongUsage
from ecs_tui.model.text import clean
from ecs_tui.record import dataclass

TAG = "tag:"
"""Prefix of columns that are tags: `tag:team`."""
_PARTS = re.compile(r"(\D*)(\d{0,18})")
"""Text and the number after it; longer numbers are several."""
TAGS = "tags"
"""The key of a row's tags, `[{key, value}]` as in the ECS API; only there if tags were asked for."""


@dataclass(frozen=True, slots=True)
class RowFormat:
    """What the rows of one kind consist of.

    Attributes:
        name: What they are, as in a sentence: services.
        keys: Their keys, in order: the columns of JSON and CSV.
        table: The columns of a table.
        tagged: Whether they have tags.
    """

    name: str
    keys: tuple[str, ...]
    table: tuple[TableColumn, ...]
    tagged: bool = False

    @property
    def data(self) -> tuple[TableColumn, ...]:
        """The columns of JSON and CSV."""
        return tuple(map(_of_key, self.keys))

    def column(self, name: str) -> TableColumn:
        """The column that the operator calls `name`.

        It is a key, exactly as in JSON; `tag:KEY`; or, in any case, a table's heading, or a key with
        or without underscores.

        Raises:
            WrongUsage: There is none; the message names all columns.
        """
        if name in self.keys or (self.tagged and name == TAGS):
            return _of_key(name)
        if self.tagged and name.startswith(TAG) and name != TAG:
            return _of_tag(name)
        wanted = _folded(name)
        for column in self.table:
            if _folded(column.head) == wanted:
                return column
        for key in self.keys:
            if _folded(key) == wanted:
                return _of_key(key)
        raise WrongUsage(
            f'{self.name.capitalize()} have no column "{clean(name)}".',
            f"Columns: {', '.join(column.name for column in self.table)}; "
            f"as in JSON: {', '.join(self.keys)}"
            + (f"; {TAG}KEY for a tag, {TAGS} for all." if self.tagged else "."),
        )


def _folded(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")


def _of_key(key: str) -> TableColumn:
    return TableColumn(key, lambda row: row[key], shrinks=True, key=key)


def _of_tag(name: str) -> TableColumn:
    key = name.removeprefix(TAG)

    def value(row: Row) -> object:
        return next((each["value"] for each in row[TAGS] or () if each["key"] == key), None)

    return TableColumn(name, value, shrinks=True, key=name)


def asks_for_tags(columns: Sequence[TableColumn]) -> bool:
    """Whether any of the columns needs the tags of its rows."""
    return any(column.name == TAGS or column.name.startswith(TAG) for column in columns)


# -- order


@dataclass(frozen=True, slots=True)
class OrderBy:
    """A column to sort by, and whether in descending order."""

    column: TableColumn
    descending: bool = False

    @classmethod
    def parse(cls, word: str, rows: RowFormat) -> OrderBy:
        """The column of `NAME`, `+NAME` or `-NAME` (descending), as `ps --sort` takes them.

        Raises:
            WrongUsage: There is no such column.
        """
        return cls(rows.column(word.lstrip("+-")), word.startswith("-"))


def sort(rows: Sequence[Row], by: Sequence[OrderBy]) -> list[Row]:
    """The rows sorted by the first column, equal ones by the next; missing values come last."""
    found = list(rows)
    for each in reversed(by):
        value = each.column.value
        there = [row for row in found if value(row) not in (None, "")]
        missing = [row for row in found if value(row) in (None, "")]
        there.sort(key=_ranked(value), reverse=each.descending)
        found = [*there, *missing]
    return found


_Rank = tuple[int, float, tuple[tuple[str, int], ...], str]


def _ranked(value: Callable[[Row], object]) -> Callable[[Row], _Rank]:
    return lambda row: _rank(value(row))


def _rank(value: object) -> _Rank:
    """A key by which any two values can be compared: numbers, then texts.

    Digits in texts count as numbers: `web-9` comes before `web-10`.
    """
    if isinstance(value, int | float):  # bool is an int
        return 0, float(value), (), ""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    parts = _PARTS.findall(text.casefold())
    return 1, 0.0, tuple((words, int(digits or -1)) for words, digits in parts), text


# -- filter


class RowFilter:
    """A filter of rows, with the words of `/` in the dashboard; all of them must match.

    `text` is found in any column of the table, `column:value` in that column, `tag:key=value` in a
    tag, `tag:key` in the keys of tags. `!` before a word inverts it; `~` before a text or a value
    makes it a regular expression. Upper and lower case are the same.

    Args:
        text: The words, separated by blanks; "" matches all rows.
        rows: The rows' format.

    Raises:
        WrongUsage: A word names no column, or is not a valid regular expression.
    """

    def __init__(self, text: str, rows: RowFormat) -> None:
        self._rows = rows
        self.needs_tags = False
        self._tests = [self._test(word) for word in text.split()]

    def matches(self, row: Row) -> bool:
        """Whether all words match."""
        return all(test(row) for test in self._tests)

    def _test(self, word: str) -> Callable[[Row], bool]:
        negated, word = word.startswith("!"), word.removeprefix("!")
        test = self._positive(word)
        return (lambda row: not test(row)) if negated else test

    def _positive(self, word: str) -> Callable[[Row], bool]:
        if word.startswith("~"):
            return self._anywhere(_finder(word))
        name, colon, value = word.partition(":")
        if not colon or not name:
            return self._anywhere(_finder(word))
        if f"{name}:" == TAG:
            return self._of_tag(value)
        column, found = self._rows.column(name), _finder(value)
        return lambda row: found(_words(column.value(row)))

    def _anywhere(self, found: Callable[[str], bool]) -> Callable[[Row], bool]:
        columns = self._rows.table  # keys have ARNs, in which the cluster's name would be found
        return lambda row: any(found(_words(column.value(row))) for column in columns)

    def _of_tag(self, text: str) -> Callable[[Row], bool]:
        if not self._rows.tagged:
            self._rows.column(f"{TAG}{text}")  # raises
        self.needs_tags = True
        key, equals, value = text.partition("=")
        if text.startswith("~"):
            pattern = _finder(text)
            return lambda row: any(pattern(f"{name}={words}") for name, words in _tags_of(row))
        wanted, found = key.casefold(), _finder(value)
        if not equals:
            return lambda row: any(wanted in name.casefold() for name, _ in _tags_of(row))
        return lambda row: any(
            name.casefold() == wanted and found(words) for name, words in _tags_of(row)
        )


def _tags_of(row: Row) -> list[tuple[str, str]]:
    return [(each["key"], each["value"]) for each in row[TAGS] or ()]


def _finder(text: str) -> Callable[[str], bool]:
    """Whether a text contains `text`; after `~`, whether the regular expression matches in it."""
    if not text.startswith("~"):
        wanted = text.casefold()
        return lambda words: wanted in words.casefold()
    try:
        pattern = re.compile(text[1:], re.IGNORECASE)
    except re.error as error:
        raise WrongUsage(
            f'"{clean(text[1:])}" is not a valid regular expression: {error}.', "Correct it."
        ) from None
    return lambda words: pattern.search(words) is not None


def _words(value: object) -> str:
    """A value as a filter sees it: as the table shows it, but whole."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
