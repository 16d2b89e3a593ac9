"""Only clients of this run can call the demo account: no web page, no other user."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from ecs_tui.demo.folder import LOCK, PREFIX, DemoFolder, sweep
from tests.support.demo import Demo, demo_account
from tests.support.limits import limit

TARGET = "AmazonEC2ContainerServiceV20141113"


def client(demo: Demo, service: str, **more: Any) -> Any:
    env = demo.environment
    keys = {
        "aws_access_key_id": env["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": env["AWS_SECRET_ACCESS_KEY"],
    }
    return boto3.client(
        service, endpoint_url=demo.endpoint, region_name=demo.region, **{**keys, **more}
    )


def signed(
    demo: Demo, action: str, fields: dict[str, Any], *, secret: str = "", at: datetime | None = None
) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a call that botocore has signed."""
    env, body = demo.environment, json.dumps(fields).encode()
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"{TARGET}.{action}",
    }
    request = AWSRequest("POST", f"{demo.endpoint}/", headers=headers, data=body)
    key = Credentials(env["AWS_ACCESS_KEY_ID"], secret or env["AWS_SECRET_ACCESS_KEY"])
    signer = SigV4Auth(key, "ecs", demo.region)
    if at is None:
        signer.add_auth(request)
    else:
        request.context["timestamp"] = at.strftime("%Y%m%dT%H%M%SZ")
        signer._modify_request_before_signing(request)
        text = signer.string_to_sign(request, signer.canonical_request(request))
        signer._inject_signature_to_request(request, signer.signature(text, request))
    return body, dict(request.headers.items())


def send(
    demo: Demo, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, str, dict[str, str]]:
    """Send a request unchanged; returns status, body and headers of the answer."""
    line = http.client.HTTPConnection(urlsplit(demo.endpoint).netloc, timeout=20)
    try:
        line.request(method, path, body, headers or {})
        answer = line.getresponse()
        return answer.status, answer.read().decode(), {k.lower(): v for k, v in answer.getheaders()}
    finally:
        line.close()


EXECUTE = {
    "cluster": "prod", "task": "x", "container": "app", "command": "/bin/sh", "interactive": True,
}  # fmt: skip


def test_a_signed_call_is_answered_and_says_nothing_of_other_origins(demo: Demo) -> None:
    status, body, headers = send(demo, "POST", "/", *signed(demo, "ListClusters", {}))
    assert status == 200
    assert "clusterArns" in body
    assert not [name for name in headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "extra",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Host": "evil.example"},
        {"Host": "localhost"},
        {"Host": "127.0.0.1"},
    ],
    ids=lambda extra: "-".join(*extra.items()),
)
def test_what_a_web_page_sends_is_refused_even_signed(demo: Demo, extra: dict[str, str]) -> None:
    demo.counts(reset=True)
    body, headers = signed(demo, "ExecuteCommand", EXECUTE)
    status, text, answered = send(demo, "POST", "/", body, {**headers, **extra})
    assert status == 403, text
    assert not [name for name in answered if name.startswith("access-control-")]
    assert demo.counts()["calls"] == {}


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "CONNECT"])
def test_no_preflight(demo: Demo, method: str) -> None:
    asked = {"Access-Control-Request-Method": "POST"}
    status, _, headers = send(demo, method, "/", b"", asked)
    assert status == 403
    assert "access-control-allow-origin" not in headers


def bare(demo: Demo) -> tuple[bytes, dict[str, str]]:
    body, headers = signed(demo, "ListClusters", {})
    del headers["Authorization"]
    return body, headers


def as_any_scope(demo: Demo) -> tuple[bytes, dict[str, str]]:
    body, headers = signed(demo, "ListClusters", {})
    headers["Authorization"] = "Credential=x/20261125/us-east-1/ecs/aws4_request"
    return body, headers


def another_body(demo: Demo) -> tuple[bytes, dict[str, str]]:
    _, headers = signed(demo, "ListClusters", {})
    return b'{"maxResults": 1}', headers


def another_action(demo: Demo) -> tuple[bytes, dict[str, str]]:
    body, headers = signed(demo, "ListClusters", {})
    return body, {**headers, "X-Amz-Target": f"{TARGET}.DescribeClusters"}


def unsigned_action(demo: Demo) -> tuple[bytes, dict[str, str]]:
    """The header that names the operation is not signed."""
    body, headers = signed(demo, "ListClusters", {})
    headers["Authorization"] = headers["Authorization"].replace(";x-amz-target", "")
    return body, headers


