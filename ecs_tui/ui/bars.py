"""The one-line bars above and below the list: header, path and footer."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.widgets import Static

_GAP_CELLS = 2
"""Cells between the left and the right part."""
_MIN_RIGHT_CELLS = 24
"""Cells kept free for the right part: enough to see what it is about."""


class Bar(Static):
    """One line with a left and a right part; if both do not fit, the left one is cut.

    Its size does not depend on the text, so a new text does not lay out the screen.
    """

    DEFAULT_CSS = """
    Bar { height: 1; width: 1fr; background: $surface; color: $foreground; padding: 0 1; }
    Bar.-quiet { background: $background; color: $text-muted; }
    Bar.-hidden { display: none; }
    Bar.-error { background: $background; color: $text-error; }
    """

    def __init__(
        self, classes: str = "", clicked: Callable[[str, int], object] | None = None
    ) -> None:
        """A bar; `clicked` gets the line that is shown and the cell of a click in it."""
        super().__init__("", classes=classes, markup=False)
        self._clicked = clicked
        self._forms: list[str] = [""]
        self._right = ""
        self._fixed = False

    def write(self, left: str | list[str], right: str = "", *, fixed: bool = False) -> None:
        """Show a left and a right text.

        Args:
            left: One text, or several alternatives, longest first: the first that fits is shown.
            right: The text at the right end.
            fixed: Whether the right part is cut if both do not fit, never the left one.
        """
        forms = [left] if isinstance(left, str) else left
        if (forms, right, fixed) != (self._forms, self._right, self._fixed):
            self._forms, self._right, self._fixed = forms, right, fixed
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def on_click(self, event: events.Click) -> None:
        """Tell which part was clicked."""
        if self._clicked is not None:
            self._clicked(str(self.render()), event.x - self.styles.padding.left)

    def _draw(self) -> None:
        room = max(0, self.size.width)
        if self._fixed:
            self._draw_fixed(room)
            return
        right = self._right
        for whole in (right, ""):  # with several forms, the right part is dropped before one is cut
            space = room - (cell_len(whole) + 1 if whole else 0)
            fits = next((form for form in self._forms if cell_len(form) <= space), None)
            if fits is not None or len(self._forms) == 1:
                right = whole
                break
        left = self._forms[-1] if fits is None else fits
        if fits is None:
            keep = max(0, room - cell_len(right) - 2)
            left = set_cell_size(left, keep).rstrip() + "…" if keep else ""
        gap = max(1, room - cell_len(left) - cell_len(right)) if right else 0
        self.update(f"{left}{' ' * gap}{right}", layout=False)

    def _draw_fixed(self, room: int) -> None:
        """Show the whole left part, and as much of the right one as fits."""
        wanted = min(cell_len(self._right), _MIN_RIGHT_CELLS)
        left = next(
            (form for form in self._forms if cell_len(form) + _GAP_CELLS + wanted <= room),
            self._forms[-1],
        )
        space = room - cell_len(left) - _GAP_CELLS
        right = self._right if cell_len(self._right) <= space else ""
        if self._right and not right and space > 1:
            right = set_cell_size(self._right, space - 1).rstrip() + "…"
        gap = max(1, room - cell_len(left) - cell_len(right)) if right else 0
        self.update(f"{left}{' ' * gap}{right}", layout=False)
