"""Makes model objects of the answers of Application Auto Scaling."""

from __future__ import annotations

from typing import cast, get_args

from ecs_tui.aws.parse.fields import Raw, flag, moment, number, part, parts, shared, text, whole
from ecs_tui.model.scalable_target import ScalableTarget
from ecs_tui.model.scaling_activity import (
    NotScaledReason,
    PolicyKind,
    ScalingActivity,
    ScalingPolicy,
    ScheduledAction,
)

_KINDS: tuple[str, ...] = get_args(PolicyKind)


def scalable_target(raw: Raw) -> ScalableTarget:
    """A member of `ScalableTargets`."""
    suspended = part(raw, "SuspendedState")
    return ScalableTarget(
        number(raw, "MinCapacity"),
        number(raw, "MaxCapacity"),
        flag(suspended, "DynamicScalingInSuspended"),
        flag(suspended, "DynamicScalingOutSuspended"),
    )


def scaling_activity(raw: Raw) -> ScalingActivity:
    """A member of `ScalingActivities`."""
    return ScalingActivity(
        id=text(raw, "ActivityId"),
        resource=shared(raw, "ResourceId"),
        description=text(raw, "Description"),
        cause=text(raw, "Cause"),
        started_at=moment(raw, "StartTime"),
        ended_at=moment(raw, "EndTime"),
        status=shared(raw, "StatusCode"),
        message=text(raw, "StatusMessage"),
        not_scaled=tuple(_not_scaled(item) for item in parts(raw, "NotScaledReasons")),
    )


def _not_scaled(raw: Raw) -> NotScaledReason:
    return NotScaledReason(
        shared(raw, "Code"),
        whole(raw, "MaxCapacity"),
        whole(raw, "MinCapacity"),
        whole(raw, "CurrentCapacity"),
    )


def scaling_policy(raw: Raw) -> ScalingPolicy:
    """A member of `ScalingPolicies`."""
    tracking = part(raw, "TargetTrackingScalingPolicyConfiguration")
    stepping = part(raw, "StepScalingPolicyConfiguration")
    own = part(tracking, "CustomizedMetricSpecification")
    predefined = part(tracking, "PredefinedMetricSpecification")
    target = tracking.get("TargetValue")
    kind = text(raw, "PolicyType")
    cooldown = whole(stepping, "Cooldown")
    return ScalingPolicy(
        name=text(raw, "PolicyName"),
        resource=shared(raw, "ResourceId"),
        kind=cast(PolicyKind, kind) if kind in _KINDS else "",
        target=float(target) if isinstance(target, int | float) else None,
        metric=text(predefined, "PredefinedMetricType") or text(own, "MetricName"),
        steps=tuple(_step(item, stepping) for item in parts(stepping, "StepAdjustments")),
        out_cooldown=whole(tracking, "ScaleOutCooldown") if tracking else cooldown,
        in_cooldown=whole(tracking, "ScaleInCooldown") if tracking else cooldown,
        in_disabled=flag(tracking, "DisableScaleIn"),
        alarms=tuple(text(item, "AlarmName") for item in parts(raw, "Alarms")),
    )


def _step(raw: Raw, of: Raw) -> str:
    """`+2 from 0`: the adjustment, and how far beyond the alarm's threshold it begins."""
    change = number(raw, "ScalingAdjustment")
    kind = text(of, "AdjustmentType")
    words = f"{change}" if kind == "ExactCapacity" else f"{change:+}"
    if kind == "PercentChangeInCapacity":
        words += " %"
    lower, upper = raw.get("MetricIntervalLowerBound"), raw.get("MetricIntervalUpperBound")
    if isinstance(lower, int | float):
        return f"{words} from {lower:g}"
    return f"{words} up to {upper:g}" if isinstance(upper, int | float) else words


def scheduled_action(raw: Raw) -> ScheduledAction:
    """A member of `ScheduledActions`."""
    sets = part(raw, "ScalableTargetAction")
    return ScheduledAction(
        name=text(raw, "ScheduledActionName"),
        resource=shared(raw, "ResourceId"),
        schedule=text(raw, "Schedule"),
        zone=text(raw, "Timezone"),
        least=whole(sets, "MinCapacity"),
        most=whole(sets, "MaxCapacity"),
        starts_at=moment(raw, "StartTime"),
        ends_at=moment(raw, "EndTime"),
    )
