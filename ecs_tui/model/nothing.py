"""The empty mapping that all objects without tags share: a list may have ten thousand of them."""

from __future__ import annotations

from collections.abc import Mapping

NOTHING: Mapping[str, str] = {}
"""Not a `MappingProxyType`: msgspec writes and reads objects with it in snapshots."""


def nothing() -> Mapping[str, str]:
    """`NOTHING`, as the default of a field."""
    return NOTHING
