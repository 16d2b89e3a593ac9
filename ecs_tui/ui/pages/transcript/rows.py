"""Rows of a transcript as they are shown, and where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import TYPE_CHECKING, NamedTuple

from ecs_tui.audit.masks import Spans, broken_spans, hidden
from ecs_tui.record import dataclass
from ecs_tui.terminal.protocol import Run, Style

if TYPE_CHECKING:
    from ecs_tui.audit.marks import TranscriptMark

MAX_JOINED = 30
"""Rows before and after one that are looked at with it: a token may have some thousand characters."""
MAX_MARKED = 10_000
"""Lines that stand out that are counted."""


class Position(NamedTuple):
    """A row: the number of its segment, and of the row in it."""

    segment: int
    row: int


@dataclass(slots=True)
class TranscriptRow:
    """A row as it is shown.

    Attributes:
        text: Its text, printable.
        runs: Its cells.
        cleared: Whether it is of a screen that was cleared later.
        mark: Why it stands out, or None.
        typed: The command that was typed in it, as far as can be told; "" for output.
        at: For recordings: seconds from the start; else -1.
        broken: Whether its line goes on in the next row, as far as can be told.
    """

    text: str
    runs: Sequence[Run]
    cleared: bool = False
    mark: TranscriptMark | None = None
    typed: str = ""
    at: float = -1.0
    broken: bool = False


@dataclass(slots=True)
class TranscriptSegment:
    """A rendered segment.

    Attributes:
        styles: The styles of its cells, by number.
        dropped: Whether its first rows are missing, because there are too many.
        failed: Whether the terminal engine failed, so that it is plain text.
    """

    rows: list[TranscriptRow]
    styles: dict[int, Style] = field(default_factory=dict)
    dropped: bool = False
    failed: bool = False
    _secrets: dict[int, Spans] = field(default_factory=dict)

    def secrets(self, number: int) -> Spans:
        """The characters of a row that look like a secret, also one that is broken over rows."""
        if number not in self._secrets:
            first = last = number
            while first and self.rows[first - 1].broken and number - first < MAX_JOINED:
                first -= 1
            while (
                self.rows[last].broken and last + 1 < len(self.rows) and last - number < MAX_JOINED
            ):
                last += 1
            found = broken_spans([row.text for row in self.rows[first : last + 1]])
            self._secrets[number] = found[number - first]
        return self._secrets[number]

    def masked(self, number: int) -> str:
        """The text of a row without what looks like a secret."""
        return hidden(self.rows[number].text, self.secrets(number))


@dataclass(frozen=True, slots=True)
class TypedCommand:
    """A command that was typed, as far as can be told, and the offset of its line."""

    offset: int
    command: str
