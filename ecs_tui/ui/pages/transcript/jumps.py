"""Jumps in a transcript: to what is searched, and to what stands out."""

from __future__ import annotations

from collections.abc import Callable

from ecs_tui.errors import EcsTuiError
from ecs_tui.ui.pages.transcript import words
from ecs_tui.ui.pages.transcript.rows import Position, TranscriptRow
from ecs_tui.ui.pages.transcript.search import RowSearch
from ecs_tui.ui.pages.transcript.view import TranscriptView

FEW_SEGMENTS = 3
"""Segments that are searched so fast that nothing need be said."""


class TranscriptJumps:
    """Looks for rows, also in what is not rendered yet.

    Args:
        view: The transcript.
        search: What is searched.
        tell: Called with (how far it is, what went wrong), in words.
    """

    def __init__(
        self, view: TranscriptView, search: RowSearch, tell: Callable[[str, str], None]
    ) -> None:
        self._view, self._search, self._tell = view, search, tell

    def stop(self) -> None:
        """Look no further."""
        self._view.workers.cancel_group(self._view, "find")

    def from_top(self) -> None:
        """Go to the first hit from the top of the screen on."""
        top = self._view.top
        self._hit(Position(top.segment, top.row - 1), forward=True)

    def hit(self, *, forward: bool) -> None:
        """Go to the next hit, or to the one before."""
        self._hit(self._here, forward=forward)

    def _hit(self, start: Position, *, forward: bool) -> None:
        fits = self._search.fits
        if self._search.active:
            self._look(fits, lambda row: fits(row.text), start, forward=forward)

    def mark(self, *, forward: bool) -> None:
        """Go to the next row that stands out, or to the one before."""
        document = self._view.document
        if document is not None:
            rules = document.rules
            self._look(
                lambda text: rules.mark(text) is not None,
                lambda row: row.mark is not None,
                self._here,
                forward=forward,
            )

    @property
    def _here(self) -> Position:
        """From where a jump goes on."""
        return self._view.found or self._view.top

    def _look(
        self,
        line_fits: Callable[[str], bool],
        row_fits: Callable[[TranscriptRow], bool],
        start: Position,
        *,
        forward: bool,
    ) -> None:
        job = self._run(line_fits, row_fits, start, forward=forward)
        self._view.run_worker(job, group="find", exclusive=True)

    async def _run(
        self,
        line_fits: Callable[[str], bool],
        row_fits: Callable[[TranscriptRow], bool],
        start: Position,
        *,
        forward: bool,
    ) -> None:
        view, document = self._view, self._view.document
        if document is None:
            return
        count = len(document.spool.segments)

        def progress(number: int) -> None:
            if count > FEW_SEGMENTS:
                self._tell(f"Searching… part {number + 1} of {count}", "")

        problem = ""
        try:
            found = await document.find(
                line_fits, row_fits, start, forward=forward, progress=progress
            )
        except (EcsTuiError, OSError, ValueError) as error:  # ValueError: it was closed meanwhile
            problem = words.error_words(error)
        else:
            if found is None:
                view.notify(f"Nothing more is found {'below' if forward else 'above'}.")
            else:
                view.go(found, found=True)
        self._tell("", problem)
