"""How unkind this AWS is: latency, throttling, errors and refusals before moto, and true counts.

A WSGI layer in front of moto, so that every service is treated alike. Throttling is by token
buckets for each action group (API reference of ECS, "Request throttling").
"""

from __future__ import annotations

import io
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

COUNTS = "/_ecs-tui/counts"
MOOD = "/_ecs-tui/unkind"
LINE = "/_ecs-tui/line"
_SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([\w-]+)/aws4_request")
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


@dataclass(frozen=True)
class Unkindness:
    """What is done to calls.

    Attributes:
        latency: Seconds that every answer takes longer.
        deny: Operations (`ecs:ListServices`) refused for lack of permission.
        burst, rate: Token buckets for each action group; a rate of 0 throttles nothing.
        errors: Share (0..1) of calls that end with a server error.
        expired: Whether everybody's token has expired.
    """

    latency: float = 0.0
    deny: frozenset[str] = frozenset()
    burst: float = 0.0
    rate: float = 0.0
    errors: float = 0.0
    expired: bool = False


@dataclass
class Counts:
    """What has been called, as the server saw it."""

    calls: Counter[str] = field(default_factory=Counter)
    throttled: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    at_once: dict[str, int] = field(default_factory=dict)


class Unkind:
    """The layer.

    `GET /_ecs-tui/counts` tells the counts; `DELETE` sets them to nothing. `PUT /_ecs-tui/unkind`
    with some fields of `Unkindness` as JSON changes the mood while it serves; `PUT /_ecs-tui/line`
    hands its fields to `line`, which makes the sessions' line better or worse.
    """

    def __init__(
        self, app: Application, options: Unkindness, line: Callable[[dict[str, Any]], None]
    ) -> None:
        self._app, self._options, self._line = app, options, line
        self._counts = Counts()
        self._now: Counter[str] = Counter()
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()
        self._dice = random.Random(4)

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """One request."""
        if environ.get("PATH_INFO") == COUNTS:
            return self._tell(environ, start)
        if environ["REQUEST_METHOD"] == "PUT":
            if environ.get("PATH_INFO") == MOOD:
                return self._change(environ, start, self._set_mood)
            if environ.get("PATH_INFO") == LINE:
                return self._change(environ, start, self._line)
        operation, json_protocol = _operation(environ)
        if not operation:
            return self._app(environ, start)
        with self._lock:
            self._counts.calls[operation] += 1
            self._now[operation] += 1
            most = self._counts.at_once
            most[operation] = max(most.get(operation, 0), self._now[operation])
            refusal = self._refusal(operation)
        try:
            if self._options.latency:
                time.sleep(self._options.latency)
            if refusal is not None:
                return aws_error(start, json_protocol, *refusal)
            return self._app(environ, start)
        finally:
            with self._lock:
                self._now[operation] -= 1

    def _refusal(self, operation: str) -> tuple[int, str, str] | None:
        if not self._token(operation):
            self._counts.throttled[operation] += 1
            return 400, "ThrottlingException", "Rate exceeded"
        if self._options.expired:
            text = "The security token included in the request is expired"
            return 400, "ExpiredTokenException", text
        if operation in self._options.deny:
            return (
                400,
                "AccessDeniedException",
                f"User: arn:aws:iam::123456789012:user/alice is not authorized to perform: "
                f"{operation} because no identity-based policy allows the action",
            )
        if self._dice.random() < self._options.errors:
            self._counts.failed[operation] += 1
            return 500, "ServerException", "Service Unavailable. Please try again later."
        return None

    def _token(self, operation: str) -> bool:
        if not self._options.rate:
            return True
        service, _, action = operation.partition(":")
        read = action.startswith(("Describe", "List", "Get"))
        group = f"{service}:{'read' if read else 'write'}"
        now = time.monotonic()
        tokens, at = self._buckets.get(group, (self._options.burst, now))
        tokens = min(self._options.burst, tokens + (now - at) * self._options.rate)
        self._buckets[group] = (tokens - 1 if tokens >= 1 else tokens, now)
        return tokens >= 1

    def _set_mood(self, fields: dict[str, Any]) -> None:
        if "deny" in fields:
            fields["deny"] = frozenset(fields["deny"])
        options = replace(self._options, **fields)
        with self._lock:
            self._options = options
            self._buckets.clear()

    @staticmethod
    def _change(
        environ: dict[str, Any], start: Any, apply: Callable[[dict[str, Any]], None]
    ) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            apply(json.loads(body))
        except (ValueError, TypeError) as error:
            start("400 Bad Request", [("Content-Type", "text/plain")])
            return [str(error).encode()]
        start("204 No Content", [("Content-Length", "0")])
        return []

    def _tell(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        with self._lock:
            if environ["REQUEST_METHOD"] == "DELETE":
                self._counts = Counts()
            counts = self._counts
            body = json.dumps(
                {
                    "calls": counts.calls,
                    "throttled": counts.throttled,
                    "failed": counts.failed,
                    "at_once": counts.at_once,
                }
            ).encode()
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]


def _operation(environ: dict[str, Any]) -> tuple[str, bool]:
    """(`service:Action`, whether it speaks JSON); "" for what is no AWS call."""
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    if scope is None:
        return "", False
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return f"{scope.group(1)}:{target.rpartition('.')[2]}", True
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(body)
    action = parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
    return (f"{scope.group(1)}:{action}" if action else ""), False


def aws_error(
    start: Any, json_protocol: bool, status: int, code: str, message: str
) -> Iterable[bytes]:
    """An error in the shape of AWS's JSON protocols, or of its query protocols."""
    if json_protocol:
        body = json.dumps({"__type": code, "message": message}).encode()
        kind = "application/x-amz-json-1.1"
    else:
        code = code.removesuffix("Exception") if code.startswith("AccessDenied") else code
        error = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        body = (
            f"<ErrorResponse><Errors><Error>{error}</Error></Errors>"
            f"<Error><Type>Sender</Type>{error}</Error></ErrorResponse>"
        ).encode()
        kind = "text/xml"
    start(
        f"{status} {HTTPStatus(status).phrase}",
        [("Content-Type", kind), ("Content-Length", str(len(body))), ("x-amzn-errortype", code)],
    )
    return [body]
