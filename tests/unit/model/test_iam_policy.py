"""The least policies: what they grant, on what, and that the program's calls are in them."""

from __future__ import annotations

import json

import pytest

from ecs_tui.aws.read_only import ALLOWED, as_iam_writes
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.permission import Decision, Grant
from ecs_tui.model.rules.iam_policy import (
    WORKS,
    Need,
    PolicyScope,
    Work,
    context_of,
    least_policy,
    needs_of,
)
from ecs_tui.store.needs import NeedAnswer

ECS = "arn:aws-cn:ecs:cn-north-1:111122223333"
PLAIN = PolicyScope("cn-north-1", "111122223333", "aws-cn")
SCOPED = PolicyScope(
    "cn-north-1", "111122223333", "aws-cn", Grant("environment", "dev", "prod", "app"), "alias/exec"
)


def statements(work: Work, scope: PolicyScope) -> dict[str, dict[str, object]]:
    document = least_policy(work, scope)
    assert document["Version"] == "2012-10-17" and json.dumps(document)
    listed = document["Statement"]
    assert isinstance(listed, list)
    found = {each["Sid"]: each for each in listed}
    assert len(found) == len(listed), "Sids must be unique in a policy"
    return found


def test_exec_is_restricted_by_tag_cluster_and_container() -> None:
    found = statements("exec", SCOPED)
    assert found["ExecIntoTasks"] == {
        "Sid": "ExecIntoTasks",
        "Effect": "Allow",
        "Action": ["ecs:ExecuteCommand"],
        "Resource": f"{ECS}:task/prod/*",
        "Condition": {
            "StringEquals": {"ecs:ResourceTag/environment": "dev", "ecs:container-name": "app"}
        },
    }
    # The cluster has other tags than its tasks.
    assert found["ExecInCluster"]["Resource"] == f"{ECS}:cluster/prod"
    assert "Condition" not in found["ExecInCluster"]
    assert found["ListInCluster"]["Condition"] == {
        "ArnEquals": {"ecs:cluster": f"{ECS}:cluster/prod"}
    }
    # An alias names no key in a policy: its key is known by its aliases.
    assert found["SessionKey"]["Resource"] == "arn:aws-cn:kms:cn-north-1:111122223333:key/*"
    assert found["SessionKey"]["Condition"] == {
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/exec"}
    }
    assert found["EndSessions"]["Resource"] == (
        "arn:aws-cn:ssm:cn-north-1:111122223333:session/ecs-execute-command-*"
    )
    denied = found["DenySessionsRoundTheRecord"]
    assert (denied["Effect"], denied["Action"]) == ("Deny", "ssm:StartSession")


def test_without_a_scope_nothing_is_restricted_and_there_is_no_key() -> None:
    found = statements("exec", PLAIN)
    assert "SessionKey" not in found
    assert found["ExecIntoTasks"]["Resource"] == f"{ECS}:task/*/*"
    assert not any("Condition" in each for each in found.values())


def test_roles_are_passed_to_tasks_only() -> None:
    passed = statements("operate", PLAIN)["PassTaskRoles"]
    assert passed["Condition"] == {
        "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    }


@pytest.mark.parametrize("work", WORKS)
@pytest.mark.parametrize("scope", [PLAIN, SCOPED])
def test_every_policy_is_small_enough_and_has_no_wildcard_action(
    work: Work, scope: PolicyScope
) -> None:
    found = statements(work, scope)
    # A managed policy has 6,144 characters without white space (IAM quotas).
    assert len(json.dumps(least_policy(work, scope), separators=(",", ":"))) < 6144
    for need in needs_of(work, scope):
        assert need.why and need.actions and need.sid in found
        assert not any("*" in action for action in need.actions)
        assert ("aws:RequestedRegion", "cn-north-1") in context_of(need, scope)


def test_deployments_are_rolled_back_and_any_session_ended_by_operators() -> None:
    found = statements("operate", SCOPED)
    assert found["RollBack"]["Resource"] == [
        f"{ECS}:service/prod/*", f"{ECS}:service-deployment/prod/*", f"{ECS}:service-revision/prod/*",
    ]  # fmt: skip
    assert found["EndSessions"]["Resource"] == "arn:aws-cn:ssm:cn-north-1:111122223333:session/*"


@pytest.mark.parametrize("key", ["1234", "arn:aws-cn:kms:cn-north-1:111122223333:key/1234"])
def test_a_key_is_named_by_its_arn(key: str) -> None:
    scope = PolicyScope("cn-north-1", "111122223333", "aws-cn", kms_key=key)
    key_of = statements("exec", scope)["SessionKey"]
    assert key_of["Resource"] == "arn:aws-cn:kms:cn-north-1:111122223333:key/1234"
    assert "Condition" not in key_of


CREDENTIALS = {"sts", "sso", "sso-oidc", "signin"}
ELSEWHERE = {
    # The workgroup of the settings, which the documentation names.
    "athena:GetQueryExecution", "athena:GetQueryResults", "athena:StartQueryExecution",
    "athena:StopQueryExecution",
    # Raw descriptions and pages that do without them.
    "ecs:DescribeDaemonTaskDefinition", "ecs:DescribeTaskSets", "ecs:ListAccountSettings",
    "ecs:ListAttributes", "ecs:ListTagsForResource", "iam:GetRolePolicy", "iam:GetUser",
    "iam:ListAttachedRolePolicies", "iam:ListRolePolicies",
    "elasticloadbalancing:DescribeTargetGroupAttributes",
}  # fmt: skip
IN_IAM = {
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:ListObjectsV2": "s3:ListBucket",
}
"""Operations of S3 whose actions in IAM have other names (Actions defined by Amazon S3)."""


def test_what_the_program_reads_is_in_a_policy() -> None:
    granted = {
        action for work in WORKS for need in needs_of(work, SCOPED) for action in need.actions
    }
    read = {
        as_iam_writes(service, operation)
        for service, operations in ALLOWED.items()
        if service not in CREDENTIALS
        for operation in operations
    }
    assert {IN_IAM.get(each, each) for each in read} - granted - ELSEWHERE == set()


def test_what_is_lacking_in_words() -> None:
    need = Need("Logs", ("logs:GetLogEvents",), why="logs")
    denied = (("logs:GetLogEvents", Decision("explicitDeny")),)
    assert NeedAnswer(need).words == ""
    assert NeedAnswer(need, denied).words.startswith("logs:GetLogEvents (")
    assert NeedAnswer(need, denied, uncertain=True).words.endswith("; conditions may allow it")
    assert NeedAnswer(need, error=EcsTuiError("No answer.")).words == "not known: No answer."
