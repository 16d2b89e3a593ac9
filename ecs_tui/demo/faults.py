"""Adds faults to calls to the demo account (latency, throttling, errors, denials); counts calls.

It is a WSGI layer in front of moto, so it applies to all services. Throttling uses a token bucket
for each action group (API reference of ECS, "Request throttling").
"""

from __future__ import annotations

import io
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from ecs_tui.demo.rpc import HEADERS, RPC_PATH, error_body

COUNTS_PATH = "/_ecs-tui/counts"
FAULTS_PATH = "/_ecs-tui/faults"
LINK_PATH = "/_ecs-tui/link"
LOGS_PATH = "/_ecs-tui/logs"
CLOCK_PATH = "/_ecs-tui/clock"
_SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([\w-]+)/aws4_request")
_IAM_NAMES = {"monitoring": "cloudwatch"}
"""Services whose name in signatures is not that in policies."""
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


@dataclass(frozen=True)
class FaultSettings:
    """The faults to add to calls.

    Attributes:
        latency: Seconds added to every call.
        deny: Operations (`ecs:ListServices`) that fail with AccessDenied.
        burst, rate: Tokens, and tokens per second, of the bucket for reading services, and for
            reading tasks; some groups have half of the tokens. Rate 0: no throttling.
        errors: Share (0 to 1) of calls that fail with a server error.
        expired: Whether all calls fail because the token has expired.
    """

    latency: float = 0.0
    deny: frozenset[str] = frozenset()
    burst: float = 0.0
    rate: float = 0.0
    errors: float = 0.0
    expired: bool = False


@dataclass
class Counts:
    """The calls that the server has received, by operation; `at_once` is the most in parallel."""

    calls: Counter[str] = field(default_factory=Counter)
    throttled: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    at_once: dict[str, int] = field(default_factory=dict)


class FaultLayer:
    """The WSGI layer.

    `GET /_ecs-tui/counts` returns the counts; `DELETE` resets them.
    `PUT /_ecs-tui/faults` with fields of `FaultSettings` as JSON changes these fields;
    `PUT /_ecs-tui/link` passes its fields to `link`, which sets the faults of the sessions' link,
    `PUT /_ecs-tui/logs` to `logs`, which sets the rate and the faults of live tails, and
    `PUT /_ecs-tui/clock` to `clock`, which moves the account's clock forward.
    """

    def __init__(
        self,
        app: Application,
        options: FaultSettings,
        link: Callable[[dict[str, Any]], None],
        logs: Callable[[dict[str, Any]], None],
        clock: Callable[[dict[str, Any]], None],
    ) -> None:
        self._app, self._options = app, options
        self._controls = {
            FAULTS_PATH: self._set_faults,
            LINK_PATH: link,
            LOGS_PATH: logs,
            CLOCK_PATH: clock,
        }
        self._counts = Counts()
        self._now: Counter[str] = Counter()
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()
        self._rng = random.Random(4)

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == COUNTS_PATH:
            return self._send_counts(environ, start)
        if environ["REQUEST_METHOD"] == "PUT":
            control = self._controls.get(environ.get("PATH_INFO", ""))
            if control is not None:
                return self._change(environ, start, control)
        operation = operation_of(environ)
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
                return error_for(environ, start, *refusal)
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
        if self._rng.random() < self._options.errors:
            self._counts.failed[operation] += 1
            return 500, "ServerException", "Service Unavailable. Please try again later."
        return None

    def _token(self, operation: str) -> bool:
        if not self._options.rate:
            return True
        group, share = _group(operation)
        quota = _QUOTAS.get(operation, float("inf"))
        burst = min(quota, max(1.0, self._options.burst * share))
        now = time.monotonic()
        tokens, at = self._buckets.get(group, (burst, now))
        tokens = min(burst, tokens + (now - at) * min(quota, self._options.rate))
        self._buckets[group] = (tokens - 1 if tokens >= 1 else tokens, now)
        return tokens >= 1

    def _set_faults(self, fields: dict[str, Any]) -> None:
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

    def _send_counts(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
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


_READS = {
    "services": ({"DescribeServices", "ListServices"}, 1.0),
    "tasks": (
        {"DescribeContainerInstances", "DescribeTasks", "ListContainerInstances", "ListTasks"},
        1.0,
    ),
    "clusters": ({"DescribeClusters", "ListClusters"}, 0.5),
    "definitions": ({"DescribeTaskDefinition"}, 0.5),
    "capacity providers": ({"DescribeCapacityProviders"}, 0.5),
}
"""ECS's groups of reads that share a bucket, and the size of the bucket against the largest ones."""
_QUOTAS = {
    "logs:DescribeLogGroups": 10.0, "logs:DescribeLogStreams": 25.0, "logs:FilterLogEvents": 25.0,
    "logs:GetLogEvents": 25.0, "logs:GetQueryResults": 10.0, "logs:StartLiveTail": 5.0,
    "logs:StartQuery": 10.0,
}  # fmt: skip
"""Calls a second of CloudWatch Logs' actions in us-east-1; each has its own bucket
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html)."""


def _group(operation: str) -> tuple[str, float]:
    """(name, size) of the bucket of an operation; besides ECS's reads, a service's reads or writes."""
    if operation in _QUOTAS:
        return operation, 1.0
    service, _, action = operation.partition(":")
    for name, (actions, share) in _READS.items():
        if service == "ecs" and action in actions:
            return name, share
    read = action.startswith(("Describe", "List", "Get"))
    return f"{service}:{'read' if read else 'write'}", 1.0


def operation_of(environ: dict[str, Any]) -> str:
    """`service:Action` with the service as in IAM's policies; "" if it is not an AWS call."""
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    if scope is None:
        return ""
    service = _IAM_NAMES.get(scope.group(1), scope.group(1))
    if (rpc := RPC_PATH.match(environ.get("PATH_INFO", ""))) is not None:
        return f"{service}:{rpc.group(1)}"
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return f"{service}:{target.rpartition('.')[2]}"
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(body)
    action = parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
    return f"{service}:{action}" if action else ""


def error_for(
    environ: Mapping[str, Any], start: Any, status: int, code: str, message: str
) -> Iterable[bytes]:
    """An error response in the protocol of a request."""
    if RPC_PATH.match(environ.get("PATH_INFO", "")):
        body = error_body(code, message)
        size = ("Content-Length", str(len(body)))
        start(f"{status} {HTTPStatus(status).phrase}", [*HEADERS, size, ("x-amzn-errortype", code)])
        return [body]
    json_protocol = "HTTP_X_AMZ_TARGET" in environ or environ["PATH_INFO"] != "/"
    return aws_error(start, json_protocol, status, code, message)


def aws_error(
    start: Any, json_protocol: bool, status: int, code: str, message: str
) -> Iterable[bytes]:
    """An error response of AWS's JSON protocols, or of its query protocols."""
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
