"""Which lines of a text are shown, as `&` of less chooses them."""

from __future__ import annotations

import re

from ecs_tui.model.text import clean, counted
from ecs_tui.record import dataclass

MAX_LINE = 8_192
"""Characters of a line in which a pattern is searched: it may take long in a long one."""


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Words that a line must all match: a text, `~` with a regular expression, `!` before what must not.

    A word in small letters ignores case, as in a search.

    Attributes:
        words: What was typed, "" for all lines.
        problem: Why it is not valid, in words; then all lines are shown.
        patterns: (what to find, whether it must be there) of each word.
    """

    words: str = ""
    problem: str = ""
    patterns: tuple[tuple[re.Pattern[str], bool], ...] = ()

    @classmethod
    def parse(cls, words: str) -> LineFilter:
        """The filter that was typed."""
        words = " ".join(words.split())
        try:
            patterns = [
                (_pattern(word.removeprefix("!")), not word.startswith("!"))
                for word in words.split()
                if word.strip("!~")
            ]
        except re.error as error:
            return cls(words, str(error))
        return cls(words, "", tuple(patterns))

    def fits(self, line: str) -> bool:
        """Whether a line is shown."""
        return all(
            (pattern.search(line, 0, MAX_LINE) is not None) == there
            for pattern, there in self.patterns
        )

    def says(self, shown: int, lines: int) -> str:
        """What is shown, for the title: `&error  3 of 61 lines`; "" without a filter."""
        if not self.words:
            return ""
        if self.problem:
            return f"&{clean(self.words)}  ✖ {clean(self.problem)}"
        count = f"{shown} of {counted(lines, 'line')}" if shown else "no line matches"
        return f"&{clean(self.words)}  {count}"


def _pattern(word: str) -> re.Pattern[str]:
    text = word[1:] if word.startswith("~") else re.escape(word)
    return re.compile(text, re.IGNORECASE if text == text.lower() else 0)
