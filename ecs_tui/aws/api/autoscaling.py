"""Application Auto Scaling: the range in which it keeps a service's desired count."""

from __future__ import annotations

from typing import Any

from ecs_tui.aws.account import Account
from ecs_tui.aws.parse.fields import flag, number, part, parts, text
from ecs_tui.model.scalable_target import ScalableTarget


async def scalable_target(account: Account, cluster: str, service: str) -> ScalableTarget | None:
    """The scalable target of a service; None if its desired count is not scaled automatically.

    Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html

    Args:
        account: The account to call.
        cluster: The cluster's name, not its ARN.
        service: The service's name.
    """
    client = await account.client("application-autoscaling")
    resource = f"service/{cluster}/{service}"
    answer: Any = await account.call(
        client.describe_scalable_targets,
        ServiceNamespace="ecs",
        ResourceIds=[resource],
        ScalableDimension="ecs:service:DesiredCount",
    )
    for item in parts(answer, "ScalableTargets"):
        if text(item, "ResourceId", resource) == resource:
            suspended = part(item, "SuspendedState")
            return ScalableTarget(
                number(item, "MinCapacity"),
                number(item, "MaxCapacity"),
                flag(suspended, "DynamicScalingInSuspended"),
                flag(suspended, "DynamicScalingOutSuspended"),
            )
    return None
