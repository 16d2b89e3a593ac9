"""botocore's JSON parser, but a member of the wrong type counts as missing.

In botocore, one invalid date raises ValueError for a whole page of services.
Imported only when a session is created, because aiobotocore is slow to import.
"""

from __future__ import annotations

import json
from typing import Any

from aiobotocore import parsers
from botocore.parsers import ResponseParserError

# Its methods are not in the type stubs.
_JSONParser: Any = parsers.AioJSONParser
_Factory: Any = parsers.AioResponseParserFactory
_UNUSABLE = (ValueError, TypeError, OverflowError, RuntimeError, ArithmeticError, OSError)


class TolerantParser(_JSONParser):  # type: ignore[misc]
    """Each member has the type of the service's model, or is None."""

    def _handle_json_body(self, raw_body: bytes, shape: Any) -> Any:
        # botocore treats invalid JSON as an answer without members.
        try:
            return self._parse_shape(shape, json.loads(raw_body.decode()) if raw_body else {})
        except ValueError as error:
            raise ResponseParserError(str(error)) from None

    def _handle_structure(self, shape: Any, value: Any) -> Any:
        if not isinstance(value, dict) and not shape.is_document_type:
            return None
        try:
            return super()._handle_structure(shape, value)
        except ResponseParserError:
            return None

    def _handle_list(self, shape: Any, node: Any) -> Any:
        return super()._handle_list(shape, node) if isinstance(node, list) else None

    def _handle_map(self, shape: Any, value: Any) -> Any:
        return super()._handle_map(shape, value) if isinstance(value, dict) else None

    def _handle_blob(self, shape: Any, value: Any) -> Any:
        try:
            return super()._handle_blob(shape, value)
        except _UNUSABLE:
            return None

    def _handle_timestamp(self, shape: Any, value: Any) -> Any:
        try:
            return super()._handle_timestamp(shape, value)
        except _UNUSABLE:
            return None


class TolerantFactory(_Factory):  # type: ignore[misc]
    """Makes the tolerant parser for JSON, and aiobotocore's own for the other protocols."""

    def create_parser(self, protocol_name: str) -> Any:
        """A parser for answers in `protocol_name`."""
        if parsers.PROTOCOL_PARSERS.get(protocol_name) is _JSONParser:
            return TolerantParser(**self._defaults)
        return super().create_parser(protocol_name)
