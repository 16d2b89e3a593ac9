"""A command that a plan runs in a container: its session, and why there is none."""

from __future__ import annotations

from typing import Any

import pytest

from ecs_tui.errors import AwsError, ResourceGone
from ecs_tui.operations import session_call
from ecs_tui.operations.calls import Call, make_call
from tests.support.demo import Demo
from tests.support.demo_logs import task_ids
from tests.support.stub_aws import StubAws, error_reply

pytestmark = pytest.mark.asyncio
WHERE: dict[str, Any] = {"cluster": "stub", "task": "a" * 32, "container": "app", "command": "true"}


async def test_a_container_that_is_gone_and_a_session_that_is_refused(stub: StubAws) -> None:
    account = stub.account()
    with pytest.raises(ResourceGone, match="Container other of task"):
        await session_call.run_in_container(account, {**WHERE, "container": "other"}, "")
    assert stub.calls["ecs:ExecuteCommand"] == 0
    stub.answers["ecs:ExecuteCommand"] = error_reply(
        "ecs:ExecuteCommand", "InvalidParameterException", "not enabled"
    )
    with pytest.raises(AwsError):
        await session_call.run_in_container(account, WHERE, "")
    assert stub.calls["ssm:TerminateSession"] == 0, "there is none to end"
    await account.close()


async def test_a_command_runs_in_a_session_of_its_own_that_has_ended(demo: Demo) -> None:
    account = demo.account()
    (task, *_) = task_ids(demo, "orders")
    call = Call("ecs:ExecuteCommand", {**WHERE, "cluster": "prod", "task": task}, "try")
    result = await make_call(account, call)
    assert result.session.startswith("ecs-execute-command-") and result.error is None
    await account.close()


async def test_a_command_that_does_not_end_is_ended_with_its_session(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_call, "SESSION_SECONDS", 2.0)
    account, (_, ended) = demo.account(), demo.sessions()
    (task, *_) = task_ids(demo, "orders")
    where = {**WHERE, "cluster": "prod", "task": task, "command": "sleep 1000"}
    session = await session_call.run_in_container(account, where, "try")
    assert session and demo.sessions()[1] == ended + 1
    await account.close()
