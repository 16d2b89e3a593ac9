"""`ecs-tui info`: complete, without secrets, and right about the connection."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from ecs_tui.session.reach import reach
from tests.support.certificates import make
from tests.support.limits import limit
from tests.support.proxy_process import API, GATEWAY, PASSWORD, proxy, with_tls
from tests.support.stub_aws import FAULTS, StubAws, stub_aws

pytestmark = pytest.mark.asyncio
SECRET = "a-secret-key-of-the-tests"
KEY_ID = "AKIAEXAMPLEOFTESTS"


async def info(home: Path, *argv: str, **env: str) -> tuple[int, str, str]:
    """(exit status, stdout, stderr) of `ecs-tui info` with only these variables."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "ecs_tui", "info", *argv,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8",
             "AWS_EC2_METADATA_DISABLED": "true", **env},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(limit(60)):
        out, err = await child.communicate()
    assert child.returncode is not None
    return child.returncode, out.decode(), err.decode()


def keys(stub: StubAws) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_ENDPOINT_URL": stub.endpoint,
        "AWS_REGION": "us-east-1",
    }


def lines(text: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["section"], row["name"]): row for row in json.loads(text)}


async def test_all_sections_are_told_and_aws_answers(tmp_path: Path) -> None:
    with stub_aws() as stub:
        status, out, err = await info(tmp_path, "--json", **keys(stub))
    assert (status, err) == (0, "")
    found = lines(out)
    sections = ["versions", "terminal", "paths", "sessions", "aws", "connection"]
    assert list(dict.fromkeys(section for section, _ in found)) == sections
    assert found["aws", "region"]["value"] == "us-east-1 (from AWS_REGION)"
    assert found["aws", "credentials"]["value"] == "env"
    assert found["connection", "sts:GetCallerIdentity"]["ok"] is True
    assert found["connection", "ecs:ListClusters"]["value"].endswith("cluster")
    assert all(row["ok"] is not False for row in found.values())
    assert SECRET not in out and KEY_ID not in out


async def test_the_same_for_people(tmp_path: Path) -> None:
    with stub_aws() as stub:
        status, out, _ = await info(tmp_path, **keys(stub), TERM="xterm", TMUX="x")
    assert status == 0
    text = out.splitlines()
    assert "  TERM                   xterm" in text
    assert "  within                 TMUX" in text
    assert any(line.startswith("● sts:GetCallerIdentity  arn:") for line in text)


async def test_a_refused_call_is_told_and_the_status_says_so(tmp_path: Path) -> None:
    with stub_aws() as stub:
        stub.faults["ecs:ListClusters"] = FAULTS["scp"]
        status, out, _ = await info(tmp_path, "--json", **keys(stub))
    found = lines(out)
    assert status == 3
    assert found["connection", "ecs:ListClusters"]["ok"] is False
    assert found["connection", "sts:GetCallerIdentity"]["ok"] is True


@pytest.mark.parametrize(
    ("env", "section", "name", "words"),
    [
        ({}, "connection", "sts", "No AWS region is configured"),
        ({"AWS_REGION": "us-east-1"}, "connection", "sts:GetCallerIdentity", "No AWS credentials"),
        ({"AWS_PROFILE": "nope"}, "aws", "configuration", "nope"),
    ],
    ids=["no-region", "no-keys", "no-profile"],
)
async def test_what_is_not_configured_is_named(
    tmp_path: Path, env: dict[str, str], section: str, name: str, words: str
) -> None:
    status, out, err = await info(tmp_path, "--json", AWS_ENDPOINT_URL="http://127.0.0.1:9", **env)
    found = lines(out)
    assert (status, err) == (3, "")
    assert found[section, name]["ok"] is False
    assert words in found[section, name]["value"]


async def test_through_a_proxy_whose_password_is_not_shown(tmp_path: Path) -> None:
    with stub_aws() as stub:
        port = int(stub.endpoint.rpartition(":")[2])
        async with with_tls(tmp_path, port) as (bundle, tls), proxy(f"{API}={tls}") as through:
            env = keys(stub) | {
                "AWS_ENDPOINT_URL": f"https://{API}",
                "HTTPS_PROXY": f"http://me:{PASSWORD}@127.0.0.1:{through.port}",
                "AWS_CA_BUNDLE": str(bundle),
            }
            status, out, _ = await info(tmp_path, "--json", **env)
            asked = {item["where"] for item in through.asked}
    found = lines(out)
    assert status == 0, out
    assert asked == {f"{API}:443"}
    assert f"through the proxy 127.0.0.1:{through.port}" in found["connection", "ecs"]["value"]
    assert PASSWORD not in out and SECRET not in out


def refused() -> str:
    """An address of this machine where no server listens."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{server.getsockname()[1]}"


async def test_what_fails_on_the_way_has_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    found = await reach("https://nowhere.invalid")
    assert (found.reached, found.words) == (False, "the name does not resolve")
    found = await reach(refused())
    assert not found.reached and "refused" in found.words.casefold()
    _, context = make(tmp_path, "localhost", GATEWAY)

    async def close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(close, "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        found = await reach(f"https://localhost:{port}")
        assert not found.reached and "certificate is not trusted" in found.words
    async with proxy("--refuse", "407") as through:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{through.port}")
        found = await reach(f"https://{API}")
    assert not found.reached and "requires a user name and a password" in found.words
    assert found.proxy == f"127.0.0.1:{through.port}"
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "none.pem"))
    found = await reach(f"https://{API}")
    assert not found.reached and "AWS_CA_BUNDLE" in found.words
