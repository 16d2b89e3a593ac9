"""The pure-Python engine based on pyte: used if pyghostty has no wheel or crashed too often."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Mapping

import pyte
from wcwidth import wcwidth

from ecs_tui.terminal.engine import Cursor, Point, allowed_reply, clamp
from ecs_tui.terminal.engines.cells import MAX_CLUSTER_CODE_POINTS, stands_alone
from ecs_tui.terminal.protocol import NO_COLOUR, RGB, Attribute, Mode, Row, Run, Style
from ecs_tui.terminal.styles import StyleNumbers

_COLOURS = {
    name: number
    for number, name in enumerate(
        ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")
    )
} | {
    f"bright{name}": number + 8
    for number, name in enumerate(
        ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")
    )
}
_ATTRIBUTES = (
    ("bold", Attribute.BOLD),
    ("italics", Attribute.ITALIC),
    ("strikethrough", Attribute.STRIKE),
    ("reverse", Attribute.INVERSE),
    ("blink", Attribute.BLINK),
)
# pyte stores private modes shifted by five bits.
_MODES = {
    1 << 5: Mode.CURSOR_KEYS,
    2004 << 5: Mode.BRACKETED_PASTE,
    1004 << 5: Mode.FOCUS,
    1000 << 5: Mode.MOUSE_CLICK,
    1002 << 5: Mode.MOUSE_DRAG,
    1003 << 5: Mode.MOUSE_ANY,
    1006 << 5: Mode.MOUSE_SGR,
    1049 << 5: Mode.ALTERNATE,
}


_BOUNDARIES = frozenset(" \t'\"│`|:;,()[]{}<>$")
"""Characters that end a word on a double-click; ghostty's default."""


class _Screen(pyte.HistoryScreen):
    """pyte's screen plus an alternate screen, replies and a bell, which pyte does not implement."""

    def __init__(self, owner: PyteEngine, columns: int, rows: int, scrollback: int) -> None:
        self._owner = owner
        super().__init__(columns, rows, history=scrollback, ratio=0.5)

    def write_process_input(self, data: str) -> None:
        self._owner.reply(data)

    def bell(self, *_: object) -> None:
        self._owner.bell = True

    def draw(self, data: str) -> None:
        # At a zero-width character that does not combine, such as a joiner, pyte drops the rest of
        # the text. So the character is added to the cell before it, and the rest drawn after that.
        start = 0
        if not data.isascii():
            for at, char in enumerate(data):
                if wcwidth(char) == 0 and not unicodedata.combining(char):
                    super().draw(data[start:at])
                    self._join(char)
                    start = at + 1
        super().draw(data[start:])

    def _join(self, char: str) -> None:
        line, x = self.buffer[self.cursor.y], self.cursor.x - 1
        if x > 0 and line[x].data == "":  # the second half of a wide character
            x -= 1
        if x >= 0 and len(line[x].data) < MAX_CLUSTER_CODE_POINTS:
            line[x] = line[x]._replace(data=line[x].data + char)
            self.dirty.add(self.cursor.y)

    def set_mode(self, *modes: int, **kwargs: object) -> None:
        if kwargs.get("private") and (1049 in modes or 47 in modes or 1047 in modes):
            self._owner.enter_alternate()
        super().set_mode(*modes, **kwargs)

    def reset_mode(self, *modes: int, **kwargs: object) -> None:
        super().reset_mode(*modes, **kwargs)
        if kwargs.get("private") and (1049 in modes or 47 in modes or 1047 in modes):
            self._owner.leave_alternate()


