"""What of the lines is shown, and what is searched in them."""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable

from ecs_tui.logs.filters import LogFilter, LogTerm, parse_filter
from ecs_tui.logs.line import LogLine
from ecs_tui.ui.log_lines.shown import order_of
from ecs_tui.ui.log_lines.widget import LogLines
from ecs_tui.ui.pages.logs import words
from ecs_tui.ui.pages.logs.line_input import InputKind

FIRST_SECONDS, PORTION_SECONDS = 0.03, 0.008
"""Seconds of searching at once: right after the key, and in each portion between keys after that."""


class LineSearch:
    """A filter, the only task that is shown, and a search.

    All lines are searched in portions, between which other keys have their turn. Until that is done,
    what was shown stays.

    Args:
        lines: The lines.
        done: Called when a search in several portions is done.

    Attributes:
        filter: The words of the filter.
        text: The words of the search.
        task: The ID of the only task that is shown; "" for all.
        hits: The lines that the search found when it was last looked for them.
        busy: Whether lines are still being searched.
    """

    def __init__(self, lines: LogLines, done: Callable[[], object] = lambda: None) -> None:
        self._lines, self._done = lines, done
        self._number = 0  # of the search that goes on; another one ends it
        self.busy = False
        self._towards: int | None = None  # where to go when all lines have been searched
        self.filter = self.text = self.task = ""
        self.hits: list[LogLine] = []

    def expect(self, text: str, kind: InputKind = "filter") -> None:
        """Make what a filter or a search needs while it is being typed, then search for it already.

        That is done in portions, between which keys have their turn; the next key begins anew.

        Args:
            text: The words as far as they have been typed.
        """
        self._number += not self.busy
        typed = parse_filter(text)
        wanted = self._of_task(typed) if kind == "filter" else self._wanted
        search = parse_filter(self.text) if kind == "filter" else typed
        self._make_ready(self._number, typed, wanted, search)

    def _make_ready(
        self, number: int, typed: LogFilter, wanted: LogFilter, search: LogFilter
    ) -> None:
        if number != self._number or self.busy:
            return
        until, shown = time.perf_counter() + PORTION_SECONDS, self._lines.shown
        if not (shown.buffer.make_ready(typed, until) and shown.prepare(wanted, search, until)):
            self._lines.call_later(self._make_ready, number, typed, wanted, search)

    def reset(self) -> None:
        """Show all lines and search nothing."""
        self.filter = self.text = self.task = ""
        self.apply()

    def apply(self, towards: int | None = None) -> None:
        """Show what fits, and search it again.

        Args:
            towards: Where to go then, as in `hit`; None to stay.
        """
        self._number += 1
        self._towards = towards
        self._search(FIRST_SECONDS)

    def _search(self, seconds: float) -> None:
        wanted, search = self._wanted, parse_filter(self.text)
        shown = self._lines.shown
        self.busy = not shown.prepare(wanted, search, time.perf_counter() + seconds)
        if self.busy:
            self._lines.call_later(self._go_on, self._number)
            return
        self._lines.show_only(wanted)
        self._lines.highlight(search)
        self.find()
        if self._towards is not None:
            self.hit(self._towards)

    def _go_on(self, number: int) -> None:
        if number == self._number:
            self._search(PORTION_SECONDS)
            if not self.busy:
                self._done()

    @property
    def _wanted(self) -> LogFilter:
        """The filter with the only task."""
        return self._of_task(parse_filter(self.filter))

    def _of_task(self, wanted: LogFilter) -> LogFilter:
        only = (LogTerm("task", self.task),) if self.task else ()
        return LogFilter((*only, *wanted.terms))

    def find(self) -> None:
        """Search the shown lines."""
        self.hits = self._lines.shown.found(parse_filter(self.text)) if self.text else []

    def hit(self, direction: int) -> None:
        """Go to a line that the search finds: the next one, the one before, or with 0 the nearest.

        At the ends it goes on from the other one. The nearest one is the line itself, else the last
        before it: one mostly searches from the end.
        """
        self.find()
        line, hits = self._lines.current, self.hits
        if not hits or line is None:
            return
        before = bisect_left(hits, line.order, key=order_of)
        after = bisect_right(hits, line.order, key=order_of)
        if direction > 0:
            found = hits[after % len(hits)]
        elif direction < 0 or before == after:
            found = hits[before - 1] if before or direction < 0 else hits[0]
        else:
            found = line
        self._lines.go(found)

    @property
    def words(self) -> str:
        """The filter and the search with what they found, each in a row."""
        shown = self._lines.shown
        line, hits = self._lines.current, self.hits
        at = bisect_left(hits, line.order, key=order_of) if line is not None else 0
        hit = at + 1 if at < len(hits) and hits[at] is line else 0
        problem = parse_filter(self.filter).problem
        parts = (
            words.filter_words(self.filter, len(shown), len(shown.buffer), problem, self.busy),
            words.search_words(
                self.text, hit, len(hits), parse_filter(self.text).problem, self.busy
            ),
        )
        return "\n".join(part for part in parts if part)
