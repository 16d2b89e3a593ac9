"""Elastic Load Balancing: target groups, their attributes and the health of their targets."""

from __future__ import annotations

from collections.abc import Sequence

from ecs_tui.aws.account import Account
from ecs_tui.aws.parse.fields import part, parts, text, texts, whole
from ecs_tui.errors import AwsError
from ecs_tui.model.target_health import TargetGroup, TargetHealth

TARGET_GROUPS_PER_CALL = 20
"""ARNs in one DescribeTargetGroups. AWS documents no maximum; this many belong to no service."""

_DELAY = "deregistration_delay.timeout_seconds"
"""Source: TargetGroupAttribute in the Elastic Load Balancing API reference (2015-12-01)."""


async def deregistration_delay(account: Account, target_group: str) -> int:
    """The deregistration delay of a target group, in seconds.

    Args:
        target_group: Its ARN.

    Raises:
        AwsError: It cannot be read, or lacks the attribute.
    """
    client = await account.client("elbv2")
    answer = await account.call(
        client.describe_target_group_attributes, TargetGroupArn=target_group
    )
    for item in parts(answer, "Attributes"):
        if text(item, "Key") == _DELAY and text(item, "Value").isascii():
            value = text(item, "Value")
            if value.isdigit() and len(value) < 8:
                return int(value)
    raise AwsError(f"The target group has no usable {_DELAY}.")


async def target_health(account: Account, target_group: str) -> tuple[TargetHealth, ...]:
    """The health of all targets of a target group: one call, without pages.

    Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html

    Args:
        account: The account to call.
        target_group: Its ARN.

    Raises:
        AwsError: It cannot be read.
    """
    client = await account.client("elbv2")
    answer = await account.call(client.describe_target_health, TargetGroupArn=target_group)
    found = []
    for item in parts(answer, "TargetHealthDescriptions"):
        target, health = part(item, "Target"), part(item, "TargetHealth")
        found.append(
            TargetHealth(
                target_group,
                text(target, "Id"),
                whole(target, "Port"),
                text(target, "AvailabilityZone"),
                text(health, "State"),
                text(health, "Reason"),
                text(health, "Description"),
                text(item, "HealthCheckPort"),
            )
        )
    return tuple(found)


async def target_groups(account: Account, arns: Sequence[str]) -> list[TargetGroup]:
    """Target groups with their load balancers and health checks.

    Args:
        account: The account to call.
        arns: At most `TARGET_GROUPS_PER_CALL` ARNs.

    Raises:
        AwsError: One of them does not exist, or they cannot be read.
    """
    client = await account.client("elbv2")
    answer = await account.call(client.describe_target_groups, TargetGroupArns=list(arns))
    return [
        TargetGroup(
            arn=text(item, "TargetGroupArn"),
            name=text(item, "TargetGroupName"),
            protocol=text(item, "Protocol"),
            port=whole(item, "Port"),
            load_balancers=texts(item, "LoadBalancerArns"),
            check_path=text(item, "HealthCheckPath"),
            check_port=text(item, "HealthCheckPort"),
            check_seconds=whole(item, "HealthCheckIntervalSeconds"),
            healthy_after=whole(item, "HealthyThresholdCount"),
            unhealthy_after=whole(item, "UnhealthyThresholdCount"),
        )
        for item in parts(answer, "TargetGroups")
    ]
