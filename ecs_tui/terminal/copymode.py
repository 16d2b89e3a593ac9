"""The state of copy mode: a cursor in scrollback and screen, moved with vi keys.

It does no I/O: from the text of the lines and the size of the view, it computes what to show and to
copy. Columns are cells; a wide character takes two.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import field

from rich.cells import cell_len

from ecs_tui.record import dataclass
from ecs_tui.terminal.selection import Point, Selection

_BLANK, _WORD, _OTHER = 0, 1, 2
MAX_MATCHES = 5000
"""A search stops after the line on which it reaches this many matches: each is drawn."""


@dataclass(frozen=True, slots=True)
class Copied:
    """Copy these cells and leave copy mode."""

    selection: Selection


class Leave:
    """Leave copy mode."""


class Search:
    """Ask the operator for the text to search for; `back`: search upwards."""

    def __init__(self, back: bool) -> None:
        self.back = back


@dataclass(slots=True)
class CopyMode:
    """The state of copy mode.

    Attributes:
        lines: The text of every row, oldest first; they do not change in copy mode.
        columns, rows: The view's size in cells.
        top: The index of the first line in view.
        at: The cursor as (column, line).
        anchor: The cell at which the selection started, or None.
        kind: "" without a selection, else char, line or block.
        text: The text of the last search.
        matches: Its matches as (line, first column, column after the last).
    """

    lines: list[str]
    columns: int
    rows: int
    top: int
    at: Point
    anchor: Point | None = None
    kind: str = ""
    text: str = ""
    matches: list[tuple[int, int, int]] = field(default_factory=list)
    _back: bool = True
    _count: str = ""

    def key(self, key: str, character: str | None) -> Copied | Leave | Search | None:
        """Handle a key; returns None if it only moved the cursor or had no effect.

        Args:
            key: Textual's name of the key.
            character: The character that it types, if any.
        """
        if character and not character.isprintable():
            character = None
        if character and character.isdigit() and (self._count or character != "0"):
            self._count = (self._count + character)[:5]
            return None
        count, self._count = int(self._count or 1), ""
        name = _NAMES.get(key) or character or key
        if name in _MOVES:
            for _ in range(min(count, len(self.lines) + self.columns)):
                self._move(name)
        elif name in _KINDS:
            self._select(_KINDS[name])
        elif name == "o" and self.anchor is not None:
            self.at, self.anchor = self.anchor, self.at
        elif name in ("/", "?"):
            return Search(name == "?")
        elif name in ("n", "N"):
            for _ in range(count):
                self.next_match(self._back if name == "n" else not self._back)
        elif name in ("y", "enter"):
            return Copied(self.selection or self._whole_line())
        elif name == "q" or (name == "escape" and not self.kind):
            return Leave()
        elif name == "escape":
            self.kind, self.anchor = "", None
        self._keep_in_view()
        return None

    @property
    def selection(self) -> Selection | None:
        """The selected cells, or None."""
        if self.anchor is None:
            return None
        if self.kind == "line":
            first, last = sorted((self.anchor[1], self.at[1]))
            return Selection((0, first), (max(0, self.columns - 1), last))
        return Selection(self.anchor, self.at, block=self.kind == "block")

    @property
    def words(self) -> str:
        """Position, kind of selection and search result, for the title bar."""
        parts = [f"COPY {self.at[1] + 1}/{len(self.lines)}"]
        if self.kind:
            parts.append(f"{self.kind} selection")
        if self.text:
            number = next(
                (i for i, match in enumerate(self.matches, 1) if match[:2] == self._here), 0
            )
            more = "+" if len(self.matches) >= MAX_MATCHES else ""
            count = f"{number or '-'}/{len(self.matches)}{more}" if self.matches else "no match"
            parts.append(f"/{self.text} {count}")
        return "  ".join(parts)

    @property
    def _here(self) -> tuple[int, int]:
        return self.at[1], self.at[0]

    def matches_on(self, line: int) -> list[tuple[int, int]]:
        """(first column, column after the last) of each match on a line."""
        found = self.matches[
            bisect_left(self.matches, (line,)) : bisect_left(self.matches, (line + 1,))
        ]
        return [(first, last) for _, first, last in found]

    # -- moving

    def _move(self, name: str) -> None:
        x, y = self.at
        half, page = max(1, self.rows // 2), max(1, self.rows - 1)
        vertical = {
            "j": 1, "k": -1, "ctrl+d": half, "ctrl+u": -half, "ctrl+f": page, "ctrl+b": -page,
            "G": len(self.lines), "g": -len(self.lines),
        }  # fmt: skip
        if name in vertical:
            y += vertical[name]
        elif name in ("H", "M", "L"):
            y = self.top + {"H": 0, "M": self.rows // 2, "L": self.rows - 1}[name]
        elif name == "h":
            x = self._step(-1)
        elif name == "l":
            x = self._step(1)
        elif name == "0":
            x = 0
        elif name == "^":
            line = self._line(y)
            x = cell_len(line) - cell_len(line.lstrip())
        elif name == "$":
            x = cell_len(self._line(y)) - 1
        else:
            x, y = self._word(name)
        y = min(max(0, y), len(self.lines) - 1)
        self.at = (min(max(0, x), max(0, self.columns - 1)), y)

    def _step(self, by: int) -> int:
        """The column of the next (`by` > 0) or the previous character."""
        starts = _starts(self._line(self.at[1]))
        x = self.at[0]
        if by > 0:
            return next((start for start in starts if start > x), x + 1)
        return next((start for start in reversed(starts) if start < x), x - 1)

    def _word(self, name: str) -> Point:
        """The cell that w, b or e moves to, across line ends."""
        x, y = self.at
        forward = name != "b"
        places = self._from(x, y, forward)
        before = _class(self._char(x, y))
        if name == "w":
            for char, at, new_line in places:
                kind = _class(char)
                if kind != _BLANK and (kind != before or new_line):
                    return at
                before = _BLANK if new_line and kind == _BLANK else kind
            return self.at
        found: Point | None = None
        kind_of_word = _BLANK
        for char, at, new_line in places:
            kind = _class(char)
            if found is not None and (kind != kind_of_word or new_line):
                return found
            if kind != _BLANK:
                found, kind_of_word = at, kind
        return found or self.at

    def _from(self, x: int, y: int, forward: bool) -> list[tuple[str, Point, bool]]:
        """(character, cell, whether it is the first in a new line) after or before a cell.

        Ends after 200 lines or about 2000 characters.
        """
        found: list[tuple[str, Point, bool]] = []
        step = 1 if forward else -1
        lines = range(y, min(len(self.lines), y + 200) if forward else max(-1, y - 200), step)
        for line in lines:
            text = self._line(line)
            cells = list(zip(text, _starts(text), strict=True))
            if not forward:
                cells.reverse()
            first = line != y
            for char, column in cells:
                if line == y and (column <= x if forward else column >= x):
                    continue
                found.append((char, (column, line), first))
                first = False
            if not cells and line != y:
                found.append((" ", (0, line), True))
            if len(found) > 2000:
                break
        return found

    def _char(self, x: int, y: int) -> str:
        text = self._line(y)
        return next((c for c, at in zip(text, _starts(text), strict=True) if at == x), " ")

    def _line(self, y: int) -> str:
        return self.lines[y] if 0 <= y < len(self.lines) else ""

    def _select(self, kind: str) -> None:
        if self.kind == kind:
            self.kind, self.anchor = "", None
            return
        self.kind = kind
        if self.anchor is None:
            self.anchor = self.at

    def _whole_line(self) -> Selection:
        y = self.at[1]
        return Selection((0, y), (max(0, self.columns - 1), y))

    def _keep_in_view(self) -> None:
        y = self.at[1]
        last_top = max(0, len(self.lines) - self.rows)
        if y < self.top:
            self.top = y
        elif y >= self.top + self.rows:
            self.top = y - self.rows + 1
        self.top = min(max(0, self.top), last_top)

    # -- searching

    def search(self, text: str, *, back: bool) -> int:
        """Find `text` and move to the next match, unless the cursor is on one already.

        Lower-case text matches both cases; text with a capital letter matches exactly.

        Returns:
            The number of matches found; see `MAX_MATCHES`.
        """
        self.text, self._back = text, back
        self.matches = []
        exact = text != text.lower()
        if text:
            for number, line in enumerate(self.lines):
                row = line if exact else line.lower()
                if len(row) != len(line):  # lower() made it longer, which shifts columns
                    row = line
                at = row.find(text)
                while at >= 0:
                    first = cell_len(line[:at])
                    last = first + cell_len(line[at : at + len(text)])
                    self.matches.append((number, first, last))
                    at = row.find(text, at + len(text))
                if len(self.matches) >= MAX_MATCHES:
                    break
        if self.matches and self._here not in {match[:2] for match in self.matches}:
            self.next_match(back)
        return len(self.matches)

    def next_match(self, back: bool) -> None:
        """Move to the next match, upwards if `back`; wraps around at the ends."""
        if not self.matches:
            return
        if back:
            match = next(
                (h for h in reversed(self.matches) if h[:2] < self._here), self.matches[-1]
            )
        else:
            match = next((h for h in self.matches if h[:2] > self._here), self.matches[0])
        self.at = (match[1], match[0])
        if not self.top <= match[0] < self.top + self.rows:
            self.top = max(0, match[0] - self.rows // 2)
        self._keep_in_view()


_NAMES = {
    "down": "j", "up": "k", "left": "h", "right": "l", "home": "0", "end": "$",
    "pagedown": "ctrl+f", "pageup": "ctrl+b", "dollar_sign": "$", "circumflex_accent": "^",
    "slash": "/", "question_mark": "?",
}  # fmt: skip
_MOVES = {
    "h", "j", "k", "l", "0", "^", "$", "w", "b", "e", "g", "G", "H", "M", "L",
    "ctrl+d", "ctrl+u", "ctrl+f", "ctrl+b",
}  # fmt: skip
_KINDS = {"v": "char", "V": "line", "ctrl+v": "block"}


def _starts(text: str) -> list[int]:
    """The column in which each character of `text` starts."""
    starts, column = [], 0
    for char in text:
        starts.append(column)
        column += cell_len(char)
    return starts


def _class(char: str) -> int:
    if char.isspace():
        return _BLANK
    return _WORD if char.isalnum() or char == "_" else _OTHER
