"""The screen of a terminal as its frames tell it: the app's copy, from which the widget draws."""

from __future__ import annotations

from dataclasses import field

from ecs_tui.record import dataclass
from ecs_tui.terminal.protocol import PLAIN, Frame, Mode, Run, Style


@dataclass(slots=True)
class Picture:
    """The screen after the last frame. Each row is a list of runs, from left to right."""

    columns: int = 80
    rows: int = 24
    lines: list[list[Run]] = field(default_factory=list)
    styles: dict[int, Style] = field(default_factory=lambda: {0: PLAIN})
    cursor: tuple[int, int] = (0, 0)
    cursor_visible: bool = True
    cursor_shape: int = 1
    modes: Mode = field(default_factory=lambda: Mode(0))
    title: str = ""
    history: int = 0
    offset: int = 0
    kitty: int = 0

    @property
    def top(self) -> int:
        """The number of the first line in view, counted from the oldest line of the scrollback."""
        return self.history - self.offset

    def take(self, frame: Frame) -> list[int]:
        """Take in a frame; returns the numbers of the rows to draw again, some of them twice."""
        self.styles.update(frame.styles)
        if (self.columns, self.rows) != (frame.columns, frame.rows):
            self.columns, self.rows = frame.columns, frame.rows
            self.lines.clear()  # a frame of another size contains every row
        del self.lines[frame.rows :]
        while len(self.lines) < frame.rows:
            self.lines.append([])
        old = self.cursor[1]
        changed = []
        for row in frame.changed:
            if 0 <= row.y < frame.rows:
                self.lines[row.y] = row.runs
                changed.append(row.y)
        self.cursor = (frame.cursor_x, frame.cursor_y)
        self.cursor_visible = frame.cursor_visible
        self.cursor_shape = frame.cursor_shape
        self.modes = Mode(frame.modes & 0x1FF)
        self.title = frame.title
        self.history, self.offset = frame.history, frame.offset
        self.kitty = frame.kitty & 0x1F
        return [*changed, old, frame.cursor_y]
