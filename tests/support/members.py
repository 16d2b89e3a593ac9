"""Members of AWS's answers, compared with botocore's service model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, Shape, StructureShape


def unknown_members(shape: Shape, value: Any, path: str = "") -> Iterator[str]:
    """Members of an answer that the service model does not name."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for key, item in value.items():
            if key not in shape.members:
                yield f"{path}.{key}"
            else:
                yield from unknown_members(shape.members[key], item, f"{path}.{key}")
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for item in value:
            yield from unknown_members(shape.member, item, f"{path}[]")
