"""Hides secrets in transcripts, on the screen and in files. What it does not know, it does not hide."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

Spans = list[tuple[int, int]]
"""Characters of a text: (start, end), in order, not overlapping."""
MASK = "•"
MASK_CHARACTERS = 8
"""Characters that stand for a secret of any length."""
_PATTERNS = (
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}"),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"),  # JSON Web Tokens
    re.compile(
        r"\b(?:gh[pousr]_|github_pat_|glpat-|xox[abpr]-|sk_live_|tok_live_|rk_live_)[\w-]{8,}"
    ),
    re.compile(r"(?<=://)[^\s:/@]+:[^\s@/]+(?=@)"),  # user:password in a URL
    re.compile(
        r"(?i)(?<![\w])[\w.-]{0,40}(?:pass(?:word|wd)?|secret|token|api_?key|credential|private_?key)[\w.-]{0,40}"
        r"\"?\s*[=:]\s*\"?(?P<value>[^\s\"',;&]{3,})"
    ),
    re.compile(r"(?i)(?:--?(?:password|token|secret)[= ]|\bBearer )(?P<value>[^\s\"']{3,})"),
    re.compile(r"(?i)\bIDENTIFIED\s+BY\s+'(?P<value>[^']+)'"),
)
_LONG = re.compile(r"(?<![\w/+])(?<!ecs-execute-command-)[A-Za-z0-9+/]{36,}={0,2}(?![\w/+])")
"""A run as long as AWS's secret keys, but no session's ID; it must have capitals, small letters and
digits."""
_SESSION = re.compile(r"ecs-execute-command-[A-Za-z0-9]+")


def secret_spans(line: str) -> Spans:
    """The characters of a line that look like a secret."""
    found: list[tuple[int, int]] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(line):
            name = "value" if "value" in pattern.groupindex else 0
            found.append(match.span(name))
    for match in _LONG.finditer(line):
        run = match.group()
        kinds = (str.isdigit, str.isupper, str.islower)
        if all(any(kind(char) for char in run) for kind in kinds):
            found.append(match.span())
    return _merged(found)


def broken_spans(rows: Sequence[str]) -> list[Spans]:
    """The same in the rows of a line that the terminal has broken at its right edge.

    A secret may be broken too. Where rows that only look like one line are joined, nothing may be shown
    that is hidden in a row alone; the rest of a session's ID is no secret.
    """
    line = "".join(rows)
    found, ids = secret_spans(line), [each.span() for each in _SESSION.finditer(line)]
    starts = [0]
    for row in rows:
        at = starts[-1]
        starts.append(at + len(row))
        alone = [(at + start, at + end) for start, end in secret_spans(row)]
        found += [
            (start, end)
            for start, end in alone
            if not any(first <= start and end <= last for first, last in ids)
        ]
    every = _merged(found)
    return [
        [
            (max(start, first) - first, min(end, last) - first)
            for start, end in every
            if start < last and end > first
        ]
        for first, last in pairwise(starts)
    ]


def _merged(found: Iterable[tuple[int, int]]) -> Spans:
    merged: Spans = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def masked(line: str) -> str:
    """A line with `••••••••` in place of what looks like a secret."""
    return hidden(line, secret_spans(line))


def hidden(line: str, spans: Spans) -> str:
    """A line with `••••••••` in place of some characters."""
    parts, at = [], 0
    for start, end in spans:
        parts += [line[at:start], MASK * MASK_CHARACTERS]
        at = end
    return "".join([*parts, line[at:]])
