"""Requests of the protocol smithy-rpc-v2-cbor: how they are known, and how one is refused."""

from __future__ import annotations

import re

from ecs_tui.demo import cbor

RPC_PATH = re.compile(r"^/service/[^/]+/operation/(\w+)$")
"""The path of a request; the group is its operation."""
HEADERS = (("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor"))


def error_body(code: str, message: str) -> bytes:
    """The body of an error."""
    return cbor.encode({"__type": code, "message": message})
