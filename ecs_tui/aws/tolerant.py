"""botocore's JSON parser, but a member of the wrong type counts as missing.

In botocore, one invalid date raises ValueError for a whole page of services.
Imported only when a session is created, because aiobotocore is slow to import.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Protocol

from aiobotocore import parsers
from botocore.parsers import ResponseParserError

from ecs_tui.aws.unstubbed import Unstubbed

_JSONParser: Unstubbed = parsers.AioJSONParser
_Factory: Unstubbed = parsers.AioResponseParserFactory
_UNUSABLE = (ValueError, TypeError, OverflowError, RuntimeError, ArithmeticError, OSError)


class _Shape(Protocol):
    """A shape of a service's model, as far as it is read here."""

    type_name: str
    is_document_type: bool
    is_tagged_union: bool
    serialization: Mapping[str, str]
    members: Mapping[str, _Shape]
    """Of a structure."""
    member: _Shape
    """Of a list."""


_PLAIN = {"string", "character", "integer", "long", "float", "double", "boolean"}
"""Types whose values botocore returns as they are in JSON."""


def _plain_members(shape: _Shape) -> list[tuple[str, str]] | None:
    """The names of a structure's members, and those in JSON; None if one must be parsed."""
    if shape.type_name != "structure" or shape.is_document_type or shape.is_tagged_union:
        return None
    if any(each.type_name not in _PLAIN for each in shape.members.values()):
        return None
    return [(name, each.serialization.get("name", name)) for name, each in shape.members.items()]


_zones: dict[tzinfo, tzinfo] = {}
"""The time zones of times, each once: botocore makes one for each time, of half a kilobyte."""


def _local_time(seconds: float) -> datetime | None:
    """A time given as seconds since the epoch, in the local time zone; None if Python has no such."""
    try:
        moment = datetime.fromtimestamp(seconds, UTC).astimezone()
    except (OverflowError, ValueError, OSError):
        return None
    zone = moment.tzinfo
    return moment if zone is None else moment.replace(tzinfo=_zones.setdefault(zone, zone))


class TolerantParser(_JSONParser):  # type: ignore[misc]
    """Each member has the type of the service's model, or is None."""

    def _handle_json_body(self, raw_body: bytes, shape: _Shape) -> object:
        # botocore treats invalid JSON as an answer without members.
        try:
            return self._parse_shape(shape, json.loads(raw_body.decode()) if raw_body else {})
        except ValueError as error:
            raise ResponseParserError(str(error)) from None

    def _handle_structure(self, shape: _Shape, value: object) -> object:
        if not isinstance(value, dict) and not shape.is_document_type:
            return None
        try:
            return super()._handle_structure(shape, value)
        except ResponseParserError:
            return None

    def _handle_list(self, shape: _Shape, node: object) -> object:
        if not isinstance(node, list):
            return None
        names = _plain_members(shape.member)
        if names is None:
            return super()._handle_list(shape, node)
        # A page of log events, for example: member by member takes six times as long.
        return [
            {name: found for name, key in names if (found := value.get(key)) is not None}
            if isinstance(value, dict)
            else None
            for value in node
        ]

    def _handle_map(self, shape: _Shape, value: object) -> object:
        return super()._handle_map(shape, value) if isinstance(value, dict) else None

    def _handle_blob(self, shape: _Shape, value: object) -> object:
        try:
            return super()._handle_blob(shape, value)
        except _UNUSABLE:
            return None

    def _handle_timestamp(self, shape: _Shape, value: object) -> object:
        if isinstance(value, (int, float)) and (moment := _local_time(value)) is not None:
            return moment
        try:
            return super()._handle_timestamp(shape, value)
        except _UNUSABLE:
            return None


class TolerantFactory(_Factory):  # type: ignore[misc]
    """Makes the tolerant parser for JSON, and aiobotocore's own for the other protocols."""

    def create_parser(self, protocol_name: str) -> object:
        """A parser for answers in `protocol_name`."""
        if parsers.PROTOCOL_PARSERS.get(protocol_name) is _JSONParser:
            return TolerantParser(**self._defaults)
        return super().create_parser(protocol_name)
