"""Writes an answer that has AWS's own names as JSON, without moto's search for each member.

moto looks every member up under several names, because its answers may be objects of its own. That
is four fifths of what a call costs. Most of the demo's answers are dictionaries of exactly what AWS
answers. Any other answer is left to moto.
"""

from __future__ import annotations

import calendar
import json
from datetime import UTC, datetime
from typing import Any

from moto.core.model import Shape
from moto.core.responses import TYPE_RESPONSE, ActionContext, ActionResult
from moto.core.serialize import JSONSerializer

_TYPES: dict[str, type] = {"string": str, "boolean": bool, "integer": int, "long": int}
"""The types of the shapes whose values are written as they are."""


class NotPlain(Exception):
    """It is not a dictionary of what AWS answers: moto has to write it."""


class PlainResult(ActionResult):
    """A result that is written here if it can be, and otherwise by moto."""

    def execute_result(self, context: ActionContext) -> TYPE_RESPONSE:
        """(HTTP's status, headers, body) of the answer."""
        shape = context.operation_model.output_shape
        kept = context.response.RESPONSE_KEY_PATH_TO_TRANSFORMER
        if (
            shape is None
            or context.serializer_class is not JSONSerializer
            or any(path.startswith(f"{shape.name}.") for path in kept)
        ):
            return super().execute_result(context)
        try:
            body = json.dumps(plain(self.result, shape))
        except NotPlain:
            return super().execute_result(context)
        version = context.service_model.metadata.get("jsonVersion", "1.0")
        return 200, {"Content-Type": f"application/x-amz-json-{version}"}, body


def plain(value: Any, shape: Shape) -> Any:
    """`value` as JSON has it: without members that are None, times as seconds since 1970.

    Args:
        value: What the shape describes.
        shape: Of botocore's service model.

    Raises:
        NotPlain: Something in it has another type or another name than AWS's.
    """
    kind, found = shape.type_name, type(value)
    if shape.serialization:
        raise NotPlain
    if kind == "structure" and found is dict and not shape.is_document_type:
        members = shape.members
        if not members.keys() >= value.keys():
            raise NotPlain
        return {
            name: plain(each, members[name]) for name, each in value.items() if each is not None
        }
    if kind == "list" and found is list:
        return [plain(each, shape.member) for each in value]
    if kind == "map" and found is dict:
        return {name: plain(each, shape.value) for name, each in value.items()}
    if found is _TYPES.get(kind):
        return value
    if kind == "timestamp" and found is datetime and value.tzinfo is UTC:
        return _seconds(value)
    if kind in ("double", "float") and found in (int, float):
        return float(value)
    raise NotPlain


def _seconds(at: datetime) -> float:
    """Whole ones are an integer, and others have milliseconds, as in moto's answers."""
    whole = calendar.timegm(at.timetuple())
    return whole + at.microsecond // 1000 / 1000.0 if at.microsecond else whole
