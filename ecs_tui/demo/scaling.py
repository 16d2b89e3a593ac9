"""Application Auto Scaling of the demo account: moto's, with the targets of the demo's services, and
what has been scaled, which moto does not know."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

from ecs_tui.demo.ecs import DemoEcsBackend, demo_ecs_backends
from ecs_tui.demo.state import ScalingRecord

SCALED = {"prod/web": (4, 12), "staging/web": (2, 6)}
"""The services whose desired count Application Auto Scaling manages: from, to."""
DIMENSION = "ecs:service:DesiredCount"
POLICY = "cpu-60"
TARGET_PERCENT = 60.0
PAGE_SIZE = 50
NOT_SCALED = "Attempting to scale due to alarm triggered"
_TOOK_SECONDS = 12.0
_SUSPENDED = dict.fromkeys(
    ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended"), False
)


def scalable_targets(
    account: str, region: str, more: Mapping[str, tuple[int, int]] | None = None
) -> None:
    """Register the targets of `SCALED`, and more of them."""
    backend = applicationautoscaling_backends[account][region]
    backend.ecs_backend = demo_ecs_backends[account][region]  # it looks the service up
    role = f"arn:aws:iam::{account}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com"
    role += "/AWSServiceRoleForApplicationAutoScaling_ECSService"
    for name, (least, most) in {**SCALED, **(more or {})}.items():
        backend.register_scalable_target(
            "ecs", f"service/{name}", DIMENSION, least, most, role, dict(_SUSPENDED)
        )


def limits(account: str, region: str, name: str) -> tuple[int, int] | None:
    """(least, most) of a service (`cluster/service`); None if nothing scales it."""
    for target in applicationautoscaling_backends[account][region].targets[DIMENSION].values():
        if target.resource_id == f"service/{name}":
            return int(target.min_capacity), int(target.max_capacity)
    return None


def cause(name: str, high: bool = True) -> str:
    """`Cause` of an activity that a service's target tracking policy has begun."""
    return f"monitor alarm {_alarm(name, high)} in state ALARM triggered policy {POLICY}"


def _alarm(name: str, high: bool) -> str:
    return f"TargetTracking-service/{name}-Alarm{'High' if high else 'Low'}-{_token(name, high)}"


def _token(*of: object) -> str:
    digest = hashlib.sha256(repr(of).encode()).hexdigest()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))


class DemoScalingResponse(ApplicationAutoScalingResponse):
    """moto's actions, with activities, and with the policies of the demo's targets."""

    @property
    def ecs_backend(self) -> DemoEcsBackend:
        """ECS in the caller's account and region."""
        return demo_ecs_backends[self.current_account][self.region]

    def _asked(self) -> dict[str, Any]:
        members: dict[str, Any] = json.loads(self.body or "{}")
        return members

    def describe_scalable_targets(self) -> str:
        self._validate_params()
        asked = self._asked()
        wanted = asked.get("ResourceIds")
        found = self.applicationautoscaling_backend.describe_scalable_targets(
            asked.get("ServiceNamespace"), wanted, asked.get("ScalableDimension")
        )
        views = [
            {
                "ServiceNamespace": item.service_namespace,
                "ResourceId": item.resource_id,
                "ScalableDimension": item.scalable_dimension,
                "MinCapacity": item.min_capacity,
                "MaxCapacity": item.max_capacity,
                "RoleARN": item.role_arn,
                "CreationTime": item.creation_time,
                "SuspendedState": item.suspended_state,
                "ScalableTargetARN": item.arn,
            }
            for item in found
        ]
        return _page("ScalableTargets", views, asked)

    def describe_scaling_activities(self) -> str:
        self._validate_params()
        asked, found = self._asked(), []
        for service in self.ecs_backend.services.values():
            name = f"{service.cluster_name}/{service.name}"
            if asked.get("ResourceId") in (None, f"service/{name}"):
                state = self.ecs_backend.service_states[f"{service.cluster_name}:{service.name}"]
                found += [
                    _activity_view(name, item, self._limits(name))
                    for item in state.activities
                    if asked.get("IncludeNotScaledActivities") or not item.not_scaled
                ]
        found.sort(key=lambda item: item["StartTime"], reverse=True)
        return _page("ScalingActivities", found, asked)

    def _limits(self, name: str) -> tuple[int, int]:
        return limits(self.current_account, self.region, name) or (0, 0)

    def describe_scaling_policies(self) -> str:
        asked = self._asked()
        theirs = json.loads(super().describe_scaling_policies())["ScalingPolicies"]
        ours = [
            view
            for view in self._policies()
            if asked.get("ResourceId") in (None, view["ResourceId"])
            and (not asked.get("PolicyNames") or view["PolicyName"] in asked["PolicyNames"])
        ]
        return _page("ScalingPolicies", [*ours, *theirs], asked)

    def _policies(self) -> Iterator[dict[str, Any]]:
        """A target tracking policy for each target that the demo has registered."""
        base = f"arn:aws:autoscaling:{self.region}:{self.current_account}:scalingPolicy:"
        for target in self.applicationautoscaling_backend.targets[DIMENSION].values():
            name = target.resource_id.removeprefix("service/")
            alarm = f"arn:aws:cloudwatch:{self.region}:{self.current_account}:alarm:"
            metric = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
            yield {
                "PolicyARN": f"{base}{_token(name)}:resource/ecs/service/{name}:policyName/{POLICY}",
                "PolicyName": POLICY,
                "ServiceNamespace": "ecs",
                "ResourceId": target.resource_id,
                "ScalableDimension": DIMENSION,
                "PolicyType": "TargetTrackingScaling",
                "TargetTrackingScalingPolicyConfiguration": {
                    "TargetValue": TARGET_PERCENT,
                    "PredefinedMetricSpecification": metric,
                    "ScaleOutCooldown": 60,
                    "ScaleInCooldown": 300,
                    "DisableScaleIn": False,
                },
                "Alarms": [
                    {"AlarmName": each, "AlarmARN": f"{alarm}{each}"}
                    for each in (_alarm(name, True), _alarm(name, False))
                ],
                "CreationTime": target.creation_time,
            }


def _activity_view(name: str, activity: ScalingRecord, between: tuple[int, int]) -> dict[str, Any]:
    """One of `ScalingActivities[]`."""
    view: dict[str, Any] = {
        "ActivityId": _token(name, activity.at),
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{name}",
        "ScalableDimension": DIMENSION,
        "Description": f"Setting desired count to {activity.count}.",
        "Cause": activity.cause,
        "StartTime": activity.at,
        "StatusCode": activity.status,
    }
    if activity.not_scaled:
        reason: dict[str, Any] = {"Code": activity.not_scaled}
        if activity.not_scaled == "AlreadyAtMaxCapacity":
            reason["MaxCapacity"] = between[1]
        return view | {"Description": NOT_SCALED, "NotScaledReasons": [reason]}
    message = activity.message or (
        f"Successfully set desired count to {activity.count}. Change successfully fulfilled by ecs."
    )
    return view | {"StatusMessage": message, "EndTime": activity.at + _TOOK_SECONDS}


def _page(key: str, found: list[dict[str, Any]], asked: Mapping[str, Any]) -> str:
    start = int(asked.get("NextToken") or 0)
    end = start + min(int(asked.get("MaxResults") or PAGE_SIZE), PAGE_SIZE)
    answer: dict[str, Any] = {key: found[start:end]}
    if end < len(found):
        answer["NextToken"] = str(end)
    return json.dumps(answer)
