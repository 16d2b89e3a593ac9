"""The search in a text: its hits, and the one that is shown. As in less, `n` and `N` go on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import field

from ecs_tui.record import dataclass

MAX_HITS = 5000
"""Hits that are kept: each is drawn."""


@dataclass(slots=True)
class TextSearch:
    """Hits of a text in lines. Lower-case text ignores case.

    Attributes:
        text: What is searched for, "" for nothing.
        hits: (line, first character, character after the last) of each.
        at: The index of the hit that is shown.
    """

    text: str = ""
    hits: list[tuple[int, int, int]] = field(default_factory=list)
    at: int = 0

    def search(self, text: str, lines: Sequence[str], line: int) -> None:
        """Find all hits; the first one at or after a line is shown, else the first one.

        Args:
            text: What to search for.
            lines: The lines.
            line: The first line that is on the screen.
        """
        flags = re.IGNORECASE if text == text.lower() else 0
        pattern = re.compile(re.escape(text), flags)
        self.text, self.hits, self.at = text, [], 0
        for number, each in enumerate(lines if text else ()):
            self.hits += [(number, *match.span()) for match in pattern.finditer(each)]
            if len(self.hits) >= MAX_HITS:
                break
        self.at = next((i for i, hit in enumerate(self.hits) if hit[0] >= line), 0)

    def step(self, direction: int) -> None:
        """Show the next hit (1) or the previous one (-1); after the last comes the first."""
        if self.hits:
            self.at = (self.at + direction) % len(self.hits)

    @property
    def line(self) -> int | None:
        """The line of the hit that is shown, or None."""
        return self.hits[self.at][0] if self.hits else None

    @property
    def words(self) -> str:
        """What was found, for the title: `/web 3/12`; "" without a search."""
        if not self.text:
            return ""
        more = "+" if len(self.hits) >= MAX_HITS else ""
        count = f"{self.at + 1}/{len(self.hits)}{more}" if self.hits else "no match"
        return f"/{self.text}  {count}"
