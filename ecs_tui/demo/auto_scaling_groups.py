"""EC2 Auto Scaling of the demo account: the group of its capacity provider, as its container instances are."""

from __future__ import annotations

from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult

from ecs_tui.demo.ecs import demo_ecs_backends

GROUP = "ecs-batch-gpu"
"""The name in the ARN of the capacity provider (`responses.py`)."""
ROOM = 2
"""Instances that the group may still start."""


class DemoAutoScalingResponse(AutoScalingResponse):
    """Knows one group; every other action is moto's."""

    def describe_auto_scaling_groups(self) -> ActionResult:
        names = self._get_param("AutoScalingGroupNames", [])
        groups = [self._group()] if not names or GROUP in names else []
        return ActionResult({"AutoScalingGroups": groups})

    def _group(self) -> dict[str, object]:
        backend = demo_ecs_backends[self.current_account][self.region]
        instances = [
            each
            for cluster in backend.container_instances.values()
            for each in cluster.values()
            if each.status == "ACTIVE"
        ]
        zones = [f"{self.region}{letter}" for letter in "abc"]
        arn = (
            f"arn:aws:autoscaling:{self.region}:{self.current_account}:autoScalingGroup:"
            f"0b1c7e2a-5d0e-4d55-9a43-2a9f4c1f8e11:autoScalingGroupName/{GROUP}"
        )
        return {
            "AutoScalingGroupName": GROUP,
            "AutoScalingGroupARN": arn,
            "MinSize": 1,
            "MaxSize": len(instances) + ROOM,
            "DesiredCapacity": len(instances),
            "DefaultCooldown": 300,
            "AvailabilityZones": zones,
            "HealthCheckType": "EC2",
            "HealthCheckGracePeriod": 0,
            "CreatedTime": "2026-01-05T08:00:00Z",
            "NewInstancesProtectedFromScaleIn": True,
            "Instances": [
                {
                    "InstanceId": each.ec2_instance_id,
                    "AvailabilityZone": zones[number % 3],
                    "LifecycleState": "InService",
                    "HealthStatus": "Healthy",
                    "ProtectedFromScaleIn": True,
                }
                for number, each in enumerate(instances)
            ],
        }
