"""The bars around the list: header, path, message and footer, and when each is drawn."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from ecs_tui.config.keymap import Keymap
from ecs_tui.model.text import clean
from ecs_tui.resources import Place
from ecs_tui.ui import status_bar as status
from ecs_tui.ui.bars import Bar
from ecs_tui.ui.commands import COMMANDS
from ecs_tui.ui.footer import KEY_GAP, Footer, command_of, head_keys
from ecs_tui.ui.header import HeaderBar, HeadFacts, problem_forms
from ecs_tui.ui.line_parts import part_at
from ecs_tui.ui.navigation import Navigation
from ecs_tui.ui.notes import Notes
from ecs_tui.ui.page_host import Pages
from ecs_tui.ui.problem_center import ProblemCenter


class ScreenBars:
    """Writes the bars. It knows the place and the list.

    Attributes:
        head, path, foot: The widgets.
        notes: The note in the footer.
        words: The message on the page, or "".
    """

    def __init__(
        self,
        at: Navigation,
        pages: Pages,
        keymap: Keymap,
        refresh: float,
        problems: ProblemCenter,
    ) -> None:
        self._at, self._pages, self._keymap, self._refresh = at, pages, keymap, refresh
        self._problems = problems
        self._facts = HeadFacts()
        self.head = HeaderBar()
        self.path = Bar("head -quiet", self._path_clicked)
        self.foot = Bar(clicked=self._foot_clicked)
        self.notes = Notes()
        self.words = ""
        self._names_keys = False
        self._go: Callable[[Place], object] = lambda place: None
        self._run: Callable[[str], object] = lambda command: None

    def on_click(self, go: Callable[[Place], object], run: Callable[[str], object]) -> None:
        """Set what a click on the path and on a key of the footer does.

        Args:
            go: Goes to a place.
            run: Runs the command with an id.
        """
        self._go, self._run = go, run

    def _path_clicked(self, line: str, cell: int) -> None:
        number, _ = part_at(line, cell, status.PATH_GAP)
        place = status.place_at(self._at, line, number)
        if place is not None and place != self._at.place:
            self._go(place)

    def _foot_clicked(self, line: str, cell: int) -> None:
        _, text = part_at(line, cell, KEY_GAP)
        command = command_of(text, self._keymap) if self._names_keys else ""
        if command:
            self._run(command)

    def cycle_header(self) -> None:
        """Change to the next form of the header; without one, the path shows region and READ-ONLY."""
        self.head.cycle()

    def draw(self) -> None:
        """Write header, path and message."""
        read_only = all(each.account.read_only for each in self._at.shown)
        page = self._pages.own_keys
        keys = head_keys(COMMANDS, self._at.view, self._keymap, read_only=read_only, page=page)
        facts = status.head_facts(self._at, self._refresh, keys)
        self._facts = replace(facts, problems=problem_forms(self._problems.counts))
        self.head.write(self._facts)
        self.draw_path()
        self.draw_message()

    def draw_path(self) -> None:
        """Write the path, which shows the filter, the marks and the number of rows."""
        forms, right = status.path(self._at, self._pages.table)
        if self.head.form == "hidden":
            forms = status.without_header(self._at, forms)
            right = status.right_without_header(self._facts, right)
        self.path.write(forms, right)

    def draw_message(self) -> None:
        """Write the message on the page."""
        self.words = clean(status.message(self._at, self._pages.table, self._keymap))
        self._pages.say(self.words)

    def draw_foot(self, footer: Footer) -> None:
        """Write the footer."""
        self._names_keys = footer.of_list
        self.foot.write(footer.left, footer.right, fixed=footer.fixed)

    def note(self, words: str, seconds: float, *, news: bool) -> None:
        """Keep a note for the footer; in a `KeyText`, ids of commands become their keys."""
        self.notes.say(self._keymap.fill(words), time.monotonic(), seconds, news=news)
