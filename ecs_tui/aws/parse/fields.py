"""Reads members of an answer with the expected type; another type counts as missing.

So a missing or wrong member makes one cell empty, and the list still works.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from ecs_tui.model.nothing import NOTHING

Raw = Mapping[str, object]
_MAX_NUMBER = 2**63
"""AWS sends no larger numbers, and Python does not print numbers of more than 4300 digits."""


def text(raw: Raw, name: str, default: str = "") -> str:
    """A string. Halves of surrogate pairs, which JSON may contain, cannot be encoded and become �."""
    value = raw.get(name)
    if not isinstance(value, str):
        return default
    if value.isascii():
        return value
    if not _halves(value):
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def shared(raw: Raw, name: str, default: str = "") -> str:
    """Like `text`, for a string that many objects have (an ARN, a status, an image): kept once.

    JSON's parser makes a new string for each occurrence, and they were half of the memory of a list.
    """
    return sys.intern(text(raw, name, default))


def _halves(value: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in value)


def number(raw: Raw, name: str, default: int = 0) -> int:
    """A whole number."""
    return whole(raw, name) or default


def whole(raw: Raw, name: str) -> int | None:
    """A whole number, or None."""
    value = raw.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _MAX_NUMBER:
        return value
    return None


def decimal(raw: Raw, name: str) -> float | None:
    """A number, whole or not, or None."""
    value = raw.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if abs(value) < _MAX_NUMBER else None


def flag(raw: Raw, name: str, default: bool = False) -> bool:
    """True or false."""
    value = raw.get(name)
    return value if isinstance(value, bool) else default


def moment(raw: Raw, name: str) -> datetime | None:
    """A time, with its offset."""
    value = raw.get(name)
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


def part(raw: Raw, name: str) -> Raw:
    """A structure; empty if missing."""
    value = raw.get(name)
    return value if isinstance(value, Mapping) else {}


def parts(raw: Raw, name: str) -> list[Raw]:
    """A list of structures."""
    value = raw.get(name)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def texts(raw: Raw, name: str) -> tuple[str, ...]:
    """A list of strings."""
    value = raw.get(name)
    if not isinstance(value, list):
        return ()
    return tuple(shared({name: item}, name) for item in value if isinstance(item, str))


def tags(raw: Raw) -> Mapping[str, str]:
    """`tags[]`, a list of `{key, value}`, as a mapping; the same one for the same tags."""
    pairs = [(text(item, "key"), text(item, "value")) for item in parts(raw, "tags")]
    return _tags(tuple(pairs)) if pairs else NOTHING


@lru_cache(1024)
def _tags(pairs: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """The tasks of a service usually have the same tags."""
    return dict(pairs)
