"""Writes rows page by page: a table for people; JSON, JSON lines and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Sequence
from typing import Protocol

from ecs_tui.model.csv_text import csv_cell
from ecs_tui.model.text import clean
from ecs_tui.resources.flat import Row, TableColumn
from ecs_tui.system.echo import can_show, echo, json_text, showable
from ecs_tui.system.streams import written

__all__ = [
    "CsvWriter",
    "JsonLinesWriter",
    "JsonWriter",
    "Row",
    "TableColumn",
    "TableWriter",
    "Writer",
    "shorten",
]

GAP = "  "
SHORTENED_CELLS, MIN_CELLS = 16, 4
"""Minimum cells of a shortened column: while columns can still be left out, and after that."""
_BLANKS = re.compile(" {2,}")


class Writer(Protocol):
    """Writes a list to stdout, page by page."""

    def page(self, rows: Sequence[Row]) -> None:
        """Write and flush some rows."""

    def end(self, *, whole: bool) -> None:
        """Finish the output; `whole` is False after an error."""


def values(row: Row, columns: Sequence[TableColumn]) -> Row:
    """The values of some columns of a row, by their names."""
    return {column.name: column.value(row) for column in columns}


class JsonWriter:
    """Writes one JSON list, which is valid even if an error ends it early."""

    def __init__(self, columns: Sequence[TableColumn]) -> None:
        self._columns, self._begun = columns, False

    def page(self, rows: Sequence[Row]) -> None:
        for row in rows:
            echo("," if self._begun else "[")
            self._begun = True
            text = json_text(values(row, self._columns))
            echo("\n".join(f"  {line}" for line in text.split("\n")), end="")
        _flush()

    def end(self, *, whole: bool) -> None:
        echo("\n]" if self._begun else "[]")


class JsonLinesWriter:
    """Writes a JSON object a line (https://jsonlines.org); nothing if there are no rows."""

    def __init__(self, columns: Sequence[TableColumn]) -> None:
        self._columns = columns

    def page(self, rows: Sequence[Row]) -> None:
        for row in rows:
            echo(json_text(values(row, self._columns), indent=None))
        _flush()

    def end(self, *, whole: bool) -> None:
        pass


class CsvWriter:
    """Writes CSV (RFC 4180); cells that look like formulas get an apostrophe first.

    Args:
        columns: The columns, in order.
        headers: Whether the first record has the columns' names.
    """

    def __init__(self, columns: Sequence[TableColumn], *, headers: bool = True) -> None:
        self._columns, self._head_due = columns, headers

    def page(self, rows: Sequence[Row]) -> None:
        self._head()
        for row in rows:
            self._record([csv_cell(column.value(row)) for column in self._columns])
        _flush()

    def end(self, *, whole: bool) -> None:
        if whole:
            self._head()

    def _head(self) -> None:
        if self._head_due:
            self._record([csv_cell(column.name) for column in self._columns])
        self._head_due = False

    def _record(self, cells: Sequence[str]) -> None:
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(cells)
        echo(line.getvalue(), end="\r\n")


class TableWriter:
    """Writes aligned columns, at least two spaces apart.

    The widths are those of the rows so far: waiting for AWS's last page would leave the screen
    empty. Longer values on a later page widen their columns.

    Args:
        columns: The columns.
        width: The terminal's width in cells, which lines must fit into; 0 for a pipe or a file:
            values are not shortened and no columns are left out.
        headers: Whether the first line has the headings.
    """

    def __init__(
        self, columns: Sequence[TableColumn], width: int = 0, *, headers: bool = True
    ) -> None:
        self._columns, self._width, self._headers = list(columns), width, headers
        self._heads = [_text(column.head) for column in columns]
        self._natural = [cells(head) if headers else 1 for head in self._heads]
        self._begun = False

    def page(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        lines = [[_text(column.value(row)) for column in self._columns] for row in rows]
        for line in lines:
            self._natural = [
                max(*each) for each in zip(self._natural, map(cells, line), strict=True)
            ]
        if not self._begun:
            self._leave_out()
        kept = [index for index, _ in enumerate(self._columns) if index not in self._left_out]
        widths = self._fit(kept)
        if self._headers and not self._begun:
            lines.insert(0, self._heads)
        self._begun = True
        for line in lines:
            shown = (_padded(shorten(line[at], widths[at]), widths[at]) for at in kept)
            echo(GAP.join(shown).rstrip())
        _flush()

    def end(self, *, whole: bool) -> None:
        if whole and self._headers and not self._begun:
            echo(GAP.join(self._heads))

    def _leave_out(self) -> None:
        """Choose the columns to leave out; done once, as all pages have the same columns."""
        kept = list(range(len(self._columns)))
        by_priority = sorted(kept, key=lambda index: -self._columns[index].priority)
        for index in by_priority:
            if not self._width or self._columns[index].priority == 0:
                break
            least = sum(self._min_width(each, SHORTENED_CELLS) for each in kept) + len(GAP) * (
                len(kept) - 1
            )
            if least <= self._width:
                break
            kept.remove(index)
        self._left_out = set(range(len(self._columns))) - set(kept)

    def _min_width(self, index: int, floor: int) -> int:
        column, natural = self._columns[index], self._natural[index]
        if floor == SHORTENED_CELLS:  # only with MIN_CELLS are headings shortened too
            floor = max(cells(self._heads[index]), floor)
        return min(natural, floor) if column.shrinks else natural

    def _fit(self, kept: Sequence[int]) -> dict[int, int]:
        """The width of each column: the widest column is narrowed first, until the line fits."""
        widths = {index: self._natural[index] for index in kept}
        room = self._width - len(GAP) * (len(kept) - 1)
        if not self._width:
            return widths
        for floor in (SHORTENED_CELLS, MIN_CELLS):
            while sum(widths.values()) > room:
                able = [i for i in kept if widths[i] > self._min_width(i, floor)]
                if not able:
                    break
                widths[max(able, key=lambda index: widths[index])] -= 1
        return widths


def cells(text: str) -> int:
    """How many cells of a terminal `text` takes: East Asian characters and emoji take two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # the dashboard's measure; imported for other alphabets only

    return cell_len(text)


def shorten(text: str, width: int) -> str:
    """`text` in at most `width` cells; the middle is left out.

    Names differ at their ends (`…-service-2`), IDs at their beginnings.
    """
    if cells(text) <= width:
        return text
    mark = "…" if can_show("…") else "..."
    if width <= len(mark):
        return mark[:width]
    characters = _characters(text)
    left = width - len(mark)
    tail = _taken(characters[::-1], left // 2)[::-1]
    head = _taken(characters, left - cells("".join(tail)))
    return "".join([*head, mark, *tail])


def _characters(text: str) -> list[str]:
    """The characters of `text`, each with the combining characters after it."""
    found: list[str] = []
    for char in text:
        if found and cells(char) == 0:
            found[-1] += char
        else:
            found.append(char)
    return found


def _taken(characters: Sequence[str], width: int) -> list[str]:
    """The first characters that fit into `width` cells."""
    taken: list[str] = []
    for each in characters:
        width -= cells(each)
        if width < 0:
            break
        taken.append(each)
    return taken


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cells(text))


def _text(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False) if value else "-"
    # Two spaces separate columns, so a cell must not contain them.
    return showable(_BLANKS.sub(" ", clean(str(value))).strip()) or "-"


def _flush() -> None:
    if sys.stdout is not None:
        with written():
            sys.stdout.flush()
