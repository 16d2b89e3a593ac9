"""The services beside ECS that the demo answers itself: Elastic Load Balancing, CloudWatch, Health.

moto knows them, but not what the services of the demo do, nor CloudWatch's newest protocol. It still
gets the operations that are not here. What answers is imported at the first call.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from ecs_tui.demo.ecs import DemoEcsBackend, demo_ecs_backends
from ecs_tui.demo.faults import Application
from ecs_tui.system import wall_clock

_SCOPE = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([\w-]+)/aws4_request")
SERVICES = {"elasticloadbalancing": "elbv2", "monitoring": "cloudwatch", "health": "health"}
"""The names of botocore's service models, by those in signatures."""
Operation = Callable[[DemoEcsBackend, dict[str, Any], float], dict[str, Any]]
"""Answers a call: ECS's backend in the region, the members of the call, seconds since 1970."""


class Neighbours:
    """The WSGI layer; `app` answers the rest."""

    def __init__(self, app: Application, account: str) -> None:
        self._app, self._account = app, account

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        if scope is None or scope[2] not in SERVICES:
            return self._app(environ, start)
        from ecs_tui.demo import wire

        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        service = SERVICES[scope[2]]
        name, protocol = wire.operation_of(environ, body)
        operation = _operations(service).get(name)
        if operation is None:
            return self._app(environ, start)
        backend = demo_ecs_backends[self._account][scope[1]]
        try:
            call = wire.read_call(service, name, protocol, body)
            with backend.lock:
                now = wall_clock.now()
                backend.converge(now)
                answer = operation(backend, call.params, now)
            data, headers = wire.written(call, answer)
        except wire.WireError as error:
            status, data, headers = wire.refused(protocol, error)
            start(status, headers)
            return [data]
        start("200 OK", headers)
        return [data]


@cache
def _operations(service: str) -> Mapping[str, Operation]:
    """What answers the operations of a service."""
    if service == "elbv2":
        from ecs_tui.demo import balancing_views

        return balancing_views.OPERATIONS
    if service == "cloudwatch":
        from ecs_tui.demo import cloudwatch

        return cloudwatch.OPERATIONS
    from ecs_tui.demo import health

    return health.OPERATIONS
