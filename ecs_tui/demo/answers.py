"""Answers of AWS's JSON protocol for the actions that the demo answers without moto."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

JSON_TYPE = "application/x-amz-json-1.1"


class AwsRefusal(Exception):
    """The call fails with an error of AWS.

    Attributes:
        code: AWS's name of it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def send(start: Any, answer: Mapping[str, Any]) -> Iterable[bytes]:
    """Send an answer as WSGI."""
    body = json.dumps(answer).encode()
    start("200 OK", [("Content-Type", JSON_TYPE), ("Content-Length", str(len(body)))])
    return [body]
