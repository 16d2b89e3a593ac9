"""Members of an answer, each of the type that is wanted: another type counts as missing.

So a member that is missing or wrong costs one cell, not the list that the thing stands in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

Raw = Mapping[str, object]
_LARGEST = 2**63
"""Larger numbers are none of AWS's; Python refuses to print those of 4300 digits."""


def text(raw: Raw, name: str, default: str = "") -> str:
    """A string. Halves of surrogate pairs, which JSON may hold, cannot be written: they become �."""
    value = raw.get(name)
    if not isinstance(value, str):
        return default
    if value.isascii():
        return value
    return value.encode("utf-8", "replace").decode() if _halves(value) else value


def _halves(value: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in value)


def number(raw: Raw, name: str, default: int = 0) -> int:
    """A whole number."""
    return whole(raw, name) or default


def whole(raw: Raw, name: str) -> int | None:
    """A whole number, or None where there is none."""
    value = raw.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST:
        return value
    return None


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
    """A structure; empty where there is none."""
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
    return tuple(text({name: item}, name) for item in value if isinstance(item, str))