def unsigned_payload(demo: Demo) -> tuple[bytes, dict[str, str]]:
    body, headers = signed(demo, "ListClusters", {})
    return body, {**headers, "X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}


def with_token(demo: Demo) -> tuple[bytes, dict[str, str]]:
    body, headers = signed(demo, "ListClusters", {})
    return body, {**headers, "X-Amz-Security-Token": "anything"}


FORGED = {
    "unsigned": bare,
    "any-scope": as_any_scope,
    "wrong-secret": lambda demo: signed(demo, "ListClusters", {}, secret="wrong"),
    "old": lambda demo: signed(
        demo, "ListClusters", {}, at=datetime.now(UTC) - timedelta(minutes=16)
    ),
    "early": lambda demo: signed(
        demo, "ListClusters", {}, at=datetime.now(UTC) + timedelta(minutes=16)
    ),
    "another-body": another_body,
    "another-action": another_action,
    "unsigned-action": unsigned_action,
    "unsigned-payload": unsigned_payload,
    "foreign-token": with_token,
}


@pytest.mark.parametrize("name", FORGED)
def test_a_call_that_is_not_rightly_signed_is_refused(demo: Demo, name: str) -> None:
    demo.counts(reset=True)
    status, text, _ = send(demo, "POST", "/", *FORGED[name](demo))
    assert status == 403, text
    assert json.loads(text)["__type"].endswith("Exception")
    assert demo.counts()["calls"] == {}


def test_within_a_quarter_of_an_hour_clocks_may_differ(demo: Demo) -> None:
    at = datetime.now(UTC) - timedelta(minutes=14)
    assert send(demo, "POST", "/", *signed(demo, "ListClusters", {}, at=at))[0] == 200


AS_SIGNED = "Host: {host}\r\n{signed}"
MALFORMED = {
    "two-hosts": "POST / HTTP/1.1\r\nHost: evil.example\r\n" + AS_SIGNED + "\r\n",
    "no-host": "POST / HTTP/1.1\r\n{signed}\r\n",
    "absolute": "POST http://evil.example/ HTTP/1.1\r\n" + AS_SIGNED + "\r\n",
    "old-protocol": "GET /moto-api/data.json\r\n",
    "no-authority": "POST //[ HTTP/1.1\r\n" + AS_SIGNED + "\r\n",
    "user-in-path": "POST @evil.example/ HTTP/1.1\r\n" + AS_SIGNED + "\r\n",
    "chunked": "POST / HTTP/1.1\r\n" + AS_SIGNED + "Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n",
    "negative": "POST / HTTP/1.1\r\n" + AS_SIGNED + "Content-Length: -1\r\n\r\n",
    "endless": "POST / HTTP/1.1\r\n" + AS_SIGNED + "Content-Length: 99999999999\r\n\r\n",
    "no-number": "POST / HTTP/1.1\r\n" + AS_SIGNED + "Content-Length: x\r\n\r\n",
    "escaped-path": "PUT /%5fecs-tui/line HTTP/1.1\r\n" + AS_SIGNED + "Content-Length: 2\r\n\r\n{{}}",
    "doubled-slash": "POST //moto-api/reset HTTP/1.1\r\n" + AS_SIGNED + "\r\n",
    "underscores": "PUT /_ecs-tui/link HTTP/1.1\r\nHost: {host}\r\nX_Ecs_Tui_Secret: {secret}\r\n"
    "Content-Length: 2\r\n\r\n{{}}",
    "one-in-another": "POST / HTTP/1.1\r\nHost: {host}\r\nOrigin: null\r\nContent-Length: 0\r\n\r\n"
    "PUT /_ecs-tui/link HTTP/1.1\r\nHost: {host}\r\nX-Ecs-Tui-Secret: {secret}\r\n"
    'Content-Length: 15\r\n\r\n{{"refuse": true}}',
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_request_is_refused_and_reaches_nothing(demo: Demo, name: str) -> None:
    demo.counts(reset=True)
    _, headers = signed(demo, "ListClusters", {})
    lines = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
    host = urlsplit(demo.endpoint).netloc
    request = MALFORMED[name].format(host=host, signed=lines, secret=demo.secret)
    address, _, port = host.partition(":")
    with socket.create_connection((address, int(port)), timeout=limit(20)) as line:
        line.sendall(request.encode())
        line.shutdown(socket.SHUT_WR)
        answer = b""
        while part := line.recv(65536):
            answer += part
    assert answer.count(b"HTTP/1.1 ") == (0 if name == "old-protocol" else 1)
    if name != "old-protocol":
        assert answer.split()[1] in (b"403", b"413")
    assert demo.counts()["calls"] == {}
    assert open_session(demo)["streamUrl"], "it still serves"


@pytest.mark.parametrize("call", ["get_session_token", "get_federation_token"])
def test_keys_that_stand_in_awss_documentation_are_no_keys(demo: Demo, call: str) -> None:
    """moto returns the same published example keys everywhere."""
    fields = {"Name": "alice"} if call == "get_federation_token" else {}
    given = getattr(client(demo, "sts"), call)(**fields)["Credentials"]
    keys = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }
    with pytest.raises(ClientError) as caught:
        client(demo, "ecs", **keys).list_clusters()
    assert caught.value.response["Error"]["Code"] == "UnrecognizedClientException"


@pytest.mark.parametrize("secret", ["", "wrong"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/moto-api/reset"),
        ("GET", "/moto-api/data.json"),
        ("POST", "/moto-api/seed?a=42"),
        ("PUT", "/_ecs-tui/link"),
        ("PUT", "/_ecs-tui/faults"),
        ("GET", "/_ecs-tui/counts"),
        ("DELETE", "/_ecs-tui/counts"),
        ("GET", "/federation/credentials?role_name=a&account_id=b"),
        ("POST", "/?Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=a"),
        ("GET", "/"),
        ("GET", "/some-bucket/key"),
    ],
)
def test_paths_without_signature_need_the_secret_of_this_run(
    demo: Demo, method: str, path: str, secret: str
) -> None:
    headers = {"X-Ecs-Tui-Secret": secret} if secret else {}
    headers["x-amz-sso_bearer_token"] = "pretend-sso-token"
    assert send(demo, method, path, b"", headers)[0] == 403


@pytest.mark.parametrize(
    "path",
    ["/_ecs-tui/counts", "/moto-api/data.json", "/%5Fecs-tui/counts", "/moto%2Dapi/data.json", "//moto-api/data.json"],
)  # fmt: skip
def test_a_signature_does_not_open_the_control_paths(demo: Demo, path: str) -> None:
    env = demo.environment
    request = AWSRequest("GET", f"{demo.endpoint}{path}")
    key = Credentials(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(key, "ecs", demo.region).add_auth(request)
    assert send(demo, "GET", path, b"", dict(request.headers.items()))[0] == 403


def test_keys_that_this_run_issued_serve_and_others_do_not(demo: Demo) -> None:
    assumed = client(demo, "sts").assume_role(
        RoleArn="arn:aws:iam::123456789012:role/ecs-exec-task-role", RoleSessionName="me"
    )["Credentials"]
    keys = {
        "aws_access_key_id": assumed["AccessKeyId"],
        "aws_secret_access_key": assumed["SecretAccessKey"],
        "aws_session_token": assumed["SessionToken"],
    }
    assert client(demo, "ecs", **keys).list_clusters()["clusterArns"]
    for wrong in (
        {"aws_session_token": None},
        {"aws_session_token": "x"},
        {"aws_secret_access_key": "x"},
    ):
        with pytest.raises(ClientError) as caught:
            client(demo, "ecs", **{**keys, **wrong}).list_clusters()
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_the_portal_hands_out_keys_for_the_secret_alone(demo: Demo) -> None:
    sso = client(demo, "sso")
    ask = {"roleName": "admin", "accountId": "123456789012"}
    with pytest.raises(sso.exceptions.UnauthorizedException):
        sso.get_role_credentials(accessToken="pretend-sso-token", **ask)
    given = sso.get_role_credentials(accessToken=demo.secret, **ask)["roleCredentials"]
    keys = {
        "aws_access_key_id": given["accessKeyId"],
        "aws_secret_access_key": given["secretAccessKey"],
        "aws_session_token": given["sessionToken"],
    }
    assert client(demo, "ecs", **keys).list_clusters()["clusterArns"]


def test_every_protocol_of_aws_is_let_in(demo: Demo) -> None:
    """JSON, query and REST calls, as boto3 signs them."""
    assert client(demo, "sts").get_caller_identity()["Account"] == "123456789012"
    assert client(demo, "iam").list_roles()["Roles"]
    assert client(demo, "ec2").describe_subnets()["Subnets"]
    assert client(demo, "kms").list_keys()["Keys"]
    assert "Buckets" in client(demo, "s3").list_buckets()


def open_session(demo: Demo) -> dict[str, str]:
    ecs = client(demo, "ecs")
    task = ecs.list_tasks(cluster="prod", serviceName="orders")["taskArns"][0]
    made: dict[str, str] = ecs.execute_command(**{**EXECUTE, "task": task})["session"]
    return made


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "evil.example"},
    ],
    ids=lambda headers: next(iter(headers)),
)
async def test_a_web_page_opens_no_channel(demo: Demo, headers: dict[str, str]) -> None:
    session = open_session(demo)
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await http.ws_connect(session["streamUrl"], headers=headers)
        assert caught.value.status == 403


