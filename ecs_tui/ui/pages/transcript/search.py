"""What is searched in a transcript."""

from __future__ import annotations

import re

from ecs_tui.model.text import clean

MAX_SEARCHED_CHARACTERS = 4_000
"""Characters of a row in which a regular expression is searched."""


class RowSearch:
    """A text, or with `~` a regular expression; small and capital letters are the same.

    Attributes:
        text: What was typed.
        problem: Why it cannot be searched; "" if it can.
    """

    def __init__(self) -> None:
        self.text = self.problem = ""
        self._pattern: re.Pattern[str] | None = None

    def clear(self) -> None:
        """Search nothing."""
        self.take("")

    def take(self, text: str) -> None:
        """Search another text."""
        self.text, self.problem, self._pattern = text.strip(), "", None
        if not self.text:
            return
        wanted = self.text[1:] if self.text.startswith("~") else re.escape(self.text)
        try:
            self._pattern = re.compile(wanted, re.IGNORECASE)
        except re.error as error:
            self.problem = str(error)

    @property
    def active(self) -> bool:
        """Whether something is searched."""
        return self._pattern is not None

    @property
    def words(self) -> str:
        """What is searched, in words."""
        if not self.text:
            return ""
        return f"/ {clean(self.text)}" + (f"   ✖ {clean(self.problem)}" if self.problem else "")

    def fits(self, text: str) -> bool:
        """Whether a text has what is searched."""
        pattern = self._pattern
        return pattern is not None and pattern.search(text[:MAX_SEARCHED_CHARACTERS]) is not None

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where a text has it: (start, end)."""
        if self._pattern is None:
            return []
        found = self._pattern.finditer(text[:MAX_SEARCHED_CHARACTERS])
        return [each.span() for each in found if each.end() > each.start()]
