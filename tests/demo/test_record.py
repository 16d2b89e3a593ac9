"""The record of a cluster in the demo account: read, turned on, and required by the policy."""

from __future__ import annotations

import pytest

from ecs_tui.aws.api import ecs
from ecs_tui.aws.api.buckets import bucket_record
from ecs_tui.aws.api.recording_changes import RECORDING_CALLS
from ecs_tui.config.policy import CallPolicy
from ecs_tui.errors import AwsError, ReadOnly
from ecs_tui.model.rules.cluster_record import record_lines
from ecs_tui.operations.recording import Destination, read_recording_plan
from ecs_tui.operations.running import Running
from ecs_tui.session.aws_recording import read_recording
from ecs_tui.session.remote import RemoteSession
from ecs_tui.session.target import Target
from ecs_tui.store.cluster_record import read_record
from tests.support.demo import Demo

pytestmark = pytest.mark.asyncio
GROUP = "/ecs/exec/staging"


async def a_target(demo: Demo, cluster: str) -> Target:
    account = demo.account()
    try:
        arns = [arn async for page in ecs.list_tasks(account, cluster) for arn in page]
        tasks = await ecs.describe_tasks(account, cluster, arns[:50])
        task = next(task for task in tasks if task.exec_enabled and not task.stopping)
        return Target.of(task, task.containers[0])
    finally:
        await account.close()


async def test_recording_is_turned_on_and_then_holds(demo: Demo) -> None:
    account = demo.account()
    try:
        before = {line.key: line for line in record_lines(await read_record(account, "staging"))}
        assert before["logging"].tone == "warning" and "DEFAULT" in before["logging"].value
        plan = await read_recording_plan(account, "staging", None)
        assert {call.operation for call in plan.calls} <= RECORDING_CALLS
        assert f"Creates the log group {GROUP}" in plan.effects[0]
        running = Running(account, plan)
        await running.run(poll=0.05)
        assert running.outcome == "done", running.said
        after = {line.key: line for line in record_lines(await read_record(account, "staging"))}
        assert after["logging"].value == f"OVERRIDE: {GROUP}"
        assert after["retention"].value == "365 days"
        again = await read_recording_plan(account, "staging", Destination(GROUP))
        assert [call.operation for call in again.calls] == ["ecs:UpdateCluster"]
        assert again.changes == ()
        target = await a_target(demo, "staging")
        fact = await read_recording(account, "staging", target.task_arn, target.container)
        assert (fact.recorded, fact.where) == ("yes", GROUP)
    finally:
        await account.close()


async def test_the_gate_reads_the_recording_and_wants_a_reason(demo: Demo) -> None:
    target = await a_target(demo, "staging")
    for policy, reason, words in (
        (CallPolicy(forbid_clusters=("stag*",)), "INC-1", "No session may be opened in staging"),
        (CallPolicy(require_reason=("stag*",)), "", "needs a reason"),
    ):
        account = demo.account(policy=policy)
        try:
            with pytest.raises(ReadOnly, match=words):
                await RemoteSession(account, target, "/bin/sh", reason).open()
        finally:
            await account.close()
    account = demo.account(policy=CallPolicy(require_recording=("*",), require_reason=("*",)))
    try:
        remote = RemoteSession(account, target, "/bin/sh", "INC-1")
        started = await remote.open()
        assert started.session_id
        remote.terminate()
        await remote.terminated(5)
    finally:
        await account.close()


async def test_a_bucket_is_read_as_it_is(demo: Demo) -> None:
    account = demo.account()
    try:
        found = await bucket_record(account, "example-corp-exec-logs")
        assert found.name == "example-corp-exec-logs"
        assert found.versioning in ("", "Enabled", "Suspended")
        with pytest.raises(AwsError) as caught:
            await bucket_record(account, "no-such-bucket-of-ours")
        assert caught.value.code == "NoSuchBucket"
    finally:
        await account.close()
