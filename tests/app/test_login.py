"""Logins: the device flow of IAM Identity Center and MFA codes, in the app and on a terminal."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Input

from ecs_tui import errors
from ecs_tui.aws.account import Account
from ecs_tui.aws.login import log_in
from ecs_tui.system.browser import browser_command
from ecs_tui.ui.dialogs.mfa import MfaScreen
from tests.support.app import running_app, screen_text
from tests.support.aws_files import DEVICE, MFA, Files, clear_environment
from tests.support.command import run_command
from tests.support.identity_center import SSO, START, Center, center_process
from tests.support.limits import until as wait
from tests.support.program_terminal import ProgramTerminal
from tests.support.stub_aws import StubAws, error_reply
from tests.support.stub_sso import CODE, PAGE, TOKEN

pytestmark = pytest.mark.asyncio


@pytest.fixture
def center(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    with center_process(tmp_path_factory.mktemp("center")) as served:
        yield served


@pytest.fixture
def files(stub: StubAws, center: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    clear_environment(monkeypatch)
    for name, value in environment(stub, center, tmp_path).items():
        monkeypatch.setenv(name, value)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    made = Files(tmp_path)
    made.config(SSO)
    return made


def environment(stub: StubAws, center: Center, home: Path) -> dict[str, str]:
    return {
        "HOME": str(home),
        "AWS_ENDPOINT_URL": stub.endpoint,
        "AWS_ENDPOINT_URL_SSO": center.endpoint,
        "AWS_ENDPOINT_URL_SSO_OIDC": center.endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


async def lines_of(profile: str) -> list[str]:
    account = Account(profile)
    try:
        login = await account.find_login()
        assert login is not None
        return [line async for line in log_in(login)]
    finally:
        await account.close()


@pytest.mark.parametrize(("profile", "name"), [("dev", "corp"), ("ops", "corp"), ("legacy", START)])
async def test_the_token_lies_where_and_as_the_cli_writes_it(
    stub: StubAws, center: Center, files: Files, profile: str, name: str
) -> None:
    center.confirm()
    lines = await lines_of(profile)
    assert f"{PAGE}?user_code={CODE}" in lines[0]
    assert CODE in lines[1]
    assert not any(TOKEN in line for line in lines)
    path = files.home / ".aws/sso/cache" / f"{hashlib.sha1(name.encode()).hexdigest()}.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    token = json.loads(path.read_text())
    assert token["accessToken"] == TOKEN
    assert (token["startUrl"], token["region"]) == (START, "us-east-1")
    assert (token["clientId"], token["clientSecret"]) == ("client-1", "secret-of-client")
    assert token["refreshToken"] == "refresh-1"
    assert token["expiresAt"].endswith("Z")
    assert token["registrationExpiresAt"] > token["expiresAt"]
    (registered,) = center.calls("/client/register")
    assert registered.get("scopes") == (["sso:account:access"] if name == "corp" else None)
    # botocore, which reads the CLI's cache, gets keys with this token.
    account = Account(profile)
    await account.caller(alias=False)
    await account.close()
    assert center.calls("/federation/credentials") == [
        {"path": "/federation/credentials", "token": True}
    ]
    last = "ASIAROLEROLEROLEROLE" if profile == "ops" else "ASIASSO"
    assert stub.signed[-1].access_key == last


async def test_a_code_that_is_confirmed_later_is_waited_for(center: Center, files: Files) -> None:
    account = Account("dev")
    login = await account.find_login()
    assert login is not None
    lines = log_in(login)
    first = [await anext(lines) for _ in range(3)]
    assert "Waiting" in first[2]
    center.confirm()
    assert [line async for line in lines] == []
    await account.close()


@pytest.mark.parametrize(
    ("refuse", "words"),
    [
        ("AccessDeniedException", "was refused"),
        ("ExpiredTokenException", "The code has expired"),
        ("InvalidClientException", "was refused"),
    ],
)
async def test_a_login_that_is_refused_is_said(
    center: Center, files: Files, refuse: str, words: str
) -> None:
    (center.folder / "refuse").write_text(refuse)
    with pytest.raises(errors.NoCredentials, match=words):
        await lines_of("dev")


async def test_only_an_https_address_is_shown_and_opened(center: Center, files: Files) -> None:
    (center.folder / "page").write_text("file:///etc/passwd")
    center.confirm()
    with pytest.raises(errors.AwsError, match="no https:// URL"):
        await lines_of("dev")


@pytest.mark.parametrize(
    ("environ", "opens"),
    [
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "w"}, True),
        ({}, False),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "1.2.3.4 1 5.6.7.8 22"}, False),
        ({"DISPLAY": ":0", "SSH_TTY": "/dev/pts/1"}, False),
        ({"DISPLAY": ":0", "SSH_CLIENT": "1.2.3.4 1 22"}, False),
    ],
)
async def test_no_browser_is_opened_where_nobody_sees_it(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], opens: bool
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert bool(browser_command(environ)) == opens


async def test_the_browser_of_this_machine_gets_the_address(
    center: Center, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin/xdg-open"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho noise\necho "$1" > {tmp_path}/opened\n')
    program.chmod(0o700)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    center.confirm()
    lines = await lines_of("dev")
    assert lines[0].startswith("Opening a browser")
    assert (tmp_path / "opened").read_text().strip() == f"{PAGE}?user_code={CODE}"


async def test_in_the_app_the_login_is_by_a_code(
    stub: StubAws, center: Center, files: Files
) -> None:
    async with running_app(Account("ops"), size=(150, 40)) as (app, pilot):
        await wait(lambda: "The SSO login of sso-session corp" in screen_text(app), "why not")
        assert "i log in" in screen_text(app)
        await pilot.press("i")
        await wait(lambda: CODE in screen_text(app), "the code")
        center.confirm()
        await wait(
            lambda: "Logged in. ops@us-east-1 is refreshing again" in screen_text(app), "it goes on"
        )
        await wait(lambda: "stub" in screen_text(app), "the cluster")


async def test_keys_without_a_login_say_so(stub: StubAws, files: Files) -> None:
    files.credentials("[keys]\naws_access_key_id = AKIAOLD\naws_secret_access_key = s\n")
    for operation in ("sts:GetCallerIdentity", "ecs:ListClusters"):
        stub.faults[operation] = lambda op: error_reply(op, "ExpiredTokenException", "expired")
    async with running_app(Account("keys", "us-east-1"), size=(150, 40)) as (app, pilot):
        await wait(lambda: "have expired" in screen_text(app), "expired")
        await pilot.press("i")
        await wait(lambda: "These credentials have no login" in screen_text(app), "why not")


def run(stub: StubAws, center: Center, home: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    return run_command({"PATH": "/usr/bin:/bin", **environment(stub, center, home)}, *argv)


async def test_on_the_command_line_the_login_is_by_a_code(
    stub: StubAws, center: Center, files: Files
) -> None:
    listed = run(stub, center, files.home, "--profile", "ops", "ls", "clusters")
    assert listed.returncode == 3
    assert "ecs-tui --profile ops login" in listed.stderr
    center.confirm()
    done = run(stub, center, files.home, "--profile", "ops", "login")
    assert done.returncode == 0, done.stderr
    assert CODE in done.stderr
    assert done.stdout == ""
    listed = run(stub, center, files.home, "--profile", "ops", "ls", "clusters")
    assert listed.returncode == 0, listed.stderr


async def test_a_code_of_a_device_is_asked_for_in_a_dialog(
    stub: StubAws, center: Center, files: Files
) -> None:
    files.config(MFA)
    stub.faults["sts:AssumeRole"] = lambda op: error_reply(
        op, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code."
    )
    async with running_app(Account("ops"), size=(150, 40)) as (app, pilot):
        await wait(lambda: isinstance(app.screen, MfaScreen), "the dialog")
        await wait(lambda: f"MFA code for device {DEVICE}" in screen_text(app), "the device")
        await pilot.press("escape")
        await wait(lambda: "i enter the code" in screen_text(app), "the key that asks again")
        await pilot.press("i")
        await wait(lambda: isinstance(app.screen, MfaScreen), "the dialog again")
        await pilot.press(*"000000", "enter")
        await wait(
            lambda: re.search(r"✖ .*(invalid MFA|not accepted|sts:AssumeRole)", screen_text(app)),
            "what AWS said",
        )
        stub.heal()
        await wait(lambda: app.screen.query_one(Input).value == "", "the next code")
        await pilot.press(*"123456", "enter")
        await wait(lambda: not isinstance(app.screen, MfaScreen), "accepted")
        await wait(lambda: "stub" in screen_text(app), "the cluster")
    assert stub.signed[-1].access_key == "ASIAROLEROLEROLEROLE"


async def test_the_real_app_can_be_left_while_a_code_is_missing(
    stub: StubAws, center: Center, files: Files
) -> None:
    files.config(MFA)
    outer = ProgramTerminal(
        environment(stub, center, files.home), "--profile", "ops", size=(120, 30)
    )
    try:
        await outer.shows(f"MFA code for device {DEVICE}")
        outer.keys("\x1b")
        title = "MFA code for device"
        await wait(lambda: title not in outer.screen, "the dialog is closed")
        await outer.shows("i enter the code")
        assert "Enter MFA code" not in outer.screen  # botocore's own prompt
        outer.keys("q")
        assert await outer.ends() == 0
    finally:
        outer.pty.close()


async def test_a_verb_asks_for_the_code_on_the_terminal(
    stub: StubAws, center: Center, files: Files
) -> None:
    files.config(MFA)
    env = environment(stub, center, files.home)
    outer = ProgramTerminal(env, "--profile", "ops", "ls", "clusters", size=(150, 30))
    try:
        await outer.shows(f"MFA code for device {DEVICE}:")
        outer.keys("123456\r")
        await outer.shows("stub")
        assert await outer.ends() == 0
        assert "123456" not in outer.screen
    finally:
        outer.pty.close()
    assert "sts:AssumeRole" in stub.calls


async def test_a_verb_without_a_terminal_says_what_is_missing(
    stub: StubAws, center: Center, files: Files
) -> None:
    files.config(MFA)
    listed = run(stub, center, files.home, "--profile", "ops", "ls", "clusters")
    assert listed.returncode == 3
    assert f"needs an MFA code from device {DEVICE}" in listed.stderr
    assert len(listed.stderr.splitlines()) == 1


async def test_a_console_login_over_ssh_is_sent_elsewhere(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.config("[profile me]\nregion = us-east-1\nlogin_session = arn:aws:iam::1:user/me\n")
    monkeypatch.setenv("SSH_CONNECTION", "1 2 3 4")
    assert "SSH_CONNECTION" in os.environ
    with pytest.raises(errors.NoCredentials, match="aws login --profile me --remote"):
        await lines_of("me")
