"""The base class of dialogs that show a table: it moves, sorts and filters as lists do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.widgets import Input

from ecs_tui.record import dataclass
from ecs_tui.resources.base import Column, Resource, Sortable
from ecs_tui.ui.dialogs.base import Dialog, bind
from ecs_tui.ui.table.table import ResourceTable
from ecs_tui.ui.table.terms import broken_pattern, title_word, unknown_column


@dataclass(frozen=True, slots=True)
class TableView:
    """What a table in a dialog shows.

    Attributes:
        name: What its rows are, in one word.
        row: Their class.
        columns: From left to right.
        key: A row's identity.
        rank: The default order is by this value, the worst first.
    """

    name: str
    row: type
    columns: Sequence[Column]
    key: Callable[..., str]
    rank: Callable[..., Sortable]

    @property
    def resource(self) -> Resource:
        """The descriptor for the table widget; it is in no list of resources."""
        return Resource(
            name=self.name, kind=self.name, row=self.row, columns=self.columns, key=self.key,
            rank=self.rank, name_of=self.key, scopes=lambda place: (),
            rows=lambda inventory, place: [], enter=lambda place, row: None,
        )  # fmt: skip


class DialogTable(ResourceTable, inherit_bindings=False):
    """The table; all its keys are those of the dialog."""

    DEFAULT_CSS = """
    DialogTable { background: $surface; }
    """


class TableDialog(Dialog[None]):
    """A table, its keys, and the line of its filter.

    A subclass composes `table` and `filter_line`, and writes its title in `filtered`.

    Attributes:
        moved: Whether the operator has moved the cursor: it then stays on its row.
    """

    BINDINGS = [
        bind("viewer-close", "leave", "Close"),
        bind("table-down", "move(1)", "Next row"),
        bind("table-up", "move(-1)", "Previous row"),
        bind("table-page-down", "page(2)", "Next page"),
        bind("table-page-up", "page(-2)", "Previous page"),
        bind("table-half-down", "page(1)", "Half a page down"),
        bind("table-half-up", "page(-1)", "Half a page up"),
        bind("table-top", "end(-1)", "First row"),
        bind("table-bottom", "end(1)", "Last row"),
        bind("table-sort", "sort", "Sort by the next column shown; after the last, worst first"),
        bind("table-reverse", "reverse", "Reverse the sort order"),
        bind("table-filter", "filter", "Filter the rows: text, column:value, !, ~"),
    ]
    DEFAULT_CSS = """
    TableDialog .line { display: none; }
    TableDialog .line.-typing { display: block; }
    """

    def __init__(self, view: TableView) -> None:
        super().__init__()
        self.table = DialogTable(view.resource, flash=False)
        self.moved = False
        self.filter_line = Input(placeholder="text or column:value", compact=True, classes="line")

    def filtered(self) -> None:
        """Called when other rows are shown."""

    @property
    def filter_words(self) -> str:
        """The filter and how many rows match, or what is wrong with it; "" without one."""
        table = self.table
        if not table.filter:
            return ""
        if broken := broken_pattern(table.view, table.filter):
            return f'"{broken}" is not a valid regular expression.'
        if unknown := unknown_column(table.view, table.filter):
            columns = ", ".join(title_word(column) for column in table.view.columns)
            return f'No column "{unknown}" here. Columns: {columns}.'
        return f"/ {table.filter}  {len(table.order)} of {len(table.rows)}"

    # -- moving and sorting

    def action_move(self, lines: int) -> None:
        self.moved = True
        self.table.move(lines)

    def action_page(self, halves: int) -> None:
        self.action_move(halves * max(1, self.table.page // 2))

    def action_end(self, direction: int) -> None:
        self.action_move(direction * len(self.table.order))

    def action_sort(self) -> None:
        orders = ["", *self.table.shown_columns]
        at = orders.index(self.table.sort_key) if self.table.sort_key in orders else 0
        self.table.sort_by(orders[(at + 1) % len(orders)])

    def action_reverse(self) -> None:
        self.table.sort_by(self.table.sort_key)

    # -- the filter

    def open_line(self, line: Input) -> None:
        """Show an input line and give it the keys."""
        line.add_class("-typing")
        line.focus()

    def close_line(self) -> bool:
        """Close the input line that has the keys; returns whether there was one."""
        line = self.focused
        if not isinstance(line, Input):
            return False
        if line is self.filter_line:
            line.value = ""
        line.remove_class("-typing")
        self.table.focus()
        return True

    def action_filter(self) -> None:
        """Open the line of the filter."""
        self.open_line(self.filter_line)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is typed."""
        if event.input is self.filter_line:
            event.stop()
            self.table.set_filter(event.value)
            self.filtered()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep the filter."""
        if event.input is self.filter_line:
            event.stop()
            if not event.value:
                self.filter_line.remove_class("-typing")
            self.table.focus()

    def action_leave(self) -> None:
        """Close the input line, else clear the filter, else close the dialog."""
        if self.close_line():
            return
        if self.table.filter:
            self.filter_line.value = ""
            self.filter_line.remove_class("-typing")
        else:
            self.dismiss(None)
