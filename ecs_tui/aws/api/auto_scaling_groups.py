"""EC2 Auto Scaling: the groups of capacity providers."""

from __future__ import annotations

from collections.abc import Sequence

from ecs_tui.aws.account import Account
from ecs_tui.aws.parse.fields import number, parts, text
from ecs_tui.model.auto_scaling_group import AutoScalingGroup

GROUPS_PER_CALL = 50
"""Names in one DescribeAutoScalingGroups; a page has 50 groups by default (its API reference)."""


async def auto_scaling_groups(account: Account, arns: Sequence[str]) -> list[AutoScalingGroup]:
    """Auto Scaling groups by ARN; those that do not exist are missing.

    Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html

    Args:
        account: The account to call.
        arns: At most `GROUPS_PER_CALL` ARNs, `…:autoScalingGroupName/NAME`.

    Raises:
        AwsError: They cannot be read.
    """
    client = await account.client("autoscaling")
    names = [arn.rsplit("autoScalingGroupName/", 1)[-1] for arn in arns]
    answer = await account.call(client.describe_auto_scaling_groups, AutoScalingGroupNames=names)
    return [
        AutoScalingGroup(
            text(item, "AutoScalingGroupName"),
            text(item, "AutoScalingGroupARN"),
            number(item, "MinSize"),
            number(item, "MaxSize"),
            number(item, "DesiredCapacity"),
            sum(text(each, "LifecycleState") == "InService" for each in parts(item, "Instances")),
        )
        for item in parts(answer, "AutoScalingGroups")
    ]
