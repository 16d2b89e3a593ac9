"""Profiles, regions, keys and roles: the same behaviour as the AWS CLI version 2."""

from __future__ import annotations

import asyncio
import hashlib
import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from ecs_tui import errors
from ecs_tui.aws.account import ENVIRONMENT_KEYS, Account
from ecs_tui.aws.configuration import profiles, split_label
from ecs_tui.aws.sso import find_login
from ecs_tui.config.settings import Settings
from ecs_tui.store.connections import Connections
from tests.support.app import head_text, running_app, screen_text
from tests.support.aws_files import DEVICE, KEYS, MFA, ROLE, Files, signed_with
from tests.support.limits import until as wait
from tests.support.stub_aws import ANSWERS, MORE, StubAws, body_of, error_reply
from tests.support.stub_aws import Reply as StubReply

pytestmark = pytest.mark.asyncio


# -- regions


@pytest.mark.parametrize(
    ("variables", "expected", "origin"),
    [
        ({"AWS_REGION": "eu-west-1"}, "eu-west-1", "AWS_REGION"),
        (
            {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"},
            "eu-west-1",
            "AWS_REGION",
        ),
        ({"AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2", "AWS_DEFAULT_REGION"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2", "AWS_DEFAULT_REGION"),
        ({"AWS_REGION": ""}, "eu-central-1", "profile default"),
        ({}, "eu-central-1", "profile default"),
    ],
)
async def test_the_region_comes_from_where_the_cli_takes_it(
    stub: StubAws,
    files: Files,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    expected: str,
    origin: str,
) -> None:
    files.config(f"[default]\nregion = eu-central-1\n{KEYS.format('AKIADEFAULT')}")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    account = Account()
    assert await signed_with(stub, account) == ("AKIADEFAULT", expected)
    assert account.region == expected
    assert account.region_setting.origin == origin


async def test_a_chosen_region_wins(
    stub: StubAws, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.config(f"[default]\nregion = eu-central-1\n{KEYS.format('AKIADEFAULT')}")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert await signed_with(stub, Account(None, "sa-east-1")) == ("AKIADEFAULT", "sa-east-1")


async def test_without_any_region_it_says_so(files: Files) -> None:
    files.config(f"[default]\n{KEYS.format('AKIADEFAULT')}")
    with pytest.raises(errors.NoRegion, match="--region or AWS_REGION"):
        await Account().caller()


# -- profiles

TWO = (
    f"[default]\nregion = eu-central-1\n{KEYS.format('AKIADEFAULT')}"
    f"[profile prod]\nregion = eu-west-3\n{KEYS.format('AKIAPROD')}"
    f"[profile old]\nregion = eu-north-1\n{KEYS.format('AKIAOLD')}"
)


@pytest.mark.parametrize(
    ("variables", "chosen", "name", "key", "origin"),
    [
        ({"AWS_PROFILE": "prod"}, None, "prod", "AKIAPROD", "AWS_PROFILE"),
        ({"AWS_DEFAULT_PROFILE": "old"}, None, "old", "AKIAOLD", "AWS_DEFAULT_PROFILE"),
        (
            {"AWS_PROFILE": "prod", "AWS_DEFAULT_PROFILE": "old"},
            None,
            "prod",
            "AKIAPROD",
            "AWS_PROFILE",
        ),
        ({"AWS_PROFILE": "prod"}, "default", "default", "AKIADEFAULT", ""),
        ({"AWS_PROFILE": "prod"}, "old", "old", "AKIAOLD", ""),
        ({}, None, "default", "AKIADEFAULT", "no profile is named"),
        ({"AWS_PROFILE": ""}, None, "default", "AKIADEFAULT", "no profile is named"),
    ],
)
async def test_the_profile_shown_is_the_one_used(
    stub: StubAws,
    files: Files,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    chosen: str | None,
    name: str,
    key: str,
    origin: str,
) -> None:
    files.config(TWO)
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    account = Account(chosen)
    assert (await signed_with(stub, account))[0] == key
    assert account.name == name
    assert account.profile_setting.origin == origin


async def test_keys_in_variables_win_over_a_profile_that_is_not_chosen(
    stub: StubAws, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.config(TWO)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAVARIABLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_PROFILE", "prod")
    account = Account()
    assert await signed_with(stub, account) == ("AKIAVARIABLE", "eu-west-3")
    assert account.name == ENVIRONMENT_KEYS
    chosen = Account("prod")
    assert (await signed_with(stub, chosen))[0] == "AKIAPROD"
    assert chosen.name == "prod"


async def test_choosing_default_leaves_the_profile_of_the_environment(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.config(TWO)
    monkeypatch.setenv("AWS_PROFILE", "prod")
    connections = Connections(Account(), Settings.of(cache=False))
    try:
        assert connections.current.label.startswith("prod@")
        chosen = await connections.open_profile("default", "us-east-1")
        assert chosen is not connections.current
        assert chosen.account.name == "default"
        assert await connections.open_profile("default", "us-east-1") is chosen
        assert connections.open_label("default").account.name == "default"
    finally:
        await connections.close()


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("prod@eu-west-1", ("prod", "eu-west-1")),
        ("me@corp.example@eu-west-1", ("me@corp.example", "eu-west-1")),
        ("me@corp.example", ("me@corp.example", "")),
        ("my profile@us-gov-west-1", ("my profile", "us-gov-west-1")),
        ("größe@cn-north-1", ("größe", "cn-north-1")),
        ("prod", ("prod", "")),
        ("prod@", ("prod", "")),
        ("@us-iso-east-1", ("", "us-iso-east-1")),
    ],
)
async def test_a_label_is_split_where_a_region_begins(
    label: str, expected: tuple[str, str]
) -> None:
    assert split_label(label) == expected


@pytest.mark.parametrize("name", ["me@corp.example", "my profile", "größe", "a/b:c"])
async def test_names_of_profiles_are_taken_as_they_are(
    stub: StubAws, files: Files, name: str
) -> None:
    files.config(f'[profile "{name}"]\nregion = eu-west-3\n{KEYS.format("AKIANAMED")}')
    assert name in await profiles()
    account = Account(name)
    assert (await signed_with(stub, account))[0] == "AKIANAMED"
    assert account.name == name


# -- errors name what is missing


async def test_a_credential_process_that_is_missing_is_named(files: Files) -> None:
    files.config("[default]\nregion = us-east-1\ncredential_process = /opt/none/keys --token abc\n")
    with pytest.raises(errors.NoCredentials) as caught:
        await Account().caller()
    assert "/opt/none/keys cannot be started: No such file" in str(caught.value)
    assert "--token" not in str(caught.value)


async def test_a_credential_process_gives_the_keys(
    stub: StubAws, files: Files, tmp_path: Path
) -> None:
    program = tmp_path / "keys"
    keys = {"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "secret"}
    program.write_text(f"#!{sys.executable}\nprint({json.dumps(json.dumps(keys))})\n")
    program.chmod(0o700)
    files.config(f"[default]\nregion = us-east-1\ncredential_process = {program}\n")
    assert (await signed_with(stub, Account()))[0] == "AKIAPROCESS"


@pytest.mark.parametrize("how", ["AWS_CA_BUNDLE", "ca_bundle", "REQUESTS_CA_BUNDLE"])
async def test_a_ca_bundle_that_is_missing_is_named(
    files: Files, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    line = ""
    if how == "ca_bundle":
        line = "ca_bundle = /opt/none/ca.pem\n"
    else:
        monkeypatch.setenv(how, "/opt/none/ca.pem")
    files.config(f"[default]\nregion = us-east-1\n{line}{KEYS.format('AKIADEFAULT')}")
    with pytest.raises(errors.AwsError) as caught:
        await Account().caller()
    assert f"/opt/none/ca.pem ({how}" in str(caught.value)
    assert "No such file" in str(caught.value)


async def test_a_ca_bundle_without_certificates_is_named(
    files: Files, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text("hello\n")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    files.config(f"[default]\nregion = us-east-1\n{KEYS.format('AKIADEFAULT')}")
    with pytest.raises(errors.AwsError, match="contains no certificates"):
        await Account().caller()


# -- roles


async def test_a_role_is_assumed_with_the_keys_of_its_source(stub: StubAws, files: Files) -> None:
    files.config(
        f"[profile base]\nregion = us-east-1\n{KEYS.format('AKIABASE')}"
        f"[profile ops]\nregion = us-east-1\nrole_arn = {ROLE}\nsource_profile = base\n"
        "role_session_name = me\nexternal_id = ext\nduration_seconds = 900\n"
    )
    assert (await signed_with(stub, Account("ops")))[0] == "ASIAROLEROLEROLEROLE"
    call = next(call for call in stub.signed if call.operation == "sts:AssumeRole")
    assert call.access_key == "AKIABASE"
    assert call.form["RoleArn"] == ROLE
    assert call.form["RoleSessionName"] == "me"
    assert call.form["ExternalId"] == "ext"
    assert call.form["DurationSeconds"] == "900"


async def test_a_role_on_keys_in_variables(
    stub: StubAws, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAVARIABLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    files.config(
        f"[profile ops]\nregion = us-east-1\nrole_arn = {ROLE}\ncredential_source = Environment\n"
    )
    assert (await signed_with(stub, Account("ops")))[0] == "ASIAROLEROLEROLEROLE"
    assert stub.signed[0].access_key == "AKIAVARIABLE"


async def test_a_code_is_asked_for_once_and_never_by_botocore(stub: StubAws, files: Files) -> None:
    files.config(MFA)
    account = Account("ops")
    for _ in range(2):
        with pytest.raises(errors.MfaRequired) as caught:
            await account.caller(alias=False)
        assert caught.value.serial == DEVICE
    assert stub.calls["sts:AssumeRole"] == 0
    account.codes.give(DEVICE, "123456")
    assert (await signed_with(stub, account))[0] == "ASIAROLEROLEROLEROLE"
    call = next(call for call in stub.signed if call.operation == "sts:AssumeRole")
    assert (call.form["SerialNumber"], call.form["TokenCode"]) == (DEVICE, "123456")
    # Another connection uses the cached session and does not ask for a code.
    assert (await signed_with(stub, Account("ops", "eu-west-1")))[0] == "ASIAROLEROLEROLEROLE"
    assert stub.calls["sts:AssumeRole"] == 1


async def test_the_session_lies_where_and_as_the_cli_keeps_it(stub: StubAws, files: Files) -> None:
    files.config(MFA)
    account = Account("ops")
    account.codes.give(DEVICE, "123456")
    await signed_with(stub, account)
    (kept,) = files.role_cache()
    # The CLI's file name: SHA-1 of the call's arguments.
    arguments = json.dumps({"RoleArn": ROLE, "SerialNumber": DEVICE}, sort_keys=True)
    assert kept.name == f"{hashlib.sha1(arguments.encode()).hexdigest()}.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    document = json.loads(kept.read_text())
    assert document["Credentials"]["AccessKeyId"] == "ASIAROLEROLEROLEROLE"
    assert "123456" not in kept.read_text()


async def test_a_wrong_code_is_said_and_another_one_may_be_given(
    stub: StubAws, files: Files
) -> None:
    files.config(MFA)
    account = Account("ops")
    stub.faults["sts:AssumeRole"] = lambda op: error_reply(
        op, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code."
    )
    account.codes.give(DEVICE, "000000")
    with pytest.raises(errors.AccessDenied, match=r"sts:AssumeRole.*invalid MFA") as caught:
        await account.caller(alias=False)
    assert caught.value.operation == "sts:AssumeRole"
    stub.heal()
    account.codes.give(DEVICE, "123456")
    assert (await signed_with(stub, account))[0] == "ASIAROLEROLEROLEROLE"


async def test_a_session_that_ends_needs_a_new_code(stub: StubAws, files: Files) -> None:
    files.config(MFA)
    account = Account("ops")

    def short(operation: str) -> StubReply:
        answer: Any = json.loads(json.dumps((ANSWERS | MORE)[operation]))
        answer["Credentials"]["Expiration"] = "2020-01-01T00:00:00Z"
        return StubReply(200, body_of(operation, answer))

    stub.faults["sts:AssumeRole"] = short
    account.codes.give(DEVICE, "123456")
    with pytest.raises(errors.AwsError):
        await account.caller(alias=False)
    with pytest.raises(errors.MfaRequired):
        await account.caller(alias=False)
    stub.heal()
    account.codes.give(DEVICE, "654321")
    assert (await signed_with(stub, account))[0] == "ASIAROLEROLEROLEROLE"


async def test_a_chain_of_three_asks_for_each_device(stub: StubAws, files: Files) -> None:
    files.config(
        f"{MFA}[profile deep]\nregion = us-east-1\nrole_arn = {ROLE}2\nsource_profile = ops\n"
        "mfa_serial = GAHT12345678\n"
    )
    account = Account("deep")
    asked = []
    for _ in range(3):
        try:
            await account.caller(alias=False)
        except errors.MfaRequired as error:
            asked.append(error.serial)
            account.codes.give(error.serial, "123456")
    assert sorted(asked) == ["GAHT12345678", DEVICE]
    await account.close()
    assert stub.calls["sts:AssumeRole"] == 2


# -- which profile has the login

CHAIN: dict[str, Any] = {
    "profiles": {
        "corp": {"sso_session": "main", "sso_account_id": "1", "sso_role_name": "dev"},
        "legacy": {"sso_start_url": "https://l.example/start", "sso_region": "eu-west-1"},
        "one": {"role_arn": "r", "source_profile": "corp"},
        "two": {"role_arn": "r", "source_profile": "one"},
        "three": {"role_arn": "r", "source_profile": "two"},
        "onlegacy": {"role_arn": "r", "source_profile": "legacy"},
        "self": {
            "role_arn": "r",
            "source_profile": "self",
            "sso_start_url": "https://s.example/start",
        },
        "mixed": {
            "role_arn": "r",
            "source_profile": "legacy",
            "sso_start_url": "https://unused.example/start",
        },
        "keys": {"aws_access_key_id": "A"},
        "loop": {"role_arn": "r", "source_profile": "pool"},
        "pool": {"role_arn": "r", "source_profile": "loop"},
        "console": {"login_session": "arn:aws:iam::1:user/me"},
        "onconsole": {"role_arn": "r", "source_profile": "console"},
    },
    "sso_sessions": {
        "main": {
            "sso_start_url": "https://m.example/start",
            "sso_region": "eu-west-1",
            "sso_registration_scopes": "sso:account:access, other",
        }
    },
}


@pytest.mark.parametrize(
    ("profile", "words", "command"),
    [
        ("corp", "sso-session main", "aws sso login --sso-session main"),
        ("one", "sso-session main", "aws sso login --sso-session main"),
        ("three", "sso-session main", "aws sso login --sso-session main"),
        ("legacy", "profile legacy", "aws sso login --profile legacy"),
        ("onlegacy", "profile legacy", "aws sso login --profile legacy"),
        ("mixed", "profile legacy", "aws sso login --profile legacy"),
        ("self", "profile self", "aws sso login --profile self"),
        ("console", "profile console", "aws login --profile console"),
        ("onconsole", "profile console", "aws login --profile console"),
        ("keys", "", ""),
        ("loop", "", ""),
        ("none", "", ""),
    ],
)
async def test_the_login_is_that_of_the_profile_that_has_it(
    profile: str, words: str, command: str
) -> None:
    login = find_login(CHAIN, profile)
    assert (login.words if login else "", login.command if login else "") == (words, command)


async def test_an_sso_session_gives_scopes_and_the_region() -> None:
    login = find_login(CHAIN, "three")
    assert login is not None
    assert login.scopes == ("sso:account:access", "other")
    assert (login.region, login.start_url) == ("eu-west-1", "https://m.example/start")


async def test_a_role_without_login_names_the_session_that_must_log_in(files: Files) -> None:
    files.config(
        "[sso-session main]\nsso_start_url = https://m.example/start\nsso_region = us-east-1\n"
        "[profile corp]\nregion = us-east-1\nsso_session = main\nsso_account_id = 111122223333\n"
        f"sso_role_name = dev\n[profile ops]\nregion = us-east-1\nrole_arn = {ROLE}\n"
        f"source_profile = corp\n[profile deep]\nregion = us-east-1\nrole_arn = {ROLE}\n"
        "source_profile = ops\n"
    )
    account = Account("deep")
    with pytest.raises(errors.ExpiredCredentials) as caught:
        await account.caller()
    assert "The SSO login of sso-session main is missing" in str(caught.value)
    assert "ecs-tui --profile deep login" in str(caught.value)
    assert "aws sso login --sso-session main" in str(caught.value)
    await account.close()


async def test_a_console_login_names_its_extra(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("botocore")
    import botocore.credentials

    if botocore.credentials.EC is not None:
        pytest.skip("awscrt is installed")
    files.config(
        "[default]\nregion = us-east-1\nlogin_session = arn:aws:iam::111122223333:user/me\n"
    )
    with pytest.raises(errors.NoCredentials, match=r"awscrt.*pip install 'ecs-tui\[login\]'"):
        await Account().caller()


# -- keys that another tool renews


def expired_unless(stub: StubAws, key: str, *operations: str) -> None:
    """Let every key but this one be expired."""

    def fault(operation: str) -> StubReply:
        last = next(call for call in reversed(stub.signed) if call.operation == operation)
        if last.access_key != key:
            return error_reply(operation, "ExpiredTokenException", "The token has expired.")
        return StubReply(200, body_of(operation, (ANSWERS | MORE)[operation]))

    for operation in operations:
        stub.faults[operation] = fault


async def test_expired_keys_are_read_again_when_the_file_has_changed(
    stub: StubAws, files: Files
) -> None:
    files.config("[default]\nregion = us-east-1\n")
    files.credentials(f"[default]\n{KEYS.format('AKIAOLD')}")
    account = Account()
    await account.caller(alias=False)
    expired_unless(stub, "AKIANEW", "sts:GetCallerIdentity")
    with pytest.raises(errors.ExpiredCredentials, match="Renew them at their source"):
        await account.caller(alias=False)
    calls = stub.calls["sts:GetCallerIdentity"]
    files.credentials(f"[default]\n{KEYS.format('AKIANEW')}")
    await account.caller(alias=False)
    assert stub.calls["sts:GetCallerIdentity"] == calls + 2  # refused once, then with the new keys
    assert stub.signed[-1].access_key == "AKIANEW"
    await account.close()


async def test_a_program_is_asked_again_when_aws_says_expired(
    stub: StubAws, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecs_tui.aws.clients.RENEW_SECONDS", 0.0)
    program, key = tmp_path / "keys", tmp_path / "key"
    key.write_text("AKIAOLD")
    program.write_text(
        f"#!{sys.executable}\nimport json\nprint(json.dumps({{'Version': 1, 'AccessKeyId': "
        f"open({str(key)!r}).read(), 'SecretAccessKey': 's', 'SessionToken': 't'}}))\n"
    )
    program.chmod(0o700)
    files.config(f"[default]\nregion = us-east-1\ncredential_process = {program}\n")
    account = Account()
    await account.caller(alias=False)
    key.write_text("AKIANEW")
    expired_unless(stub, "AKIANEW", "sts:GetCallerIdentity")
    await account.caller(alias=False)
    assert stub.signed[-1].access_key == "AKIANEW"
    await account.close()


async def test_r_reads_keys_that_another_tool_has_renewed(stub: StubAws, files: Files) -> None:
    files.config("[default]\nregion = us-east-1\n")
    files.credentials(f"[default]\n{KEYS.format('AKIAOLD')}")
    async with running_app(Account()) as (app, pilot):
        await wait(lambda: "stub" in screen_text(app), "the cluster")
        files.credentials(f"[default]\n{KEYS.format('AKIANEW')}")
        await pilot.press("r")
        await wait(
            lambda: any(
                call.access_key == "AKIANEW" and call.operation == "ecs:ListClusters"
                for call in list(stub.signed)
            ),
            "the list with the new keys",
        )


async def test_codes_are_asked_for_where_somebody_answers(stub: StubAws, files: Files) -> None:
    files.config(MFA)
    asked = []

    async def ask(serial: str) -> str:
        asked.append(serial)
        return "123456"

    account = Account("ops", ask_code=ask)
    sts = await account.sts()
    await asyncio.gather(*(account.call(sts.get_caller_identity) for _ in range(3)))
    assert asked == [DEVICE]
    assert stub.calls["sts:AssumeRole"] == 1
    await account.close()


async def test_the_header_and_the_details_say_what_is_used_and_why(
    stub: StubAws, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.config(TWO)
    monkeypatch.setenv("AWS_PROFILE", "prod")
    async with running_app(Account(), size=(160, 50)) as (app, pilot):
        await wait(lambda: app.browser.table.rows, "the cluster")
        assert "profile prod" in head_text(app)
        assert "Region   eu-west-3" in head_text(app)
        await pilot.press("d")
        await wait(lambda: "prod (AWS_PROFILE)" in screen_text(app), "where it came from")
        assert "eu-west-3 (profile prod)" in screen_text(app)
