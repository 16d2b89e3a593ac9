"""The plan that turns recording on: what it creates, what it sets, and what it says about roles and tasks."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ecs_tui.errors import EcsTuiError
from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.log_group import LogGroup
from ecs_tui.model.task import Task
from ecs_tui.operations.recording import (
    Destination,
    RecordingFacts,
    configuration_after,
    default_destination,
    recording_plan,
)

FACTS = RecordingFacts(Cluster("arn", "staging"), "eu-west-1", "111122223333")
GROUP = Destination("/ecs/exec/staging")
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"


def operations(facts: RecordingFacts, to: Destination) -> list[str]:
    return [call.operation for call in recording_plan(facts, to).calls]


@pytest.mark.parametrize(
    ("facts", "to", "calls"),
    [
        (FACTS, GROUP, ["logs:CreateLogGroup", "logs:PutRetentionPolicy", "ecs:UpdateCluster"]),
        (replace(FACTS, group=LogGroup(GROUP.log_group)), GROUP, ["ecs:UpdateCluster"]),
        (replace(FACTS, bucket_exists=True), Destination(bucket="b"), ["ecs:UpdateCluster"]),
        (
            FACTS,
            Destination(bucket="b"),
            [
                "s3:CreateBucket",
                "s3:PutPublicAccessBlock",
                "s3:PutBucketVersioning",
                "ecs:UpdateCluster",
            ],
        ),
    ],
)
def test_what_does_not_exist_is_created_before_the_cluster_names_it(
    facts: RecordingFacts, to: Destination, calls: list[str]
) -> None:
    plan = recording_plan(facts, to)
    assert [call.operation for call in plan.calls] == calls
    assert all(call.needs_all for call in plan.calls)
    assert plan.command.count("\n") == len(calls) - 1
    assert (plan.confirm, plan.document) == ("y", "")


def test_a_bucket_in_us_east_1_has_no_constraint() -> None:
    home = replace(FACTS, region="us-east-1")
    made = recording_plan(home, Destination(bucket="b")).calls[0].parameters
    assert made == {"Bucket": "b"}
    made = recording_plan(FACTS, Destination(bucket="b")).calls[0].parameters
    assert made["CreateBucketConfiguration"] == {"LocationConstraint": "eu-west-1"}


@pytest.mark.parametrize(
    ("before", "group", "to", "after"),
    [
        (None, None, GROUP, ExecConfiguration("OVERRIDE", log_group=GROUP.log_group)),
        (
            ExecConfiguration("NONE", kms_key_id="old"), None, GROUP,
            ExecConfiguration("OVERRIDE", "old", GROUP.log_group),
        ),
        # Encryption is demanded of a group with a key only: without one ECS refuses all sessions.
        (
            None, LogGroup(GROUP.log_group, KEY), GROUP,
            ExecConfiguration("OVERRIDE", "", GROUP.log_group, log_encryption=True),
        ),
        (
            None, LogGroup(GROUP.log_group), replace(GROUP, kms_key=KEY),
            ExecConfiguration("OVERRIDE", KEY, GROUP.log_group),
        ),
        (
            None, None, replace(GROUP, kms_key=KEY),
            ExecConfiguration("OVERRIDE", KEY, GROUP.log_group, log_encryption=True),
        ),
        (
            ExecConfiguration("OVERRIDE", s3_bucket="b", s3_encryption=True), None,
            Destination(bucket="b", prefix="x"),
            ExecConfiguration("OVERRIDE", s3_bucket="b", s3_prefix="x", s3_encryption=True),
        ),
        (
            ExecConfiguration("OVERRIDE", s3_bucket="a", s3_encryption=True), None,
            Destination(bucket="b"), ExecConfiguration("OVERRIDE", s3_bucket="b"),
        ),
    ],
)  # fmt: skip
def test_the_configuration_after(
    before: ExecConfiguration | None,
    group: LogGroup | None,
    to: Destination,
    after: ExecConfiguration,
) -> None:
    cluster = replace(FACTS.cluster, exec_configuration=before)
    facts = replace(FACTS, cluster=cluster, group=group)
    assert configuration_after(facts, to) == after


def test_what_is_not_about_exec_is_sent_again() -> None:
    storage = {"managedStorageConfiguration": {"kmsKeyId": "k"}}
    plan = recording_plan(replace(FACTS, kept=storage), GROUP)
    assert plan.calls[-1].parameters["configuration"] == {
        **storage,
        "executeCommandConfiguration": {
            "logging": "OVERRIDE",
            "logConfiguration": {
                "cloudWatchLogGroupName": GROUP.log_group,
                "cloudWatchEncryptionEnabled": False,
            },
        },
    }


def test_roles_and_tasks_are_named() -> None:
    tasks = (
        Task("arn:1", "1", cluster_arn="c", group="service:web", exec_enabled=True),
        Task("arn:2", "2", cluster_arn="c", group="service:web", exec_enabled=True),
        Task("arn:3", "3", cluster_arn="c", group="service:api"),
    )
    facts = replace(
        FACTS,
        tasks=tasks,
        lacking={"arn:role/good": (), "arn:role/web": ("logs:PutLogEvents",), "arn:role/api": None},
    )
    plan = recording_plan(facts, GROUP)
    words = "\n".join(plan.effects)
    assert "Task role web lacks logs:PutLogEvents" in words and "good" not in words
    assert "Whether task role api may write transcripts is not known." in words
    assert "2 running tasks started with the configuration of before" in words
    assert "web (2)" in words
    assert "logs:PutLogEvents" in json.dumps(json.loads(plan.document))


def test_production_is_confirmed_by_its_name() -> None:
    plan = recording_plan(replace(FACTS, cluster=Cluster("arn", "prod")), GROUP)
    assert (plan.confirm, plan.typed) == ("name", "prod")


@pytest.mark.parametrize(
    ("facts", "to"),
    [
        (FACTS, Destination()),
        (
            replace(FACTS, cluster=Cluster("a", "b", not_read={"CONFIGURATIONS": "AccessDenied"})),
            GROUP,
        ),
    ],
)
def test_what_cannot_be_planned(facts: RecordingFacts, to: Destination) -> None:
    with pytest.raises(EcsTuiError):
        recording_plan(facts, to)


def test_the_default_is_a_group_for_the_cluster() -> None:
    assert default_destination("staging") == GROUP
