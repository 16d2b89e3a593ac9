"""Options that several subcommands share: the format of the output, its columns, order and filter."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from typing import TypedDict, Unpack

import click

from ecs_tui.cli.columns import OrderBy, RowFilter, RowFormat, asks_for_tags, sort
from ecs_tui.cli.output import (
    CsvWriter,
    JsonLinesWriter,
    JsonWriter,
    Row,
    TableColumn,
    TableWriter,
    Writer,
)
from ecs_tui.record import dataclass

FORMATS = ("table", "json", "jsonl", "csv")


def output_parameters(default: str) -> tuple[click.Parameter, ...]:
    """The options of a subcommand that prints rows; `OutputOptions.of` takes their values.

    Args:
        default: What it prints without `--output`.
    """
    return (
        click.Option(
            ["--output", "form"],
            type=click.Choice(FORMATS),
            help=f"Output format.  [default: {default}]",
        ),
        click.Option(["--json", "as_json"], is_flag=True, help="Short for --output json."),
        click.Option(
            ["--columns"],
            multiple=True,
            metavar="NAME,...",
            help="Print these columns, in this order; tag:KEY is a tag.",
        ),
        click.Option(["--no-headers"], is_flag=True, help="Print no headings (table, CSV)."),
        click.Option(
            ["--sort"],
            multiple=True,
            metavar="[-]NAME,...",
            help="Sort by these columns; - before a name for descending order.",
        ),
        click.Option(
            ["--filter", "words"],
            default="",
            metavar="WORDS",
            help="Print matching rows only: text, column:value, tag:key=value; ! inverts, "
            "~ begins a regular expression.",
        ),
    )


class GivenOutput(TypedDict):
    """The values of `output_parameters`, by name, as click has parsed them."""

    form: str | None
    as_json: bool
    columns: Sequence[str]
    no_headers: bool
    sort: Sequence[str]
    words: str


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """The values of `output_parameters`.

    Attributes:
        form: One of `FORMATS`; "" if none was asked for.
        columns: Names of columns; () for all of the format's own.
        headers: Whether a table and CSV have headings.
        sort: Names of columns, each with `-` before it for descending order.
        filter: The words of a filter; "" for all rows.
    """

    form: str = ""
    columns: tuple[str, ...] = ()
    headers: bool = True
    sort: tuple[str, ...] = ()
    filter: str = ""

    @classmethod
    def of(cls, **given: Unpack[GivenOutput]) -> OutputOptions:
        """The options as click has parsed them.

        Raises:
            click.UsageError: They contradict each other.
        """
        form, as_json = given["form"], given["as_json"]
        if as_json and form not in (None, "json"):
            raise click.UsageError(f"--json and --output {form} contradict each other.")
        made = cls(
            "json" if as_json else form or "",
            _names(given["columns"]),
            not given["no_headers"],
            _names(given["sort"]),
            given["words"],
        )
        # Who names columns or an order wants rows, not the text for people.
        return made if made.form or made == cls() else made.with_form("table")

    def with_form(self, form: str) -> OutputOptions:
        """The same options with another format."""
        return OutputOptions(form, self.columns, self.headers, self.sort, self.filter)


def _names(words: Sequence[str]) -> tuple[str, ...]:
    """The names in words such as `a,b`, which may be repeated."""
    return tuple(name.strip() for word in words for name in word.split(",") if name.strip())


class Printer:
    """Prints rows to stdout as the options say, page by page; sorted rows only at the end.

    Args:
        rows: The format of the rows.
        options: The options.

    Raises:
        WrongUsage: An option names a column that the rows do not have.
    """

    def __init__(self, rows: RowFormat, options: OutputOptions) -> None:
        chosen = tuple(rows.column(name) for name in options.columns)
        self._sort = [OrderBy.parse(word, rows) for word in options.sort]
        self._filter = RowFilter(options.filter, rows)
        self._writer = _writer(rows, chosen, options)
        self._held: list[Row] = []
        by = [each.column for each in self._sort]
        self.needs_tags = self._filter.needs_tags or asks_for_tags([*chosen, *by])
        """Whether the rows must have their tags."""

    def page(self, rows: Sequence[Row]) -> None:
        """Print some rows, or keep them if they are to be sorted."""
        kept = [row for row in rows if self._filter.matches(row)]
        if self._sort:
            self._held += kept
        else:
            self._writer.page(kept)

    def end(self, *, whole: bool) -> None:
        """Print what was kept and finish the output; `whole` is False after an error."""
        if self._held:
            self._writer.page(sort(self._held, self._sort))
        self._writer.end(whole=whole)


def _writer(rows: RowFormat, chosen: Sequence[TableColumn], options: OutputOptions) -> Writer:
    if options.form == "json":
        return JsonWriter(chosen or rows.data)
    if options.form == "jsonl":
        return JsonLinesWriter(chosen or rows.data)
    if options.form == "csv":
        return CsvWriter(chosen or rows.data, headers=options.headers)
    terminal = sys.stdout is not None and sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else 0
    columns = [_always(column) for column in chosen] or rows.table
    return TableWriter(columns, width, headers=options.headers)


def _always(column: TableColumn) -> TableColumn:
    """A column that was asked for: it is never left out, but it may be shortened."""
    return TableColumn(column.head, column.value, shrinks=True, key=column.key)
