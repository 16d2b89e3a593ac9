"""The calls that serve all suspects of an account or of a cluster: alarms, auto scaling, capacity, retirements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import autoscaling, ecs, health
from ecs_tui.aws.api.auto_scaling_groups import GROUPS_PER_CALL, auto_scaling_groups
from ecs_tui.aws.pace import Pace
from ecs_tui.model.alarm import AlarmIndex
from ecs_tui.model.arn import parse_arn
from ecs_tui.model.auto_scaling_group import AutoScalingGroup
from ecs_tui.model.capacity_provider import FARGATE_PROVIDERS
from ecs_tui.model.retirement import Retirement
from ecs_tui.model.scaling_activity import ScalingActivity
from ecs_tui.problems.asking import Asker
from ecs_tui.problems.cluster_facts import AccountAnswers, ClusterAnswers
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.lookups import Lookup
from ecs_tui.store.surroundings import ALARMS, SCALABLE_TARGETS

_HEALTH_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-northwest-1", "aws-us-gov": "us-gov-west-1"}
"""Where AWS Health's endpoint is, by partition: https://docs.aws.amazon.com/general/latest/gr/health.html"""
T = TypeVar("T")


async def ask_account(inventory: Inventory, seconds: float = 0.0) -> tuple[AccountAnswers, int]:
    """Alarms and scalable targets of a whole account, and how many calls that took at least.

    Args:
        inventory: The loaded data of the account: lists look up the same for their columns.
        seconds: How old an answer of theirs may be.
    """
    asker, account = Asker(), inventory.account

    async def ask(operation: str, lookup: Lookup[T]) -> T | None:
        known = inventory.lookups.fresh(lookup, seconds)
        if known is not None:
            return known.value
        return await asker.ask(operation, lambda: inventory.lookups.read(lookup))

    found = await ask("cloudwatch:DescribeAlarms", ALARMS)
    scalable = await ask("application-autoscaling:DescribeScalableTargets", SCALABLE_TARGETS)
    activities = None
    if scalable:
        activities = await asker.ask(
            "application-autoscaling:DescribeScalingActivities", lambda: _activities(account)
        )
    answers = AccountAnswers(
        None if found is None else AlarmIndex(found), scalable, activities, None, asker.denied
    )  # fmt: skip
    return answers, asker.calls


async def _activities(account: Account) -> Mapping[str, tuple[ScalingActivity, ...]]:
    """One page of the newest activities of all services, those that changed nothing included."""
    found: dict[str, list[ScalingActivity]] = {}
    async for page in autoscaling.scaling_activities(account, not_scaled=True):
        for each in page:
            found.setdefault(each.resource, []).append(each)
        break
    return {resource: tuple(each) for resource, each in found.items()}


async def ask_retirements(account: Account, arn: str) -> tuple[Retirement, ...]:
    """The retirements of tasks that AWS has announced.

    Args:
        account: The account.
        arn: An ARN of it, for its partition.

    Raises:
        AwsError: They cannot be read, as without a support plan that includes AWS Health's API.
    """
    parsed = parse_arn(arn)
    region = _HEALTH_REGIONS.get(parsed.partition if parsed is not None else "aws", "us-east-1")
    if account.endpoint_url or account.region == region:
        return await health.retirements(account, account.region)
    # AWS counts calls by region, so that this one has a budget of its own.
    sibling = account.sibling(account.profile, region, Pace())
    try:
        return await health.retirements(sibling, account.region)
    finally:
        await sibling.close()


async def ask_cluster(account: Account, cluster: str) -> tuple[ClusterAnswers, int]:
    """The capacity providers of a cluster with their Auto Scaling groups, and how many calls."""
    asker = Asker()
    providers = await asker.ask(
        "ecs:DescribeCapacityProviders", lambda: ecs.describe_capacity_providers(account, cluster)
    )
    if providers is None:
        return ClusterAnswers(denied=asker.denied), asker.calls
    arns = [each.group_arn for each in providers if each.group_arn]
    groups: dict[str, AutoScalingGroup] | None = {}
    if arns:
        found = await asker.ask(
            "autoscaling:DescribeAutoScalingGroups",
            lambda: auto_scaling_groups(account, arns[:GROUPS_PER_CALL]),
        )
        groups = None if found is None else {each.arn: each for each in found}
    return ClusterAnswers(tuple(providers), groups, asker.denied), asker.calls


def has_own_capacity(providers: tuple[str, ...]) -> bool:
    """Whether a cluster has a capacity provider of its own, by their names."""
    return any(name not in FARGATE_PROVIDERS for name in providers)