@pytest.mark.asyncio
async def test_a_channel_opens_with_its_own_token_and_once(demo: Demo) -> None:
    one, other = open_session(demo), open_session(demo)

    async def closed_with(token: str) -> int | None:
        async with aiohttp.ClientSession() as http, http.ws_connect(one["streamUrl"]) as socket:
            await socket.send_str(json.dumps({"TokenValue": token}))
            first = await socket.receive()
            return socket.close_code if first.type == aiohttp.WSMsgType.CLOSE else None

    assert await closed_with("") == 1008
    assert await closed_with(other["tokenValue"]) == 1008
    assert await closed_with(one["tokenValue"]) is None
    assert await closed_with(one["tokenValue"]) == 1008


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "first",
    ["[" * 100_000, '{"TokenValue":' * 50_000, '{"TokenValue": 7}', '{"TokenValue": 1e400}', "null", ""],
    ids=["deep", "deep-members", "number", "no-number", "null", "empty"],
)  # fmt: skip
async def test_a_channel_is_not_opened_by_what_is_no_opening(demo: Demo, first: str) -> None:
    session = open_session(demo)
    async with aiohttp.ClientSession() as http, http.ws_connect(session["streamUrl"]) as socket:
        await socket.send_str(first)
        assert (await socket.receive()).type == aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 1008


