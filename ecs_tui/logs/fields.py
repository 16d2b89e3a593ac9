"""Values of one field in many lines: JSON is searched by one pattern and parsed only where it must be.

A name without dots means every field whose last part it is: `id` is also `user.id`. The pattern knows
no nesting, so that fields of objects in lists are found too, which parsing leaves out.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache

from ecs_tui.logs.messages import field_values

FieldValues = tuple[str, ...]
"""The values of a field in a line; () if it has none."""
MAX_PATTERN = 8_192
"""Characters of a line up to which it is searched by the pattern."""
_NONE: FieldValues = ()


@lru_cache(64)
def _pattern(name: str, misses: str = "") -> re.Pattern[str]:
    """Finds a field in JSON in small letters, and its value: with its quotes, plain, or the bracket
    with which a list or an object begins.

    It begins with the name: Python searches for a literal start much faster than for a quote.

    Args:
        misses: A pattern of plain values that are left out; "" for none.
    """
    but = rf"(?!(?:{misses})[,}}])" if misses else ""
    return re.compile(rf'{re.escape(name)}"\s*:\s*{but}("[^"\n]*"|[^"\[{{,}}\s][^,}}\s]*|[\[{{])')


def values_of(text: str, name: str) -> FieldValues:
    """The values of a field in a line, in small letters.

    Args:
        text: The line as it was written.
        name: The field's name, in any case.
    """
    name, lower = name.lower(), text.lower()
    if name.rpartition(".")[2] not in lower and lower.isascii() and "\\" not in lower:
        return _NONE
    if not _simple(text, lower, name):
        return tuple(value.lower() for value in field_values(text, name))
    found: list[str] = []
    for hit in _pattern(name).finditer(lower):
        if hit.start() and lower[hit.start() - 1] in '".':
            if hit[1] in ("[", "{"):  # a list is compared as text; an object has fields of its own
                return tuple(value.lower() for value in field_values(text, name))
            found.append(hit[1].strip('"'))
    return tuple(found)


def _simple(text: str, lower: str, name: str) -> bool:
    """Whether a line is JSON without escapes, in which the pattern finds what parsing finds."""
    return (
        text[:1] == "{"
        and "\\" not in text
        and "." not in name
        and len(text) <= MAX_PATTERN
        and len(lower) == len(text)
    )


def column_of(
    name: str, texts: Sequence[str], lower: str, starts: array[int], plain: bool
) -> list[FieldValues]:
    """The values of a field in each of some lines: as `values_of`, but searched all at once.

    Args:
        name: The field's name, in any case.
        texts: The lines.
        lower: The lines in small letters, with a line end after each.
        starts: Where each begins in it, and where the last one ends.
        plain: Whether `lower` has the lines' own characters, with no others among them.
    """
    if not plain or "." in name:
        return [values_of(text, name) for text in texts]
    name = name.lower()
    column = [_NONE] * len(texts)
    escaped = _with_escapes(lower, starts)
    parsed = escaped | _no_json(texts)
    place, end, known = -1, 0, dict[str, FieldValues]()
    for hit in _pattern(name).finditer(lower):
        at, value = hit.start(), hit[1]
        while at >= end:
            place += 1
            end = starts[place + 1]
        if not at or lower[at - 1] not in '".':
            continue
        one = known.get(value)
        if one is None:
            one = known[value] = (value.strip('"'),)
        if value in ("[", "{"):
            parsed.add(place)
        elif column[place]:
            column[place] += one
        else:
            column[place] = one
    for at in parsed:
        if at in escaped or lower.find(name, starts[at], starts[at + 1]) >= 0:
            column[at] = values_of(texts[at], name)
    return column


def places_with(
    fits: Callable[[FieldValues], bool],
    name: str,
    texts: Sequence[str],
    lower: str,
    starts: array[int],
    plain: bool,
    misses: str = "",
) -> set[int]:
    """The places of the lines whose values of a field fit; takes half the time of `column_of`.

    Only values that fit are brought to their lines, and each different value is looked at once.

    Args:
        fits: Whether the values of a line fit: whether one of them does.
        name, texts, lower, starts, plain: As for `column_of`.
        misses: A pattern of values that do not fit; the more of them it matches, the faster.
    """
    if not plain or "." in name:
        return {at for at, text in enumerate(texts) if fits(values_of(text, name))}
    name = name.lower()
    escaped = _with_escapes(lower, starts)
    parsed = escaped | _no_json(texts)
    found, known = set[int](), dict[str, bool]()
    for hit in _pattern(name, misses).finditer(lower):
        value = hit[1]
        fitting = known.get(value)
        if fitting is None:
            fitting = known[value] = value in ("[", "{") or fits((value.strip('"'),))
        if not fitting:
            continue
        at = hit.start()
        if at and lower[at - 1] in '".':
            place = bisect_right(starts, at) - 1
            (parsed if value in ("[", "{") else found).add(place)
    for at in parsed:
        found.discard(at)
        searched = at in escaped or lower.find(name, starts[at], starts[at + 1]) >= 0
        if searched and fits(values_of(texts[at], name)):
            found.add(at)
    return found


def _no_json(texts: Sequence[str]) -> set[int]:
    """The places of lines that are no JSON, or too long for the pattern."""
    if {text[:1] for text in texts} == {"{"} and max(map(len, texts)) <= MAX_PATTERN:
        return set()  # the usual case, in half the time
    return {at for at, text in enumerate(texts) if text[:1] != "{" or len(text) > MAX_PATTERN}


def _with_escapes(lower: str, starts: array[int]) -> set[int]:
    """The places of lines with a backslash."""
    found: set[int] = set()
    at = lower.find("\\")
    while at >= 0:
        place = bisect_right(starts, at) - 1
        found.add(place)
        at = lower.find("\\", starts[place + 1])
    return found
