"""Serves the demo account: fills moto, starts the gateway, listens on loopback."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

# Fail now if the extra `demo` is not installed, not when the server is running.
import flask  # noqa: F401
import moto  # noqa: F401

from ecs_tui.demo.audit import DEFAULT_DELAY, DEFAULT_EVENTS, AuditSettings, DemoAudit
from ecs_tui.demo.faults import FaultLayer, FaultSettings
from ecs_tui.system import wall_clock

REGION = "us-east-1"
ACCOUNT = "123456789012"
MAX_ADVANCE = 24 * 3600.0
"""Seconds by which the clock can be moved at once."""
END_SECONDS = 4.0
"""Seconds for stopping; the process then ends anyway."""


@dataclass(frozen=True)
class DemoOptions:
    """Options of the demo server.

    Attributes:
        port: Port of the endpoint; 0 for a free one.
        services: With `tasks`, the size of the additional cluster `scale`.
        faults: Latency, errors and throttling of calls.
        idle_limit: Seconds without traffic after which a session ends.
        log_rate: Lines a second that the service `web` writes; 0 for its usual ones.
        cases: Whether the account has the clusters of `cases`.
        incident: The scripted incident that is played; "" for none.
        history: About how many events CloudTrail has of the 90 days before.
        trail_delay: Seconds from a call to its event in CloudTrail.
    """

    port: int = 0
    services: int = 0
    tasks: int = 0
    faults: FaultSettings = field(default_factory=FaultSettings)
    idle_limit: float = 20 * 60.0
    log_rate: float = 0.0
    cases: bool = False
    incident: str = ""
    history: int = DEFAULT_EVENTS
    trail_delay: float = DEFAULT_DELAY


@dataclass(frozen=True)
class Served:
    """What a client needs to use the demo account."""

    endpoint: str
    region: str
    access_key: str
    secret_key: str
    secret: str
    """Value of the header `X-Ecs-Tui-Secret`, for control paths and unsigned requests."""

    def environment(self) -> dict[str, str]:
        """Environment variables with which `aws`, boto3 and other clients use the account."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_EC2_METADATA_DISABLED": "true",
            # StartLiveTail's prefix would make another host of 127.0.0.1.
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        }

    def line(self) -> str:
        """The JSON line that `--serve` prints."""
        return json.dumps(
            {
                "endpoint": self.endpoint,
                "region": self.region,
                "environment": self.environment(),
                "secret": self.secret,
            }
        )


