"""Keys, endpoints and proxies with which no request can be sent: the sentence names which it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecs_tui import errors
from ecs_tui.aws.account import Account
from ecs_tui.aws.network_words import what_is_wrong
from tests.support.aws_files import clear_environment
from tests.support.stub_aws import stub_aws

pytestmark = pytest.mark.asyncio
CONTROL = "The access key or session token of these credentials contains a line end"
NO_PROXY_URL = "is not an http or https URL with a host. Correct or unset HTTP_PROXY."


async def refused(monkeypatch: pytest.MonkeyPatch, home: Path, **more: str) -> errors.EcsTuiError:
    """What a call fails with in an environment that would be fine without `more`."""
    clear_environment(monkeypatch)
    with stub_aws() as stub:
        plain = {
            "HOME": str(home), "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": stub.endpoint,
            "AWS_ACCESS_KEY_ID": "AKIASTUB", "AWS_SECRET_ACCESS_KEY": "secret",
        }  # fmt: skip
        for name, value in {**plain, **more}.items():
            monkeypatch.setenv(name, value)
        account = Account()
        try:
            with pytest.raises(errors.EcsTuiError) as caught:
                await account.caller(alias=False)
        finally:
            await account.close()
        return caught.value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_ACCESS_KEY_ID", "AKIASTUB\r"),
        ("AWS_SESSION_TOKEN", "a\r\nb"),
        ("AWS_SESSION_TOKEN", "a\x1b]0;b\x07"),
    ],
)
async def test_keys_with_control_characters(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
) -> None:
    found = await refused(monkeypatch, tmp_path, **{name: value})
    assert isinstance(found, errors.NoCredentials)
    assert found.operation == "sts:GetCallerIdentity"
    assert str(found).startswith(CONTROL)
    assert "Windows line ends" in str(found)
    assert "AKIASTUB" not in str(found)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://x", "The endpoint ftp://x cannot be used: it is not an http or https URL."),
        ("nonsense", "The endpoint nonsense cannot be used: it is not an http or https URL."),
        ("http://x:99999", "The endpoint http://x:99999 cannot be used: its port is not a number"),
        ("http://a..b", "The endpoint http://a..b cannot be used: it has no usable host."),
        ("http://me:pw@h.test/", "The endpoint cannot be used: it contains a user name."),
        ("http://me:pw@b ad", "The endpoint cannot be used: it has no usable host."),
    ],
)
async def test_endpoints(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, sentence: str
) -> None:
    found = await refused(monkeypatch, tmp_path, AWS_ENDPOINT_URL=url)
    assert str(found).startswith(sentence)
    assert "AWS_ENDPOINT_URL or endpoint_url" in str(found)
    assert "pw" not in str(found)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://x", f"The proxy in HTTP_PROXY {NO_PROXY_URL}"),
        ("socks5://127.0.0.1:9", f"The proxy in HTTP_PROXY {NO_PROXY_URL}"),
        ("http://x:99999", f"The proxy in HTTP_PROXY {NO_PROXY_URL}"),
        ("http://", f"The proxy in HTTP_PROXY {NO_PROXY_URL}"),
        ("http://a\r", f"The proxy in HTTP_PROXY {NO_PROXY_URL}"),
        (
            "http://me:pw@nowhere.invalid:1",
            "Cannot connect through the proxy nowhere.invalid (the name does not resolve).",
        ),
    ],
)
async def test_proxies(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, sentence: str
) -> None:
    found = await refused(monkeypatch, tmp_path, HTTP_PROXY=url, NO_PROXY="")
    assert isinstance(found, errors.NoNetwork)
    assert found.operation == "sts:GetCallerIdentity"
    assert str(found).startswith(sentence)
    assert "pw" not in str(found)


async def test_a_proxy_that_does_not_resolve_is_named_beside_a_broken_one_that_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    proxies = {"HTTP_PROXY": "http://nowhere.invalid:1", "HTTPS_PROXY": "ftp://x"}
    found = await refused(monkeypatch, tmp_path, **proxies, NO_PROXY="")
    assert str(found).startswith("Cannot connect through the proxy nowhere.invalid (the name")


async def test_an_endpoint_that_does_not_resolve_is_not_called_a_proxy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = await refused(monkeypatch, tmp_path, AWS_ENDPOINT_URL="http://nowhere.invalid:1")
    assert str(found).startswith("Cannot reach http://nowhere.invalid:1/ (the name does not")


@pytest.mark.parametrize(
    ("url", "endpoint", "proxy"),
    [
        ("https://ecs.us-east-1.amazonaws.com", "", ""),
        ("http://127.0.0.1:4566/path", "", ""),
        ("http://[::1]:1", "", ""),
        ("http://[::1", "it is not a URL", "it is not a URL"),
        ("http://me:pw@h:1", "it contains a user name", ""),
        ("http://h/a@b", "", ""),
        ("http://h:0", "its port is not a number from 1 to 65535", "its port is not a number from 1 to 65535"),
        ("https://", "it has no usable host", "it has no usable host"),
        ("http://a b", "it has no usable host", "it has no usable host"),
        ("HTTPS://h", "", ""),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_a_url(url: str, endpoint: str, proxy: str) -> None:
    assert what_is_wrong(url) == endpoint
    assert what_is_wrong(url, proxy=True) == proxy
