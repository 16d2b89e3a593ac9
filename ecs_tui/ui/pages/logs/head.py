"""The two lines above the log lines: what is shown and how it comes, and the tasks with their numbers."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content, Span
from textual.widgets import Static

from ecs_tui.ui.log_lines.styles import TASK_COLOURS

_LOOKS = (
    "$text-primary", "$text-success", "$text-warning", "$text-accent", "$text-secondary", "italic",
)  # fmt: skip
"""As in `LogLines`."""


class LogHead(Static):
    """One line with a left and a right part; or parts, each in the colour of its task."""

    DEFAULT_CSS = """
    LogHead { height: 1; width: 1fr; padding: 0 1; color: $text-muted; }
    LogHead.-title { color: $foreground; text-style: bold; }
    LogHead.-hidden { display: none; }
    """

    def __init__(self, classes: str = "") -> None:
        super().__init__("", classes=classes, markup=False)
        self._shown: object = None

    def write(self, left: str, right: Sequence[str]) -> None:
        """Show a text, and at the right end parts of which those that do not fit are left out.

        The first parts at the right are the most important.
        """
        room, parts = self.size.width, [each for each in right if each]
        while parts and cell_len(left) + 2 + cell_len("   ".join(parts)) > room:
            if len(parts) == 1:
                break
            parts.pop()
        ending = "   ".join(parts)
        if room and cell_len(left) + 2 + cell_len(ending) > room:
            keep = max(0, room - cell_len(ending) - 3)
            left = left[:keep] + "…" if keep else ""
        gap = max(1, room - cell_len(left) - cell_len(ending))
        self._update(f"{left}{' ' * gap}{ending}"[: max(room, 1)], [])

    def write_tasks(self, tasks: Sequence[tuple[str, int]], chosen: int) -> None:
        """Show the tasks with their numbers.

        Args:
            tasks: Text and colour of each.
            chosen: The position of the only task that is shown, -1 for all.
        """
        self.set_class(len(tasks) < 2, "-hidden")
        text, spans = "", []
        for number, (name, colour) in enumerate(tasks):
            words = f"[{name}]" if number == chosen else name
            spans.append(Span(len(text), len(text) + len(words), _LOOKS[colour % TASK_COLOURS]))
            text += f"{words}  "
        self._update(text.rstrip(), spans)

    def _update(self, text: str, spans: list[Span]) -> None:
        if (text, spans) != self._shown:
            self._shown = (text, spans)
            self.update(Content(text, spans), layout=False)
