"""The calls of lookups that need nothing but the account and the thing; imported at the first one."""

from __future__ import annotations

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import autoscaling, cloudwatch
from ecs_tui.aws.api import elbv2 as elb
from ecs_tui.aws.api.service_deployments import describe_service_deployments


async def target_group(account: Account, arn: str) -> object:
    """A target group, None if there is none."""
    found = await elb.target_groups(account, [arn])
    return found[0] if found else None


async def alarms(account: Account, _: str) -> object:
    """All alarms."""
    return tuple(await cloudwatch.describe_alarms(account))


async def scalable_targets(account: Account, _: str) -> object:
    """The scalable targets of all services."""
    return await autoscaling.scalable_targets(account)


async def scaling_activities(account: Account, resource: str) -> object:
    """The newest ones: one page, those that changed nothing included."""
    async for page in autoscaling.scaling_activities(account, resource, not_scaled=True):
        return tuple(page)
    return ()


async def scaling_policies(account: Account, resource: str) -> object:
    """The scaling policies of a service."""
    return tuple(await autoscaling.scaling_policies(account, resource))


async def scheduled_actions(account: Account, resource: str) -> object:
    """The scheduled actions of a service."""
    return tuple(await autoscaling.scheduled_actions(account, resource))


async def service_deployment(account: Account, arn: str) -> object:
    """A service deployment, None if there is none."""
    found = await describe_service_deployments(account, "", [arn])
    return found[0] if found else None