class PyteEngine:
    """pyte as an `Engine`. docs/terminal.md lists what it lacks."""

    def __init__(self, columns: int, rows: int, scrollback: int) -> None:
        columns, rows = clamp(columns, rows)
        self.replies: list[bytes] = []
        self.bell = False
        self.clipboard: str | None = None
        self._screen = _Screen(self, columns, rows, max(1, scrollback))
        self._stream = _stream(self._screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._styles = StyleNumbers()
        self._saved: tuple[dict[int, dict[int, pyte.screens.Char]], int, int] | None = None
        self._offset = 0
        self._all = True

    def feed(self, data: bytes) -> None:
        """Process output of the session."""
        if self._offset:
            self.scroll(0)
        try:
            self._stream.feed(self._decoder.decode(data))
        except (
            ArithmeticError,
            AssertionError,
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
        ):
            # pyte raises at some malformed sequences. The rest of `data` is dropped and the parser
            # replaced, so that one bad sequence does not end the pane.
            self._stream = _stream(self._screen)
            self._all = True

    def resize(self, columns: int, rows: int) -> None:
        """Change the size; pyte does not reflow."""
        columns, rows = clamp(columns, rows)
        if (columns, rows) != self.size:
            self._screen.resize(rows, columns)
            self._all = True

    @property
    def size(self) -> tuple[int, int]:
        """(columns, rows)."""
        return self._screen.columns, self._screen.lines

    def enter_alternate(self) -> None:
        """Save the primary screen's cells and clear the screen (modes 47, 1047, 1049)."""
        if self._saved is None:
            screen = self._screen
            self._saved = (
                {y: dict(line) for y, line in screen.buffer.items()},
                screen.cursor.x,
                screen.cursor.y,
            )
            screen.erase_in_display(2)
            self._all = True

    def leave_alternate(self) -> None:
        """Restore the primary screen."""
        if self._saved is not None:
            screen = self._screen
            lines, x, y = self._saved
            self._saved = None
            screen.erase_in_display(2)
            for number, line in lines.items():
                if number < screen.lines:
                    screen.buffer[number].update(line)
            screen.cursor.x = min(x, screen.columns - 1)
            screen.cursor.y = min(y, screen.lines - 1)
            self._all = True

    def scroll(self, lines: int) -> None:
        """Move the view over the scrollback."""
        top = len(self._screen.history.top)
        self._offset = 0 if lines == 0 else min(top, max(0, self._offset - lines))
        self._all = True

    def changed(self) -> list[Row]:
        """The dirty rows, as runs."""
        screen = self._screen
        if self._all or self._offset:
            numbers = list(range(screen.lines))
            self._all = False
        else:
            numbers = sorted(y for y in screen.dirty if 0 <= y < screen.lines)
        screen.dirty.clear()
        return [Row(y, self._runs(self._line(y))) for y in numbers]

    def _line(self, y: int) -> Mapping[int, pyte.screens.Char]:
        top = self._screen.history.top
        above = self._offset > y
        line: Mapping[int, pyte.screens.Char] = (
            top[len(top) - self._offset + y] if above else self._screen.buffer[y - self._offset]
        )
        return line

    def _runs(self, line: Mapping[int, pyte.screens.Char]) -> list[Run]:
        runs: list[Run] = []
        text, width, now = "", 0, -1
        apart = False
        x = 0
        while x < self._screen.columns:
            cell = line[x]
            data = cell.data
            wide = data != "" and x + 1 < self._screen.columns and line[x + 1].data == ""
            style = self._styles.number(_style(cell))
            alone = stands_alone(data, 2 if wide else 1)
            if style != now or alone or apart:
                if text:
                    runs.append(Run(text, width, now))
                text, width, now, apart = "", 0, style, alone
            text += data or " "
            width += 2 if wide else 1
            x += 2 if wide else 1
        if text:
            runs.append(Run(text, width, max(0, now)))
        return runs

    def new_styles(self) -> list[tuple[int, Style]]:
        """Styles numbered since the last call."""
        return self._styles.take_new()

    def cursor(self) -> Cursor:
        """The cursor."""
        cursor = self._screen.cursor
        x = min(cursor.x, self._screen.columns - 1)
        return Cursor(x, cursor.y, not cursor.hidden and not self._offset)

    def modes(self) -> int:
        """The `Mode` flags that are set."""
        flags = 0
        for mode in self._screen.mode:
            flags |= _MODES.get(mode, 0)
        if self._saved is not None:
            flags |= Mode.ALTERNATE
        return int(flags)

    def kitty(self) -> int:
        """Always 0: pyte does not support the kitty keyboard protocol."""
        return 0

    def hyperlink(self, at: Point) -> str:
        """Always empty: pyte does not store the targets of hyperlinks."""
        return ""

    def holding(self) -> bool:
        """Mode 2026, synchronised output."""
        return 2026 << 5 in self._screen.mode

    def title(self) -> str:
        """The title."""
        return str(self._screen.title)[:256]

    def history(self) -> tuple[int, int]:
        """(lines of scrollback, lines above the bottom)."""
        return len(self._screen.history.top), self._offset

    def text(self, everything: bool) -> str:
        """Plain text of the screen, with the scrollback if `everything`."""
        screen = self._screen
        lines = list(screen.history.top) if everything else []
        lines += [screen.buffer[y] for y in range(screen.lines)]
        texts = ["".join(line[x].data for x in range(screen.columns)).rstrip() for line in lines]
        return "\n".join(texts).rstrip("\n")

    def lines(self) -> list[str]:
        """Each row as displayed."""
        return ["".join(cells).rstrip() for cells in self._cells()]

    def _cells(self) -> list[list[str]]:
        screen = self._screen
        rows = [*screen.history.top, *(screen.buffer[y] for y in range(screen.lines))]
        return [[row[x].data for x in range(screen.columns)] for row in rows]

    def range_text(self, start: Point, end: Point, block: bool) -> str:
        """Plain text between two cells; pyte does not record which lines are wrapped."""
        (x1, y1), (x2, y2) = sorted((start, end), key=lambda point: (point[1], point[0]))
        left, right = min(x1, x2), max(x1, x2)
        cells = self._cells()
        found = []
        for y in range(max(0, y1), min(y2, len(cells) - 1) + 1):
            first = left if block else (x1 if y == y1 else 0)
            last = right if block else (x2 if y == y2 else len(cells[y]))
            found.append("".join(cells[y][max(0, first) : last + 1]).rstrip())
        return "\n".join(found)

    def span(self, at: Point, whole_line: bool) -> tuple[Point, Point] | None:
        """The word or the line at a cell."""
        x, y = at
        cells = self._cells()
        if not 0 <= y < len(cells) or not 0 <= x < len(cells[y]):
            return None
        row = cells[y]
        if whole_line:
            written = [column for column, char in enumerate(row) if char.strip()]
            return ((0, y), (written[-1], y)) if written else None
        if row[x] in _BOUNDARIES:
            return None
        first = last = x
        while first > 0 and row[first - 1] not in _BOUNDARIES:
            first -= 1
        while last + 1 < len(row) and row[last + 1] not in _BOUNDARIES:
            last += 1
        return (first, y), (last, y)

    def reply(self, text: str) -> None:
        """Queue pyte's reply to a query, if it is allowed."""
        data = text.encode()
        if allowed_reply(data) and len(self.replies) < 64:
            self.replies.append(data)


def _stream(screen: _Screen) -> pyte.Stream:
    """A parser that handles character set designations; pyte ignores them if `use_utf8` is set."""
    stream = pyte.Stream(screen)
    stream.use_utf8 = False
    return stream


def _colour(name: str) -> int:
    if name == "default":
        return NO_COLOUR
    if name in _COLOURS:
        return _COLOURS[name]
    try:
        return RGB | int(name, 16) if len(name) == 6 else NO_COLOUR
    except ValueError:
        return NO_COLOUR


def _style(cell: pyte.screens.Char) -> Style:
    attributes = 0
    for name, flag in _ATTRIBUTES:
        if getattr(cell, name):
            attributes |= flag
    return Style(
        _colour(cell.fg), _colour(cell.bg), NO_COLOUR, int(attributes), int(cell.underscore)
    )
