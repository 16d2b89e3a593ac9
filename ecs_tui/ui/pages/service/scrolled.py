"""A text on a page as what the keys of lists act on: it scrolls, and has nothing to mark or sort."""

from __future__ import annotations

from collections.abc import Sequence

from textual.containers import VerticalScroll

from ecs_tui.ui.unlisted import Unlisted


class ScrolledPart(Unlisted):
    """The keys that move the cursor of a list scroll the text instead.

    Args:
        scroller: What scrolls.
    """

    def __init__(self, scroller: VerticalScroll) -> None:
        self._scroller = scroller

    @property
    def page(self) -> int:
        """Lines of a page; one line stays."""
        return max(1, self._scroller.size.height - 1)

    @property
    def order(self) -> Sequence[int]:
        """All lines."""
        return range(self._scroller.virtual_size.height)

    def move(self, lines: int) -> None:
        """Scroll; it stops at the ends."""
        self._scroller.scroll_relative(y=lines, animate=False, immediate=True)
