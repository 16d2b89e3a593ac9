"""Access control of the demo account: signed AWS calls of this run, or requests with its secret.

This is the outermost layer. ExecuteCommand starts shells on this machine, and every web page in a
browser and every user of the machine can connect to loopback. So requests that a web page can send
are refused: with `Origin` or `Sec-Fetch-Site`, for another host name (DNS rebinding), preflights.
AWS calls must have a correct signature by a key that this run issued.

Rule: Signature Version 4, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
"""

from __future__ import annotations

import hashlib
import hmac
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from ecs_tui.demo.faults import Application, error_for
from ecs_tui.demo.sso import BEARER, PATH

SECRET = "HTTP_X_ECS_TUI_SECRET"
"""WSGI's name of the header `X-Ecs-Tui-Secret`, for requests that AWS clients do not sign."""
MAX_BODY_BYTES = 8 << 20
"""Maximum bytes of a request's body."""
MAX_SKEW_SECONDS = 15 * 60
"""Maximum seconds between a signature's time and this machine's, as in AWS."""
FROM_PAGES = ("HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE")
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[\w-]+)/(?P<day>\d{8})/(?P<region>[\w-]+)/"
    r"(?P<service>[\w-]+)/aws4_request, ?SignedHeaders=(?P<signed>[\w;-]+), ?"
    r"Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass(frozen=True)
class IssuedKey:
    """The secret of an access key of this run, and its session token ("": none)."""

    secret: str
    token: str = ""


class Guard:
    """The WSGI layer.

    Args:
        keys: Returns the key issued for an access key ID and a session token, or None.
        secret: This run's secret, for control paths and requests that AWS clients do not sign.
    """

    def __init__(
        self, app: Application, keys: Callable[[str, str], IssuedKey | None], secret: str
    ) -> None:
        self._app, self._keys, self._secret = app, keys, secret
        self.host = ""

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        refusal = from_elsewhere(environ, self.host)
        if refusal:
            return _refuse(start, "403 Forbidden", refusal)
        try:
            length = int(environ.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = -1
        if not 0 <= length <= MAX_BODY_BYTES or "HTTP_TRANSFER_ENCODING" in environ:
            text = "The body must have a Content-Length of at most 8 MiB."
            return _refuse(start, "413 Content Too Large", text)
        body = environ["wsgi.input"].read(length)
        environ["wsgi.input"] = io.BytesIO(body)
        if not self._knows_secret(environ):
            error = self._unsigned(environ, body)
            if error is not None:
                return error_for(environ, start, 403, *error)
        return self._app(environ, _without_cors(start))

    def _knows_secret(self, environ: Mapping[str, Any]) -> bool:
        if _same(environ.get(SECRET, ""), self._secret):
            return True
        return environ.get("PATH_INFO") == PATH and _same(environ.get(BEARER, ""), self._secret)

    def _unsigned(self, environ: Mapping[str, Any], body: bytes) -> tuple[str, str] | None:
        """AWS's error code and message for a wrong signature; None if it is correct."""
        if environ.get("PATH_INFO") == PATH:
            return "UnauthorizedException", "Session token not found or invalid"
        found = _AUTHORIZATION.fullmatch(environ.get("HTTP_AUTHORIZATION", ""))
        if found is None:
            return "MissingAuthenticationTokenException", "Request is missing Authentication Token"
        if "/_ecs-tui/" in environ["PATH_INFO"] or "/moto-api" in environ["PATH_INFO"]:
            return "AccessDeniedException", "This path requires the secret of this run."
        token = environ.get("HTTP_X_AMZ_SECURITY_TOKEN", "")
        key = self._keys(found["key"], token)
        if key is None or not _same(token, key.token):
            text = "The security token included in the request is invalid."
            return "UnrecognizedClientException", text
        stamp = environ.get("HTTP_X_AMZ_DATE", "")
        if not _near(stamp) or not stamp.startswith(found["day"]):
            return (
                "InvalidSignatureException",
                f"Signature expired or not yet current: {stamp[:16]}",
            )
        if not _same(_signature(environ, body, found.groupdict(), key.secret), found["signature"]):
            return (
                "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided. "
                "Check your AWS Secret Access Key and signing method.",
            )
        return None


def from_elsewhere(headers: Mapping[str, Any], host: str) -> str:
    """Why a request is refused: from a web page, for another host, or its method; "" if it is not.

    Args:
        headers: With WSGI's names.
        host: `host:port` of this server.
    """
    if any(name in headers for name in FROM_PAGES):
        return "The demo account does not accept requests from web pages."
    if headers.get("HTTP_HOST") != host:
        return f"The demo account accepts requests for {host} only."
    if headers.get("REQUEST_METHOD") not in ("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"):
        return "The demo account does not accept this method."
    return ""


def _signature(
    environ: Mapping[str, Any], body: bytes, found: Mapping[str, str], secret: str
) -> str:
    """The correct signature; "" if a required header is not signed or the digest is wrong."""
    signed = found["signed"].split(";")
    names = {name: _wsgi_name(name) for name in signed}
    amazon = {_header(name) for name in environ if name.startswith("HTTP_X_AMZ_")}
    digest = environ.get("HTTP_X_AMZ_CONTENT_SHA256")
    if "host" not in signed or not amazon <= set(signed):
        return ""
    if digest is not None and digest != hashlib.sha256(body).hexdigest():
        return ""
    request = AWSRequest(
        method=environ["REQUEST_METHOD"],
        url=f"http://{environ['HTTP_HOST']}{environ['REQUEST_URI']}",
        data=body,
        headers={name: environ.get(key, "") for name, key in names.items()},
    )
    request.context["timestamp"] = environ["HTTP_X_AMZ_DATE"]
    kind = S3SigV4Auth if found["service"] == "s3" else SigV4Auth
    signer = kind(Credentials(found["key"], secret), found["service"], found["region"])
    text: str = signer.string_to_sign(request, signer.canonical_request(request))
    signature: str = signer.signature(text, request)
    return signature


def _near(stamp: str) -> bool:
    try:
        at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs((datetime.now(UTC) - at).total_seconds()) <= MAX_SKEW_SECONDS


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def _wsgi_name(header: str) -> str:
    name = header.upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"


def _header(wsgi_name: str) -> str:
    return wsgi_name.removeprefix("HTTP_").lower().replace("_", "-")


def _without_cors(start: Any) -> Any:
    """Remove moto's CORS headers, which allow every origin."""

    def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        kept = [item for item in headers if not item[0].lower().startswith("access-control-")]
        return start(status, kept, *more)

    return started


def _refuse(start: Any, status: str, text: str) -> Iterable[bytes]:
    body = f"{text}\n".encode()
    start(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
