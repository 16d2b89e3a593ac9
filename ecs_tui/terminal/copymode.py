"""Reading back by keyboard: a cursor over scrollback and screen, moved by vi's keys.

Pure: it knows the text of the lines and the size of the view, and says what to show and to copy.
Columns are cells; a wide character takes two.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from rich.cells import cell_len

from ecs_tui.terminal.selection import Point, Selection

_BLANK, _WORD, _OTHER = 0, 1, 2
MOST_HITS = 5000


@dataclass(frozen=True, slots=True)
class Copied:
    """These cells are to be copied, and the mode is over."""

    selection: Selection


class Leave:
    """The mode is over."""


class Search:
    """The operator wants to type what to look for; `back`: upwards."""

    def __init__(self, back: bool) -> None:
        self.back = back


@dataclass(slots=True)
class CopyMode:
    """The state of it.

    Attributes:
        lines: The text of every row, oldest first; they do not change while the mode is on.
        columns, rows: The view's size in cells.
        top: The number of the first line in view.
        at: The cursor.
        anchor: Where the selection began, or None.
        kind: "" without a selection, else char, line or block.
        needle: What is looked for; `hits` are its places as (line, first column, behind the last).
    """

    lines: list[str]
    columns: int
    rows: int
    top: int
    at: Point
    anchor: Point | None = None
    kind: str = ""
    needle: str = ""
    hits: list[tuple[int, int, int]] = field(default_factory=list)
    _back: bool = True
    _count: str = ""

    def key(self, key: str, character: str | None) -> Copied | Leave | Search | None:
        """Take a key; None where it only moved or did nothing."""
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
                self.next_hit(self._back if name == "n" else not self._back)
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
        """The marked cells, or None."""
        if self.anchor is None:
            return None
        if self.kind == "line":
            first, last = sorted((self.anchor[1], self.at[1]))
            return Selection((0, first), (max(0, self.columns - 1), last))
        return Selection(self.anchor, self.at, block=self.kind == "block")

    @property
    def words(self) -> str:
        """Where one is and what is on, for the frame."""
        parts = [f"COPY {self.at[1] + 1}/{len(self.lines)}"]
        if self.kind:
            parts.append(f"{self.kind} selection")
        if self.needle:
            number = next((i for i, hit in enumerate(self.hits, 1) if hit[:2] == self._here), 0)
            more = "+" if len(self.hits) >= MOST_HITS else ""
            parts.append(f"/{self.needle}  {number or '-'} of {len(self.hits)}{more}")
        return "  ".join(parts)

    @property
    def _here(self) -> tuple[int, int]:
        return self.at[1], self.at[0]

    def hits_on(self, line: int) -> list[tuple[int, int]]:
        """The columns (first, behind the last) of the hits on a line."""
        found = self.hits[bisect_left(self.hits, (line,)) : bisect_left(self.hits, (line + 1,))]
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
        """The column of the next or the previous character."""
        starts = _starts(self._line(self.at[1]))
        x = self.at[0]
        if by > 0:
            return next((start for start in starts if start > x), x + 1)
        return next((start for start in reversed(starts) if start < x), x - 1)

    def _word(self, name: str) -> Point:
        """Where w, b or e lead, over line ends."""
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
        """(character, cell, whether a line began) after or before a cell, of a few lines."""
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

    def look_for(self, needle: str, *, back: bool) -> int:
        """Mark every place of `needle` and go to the next one; returns how many there are.

        Small letters match both cases; with a capital in it, case counts.
        """
        self.needle, self._back = needle, back
        self.hits = []
        exact = needle != needle.lower()
        if needle:
            for number, line in enumerate(self.lines):
                text = line if exact else line.lower()
                if len(text) != len(line):  # a few letters become two: their places would shift
                    text = line
                at = text.find(needle)
                while at >= 0:
                    first = cell_len(line[:at])
                    last = first + cell_len(line[at : at + len(needle)])
                    self.hits.append((number, first, last))
                    at = text.find(needle, at + len(needle))
                if len(self.hits) >= MOST_HITS:
                    break
        if self.hits and self._here not in {hit[:2] for hit in self.hits}:
            self.next_hit(back)
        return len(self.hits)

    def next_hit(self, back: bool) -> None:
        """Go to the next place upwards or downwards; round at the ends."""
        if not self.hits:
            return
        if back:
            hit = next((h for h in reversed(self.hits) if h[:2] < self._here), self.hits[-1])
        else:
            hit = next((h for h in self.hits if h[:2] > self._here), self.hits[0])
        self.at = (hit[1], hit[0])
        if not self.top <= hit[0] < self.top + self.rows:
            self.top = max(0, hit[0] - self.rows // 2)
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
    """The column in which each character of `text` begins."""
    starts, column = [], 0
    for char in text:
        starts.append(column)
        column += cell_len(char)
    return starts


def _class(char: str) -> int:
    if char.isspace():
        return _BLANK
    return _WORD if char.isalnum() or char == "_" else _OTHER
