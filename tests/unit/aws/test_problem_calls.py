"""The calls about problems: Auto Scaling groups, AWS Health, CloudTrail's events of a secret."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ecs_tui.aws.api.auto_scaling_groups import auto_scaling_groups
from ecs_tui.aws.api.health import retirements
from ecs_tui.aws.api.secret_changes import CHANGES, changes_of
from ecs_tui.aws.read_only import ALLOWED
from tests.support.stub_aws import StubAws


def test_they_are_allowed_in_read_only_mode() -> None:
    assert "DescribeAutoScalingGroups" in ALLOWED["autoscaling"]
    assert ALLOWED["health"] == {"DescribeEvents", "DescribeAffectedEntities"}
    assert ALLOWED["cloudtrail"] >= {"LookupEvents"}
    assert "PutSecretValue" in CHANGES


GROUP = {
    "AutoScalingGroupName": "asg", "AutoScalingGroupARN": "arn:…:autoScalingGroupName/asg",
    "MinSize": 1, "MaxSize": 4, "DesiredCapacity": 4,
    "Instances": [{"LifecycleState": "InService"}, {"LifecycleState": "Terminating"}],
}  # fmt: skip


@pytest.mark.asyncio
async def test_an_auto_scaling_group_is_asked_for_by_name(stub: StubAws) -> None:
    def answer(body: str) -> object:
        assert "AutoScalingGroupNames.member.1=asg" in body
        return {"AutoScalingGroups": [GROUP]}

    stub.answers = {**stub.answers, "autoscaling:DescribeAutoScalingGroups": answer}
    account = stub.account()
    try:
        (found,) = await auto_scaling_groups(account, ["arn:…:autoScalingGroupName/asg"])
    finally:
        await account.close()
    assert (found.name, found.least, found.most, found.desired, found.in_service) == (
        "asg", 1, 4, 4, 1,
    )  # fmt: skip
    assert found.at_ceiling


@pytest.mark.asyncio
async def test_retirements_name_what_they_affect(stub: StubAws) -> None:
    event = {
        "arn": "arn:aws:health:e", "eventTypeCode": "AWS_ECS_TASK_PATCHING_RETIREMENT",
        "startTime": 1772000000.0, "lastUpdatedTime": 1771000000.0,
    }  # fmt: skip
    other = {"arn": "arn:aws:health:o", "eventTypeCode": "AWS_ECS_OPERATIONAL_ISSUE"}
    entity = {"eventArn": "arn:aws:health:e", "entityValue": "prod|web"}
    stub.answers = {
        **stub.answers, "health:DescribeEvents": {"events": [event, other]},
        "health:DescribeAffectedEntities": {"entities": [entity]},
    }  # fmt: skip
    account = stub.account()
    try:
        (found,) = await retirements(account, "us-east-1")
        assert found.affects("prod", "web")
        assert found.starts_at == datetime.fromtimestamp(1772000000, UTC)
        stub.answers["health:DescribeEvents"] = {"events": [other]}
        stub.calls.clear()
        assert await retirements(account, "us-east-1") == ()
        assert stub.calls["health:DescribeAffectedEntities"] == 0
    finally:
        await account.close()


@pytest.mark.asyncio
async def test_only_changes_of_a_secret_are_returned(stub: StubAws) -> None:
    def answer(body: str) -> object:
        assert '"AttributeValue": "arn:secret"' in body
        names = ("GetSecretValue", "PutSecretValue")
        return {
            "Events": [
                {"EventId": name, "EventName": name, "EventTime": 1772000000.0, "Username": "alice"}
                for name in names
            ]
        }  # fmt: skip

    stub.answers = {**stub.answers, "cloudtrail:LookupEvents": answer}
    account = stub.account()
    try:
        found = await changes_of(account, "arn:secret", datetime.now(UTC))
    finally:
        await account.close()
    assert found == [(datetime.fromtimestamp(1772000000, UTC), "PutSecretValue", "alice")]
