"""A stub of IAM Identity Center: `python -m tests.support.stub_sso FOLDER`.

It answers OIDC's device flow and GetRoleCredentials as AWS documents them
(https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/) and prints its port. Files in
FOLDER:

- `confirmed`, written by a test: the code is confirmed. Its text is the access token; empty: `TOKEN`.
- `refuse`, written by a test: the error with which the token is refused.
- `page`, written by a test: the verification page, `PAGE` by default.
- `calls`, written here: each call as a line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CODE = "ABCD-EFGH"
PAGE = "https://device.sso.example/"
TOKEN = "access-token-of-the-stub"


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    folder: Path

    def _say(self, status: int, answer: dict[str, Any], error: str = "") -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if error:
            self.send_header("x-amzn-ErrorType", error)
        self.end_headers()
        self.wfile.write(body)

    def _note(self, call: dict[str, Any]) -> None:
        with (self.folder / "calls").open("a") as file:
            file.write(json.dumps(call) + "\n")

    def do_POST(self) -> None:
        """Answer a call of the device flow."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._note({"path": self.path, **asked})
        if self.path == "/client/register":
            self._say(
                200,
                {
                    "clientId": "client-1",
                    "clientSecret": "secret-of-client",
                    "clientIdIssuedAt": int(time.time()),
                    "clientSecretExpiresAt": int(time.time()) + 7_776_000,
                },
            )
        elif self.path == "/device_authorization":
            page = (self.folder / "page").read_text() if (self.folder / "page").exists() else PAGE
            self._say(
                200,
                {
                    "deviceCode": "device-1",
                    "userCode": CODE,
                    "verificationUri": page,
                    "verificationUriComplete": f"{page}?user_code={CODE}",
                    "expiresIn": 600,
                    "interval": 1,
                },
            )
        elif (self.folder / "refuse").exists():
            kind = (self.folder / "refuse").read_text()
            self._say(400, {"error": "x", "error_description": "by the stub"}, kind)
        elif (self.folder / "confirmed").exists():
            token = (self.folder / "confirmed").read_text() or TOKEN
            self._say(
                200,
                {
                    "accessToken": token,
                    "tokenType": "Bearer",
                    "expiresIn": 28800,
                    "refreshToken": "refresh-1",
                },
            )
        else:
            self._say(400, {"error": "authorization_pending"}, "AuthorizationPendingException")

    def do_GET(self) -> None:
        """Answer GetRoleCredentials."""
        bearer = self.headers.get("x-amz-sso_bearer_token", "")
        self._note({"path": self.path.partition("?")[0], "token": bearer == TOKEN})
        if bearer != TOKEN:
            self._say(401, {"message": "Session token not found"}, "UnauthorizedException")
            return
        keys = {"accessKeyId": "ASIASSO", "secretAccessKey": "s", "sessionToken": "t"}
        expiration = int((time.time() + 3600) * 1000)
        self._say(200, {"roleCredentials": {**keys, "expiration": expiration}})

    def log_message(self, *_: object) -> None:
        """Nothing."""


def main() -> None:
    """Serve until stdin ends."""
    import threading

    Handler.folder = Path(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