# -- its folder


def test_a_folder_is_new_and_ours_alone_and_goes_with_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with demo_account() as served:
        open_session(served)
        (made,) = tmp_path.iterdir()
        assert made.name.startswith(PREFIX)
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
        assert str(served.pid) not in made.name
    assert not list(tmp_path.iterdir())


def test_what_a_killed_server_left_is_swept_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    argv = [sys.executable, "-m", "ecs_tui", "demo", "--serve"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env=env) as killed:
        assert killed.stdout is not None
        killed.stdout.readline()
        (left,) = tmp_path.iterdir()
        sweep()
        assert left.exists(), "its server lives"
        killed.send_signal(signal.SIGKILL)
    elsewhere = tmp_path / "precious"
    elsewhere.mkdir()
    (elsewhere / "file").touch()
    (tmp_path / f"{PREFIX}link").symlink_to(elsewhere)
    open_to_all = tmp_path / f"{PREFIX}open"
    open_to_all.mkdir(mode=0o755)
    os.chmod(open_to_all, 0o755)
    (open_to_all / LOCK).touch()
    mine = DemoFolder()
    try:
        assert set(tmp_path.glob(f"{PREFIX}*")) == {
            tmp_path / f"{PREFIX}link",
            open_to_all,
            mine.path,
        }
        assert (elsewhere / "file").exists()
    finally:
        mine.remove()


def test_a_folder_that_is_gone_already_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cleaner of temporary files may be faster, or a shell of the demo may still write."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    mine = DemoFolder()
    shutil.rmtree(mine.path)
    mine.remove()


def test_a_folder_with_the_name_of_a_run_is_not_followed(tmp_path: Path) -> None:
    """The old name was predictable: the demo's shells ran another user's `.bashrc` from there."""
    trap = hashlib.sha256(str(tmp_path).encode()).hexdigest()[:8]
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    argv = [sys.executable, "-m", "ecs_tui", "demo", "--serve"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env=env) as server:
        try:
            (tmp_path / f"{PREFIX}{server.pid}").mkdir()
            (tmp_path / f"{PREFIX}{server.pid}" / trap).touch()
            assert server.stdout is not None
            found = json.loads(server.stdout.readline())
            served = Demo(
                found["endpoint"],
                found["region"],
                found["environment"],
                server.pid,
                found["secret"],
            )
            open_session(served)
            inside = tmp_path / f"{PREFIX}{server.pid}"
            assert [item.name for item in inside.iterdir()] == [trap]
        finally:
            server.terminate()
            server.wait(limit(15))
    assert [path.name for path in tmp_path.iterdir()] == [inside.name]
