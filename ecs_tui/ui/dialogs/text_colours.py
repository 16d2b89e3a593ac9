"""The colours of JSON and YAML as the program writes them: one member or item a line."""

from __future__ import annotations

import re

COLOURED_LINES = 1_000
"""Lines from the first on that are coloured: Textual takes a second for the spans of 6,000."""
_STYLES = {
    "key": "$text-primary",
    "text": "$text-success",
    "number": "$text-warning",
    "word": "$text-accent",
}
_STRING = r'"(?:[^"\\]|\\.)*"?'
_LINE = re.compile(
    rf"\s*(?:- )*(?:(?P<key>{_STRING}|[^\s\"\[{{][^:\"]*)(?=:(?:\s|$)):?)?\s*"
    rf"(?:(?P<text>{_STRING})|(?P<number>-?\d[\d.]*(?:[eE][+-]?\d+)?)(?=,?$)"
    rf"|(?P<word>true|false|null)(?=,?$)|(?P<plain>[^\s\[\]{{}},][^,]*))?"
)


def colours(line: str) -> list[tuple[int, int, str]]:
    """The coloured parts of a line: (first character, character after the last, style)."""
    found = _LINE.match(line)
    if found is None:
        return []
    return [
        (*found.span(name), _STYLES["text" if name == "plain" else name])
        for name in ("key", "text", "number", "word", "plain")
        if found[name]
    ]
