"""Proxies: API calls and session sockets obey the same variables."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from pathlib import Path

import pytest

from ecs_tui import errors
from ecs_tui.aws.account import Account
from ecs_tui.session.channel.network import proxy_for
from ecs_tui.session.plugin import TOKEN_VARIABLE
from tests.support.aws_files import KEYS, clear_environment
from tests.support.limits import limit
from tests.support.limits import until as wait
from tests.support.peer import Peer
from tests.support.proxy_process import API, GATEWAY, PASSWORD, proxy, with_tls
from tests.support.stub_aws import stub_aws

pytestmark = pytest.mark.asyncio


async def session(env: dict[str, str], peer: Peer, *, opens: bool) -> tuple[int, str]:
    """Run the built-in client until the session is open; returns (exit status, output)."""
    url = f"wss://{GATEWAY}/channel"
    answer = {"SessionId": "s-1", "StreamUrl": url, "TokenValue": "token-1"}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ecs_tui.session.channel",
        f"{TOKEN_VARIABLE}_S_1", "us-east-1", "StartSession",
        env={"PATH": "/usr/bin:/bin", f"{TOKEN_VARIABLE}_S_1": json.dumps(answer), **env},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    if opens:
        await wait(lambda: peer.openings or child.returncode is not None, "the first frame")
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
    async with asyncio.timeout(limit(30)):
        out, _ = await child.communicate()
    assert child.returncode is not None
    return child.returncode, out.decode()


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
async def test_the_socket_goes_through_the_proxy(tmp_path: Path, variable: str) -> None:
    async with (
        Peer() as peer,
        with_tls(tmp_path, peer.port) as (bundle, port),
        proxy(f"{GATEWAY}={port}") as served,
    ):
        address = f"http://me:{PASSWORD}@127.0.0.1:{served.port}"
        env = {variable: address, "AWS_CA_BUNDLE": str(bundle)}
        _, out = await session(env, peer, opens=True)
        assert [opening["TokenValue"] for opening in peer.openings] == ["token-1"], out
        await wait(lambda: served.asked, "the proxy was asked")
        assert served.asked == [{"method": "CONNECT", "where": f"{GATEWAY}:443", "auth": True}]
        assert PASSWORD not in out


@pytest.mark.parametrize(
    ("extra", "refuse", "words", "asked"),
    [
        ({"NO_PROXY": ".far.test"}, "", "Could not connect to the session", 0),
        ({"AWS_CA_BUNDLE": ""}, "", "its certificate is not trusted", 1),
        ({}, "407", "the proxy refused (HTTP 407)", 1),
        ({"AWS_CA_BUNDLE": "/opt/none.pem"}, "", "cannot read the file set by AWS_CA_BUNDLE", 0),
        ({"HTTPS_PROXY": "ftp://x"}, "", "HTTPS_PROXY is not a valid proxy URL", 0),
    ],
)
async def test_what_keeps_the_socket_from_opening_is_named(
    tmp_path: Path, extra: dict[str, str], refuse: str, words: str, asked: int
) -> None:
    async with (
        Peer() as peer,
        with_tls(tmp_path, peer.port) as (bundle, port),
        proxy(f"{GATEWAY}={port}", *(["--refuse", refuse] if refuse else [])) as served,
    ):
        address = f"http://me:{PASSWORD}@127.0.0.1:{served.port}"
        env = {"HTTPS_PROXY": address, "AWS_CA_BUNDLE": str(bundle), **extra}
        status, out = await session(env, peer, opens=False)
        assert status == 1
        assert words in out
        assert PASSWORD not in out
        assert not peer.openings
    assert len(served.asked) == asked


@pytest.mark.parametrize("how", ["AWS_CA_BUNDLE", "ca_bundle"])
async def test_calls_of_the_api_go_through_the_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    clear_environment(monkeypatch)
    monkeypatch.setenv("HOME", str(tmp_path))
    with stub_aws() as stub:
        stub_port = int(stub.endpoint.rpartition(":")[2])
        async with (
            with_tls(tmp_path, stub_port) as (bundle, port),
            proxy(f"{API}={port}") as served,
        ):
            line = f"ca_bundle = {bundle}\n" if how == "ca_bundle" else ""
            if not line:
                monkeypatch.setenv(how, str(bundle))
            (tmp_path / ".aws").mkdir()
            (tmp_path / ".aws/config").write_text(
                f"[default]\nregion = us-east-1\n{line}{KEYS.format('AKIAPROXY')}"
            )
            monkeypatch.setenv("AWS_ENDPOINT_URL", f"https://{API}")
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{served.port}")
            account = Account()
            await account.caller(alias=False)
            # The session client gets it as a variable: it does not read the profile.
            assert (await account.child_environment())["AWS_CA_BUNDLE"] == str(bundle)
            await account.close()
            assert served.asked[0]["where"] == f"{API}:443"
            monkeypatch.setenv("NO_PROXY", API)
            asked = len(served.asked)
            with pytest.raises(errors.NoNetwork):
                await (other := Account()).caller(alias=False)
            await other.close()
            assert len(served.asked) == asked


async def test_a_proxy_that_is_down_and_an_untrusted_certificate_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clear_environment(monkeypatch)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAPROXY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"https://{API}")
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{PASSWORD}@127.0.0.1:9")
    with pytest.raises(
        errors.NoNetwork, match=r"Cannot connect through the proxy http://.*127.0.0.1:9"
    ) as caught:
        await (account := Account()).caller(alias=False)
    assert PASSWORD not in str(caught.value)
    await account.close()
    with stub_aws() as stub:
        stub_port = int(stub.endpoint.rpartition(":")[2])
        async with with_tls(tmp_path, stub_port) as (_, port), proxy(f"{API}={port}") as served:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{served.port}")
            with pytest.raises(
                errors.NoNetwork, match=r"certificate of https://api.*AWS_CA_BUNDLE"
            ):
                await (account := Account()).caller(alias=False)
            await account.close()


@pytest.mark.parametrize(
    ("variables", "url", "expected"),
    [
        ({"HTTPS_PROXY": "http://p:1"}, "wss://h.test/c", "http://p:1"),
        ({"HTTPS_PROXY": "p:1"}, "wss://h.test/c", "http://p:1"),
        ({"HTTPS_PROXY": "https://p:1"}, "wss://h.test/c", "https://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "wss://h.test/c", ""),
        ({"WSS_PROXY": "http://p:1"}, "wss://h.test/c", ""),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "h.test"}, "wss://h.test/c", ""),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": ".test"}, "wss://h.test/c", ""),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, "wss://h.test/c", ""),
        ({"HTTPS_PROXY": "http://p:1", "no_proxy": "g.test"}, "wss://h.test/c", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "localhost"}, "ws://localhost:8/c", ""),
        ({}, "wss://h.test/c", ""),
    ],
)
async def test_the_proxy_of_a_socket_is_that_of_a_call(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str, expected: str
) -> None:
    from botocore.utils import get_environ_proxies

    clear_environment(monkeypatch)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = proxy_for(url)
    assert str(found or "").rstrip("/") == expected
    as_call = url.replace("wss:", "https:").replace("ws:", "http:")
    theirs = get_environ_proxies(as_call).get(as_call.partition(":")[0], "")
    assert theirs in (expected, expected.removeprefix("http://"))
