"""Parses ECS's answers about capacity providers."""

from __future__ import annotations

from ecs_tui.aws.parse.fields import Raw, part, shared, text, whole
from ecs_tui.model.arn import short_name
from ecs_tui.model.capacity_provider import CapacityProvider


def capacity_provider(raw: Raw) -> CapacityProvider:
    """One of `capacityProviders[]` of DescribeCapacityProviders."""
    group = part(raw, "autoScalingGroupProvider")
    scaling = part(group, "managedScaling")
    managed = part(raw, "managedInstancesProvider")
    return CapacityProvider(
        name=text(raw, "name"),
        type=shared(raw, "type"),
        status=shared(raw, "status"),
        update_status=text(raw, "updateStatus"),
        update_reason=text(raw, "updateStatusReason"),
        arn=text(raw, "capacityProviderArn"),
        cluster=short_name(text(raw, "cluster")),
        group_arn=text(group, "autoScalingGroupArn"),
        scaling=shared(scaling, "status"),
        target=whole(scaling, "targetCapacity"),
        termination_protection=text(group, "managedTerminationProtection"),
        draining=text(group, "managedDraining"),
        role_arn=text(managed, "infrastructureRoleArn"),
        repairs=text(part(managed, "autoRepairConfiguration"), "actionsStatus"),
        scale_in_after=whole(part(managed, "infrastructureOptimization"), "scaleInAfter"),
    )
