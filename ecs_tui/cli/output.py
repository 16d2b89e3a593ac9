"""Writes the rows of `ecs-tui ls` page by page: a table for people, JSON and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ecs_tui.cli.rows import Row
from ecs_tui.model.text import clean
from ecs_tui.system.echo import can_show, echo, json_text, showable
from ecs_tui.system.streams import written

GAP = "  "
SHORTENED_CELLS, MIN_CELLS = 16, 4
"""Minimum cells of a shortened column: while columns can still be left out, and after that."""
_BLANKS = re.compile(" {2,}")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First characters by which a spreadsheet takes a cell for a formula.

https://owasp.org/www-community/attacks/CSV_Injection
"""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table.

    Attributes:
        head: The heading: one word, so that scripts can split lines at spaces.
        value: Returns a row's value for this column.
        shrinks: Whether long values may be shortened in the middle to fit a terminal.
        priority: On a narrow terminal, columns with the highest number are left out first;
            columns with 0 are never left out.
    """

    head: str
    value: Callable[[Row], object]
    shrinks: bool = False
    priority: int = 0


class Writer(Protocol):
    """Writes a list to stdout, page by page."""

    def page(self, rows: Sequence[Row]) -> None:
        """Write and flush some rows."""

    def end(self, *, whole: bool) -> None:
        """Finish the output; `whole` is False after an error."""


class JsonWriter:
    """Writes one JSON list, which is valid even if an error ends it early."""

    def __init__(self) -> None:
        self._begun = False

    def page(self, rows: Sequence[Row]) -> None:
        for row in rows:
            echo("," if self._begun else "[")
            self._begun = True
            echo("\n".join(f"  {line}" for line in json_text(row).split("\n")), end="")
        _flush()

    def end(self, *, whole: bool) -> None:
        echo("\n]" if self._begun else "[]")


class CsvWriter:
    """Writes CSV (RFC 4180) with a header; cells that look like formulas get an apostrophe first.

    Args:
        keys: The keys of the columns, in order.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys, self._begun = keys, False

    def page(self, rows: Sequence[Row]) -> None:
        if not self._begun:
            self._line(self._keys)
            self._begun = True
        for row in rows:
            self._line([_csv_cell(row[key]) for key in self._keys])
        _flush()

    def end(self, *, whole: bool) -> None:
        if whole and not self._begun:
            self._line(self._keys)

    def _line(self, cells: Sequence[str]) -> None:
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(cells)
        echo(line.getvalue(), end="\r\n")


def _csv_cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return clean(f"'{text}" if text.startswith(_FORMULA) else text)


class TableWriter:
    """Writes aligned columns, at least two spaces apart.

    The widths are those of the rows so far: waiting for AWS's last page would leave the screen
    empty. Longer values on a later page widen their columns.

    Args:
        columns: The columns.
        width: The terminal's width in cells, which lines must fit into; 0 for a pipe or a file:
            values are not shortened and no columns are left out.
    """

    def __init__(self, columns: Sequence[TableColumn], width: int = 0) -> None:
        self._columns, self._width = list(columns), width
        self._natural = [len(column.head) for column in columns]
        self._begun = False

    def page(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        cells = [[_text(column.value(row)) for column in self._columns] for row in rows]
        for line in cells:
            self._natural = [max(*each) for each in zip(self._natural, map(len, line), strict=True)]
        if not self._begun:
            self._leave_out()
        kept = [index for index, _ in enumerate(self._columns) if index not in self._left_out]
        widths = self._fit(kept)
        if not self._begun:
            cells.insert(0, [column.head for column in self._columns])
            self._begun = True
        for line in cells:
            shown = (shorten(line[index], widths[index]).ljust(widths[index]) for index in kept)
            echo(GAP.join(shown).rstrip())
        _flush()

    def end(self, *, whole: bool) -> None:
        if whole and not self._begun:
            echo(GAP.join(column.head for column in self._columns))

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
            floor = max(len(column.head), floor)
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


def shorten(text: str, width: int) -> str:
    """`text` in at most `width` cells; the middle is left out.

    Names differ at their ends (`…-service-2`), IDs at their beginnings.
    """
    if len(text) <= width:
        return text
    mark = "…" if can_show("…") else "..."
    left = max(0, width - len(mark))
    tail = left // 2
    return (text[: left - tail] + mark + (text[-tail:] if tail else ""))[:width]


def _text(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "on" if value else "off"
    # Two spaces separate columns, so a cell must not contain them.
    return showable(_BLANKS.sub(" ", clean(str(value))).strip()) or "-"


def _flush() -> None:
    if sys.stdout is not None:
        with written():
            sys.stdout.flush()
