"""The help page: keys and what they do, by group, in two columns where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input, Static

from ecs_tui.record import dataclass
from ecs_tui.ui.dialogs.base import bind
from ecs_tui.ui.dialogs.viewer import Viewer
from ecs_tui.ui.two_columns import wrapped

TWO_COLUMNS_CELLS = 108
"""Cells of the text from which it has two columns."""
MAX_KEY_CELLS = 14
"""Maximum cells of the column of keys; what is longer has a line of its own."""
_GAP_CELLS = 3


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """A group of keys: its title, and (keys, what they do) of each line."""

    title: str
    rows: tuple[tuple[str, str], ...]


class HelpScreen(Viewer):
    """Shows groups of keys; `/` shows only the lines with a text.

    Args:
        groups: The groups, in their order.
        title: The title of the dialog.
    """

    DEFAULT_CSS = """
    HelpScreen Input { display: none; }
    HelpScreen.-typing Input { display: block; }
    """
    kind = "help"
    BINDINGS = [bind("help-filter", "filter", "Show only lines with a text")]

    def __init__(self, groups: Sequence[KeyGroup], title: str = "Keyboard shortcuts") -> None:
        super().__init__()
        self._groups, self._title = tuple(groups), title
        self._body = Static("", markup=False)
        self._input = Input(placeholder="part of a key or of what it does", compact=True)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box -tall"):
            yield Static(self._title, classes="title", markup=False)
            with VerticalScroll():
                yield self._body
            yield self._input
            yield self.hint_line(
                ("dialog-down dialog-up", "move"),
                ("help-filter", "filter"),
                ("dialog-copy", "copy"),
                ("dialog-close", "close"),
            )

    def on_mount(self) -> None:
        self._scroller.focus()
        self._draw()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    @property
    def text(self) -> str:
        """All lines that are shown, in one column."""
        return "\n".join(key_lines(self._found, 0))

    @property
    def _found(self) -> list[KeyGroup]:
        """The groups with only the rows that have the text of the filter."""
        wanted = self._input.value.strip().casefold()
        found = []
        for group in self._groups:
            rows = tuple(row for row in group.rows if wanted in " ".join(row).casefold())
            if rows:
                found.append(replace(group, rows=rows))
        return found

    def _draw(self) -> None:
        width = self._scroller.scrollable_content_region.width
        lines = key_page(self._found, width) or ["No key has that."]
        self._body.update("\n".join(lines))

    def action_filter(self) -> None:
        """Open the line of the filter."""
        self.add_class("-typing")
        self._input.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._scroller.focus()

    def on_key(self, event: events.Key) -> None:
        """Escape in the filter clears and closes it."""
        closes = event.key in self.keymap.names("dialog-close")
        if closes and self.has_class("-typing"):
            event.stop()
            event.prevent_default()
            self._input.value = ""
            self.remove_class("-typing")
            self._scroller.focus()


def key_page(groups: Sequence[KeyGroup], width: int) -> list[str]:
    """The lines of a help page that is `width` cells wide."""
    if width < TWO_COLUMNS_CELLS or len(groups) < 2:
        return key_lines(groups, width)
    column = (width - _GAP_CELLS) // 2
    blocks = [key_lines([group], column) for group in groups]
    half, left, height = sum(map(len, blocks)) / 2, 0, 0
    while left < len(blocks) - 1 and height + len(blocks[left]) / 2 <= half:
        height += len(blocks[left])
        left += 1
    left = max(1, left)
    pairs = zip_longest(
        key_lines(groups[:left], column), key_lines(groups[left:], column), fillvalue=""
    )
    gap = " " * _GAP_CELLS
    return [f"{set_cell_size(one, column)}{gap}{other}".rstrip() for one, other in pairs]


def key_lines(groups: Sequence[KeyGroup], width: int) -> list[str]:
    """The lines of groups in one column; what a key does is wrapped under its beginning.

    Args:
        groups: The groups.
        width: Cells of a line; 0 for no limit.
    """
    keys = max((cell_len(row[0]) for group in groups for row in group.rows), default=0)
    keys = min(MAX_KEY_CELLS, keys)
    lines: list[str] = []
    for group in groups:
        lines += [*([""] if lines else []), group.title]
        for key, words in group.rows:
            room = max(8, width - keys - 4) if width else 0
            first, *rest = wrapped(words, room)
            if cell_len(key) > keys:
                lines += [f"  {key}", f"{' ' * (keys + 4)}{first}"]
            else:
                lines.append(f"  {set_cell_size(key, keys)}  {first}")
            lines += [f"{' ' * (keys + 4)}{line}" for line in rest]
    return lines
