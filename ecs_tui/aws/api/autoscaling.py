"""Application Auto Scaling: ranges of desired counts, what it did, its policies and schedules.

Without a resource each function reads the whole namespace `ecs` of the account and region in one
paged call, which costs the same for two thousand services as a few calls for single ones.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.paging import pages_by
from ecs_tui.aws.parse import scaling as parse
from ecs_tui.aws.parse.fields import parts, text
from ecs_tui.model.scalable_target import ScalableTarget
from ecs_tui.model.scaling_activity import (
    ScalingActivity,
    ScalingPolicy,
    ScheduledAction,
    scaled_resource,
)

_NAMESPACE = "ecs"
_DIMENSION = "ecs:service:DesiredCount"


async def scalable_target(account: Account, cluster: str, service: str) -> ScalableTarget | None:
    """The scalable target of a service; None if its desired count is not scaled automatically.

    Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html

    Args:
        account: The account to call.
        cluster: The cluster's name, not its ARN.
        service: The service's name.
    """
    client = await account.client("application-autoscaling")
    resource = scaled_resource(cluster, service)
    answer = await account.call(
        client.describe_scalable_targets,
        ServiceNamespace=_NAMESPACE,
        ResourceIds=[resource],
        ScalableDimension=_DIMENSION,
    )
    for item in parts(answer, "ScalableTargets"):
        if text(item, "ResourceId", resource) == resource:
            return parse.scalable_target(item)
    return None


async def scalable_targets(account: Account) -> Mapping[str, ScalableTarget]:
    """The scalable targets of all services, by `service/CLUSTER/SERVICE`.

    Raises:
        AwsError: A call failed.
    """
    client = await account.client("application-autoscaling")
    found: dict[str, ScalableTarget] = {}
    async for page in pages_by(
        account,
        client.describe_scalable_targets,
        ServiceNamespace=_NAMESPACE,
    ):
        for item in parts(page, "ScalableTargets"):
            found[text(item, "ResourceId")] = parse.scalable_target(item)
    return found


async def scaling_activities(
    account: Account, resource: str = "", *, not_scaled: bool = False
) -> AsyncIterator[list[ScalingActivity]]:
    """Pages of scaling activities, the newest first, of the last six weeks.

    Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingActivities.html

    Args:
        account: The account to call.
        resource: `service/CLUSTER/SERVICE`; "" for all services.
        not_scaled: Whether to include those that changed nothing, with the reason.

    Raises:
        AwsError: A call failed.
    """
    client = await account.client("application-autoscaling")
    chosen = _chosen(resource)
    if not_scaled:
        chosen["IncludeNotScaledActivities"] = True
    async for page in pages_by(account, client.describe_scaling_activities, **chosen):
        yield [parse.scaling_activity(item) for item in parts(page, "ScalingActivities")]


async def scaling_policies(account: Account, resource: str = "") -> list[ScalingPolicy]:
    """The scaling policies of a service; of all services without a `resource`.

    Raises:
        AwsError: A call failed.
    """
    client = await account.client("application-autoscaling")
    found: list[ScalingPolicy] = []
    async for page in pages_by(account, client.describe_scaling_policies, **_chosen(resource)):
        found += [parse.scaling_policy(item) for item in parts(page, "ScalingPolicies")]
    return found


async def scheduled_actions(account: Account, resource: str = "") -> list[ScheduledAction]:
    """The scheduled actions of a service; of all services without a `resource`.

    Raises:
        AwsError: A call failed.
    """
    client = await account.client("application-autoscaling")
    found: list[ScheduledAction] = []
    async for page in pages_by(account, client.describe_scheduled_actions, **_chosen(resource)):
        found += [parse.scheduled_action(item) for item in parts(page, "ScheduledActions")]
    return found


def _chosen(resource: str) -> dict[str, object]:
    """The parameters: AWS takes a dimension only together with a resource."""
    if not resource:
        return {"ServiceNamespace": _NAMESPACE}
    return {
        "ServiceNamespace": _NAMESPACE,
        "ScalableDimension": _DIMENSION,
        "ResourceId": resource,
    }
