"""The policy's rules for sessions at the gate: forbidden clusters, recording and reasons."""

from __future__ import annotations

import pytest

from ecs_tui.aws.read_only import refuse
from ecs_tui.aws.session_claim import claiming, current_claim
from ecs_tui.config.policy import CallPolicy
from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.log_configuration import LogConfiguration
from ecs_tui.model.recording_fact import Recorded, RecordingFact, SessionClaim
from ecs_tui.model.rules.recording import recording_of
from ecs_tui.model.task_definition import ContainerDefinition, TaskDefinition

YES, NO = RecordingFact("yes", "/exec"), RecordingFact("no", reason="The logging is NONE.")
UNKNOWN = RecordingFact("unknown", reason="Not readable.")
FORBID = CallPolicy(forbid_clusters=("prod*",))
RECORD = CallPolicy(require_recording=("prod*",))
REASON = CallPolicy(require_reason=("prod*",))
EXEC = ("ecs", "ExecuteCommand", {"cluster": "arn:aws:ecs:eu-west-1:1:cluster/prod"})
ROUND = ("ssm", "StartSession", {"Target": "ecs:prod_" + "a" * 32 + "_" + "a" * 32 + "-1"})
OTHER = ("ecs", "ExecuteCommand", {"cluster": "staging"})


def claim(fact: RecordingFact, reason: str = "", cluster: str = "prod") -> SessionClaim:
    return SessionClaim(cluster, fact, reason)


@pytest.mark.parametrize(
    ("policy", "call", "claimed", "words"),
    [
        (CallPolicy(), EXEC, None, ""),
        (FORBID, EXEC, claim(YES, "a ticket"), "No session may be opened in prod"),
        (FORBID, ROUND, None, "No session may be opened in prod"),
        (FORBID, OTHER, None, ""),
        (FORBID, ("ssm", "StartSession", {"Target": "i-1"}), None, "its cluster is not known"),
        (FORBID, ("ssm", "TerminateSession", {"SessionId": "s"}), None, ""),
        (FORBID, ("ecs", "StopTask", {"cluster": "prod"}), None, ""),
        (REASON, EXEC, None, "needs a reason"),
        (REASON, EXEC, claim(YES), "needs a reason"),
        (REASON, EXEC, claim(NO, "   "), "needs a reason"),
        (REASON, EXEC, claim(NO, "INC-1"), ""),
        (REASON, EXEC, claim(NO, "INC-1", cluster="staging"), "needs a reason"),
        (RECORD, EXEC, None, "is not known"),
        (RECORD, EXEC, claim(YES), ""),
        (RECORD, EXEC, claim(NO), "The logging is NONE."),
        (RECORD, EXEC, claim(UNKNOWN), "Not readable."),
        (RECORD, EXEC, claim(YES, cluster="production"), "is not known"),
        (RECORD, ROUND, claim(YES), "goes round the record"),
        (RECORD, OTHER, None, ""),
        (CallPolicy(read_only=True), EXEC, claim(YES), "Read-only mode"),
    ],
)
def test_which_sessions_are_refused(
    policy: CallPolicy,
    call: tuple[str, str, dict[str, object]],
    claimed: SessionClaim | None,
    words: str,
) -> None:
    error = refuse(policy, *call, claimed)
    assert words in str(error) if words else error is None
    if error is not None and policy is not CallPolicy():
        assert error.operation == f"{call[0]}:{call[1]}"


def test_a_claim_is_of_one_task_only() -> None:
    assert current_claim() is None
    with claiming(claim(YES)):
        assert current_claim() == claim(YES)
    assert current_claim() is None


AWSLOGS = LogConfiguration("awslogs", {"awslogs-group": "/app"})
DEFINITION = TaskDefinition(
    "web:1",
    "web",
    1,
    containers=(
        ContainerDefinition("app", logging=AWSLOGS),
        ContainerDefinition("side", logging=LogConfiguration("splunk")),
    ),
)


@pytest.mark.parametrize(
    ("configuration", "definition", "container", "recorded", "where"),
    [
        (None, None, "", "unknown", ""),
        (None, DEFINITION, "app", "yes", "/app"),
        (None, DEFINITION, "side", "no", ""),
        (ExecConfiguration("DEFAULT"), DEFINITION, "", "yes", "/app"),
        (ExecConfiguration("NONE"), DEFINITION, "app", "no", ""),
        (ExecConfiguration("OVERRIDE"), DEFINITION, "app", "no", ""),
        (ExecConfiguration("OVERRIDE", log_group="/x"), None, "", "yes", "/x"),
        (ExecConfiguration("OVERRIDE", s3_bucket="b"), None, "", "yes", "s3://b"),
        (ExecConfiguration("LATER"), DEFINITION, "app", "unknown", ""),
    ],
)
def test_whether_a_session_is_recorded(
    configuration: ExecConfiguration | None,
    definition: TaskDefinition | None,
    container: str,
    recorded: Recorded,
    where: str,
) -> None:
    cluster = Cluster("arn", "prod", exec_configuration=configuration)
    found = recording_of(cluster, definition, container)
    assert (found.recorded, found.where) == (recorded, where)
    assert bool(found.reason) is (recorded != "yes")


def test_what_is_not_read_is_unknown() -> None:
    refused = Cluster("arn", "prod", not_read={"CONFIGURATIONS": "AccessDeniedException: no"})
    for cluster in (None, refused, Cluster("arn", "prod", described=False)):
        found = recording_of(cluster)
        assert found.recorded == "unknown" and found.words == "recording unknown"
