"""The pretend account as a running server: seeds moto, opens the gateway, listens on loopback."""

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

from ecs_tui.demo.unkind import Unkind, Unkindness

REGION = "us-east-1"
ACCOUNT = "123456789012"
ENDS_WITHIN = 4.0
"""Seconds that the server has to stop once its parent is gone."""


@dataclass(frozen=True)
class DemoOptions:
    """How the pretend account is served.

    Attributes:
        port: Port of the endpoint, 0 for a free one.
        services: With `tasks`, the size of an additional cluster `scale`.
        unkind: What is done to calls before they are answered.
        idle_limit: Seconds without traffic after which a session ends.
    """

    port: int = 0
    services: int = 0
    tasks: int = 0
    unkind: Unkindness = field(default_factory=Unkindness)
    idle_limit: float = 20 * 60.0


@dataclass(frozen=True)
class Served:
    """Where the account is and how a client gets there."""

    endpoint: str
    region: str
    access_key: str
    secret_key: str
    secret: str
    """For what AWS leaves unsigned and for the control paths: the header `X-Ecs-Tui-Secret`."""

    def environment(self) -> dict[str, str]:
        """Environment variables that point `aws`, boto3 and any other client at it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def line(self) -> str:
        """The one JSON line that `--serve` prints."""
        return json.dumps(
            {
                "endpoint": self.endpoint,
                "region": self.region,
                "environment": self.environment(),
                "secret": self.secret,
            }
        )


class DemoServer:
    """The pretend account. One per process: moto's backends are global."""

    def __init__(self, options: DemoOptions) -> None:
        self._options = options
        self._server: Any = None
        self.gateway: Any = None

    def start(self) -> Served:
        """Seed and listen; returns where."""
        for name in ("werkzeug", "botocore", "moto"):
            logging.getLogger(name).setLevel(logging.ERROR)
        import moto.ecs.urls
        import moto.iam.urls
        import moto.ssm.urls
        from moto.kms.models import kms_backends
        from moto.moto_server.werkzeug_app import (
            DomainDispatcherApplication,
            MotoRequestHandler,
            create_backend_app,
        )
        from werkzeug.serving import make_server

        from ecs_tui.demo import seed
        from ecs_tui.demo.agent import Gateway
        from ecs_tui.demo.ecs import DemoEcsBackend
        from ecs_tui.demo.guard import Guard
        from ecs_tui.demo.iam import DemoIamResponse
        from ecs_tui.demo.keys import issued_keys
        from ecs_tui.demo.responses import DemoEcsResponse, DemoSsmResponse
        from ecs_tui.demo.sso import SsoPortal, with_token

        moto.ecs.urls.url_paths["{0}/$"] = DemoEcsResponse.dispatch
        moto.iam.urls.url_paths["{0}/$"] = DemoIamResponse.dispatch
        moto.ssm.urls.url_paths["{0}/$"] = DemoSsmResponse.dispatch
        kms = kms_backends[ACCOUNT][REGION]
        self.gateway = Gateway(
            lambda blob, context: kms.decrypt(blob, context)[0], self._options.idle_limit
        )
        self.gateway.start()
        DemoEcsBackend.gateway = self.gateway
        access_key, secret_key = seed.fill(
            ACCOUNT, REGION, services=self._options.services, tasks=self._options.tasks
        )
        # moto's own pieces, as its ThreadedMotoServer puts them together, behind our layer.
        backends = DomainDispatcherApplication(create_backend_app)
        secret, session_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        portal = SsoPortal(backends, access_key, secret_key, secret, session_token)
        app = Unkind(portal, self._options.unkind, self.gateway.change_line)
        guard = Guard(app, issued_keys(ACCOUNT, session_token), secret)
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
        """End every shell and stop listening."""
        self.gateway.stop()
        self._server.shutdown()
        self._thread.join(5)


def serve(options: DemoOptions, *, with_parent: bool = False) -> None:
    """Serve until a signal, or, `with_parent`, until stdin closes; prints one JSON line."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    if with_parent:
        threading.Thread(target=_end_with_stdin, args=(stop,), daemon=True).start()
    # The stage stands for machines elsewhere: it must not take the time of what is tried on it.
    os.nice(10)
    server = DemoServer(options)
    # What moto or werkzeug print must not reach the one line on stdout.
    out = os.dup(1)
    os.dup2(2, 1)
    served = server.start()
    # Without a reader the parent has ended meanwhile, which stdin tells too.
    with contextlib.suppress(BrokenPipeError):
        os.write(out, (served.line() + "\n").encode())
    while not stop.wait(0.5):
        pass
    threading.Thread(target=_end_soon, daemon=True).start()
    server.stop()
    # The interpreter's own end waits for locks and threads of libraries, sometimes for ever.
    os._exit(0)


def _end_soon() -> None:
    """However long stopping takes, the process ends."""
    time.sleep(ENDS_WITHIN)
    os._exit(0)


def _end_with_stdin(stop: threading.Event) -> None:
    """The parent holds the other end of stdin: however it ends, this process ends soon after.

    Without locks on what the server does: also while it starts, and where stopping takes long.
    """
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop.set()
    _end_soon()
