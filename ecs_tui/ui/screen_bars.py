"""The bars around the list: header, path, message and footer, and when each is drawn."""

from __future__ import annotations

import time

from textual.widgets import Static

from ecs_tui.config.keymap import Keymap
from ecs_tui.model.text import clean
from ecs_tui.ui import status_bar as status
from ecs_tui.ui.bars import Bar
from ecs_tui.ui.footer import Footer
from ecs_tui.ui.navigation import Navigation
from ecs_tui.ui.notes import Notes
from ecs_tui.ui.table.table import ResourceTable


class ScreenBars:
    """Writes the bars. It knows the place and the list, and no command.

    Attributes:
        head, path, message, foot: The widgets.
        notes: The note in the footer.
        words: The message above the list, or "".
        hidden: Whether the header is hidden; the path then shows region and READ-ONLY.
    """

    def __init__(
        self, at: Navigation, table: ResourceTable, keymap: Keymap, refresh: float
    ) -> None:
        self._at, self._table, self._keymap, self._refresh = at, table, keymap, refresh
        self.head = Bar("head")
        self.path = Bar("head -quiet")
        self.message = Static("", id="message", markup=False)
        self.foot = Bar()
        self.notes = Notes()
        self.words = ""
        self.hidden = False

    def draw(self) -> None:
        """Write header, path and message."""
        self.head.set_class(self.hidden, "-hidden")
        self.head.write(*status.head(self._at, self._refresh))
        self.draw_path()
        self.draw_message()

    def draw_path(self) -> None:
        """Write the path, which shows the filter, the marks and the number of rows."""
        forms, right = status.path(self._at, self._table)
        self.path.write(status.without_header(self._at, forms) if self.hidden else forms, right)

    def draw_message(self) -> None:
        """Write the message above the list."""
        words = clean(status.message(self._at, self._table, self._keymap))
        if words != self.words:
            self.words = words
            self.message.display = bool(words)
            self.message.update(words)

    def draw_foot(self, footer: Footer) -> None:
        """Write the footer."""
        self.foot.write(footer.left, footer.right, fixed=footer.fixed)

    def note(self, words: str, seconds: float, *, news: bool) -> None:
        """Keep a note for the footer; an id of a command in braces becomes its key."""
        self.notes.say(self._keymap.fill(words), time.monotonic(), seconds, news=news)
