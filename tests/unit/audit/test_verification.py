"""Verifying that sessions are recorded: in which task, what is said meanwhile, and why it cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecs_tui.audit.verification import (
    COMMAND,
    REASON,
    WAIT_SECONDS,
    WINDOWS_COMMAND,
    TranscriptAppears,
    _choose,
    place_words,
    verification_plan,
)
from ecs_tui.aws.account import Account, Credentials
from ecs_tui.config.policy import CallPolicy
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.container import Container, ManagedAgent
from ecs_tui.model.log_source import LogGroupRef
from ecs_tui.model.task import Task
from ecs_tui.model.transcript import (
    LoggedTranscript,
    NoTranscript,
    NoTranscriptReason,
    RecordedTranscript,
    StoredTranscript,
    TranscriptPlace,
)
from ecs_tui.operations.calls import Applied, CallResult

RECORDED = ExecConfiguration("OVERRIDE", log_group="/exec")
CLUSTER = Cluster("arn", "staging", exec_configuration=RECORDED)
AGENT = ManagedAgent("ExecuteCommandAgent", "RUNNING", "")
READY = Container("app", "", "", "RUNNING", runtime_id="r-1", agents=(AGENT,))
TASK = Task(
    "arn:aws:ecs:eu-west-1:1:task/staging/" + "a" * 32, "a" * 32, cluster_arn="staging",
    group="service:web", last_status="RUNNING", desired_status="RUNNING", exec_enabled=True,
    connectivity="CONNECTED", containers=(READY,),
)  # fmt: skip
GROUP = LoggedTranscript(LogGroupRef("/exec", "eu-west-1"), "s")


def account(*, read_only: bool = False) -> Account:
    return Account(
        None, "eu-west-1", "http://127.0.0.1:9", policy=CallPolicy(read_only=read_only),
        credentials=Credentials("a", "b"),
    )  # fmt: skip


def test_the_newest_ready_task_is_chosen() -> None:
    waiting = replace(TASK, arn="arn:2", id="b" * 32, containers=(replace(READY, agents=()),))
    off = replace(TASK, arn="arn:3", id="c" * 32, exec_enabled=False)
    assert _choose(CLUSTER, [off, waiting, TASK]) == (TASK, READY)


@pytest.mark.parametrize(
    ("cluster", "tasks", "words"),
    [
        (CLUSTER, [], "none of 0 running tasks in staging has ECS Exec enabled"),
        (CLUSTER, [replace(TASK, exec_enabled=False)], "none of 1 running task in staging has"),
        (CLUSTER, [replace(TASK, containers=(replace(READY, agents=()),))],
         "of 1 task in staging with ECS Exec enabled none is ready for a session (no exec agent)"),
        (replace(CLUSTER, exec_configuration=ExecConfiguration("NONE")), [TASK],
         "sessions in staging are not recorded"),
    ],
)  # fmt: skip
def test_why_it_cannot_be_verified(cluster: Cluster, tasks: list[Task], words: str) -> None:
    with pytest.raises(EcsTuiError) as caught:
        _choose(cluster, tasks)
    assert words in str(caught.value) and caught.value.next_step


def test_the_plan_says_what_it_opens_and_read_only_mode_refuses_it() -> None:
    plan = verification_plan(account(), CLUSTER, TASK, READY)
    assert plan.confirm == "y" and plan.stops_when_left
    assert "container app of task web/aaaaaaaaaaaa" in plan.effects[0]
    assert any("(/exec)" in each for each in plan.effects)
    (call,) = plan.calls
    assert (call.operation, call.thing, call.parameters["command"]) == (
        "ecs:ExecuteCommand", REASON, COMMAND,
    )  # fmt: skip
    assert "aws ecs execute-command --cluster staging" in plan.command
    assert "--interactive" in plan.command
    assert plan.refusal(account()) is None
    assert plan.refusal(account(read_only=True)) is not None
    windows = replace(TASK, platform_family="WINDOWS_SERVER_2022_CORE")
    made = verification_plan(account(), CLUSTER, windows, READY)
    assert made.calls[0].parameters["command"] == WINDOWS_COMMAND


@pytest.mark.parametrize(
    ("found", "seconds", "outcome", "words"),
    [
        (GROUP, 5, "done", "The transcript of s-1 is in log group /exec."),
        ("not yet", 31, "", "No transcript yet: waited 30 of 600 s."),
        ("no script", 44, "", "No transcript yet: waited 30 of 600 s."),
        ("denied", 44, "", "No transcript yet"),
        ("denied", WAIT_SECONDS, "unknown", "Not verified within 10 minutes: Why. Do that."),
        ("no script", WAIT_SECONDS, "failed", "No transcript of s-1 within 10 minutes: Why."),
        ("not yet", WAIT_SECONDS, "failed", "No transcript of s-1 within 10 minutes: Why."),
        ("no logging", 1, "failed", "Session s-1 leaves no transcript: Why. Do that."),
        ("no awslogs", 1, "failed", "leaves no transcript"),
        ("region", 1, "failed", "leaves no transcript"),
    ],
)
def test_what_is_said_while_the_transcript_is_waited_for(
    found: TranscriptPlace | NoTranscriptReason, seconds: float, outcome: str, words: str
) -> None:
    goal = TranscriptAppears("staging", "a" * 32, "app")
    made = NoTranscript(found, "Why.", "Do that.") if isinstance(found, str) else found
    progress = goal._judged("s-1", made, seconds)
    assert (progress.outcome, words in progress.words) == (outcome, True), progress


@pytest.mark.asyncio
async def test_aws_is_asked_less_often_with_time() -> None:
    goal = TranscriptAppears("staging", "a" * 32, "app")
    goal._due = 110.0
    applied = Applied((CallResult(verification_plan(account(), CLUSTER, TASK, READY).calls[0]),))
    found = await goal.look(account(), applied, 109.0)
    assert not found.over, "no call was made: nothing listens at the account's endpoint"


def test_where_a_transcript_is() -> None:
    assert place_words(StoredTranscript("b", "k/s.log")) == "s3://b/k/s.log"
    assert place_words(RecordedTranscript("/x\x1b")) == "/x�"
