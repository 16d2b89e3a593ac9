"""Elastic Load Balancing: attributes of target groups."""

from __future__ import annotations

from ecs_tui.aws.account import Account
from ecs_tui.aws.parse.fields import parts, text
from ecs_tui.errors import AwsError

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
