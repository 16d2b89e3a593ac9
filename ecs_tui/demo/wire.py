"""Requests and answers of AWS's protocols JSON, query and CBOR, by botocore's service models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import botocore.session

from ecs_tui.demo import cbor
from ecs_tui.demo.rpc import HEADERS, RPC_PATH, error_body
from ecs_tui.record import dataclass

Protocol = Literal["json", "query", "cbor"]
REQUEST_ID = "7a62c49f-347e-4fc4-9331-6e8e2a3f9c11"
_TYPES = {"json": "application/x-amz-json-1.1", "query": "text/xml"}


@dataclass(frozen=True, slots=True)
class WireCall:
    """One call: its operation, its members in Python's types, and how it is answered."""

    service: str
    operation: str
    params: dict[str, Any]
    protocol: Protocol


class WireError(Exception):
    """An error that AWS answers; `code` is its name."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


def operation_of(environ: Mapping[str, Any], body: bytes) -> tuple[str, Protocol]:
    """(operation, protocol) of a request; "" if it is none."""
    rpc = RPC_PATH.match(environ.get("PATH_INFO", ""))
    if rpc is not None:
        return rpc[1], "cbor"
    if target := environ.get("HTTP_X_AMZ_TARGET", ""):
        return target.rpartition(".")[2], "json"
    return dict(parse_qsl(body.decode("utf-8", "replace"))).get("Action", ""), "query"


def read_call(service: str, operation: str, protocol: Protocol, body: bytes) -> WireCall:
    """A call with its members as botocore's model has them.

    Raises:
        WireError: The body is not of the protocol.
    """
    shape = _model(service).operation_model(operation).input_shape
    try:
        if protocol == "query":
            raw: Any = _nested(dict(parse_qsl(body.decode(), keep_blank_values=True)))
        else:
            raw = cbor.decode(body) if protocol == "cbor" else json.loads(body or b"{}")
        params = _typed(shape, raw) if shape is not None else {}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise WireError("SerializationException", str(error)) from error
    return WireCall(service, operation, params, protocol)


def written(call: WireCall, answer: dict[str, Any]) -> tuple[bytes, list[tuple[str, str]]]:
    """(body, headers) of an answer."""
    if call.protocol == "cbor":
        body = cbor.encode(answer)
    elif call.protocol == "json":
        body = json.dumps(answer, default=_seconds).encode()
    else:
        body = _xml(call, answer).encode()
    return body, _headers(call.protocol, len(body))


def refused(protocol: Protocol, error: WireError) -> tuple[str, bytes, list[tuple[str, str]]]:
    """(status line, body, headers) of an error."""
    if protocol == "cbor":
        body = error_body(error.code, str(error))
    elif protocol == "json":
        body = json.dumps({"__type": error.code, "message": str(error)}).encode()
    else:
        text = f"<Code>{escape(error.code)}</Code><Message>{escape(str(error))}</Message>"
        body = f"<ErrorResponse><Error><Type>Sender</Type>{text}</Error></ErrorResponse>".encode()
    status = f"{error.status} {HTTPStatus(error.status).phrase}"
    return status, body, [*_headers(protocol, len(body)), ("x-amzn-errortype", error.code)]


def _headers(protocol: Protocol, size: int) -> list[tuple[str, str]]:
    kind = HEADERS if protocol == "cbor" else (("Content-Type", _TYPES[protocol]),)
    return [*kind, ("Content-Length", str(size)), ("x-amzn-RequestId", REQUEST_ID)]


@cache
def _model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def _nested(flat: dict[str, str]) -> dict[str, Any]:
    """Members such as `A.member.1.B` as nested dictionaries, whose lists have numbers as keys."""
    found: dict[str, Any] = {}
    for name, value in flat.items():
        place = found
        *path, last = [part for part in name.split(".") if part != "member"]
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return found


def _typed(shape: Any, raw: Any) -> Any:
    """A value with the types that a shape has: lists, numbers, datetimes."""
    kind = shape.type_name
    if kind == "structure":
        known = shape.members
        return {name: _typed(known[name], raw[name]) for name in known if raw.get(name) is not None}
    if kind == "list":
        items = raw.values() if isinstance(raw, dict) else raw
        return [_typed(shape.member, item) for item in items if item != ""]
    if kind in ("integer", "long"):
        return int(raw)
    if kind in ("float", "double"):
        return float(raw)
    if kind == "boolean":
        return raw if isinstance(raw, bool) else str(raw).lower() == "true"
    if kind == "timestamp":
        return _moment(raw)
    return raw


def _moment(raw: Any) -> datetime:
    if isinstance(raw, datetime):
        return raw
    if isinstance(raw, str) and not raw.replace(".", "", 1).isdigit():
        return datetime.fromisoformat(raw.replace("Z", "+00:00"))
    return datetime.fromtimestamp(float(raw), UTC)


def _seconds(value: Any) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"not a value of AWS's: {value!r}")


def _xml(call: WireCall, answer: dict[str, Any]) -> str:
    model = _model(call.service)
    shape = model.operation_model(call.operation).output_shape
    name = call.operation
    return (
        f'<{name}Response xmlns="{model.metadata.get("xmlNamespace", "")}">'
        f"<{name}Result>{_element(shape, answer)}</{name}Result>"
        f"<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata>"
        f"</{name}Response>"
    )


def _element(shape: Any, value: Any) -> str:
    kind = shape.type_name
    if kind == "structure":
        return "".join(
            f"<{name}>{_element(member, value[name])}</{name}>"
            for name, member in shape.members.items()
            if value.get(name) is not None
        )
    if kind == "list":
        return "".join(f"<member>{_element(shape.member, item)}</member>" for item in value)
    if kind == "timestamp":
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
    if kind == "boolean":
        return "true" if value else "false"
    return escape(str(value))
