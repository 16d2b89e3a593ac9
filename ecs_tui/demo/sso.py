"""The SSO portal of the demo account: returns a role's credentials for its access token.

moto has no portal. Shape: https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Iterable
from typing import Any

from ecs_tui.demo.faults import Application
from ecs_tui.system import wall_clock

PATH = "/federation/credentials"
HOUR_MS = 3_600_000
BEARER = "ecs_tui.sso_token"
"""Where the request handler puts the access token in WSGI's environment."""


def with_token(handler: type) -> type:
    """werkzeug's request handler, plus the token's header, and with the account's clock in answers.

    werkzeug drops names with `_`.
    """

    class Handler(handler):
        def make_environ(self) -> dict[str, Any]:
            environ: dict[str, Any] = super().make_environ()
            environ[BEARER] = self.headers.get("x-amz-sso_bearer_token", "")
            return environ

        def date_time_string(self, timestamp: float | None = None) -> str:
            at = wall_clock.now() if timestamp is None else timestamp
            return str(super().date_time_string(at))

    return Handler


class SsoPortal:
    """A WSGI layer that answers `GetRoleCredentials` with the demo user's keys.

    Args:
        login: The only valid access token: the secret of this run.
        token: The session token that is returned with the keys.
    """

    def __init__(
        self, app: Application, access_key: str, secret_key: str, login: str, token: str
    ) -> None:
        self._app, self._keys = app, (access_key, secret_key)
        self._login, self._token = login, token

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Answer GetRoleCredentials; pass other requests to `app`."""
        if environ.get("PATH_INFO") != PATH:
            return self._app(environ, start)
        if hmac.compare_digest(environ.get(BEARER, "").encode(), self._login.encode()):
            status = "200 OK"
            answer: dict[str, Any] = {
                "roleCredentials": {
                    "accessKeyId": self._keys[0],
                    "secretAccessKey": self._keys[1],
                    "sessionToken": self._token,
                    "expiration": int(time.time() * 1000) + HOUR_MS,
                }
            }
        else:
            status = "401 Unauthorized"
            answer = {
                "__type": "UnauthorizedException",
                "message": "Session token not found or invalid",
            }
        body = json.dumps(answer).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        if status.startswith("401"):
            headers.append(("x-amzn-ErrorType", "UnauthorizedException"))
        start(status, headers)
        return [body]
