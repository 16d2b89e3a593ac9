"""Calls to AWS: read-only mode, errors as messages, the call budget."""

from __future__ import annotations

import asyncio
from typing import Any

import botocore.session
import pytest
from botocore import exceptions as boto

from ecs_tui import errors
from ecs_tui.aws import read_only
from ecs_tui.aws.account import Account, Credentials
from ecs_tui.aws.api import ecs
from ecs_tui.aws.errors import translate
from ecs_tui.aws.pace import Bucket, Pace
from tests.support.demo import Demo

CLIENTS = ("ecs", "sts", "iam", "ssm", "ec2", "kms")
READS = ("Describe", "List", "Get", "Simulate", "AssumeRole", "Create")


def operations() -> list[tuple[str, str]]:
    session = botocore.session.get_session()
    return [
        (service, operation)
        for service in CLIENTS
        for operation in session.get_service_model(service).operation_names
    ]


def test_the_allow_list_holds_reads_only() -> None:
    changes = {
        ("sso-oidc", "CreateToken"), ("signin", "CreateOAuth2Token"),
        ("logs", "FilterLogEvents"), ("logs", "StartLiveTail"),
        ("logs", "StartQuery"), ("logs", "StopQuery"),
        ("cloudtrail", "LookupEvents"),
        ("athena", "StartQueryExecution"), ("athena", "StopQueryExecution"),
    }  # fmt: skip
    for service, allowed in read_only.ALLOWED.items():
        for operation in allowed:
            assert operation.startswith(("Describe", "List", "Get", "Simulate", "AssumeRole")) or (
                service, operation,
            ) in changes  # fmt: skip


@pytest.mark.asyncio
async def test_read_only_refuses_every_mutating_operation_of_every_client(demo: Demo) -> None:
    account = demo.account(read_only=True)
    refused = 0
    try:
        for service in CLIENTS:
            client: Any = await account.client(service)
            for method_name, operation in client.meta.method_to_api_mapping.items():
                if operation in read_only.ALLOWED.get(service, ()):
                    continue
                # A call on botocore's client, without the check in `Account`, must be refused too.
                with pytest.raises(errors.ReadOnly):
                    await client._make_api_call(operation, {})
                with pytest.raises(errors.ReadOnly):
                    await account.call(getattr(client, method_name))
                refused += 1
    finally:
        await account.close()
    assert refused > 300


@pytest.mark.asyncio
async def test_read_only_refuses_a_shell(demo: Demo) -> None:
    account = demo.account(read_only=True)
    try:
        with pytest.raises(errors.ReadOnly, match="ecs:ExecuteCommand"):
            await ecs.execute_command(account, "prod", "x", "app", "/bin/sh")
    finally:
        await account.close()


def client_error(code: str, message: str = "words") -> boto.ClientError:
    return boto.ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


@pytest.mark.parametrize(
    ("raised", "kind", "part"),
    [
        (boto.NoCredentialsError(), errors.NoCredentials, "aws sso login"),
        (boto.UnauthorizedSSOTokenError(), errors.ExpiredCredentials, "--profile work"),
        (boto.ProfileNotFound(profile="work"), errors.NoCredentials, "list-profiles"),
        (boto.NoRegionError(), errors.NoRegion, "--region"),
        (boto.EndpointConnectionError(endpoint_url="http://x"), errors.NoNetwork, "http://x"),
        (asyncio.TimeoutError(), errors.NoNetwork, "network"),
        (client_error("ExpiredTokenException"), errors.ExpiredCredentials, "expired"),
        (client_error("UnrecognizedClientException"), errors.NoCredentials, "profile work"),
        (
            client_error("AccessDeniedException"),
            errors.AccessDenied,
            "ecs:ListServices on cluster/p",
        ),
        (client_error("ThrottlingException"), errors.Throttled, "lower burst and rate"),
        (client_error("ClusterNotFoundException"), errors.ResourceGone, "region"),
        (client_error("TargetNotConnectedException"), errors.ExecFailed, "ssmmessages"),
        (
            client_error("InvalidParameterException", "… execute command was not enabled when …"),
            errors.ExecFailed,
            "new deployment",
        ),
        (client_error("ServerException"), errors.AwsError, "words"),
    ],
)
def test_every_error_says_what_happened_and_what_to_do(
    raised: Exception, kind: type[errors.EcsTuiError], part: str
) -> None:
    found = translate(raised, operation="ecs:ListServices", thing="cluster/p", profile="work")
    assert isinstance(found, kind)
    assert part in str(found)


def test_errors_hold_no_token_and_no_escape_sequence() -> None:
    text = 'bad {"TokenValue": "AAAASECRET"} x-amz-security-token: SECRET2 \x1b[2J'
    found = str(translate(client_error("ServerException", text), operation="ecs:X"))
    assert "SECRET" not in found
    assert found.isprintable()


def test_a_bug_is_not_dressed_up_as_an_error_of_aws() -> None:
    with pytest.raises(ZeroDivisionError):
        translate(ZeroDivisionError())


def test_the_bucket_lets_a_burst_through_and_then_its_rate() -> None:
    bucket = Bucket(burst=3, rate=2)
    assert [bucket.take(0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert bucket.take(10) == 0
    bucket.slow_down(10)
    assert bucket.take(10) == 1.0  # half the rate


@pytest.mark.asyncio
async def test_the_pace_counts_calls_of_the_last_minute() -> None:
    now = [0.0]
    pace = Pace(clock=lambda: now[0])
    await pace.wait("ecs", "ListClusters")
    now[0] = 61
    await pace.wait("ecs", "ListClusters")
    assert (pace.calls, pace.calls_per_minute()) == (2, 1)


@pytest.mark.asyncio
async def test_who_am_i(demo: Demo) -> None:
    account = demo.account()
    try:
        caller = await account.caller()
    finally:
        await account.close()
    assert (caller.account, caller.who, caller.alias) == ("123456789012", "alice", "example-corp")


@pytest.mark.asyncio
async def test_nothing_listens_there() -> None:
    keys = Credentials("a", "b")
    account = Account(None, "us-east-1", "http://127.0.0.1:9", credentials=keys)
    try:
        with pytest.raises(errors.NoNetwork):
            await account.caller()
    finally:
        await account.close()
