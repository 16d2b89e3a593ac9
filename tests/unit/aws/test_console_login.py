"""Sessions of `aws login`: their keys are used, and renewed once they have expired.

They need awscrt (the extra `login`), which the development environment leaves out: botocore would
load it at each start. `pip install awscrt` enables these tests.
"""

from __future__ import annotations

import hashlib
import json
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ecs_tui import errors
from ecs_tui.aws.account import Account
from tests.support.aws_files import Files, signed_with
from tests.support.stub_aws import StubAws

pytest.importorskip("awscrt", reason="pip install awscrt: the extra `login`")
pytestmark = pytest.mark.asyncio
SESSION = "arn:aws:iam::111122223333:user/me"


class SignIn:
    """A stub of AWS's sign-in service, which renews keys or refuses to.

    Attributes:
        renewals: (body, proof of possession) of each call; the proof is DPoP (RFC 9449).
        refuses: The error with which it refuses, "" for none.
        endpoint: Its URL.
    """

    def __init__(self) -> None:
        self.renewals: list[tuple[dict[str, str], str]] = []
        self.refuses = ""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.renewals.append((json.loads(body), self.headers.get("DPoP", "")))
                answer = json.dumps(outer.answer()).encode()
                self.send_response(403 if outer.refuses else 200)
                if outer.refuses:
                    self.send_header("X-Amzn-ErrorType", "AccessDeniedException")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self) -> dict[str, object]:
        if self.refuses:
            return {"error": self.refuses, "message": "no"}
        keys = {"accessKeyId": "ASIANEW", "secretAccessKey": "s", "sessionToken": "t"}
        return {
            "accessToken": keys, "tokenType": "aws_sigv4", "expiresIn": 900, "refreshToken": "second",
        }  # fmt: skip


@pytest.fixture
def sign_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[SignIn]:
    made = SignIn()
    yield made
    made.server.shutdown()
    made.server.server_close()


def logged_in(files: Files, minutes: float, where: str = ".aws/login/cache") -> Path:
    """Write the AWS CLI's file of a login whose keys expire in so many minutes."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    ends = datetime.now(UTC) + timedelta(minutes=minutes)
    folder = files.home / where
    folder.mkdir(parents=True)
    path = folder / f"{hashlib.sha256(SESSION.encode()).hexdigest()}.json"
    token = {
        "accessKeyId": "ASIAOLD", "secretAccessKey": "s", "sessionToken": "t",
        "accountId": "111122223333", "expiresAt": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }  # fmt: skip
    document = {
        "accessToken": token, "tokenType": "aws_sigv4", "refreshToken": "first",
        "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": pem.decode(),
    }  # fmt: skip
    path.write_text(json.dumps(document))
    files.config(f"[default]\nregion = us-east-1\nlogin_session = {SESSION}\n")
    return path


async def test_the_keys_of_a_login_are_used(
    stub: StubAws,
    files: Files,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SIGNIN", sign_in.endpoint)
    logged_in(files, 60)
    assert (await signed_with(stub, Account()))[0] == "ASIAOLD"
    assert sign_in.renewals == []


async def test_logins_may_lie_elsewhere(
    stub: StubAws,
    files: Files,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_LOGIN_CACHE_DIRECTORY", str(files.home / "elsewhere"))
    logged_in(files, 60, "elsewhere")
    assert (await signed_with(stub, Account()))[0] == "ASIAOLD"


async def test_expired_keys_are_renewed_and_kept_for_the_cli(
    stub: StubAws,
    files: Files,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SIGNIN", sign_in.endpoint)
    path = logged_in(files, -5)
    assert (await signed_with(stub, Account()))[0] == "ASIANEW"
    [(sent, proof)] = sign_in.renewals
    assert (sent["grantType"], sent["refreshToken"]) == ("refresh_token", "first")
    assert proof.count(".") == 2
    kept = json.loads(path.read_text())
    assert (kept["accessToken"]["accessKeyId"], kept["refreshToken"]) == ("ASIANEW", "second")
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


async def test_a_login_that_has_ended_is_told_with_what_to_run(
    files: Files,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SIGNIN", sign_in.endpoint)
    sign_in.refuses = "TOKEN_EXPIRED"
    logged_in(files, -5)
    account = Account()
    with pytest.raises(errors.ExpiredCredentials, match="aws login --profile default"):
        await account.caller()
    await account.close()


async def test_without_a_login_it_says_so(files: Files) -> None:
    logged_in(files, 60).unlink()
    account = Account()
    with pytest.raises(errors.ExpiredCredentials, match="aws login --profile default"):
        await account.caller()
    await account.close()
