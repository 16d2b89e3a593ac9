"""Settings of the AWS configuration for retries, and for the endpoints of SSM and of sessions."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecs_tui.aws.account import Account
from ecs_tui.errors import AwsError, EcsTuiError, Throttled
from ecs_tui.session.plugin import PluginChoice
from ecs_tui.session.session import Session, State
from ecs_tui.session.target import Target
from tests.support.aws_files import KEYS, Files
from tests.support.client_script import client_script
from tests.support.limits import until
from tests.support.stub_aws import CLUSTER, TASKS, StubAws, error_reply

pytestmark = pytest.mark.asyncio
CALLER = "sts:GetCallerIdentity"


@pytest.mark.parametrize(
    ("variable", "in_file", "busy", "broken"),
    [
        ("", "", 4, 2),
        ("1", "", 1, 1),
        ("", "1", 1, 1),
        ("2", "5", 2, 2),
        ("3", "", 3, 3),
    ],
)
async def test_a_call_has_the_attempts_that_the_configuration_allows(
    stub: StubAws,
    files: Files,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    in_file: str,
    busy: int,
    broken: int,
) -> None:
    """`busy`: attempts while AWS throttles; `broken`: while it answers 500."""
    setting = f"max_attempts = {in_file}\n" if in_file else ""
    files.config(f"[default]\nregion = us-east-1\n{setting}{KEYS.format('AKIA')}")
    if variable:
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", variable)
    account = Account()
    stub.faults[CALLER] = lambda op: error_reply(op, "ThrottlingException", "Rate exceeded")
    with pytest.raises(Throttled):
        await account.caller(alias=False)
    # Attempts multiply: botocore may repeat each attempt of the program.
    assert account.pace.throttled == busy
    stub.calls.clear()
    stub.faults[CALLER] = lambda op: error_reply(op, "InternalFailure", "It is us.", 500)
    with pytest.raises(AwsError):
        await account.caller(alias=False)
    assert stub.calls[CALLER] == broken
    await account.close()


@pytest.mark.parametrize("value", ["none", "0", "-3", "1.5"])
async def test_attempts_that_are_no_number_are_named(
    files: Files,
    monkeypatch: pytest.MonkeyPatch,
    value: str,
) -> None:
    files.config(f"[default]\nregion = us-east-1\n{KEYS.format('AKIA')}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", value)
    account = Account()
    with pytest.raises(EcsTuiError, match="AWS_MAX_ATTEMPTS"):
        await account.caller(alias=False)
    await account.close()


@pytest.mark.parametrize(
    ("config", "endpoint"),
    [
        ("services = here\n{keys}[services here]\necs =\n  endpoint_url = {stub}\nssm =\n  endpoint_url = {stub}/ssm\n", "{stub}/ssm"),
        ("use_fips_endpoint = true\nservices = here\n{keys}[services here]\necs =\n  endpoint_url = {stub}\n", "https://ssm-fips.us-east-1.amazonaws.com"),
        ("endpoint_url = {stub}\n{keys}", "{stub}"),
        ("services = here\n{keys}[services here]\necs =\n  endpoint_url = {stub}\n", "https://ssm.us-east-1.amazonaws.com"),
    ],
)  # fmt: skip
async def test_the_plugin_is_told_where_the_configuration_leads(
    stub: StubAws,
    files: Files,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    config: str,
    endpoint: str,
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    text = config.format(stub=stub.endpoint, keys=KEYS.format("AKIA"))
    files.config(f"[default]\nregion = us-east-1\n{text}")
    told = tmp_path / "told"
    account = Account()
    target = Target(CLUSTER, TASKS[0], "app", "r-1", "web")
    session = Session(
        account, target, "/bin/sh", lambda data: None, lambda: None, plugin=PluginChoice.SYSTEM,
        plugin_path=client_script(tmp_path / "client", f'printf %s "$6" > {told}'),
    )  # fmt: skip
    await session.start()
    await until(lambda: session.state is State.CLOSED, "the client has ended")
    assert told.read_text() == endpoint.format(stub=stub.endpoint)
    await account.close()


async def test_the_socket_of_sessions_is_looked_for_beside_ssm(
    files: Files,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    files.config(f"[default]\nregion = us-east-1\n{KEYS.format('AKIA')}")
    for variable, host in (
        ("", "ssmmessages.us-east-1.amazonaws.com"),
        ("AWS_USE_FIPS_ENDPOINT", "ssmmessages-fips.us-east-1.amazonaws.com"),
    ):
        if variable:
            monkeypatch.setenv(variable, "true")
        account = Account()
        assert await account.endpoint("ssmmessages") == f"https://{host}"
        await account.close()
