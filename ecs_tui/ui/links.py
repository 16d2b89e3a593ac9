"""URLs in a terminal's text, and which of them may be opened."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from rich.cells import cell_len

_URL = re.compile(r"https?://[^\s<>\"'`\x00-\x20\x7f]+")
_TRAILING = ".,;:!?)]}"


def url_at(text: str, column: int) -> str:
    """The http or https URL at a column (in cells, from 0) of a line, or ""."""
    for match in _URL.finditer(text):
        url = match.group().rstrip(_TRAILING)
        first = cell_len(text[: match.start()])
        if first <= column < first + cell_len(url):
            return url
    return ""


def may_open(url: str) -> bool:
    """Whether a browser may open it: http or https, with a host, printable characters only."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable()