class DemoServer:
    """The server of the demo account. One per process: moto's backends are global."""

    def __init__(self, options: DemoOptions) -> None:
        self._options = options
        self._server: Any = None
        self.gateway: Any = None

    def start(self) -> Served:
        """Create the resources and listen; returns what a client needs."""
        for name in ("werkzeug", "botocore", "moto"):
            logging.getLogger(name).setLevel(logging.ERROR)
        # Nothing here shows machine images; moto would make hundreds, each with a snapshot.
        os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
        import moto.applicationautoscaling.urls
        import moto.autoscaling.urls
        import moto.ecs.urls
        import moto.iam.urls
        import moto.logs.urls
        import moto.ssm.urls
        from moto.kms.models import kms_backends
        from moto.moto_server.werkzeug_app import MotoRequestHandler, create_backend_app
        from werkzeug.serving import make_server

        from ecs_tui.demo import seed
        from ecs_tui.demo.account import OTHER_REGIONS
        from ecs_tui.demo.audit_answers import AuditLayer
        from ecs_tui.demo.auto_scaling_groups import DemoAutoScalingResponse
        from ecs_tui.demo.backends import Backends
        from ecs_tui.demo.cloudtrail_calls import CallRecorder
        from ecs_tui.demo.ecs import DemoEcsBackend
        from ecs_tui.demo.gateway import Gateway
        from ecs_tui.demo.guard import Guard
        from ecs_tui.demo.iam import DemoIamResponse
        from ecs_tui.demo.keys import issued_keys
        from ecs_tui.demo.logs import DemoLogs
        from ecs_tui.demo.neighbours import Neighbours
        from ecs_tui.demo.responses import DemoEcsResponse, DemoSsmResponse
        from ecs_tui.demo.scaling import DemoScalingResponse
        from ecs_tui.demo.sso import SsoPortal, with_token

        moto.autoscaling.urls.url_paths["{0}/$"] = DemoAutoScalingResponse.dispatch
        moto.ecs.urls.url_paths["{0}/$"] = DemoEcsResponse.dispatch
        moto.iam.urls.url_paths["{0}/$"] = DemoIamResponse.dispatch
        moto.ssm.urls.url_paths["{0}/$"] = DemoSsmResponse.dispatch
        urls = moto.applicationautoscaling.urls
        urls.url_paths["{0}/$"] = DemoScalingResponse.dispatch
        logs = DemoLogs(ACCOUNT)
        moto.logs.urls.url_paths["{0}/$"] = logs.response.dispatch
        kms = kms_backends[ACCOUNT][REGION]
        self.gateway = Gateway(
            lambda blob, context: kms.decrypt(blob, context)[0], self._options.idle_limit
        )
        self.gateway.start()
        DemoEcsBackend.gateway = self.gateway
        access_key, secret_key = seed.fill(
            ACCOUNT,
            REGION,
            services=self._options.services,
            tasks=self._options.tasks,
            cases=self._options.cases,
            incident=self._options.incident,
            writers=logs.writers,
        )
        if self._options.log_rate:
            logs.change({"rate": self._options.log_rate})
        audit = DemoAudit(
            ACCOUNT,
            AuditSettings(self._options.history, self._options.trail_delay),
            self.gateway.book,
        )
        audit.began((REGION, *OTHER_REGIONS))
        logs.stores.recorded = audit.recorded
        # As moto's ThreadedMotoServer does it, with our layers in front.
        backends = Backends(create_backend_app)
        secret, session_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        portal = SsoPortal(backends, access_key, secret_key, secret, session_token)
        app = FaultLayer(
            logs.tails(AuditLayer(Neighbours(portal, ACCOUNT), audit)),
            self._options.faults,
            self.gateway.change_link,
            logs.change,
            advance,
        )
        audit.recorder = CallRecorder(app)
        guard = Guard(audit.recorder, issued_keys(ACCOUNT, session_token), secret)
        self._server = make_server(
            "127.0.0.1",
            self._options.port,
            guard,
            True,
            request_handler=with_token(MotoRequestHandler),
        )
        host, port = self._server.server_address[:2]
        guard.host = f"{host}:{port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return Served(f"http://{host}:{port}", REGION, access_key, secret_key, secret)

    def stop(self) -> None:
        """End all shells and stop listening."""
        self.gateway.stop()
        self._server.shutdown()
        self._thread.join(5)


def advance(fields: dict[str, Any]) -> None:
    """Move the account's clock forward by `seconds`, and let happen what is due meanwhile.

    Raises:
        TypeError, ValueError: There is no such field, or its value is not possible.
    """
    from ecs_tui.demo.ecs import demo_ecs_backends

    if set(fields) != {"seconds"}:
        raise TypeError("the one field is: seconds")
    left = float(fields["seconds"])
    if not 0 <= left <= MAX_ADVANCE:
        raise ValueError(f"seconds must be from 0 to {MAX_ADVANCE:.0f}")
    while left > 0:
        step = min(1.0, left)
        wall_clock.advance(step)
        left -= step
        for backend in list(demo_ecs_backends[ACCOUNT].values()):
            with backend.lock:
                backend.converge(wall_clock.now())


def serve(options: DemoOptions, *, with_parent: bool = False) -> None:
    """Print one JSON line and serve until a signal or, `with_parent`, until stdin closes."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    if with_parent:
        threading.Thread(target=_end_with_stdin, args=(stop,), daemon=True).start()
    # AWS runs on other machines: do not take CPU time from the dashboard.
    os.nice(10)
    server = DemoServer(options)
    # Redirect output of moto and werkzeug to stderr: stdout must have the JSON line only.
    out = os.dup(1)
    os.dup2(2, 1)
    served = server.start()
    # Without a reader the parent has ended; stdin is closed then too.
    with contextlib.suppress(BrokenPipeError):
        os.write(out, (served.line() + "\n").encode())
    while not stop.wait(0.5):
        pass
    threading.Thread(target=_end_soon, daemon=True).start()
    server.stop()
    # A normal exit waits for locks and threads of libraries, sometimes forever.
    os._exit(0)


def _end_soon() -> None:
    """End the process after `END_SECONDS`, even if it is still stopping."""
    time.sleep(END_SECONDS)
    os._exit(0)


def _end_with_stdin(stop: threading.Event) -> None:
    """Stop when stdin closes: the parent has its other end, so it closes however the parent ends.

    This takes no locks, so it also works while the server starts or is slow to stop.
    """
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop.set()
    _end_soon()
