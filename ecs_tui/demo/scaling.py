"""Application Auto Scaling of the demo account: moto's, with scalable targets of its services."""

from __future__ import annotations

from moto.applicationautoscaling.models import applicationautoscaling_backends

from ecs_tui.demo.ecs import demo_ecs_backends

SCALED = {"prod/web": (4, 12), "staging/web": (2, 6)}
"""The services whose desired count Application Auto Scaling manages: from, to."""


def scalable_targets(account: str, region: str) -> None:
    """Register the targets of `SCALED`; nothing scales them."""
    backend = applicationautoscaling_backends[account][region]
    backend.ecs_backend = demo_ecs_backends[account][region]  # it looks the service up
    for name, (least, most) in SCALED.items():
        backend.register_scalable_target(
            "ecs",
            f"service/{name}",
            "ecs:service:DesiredCount",
            least,
            most,
            f"arn:aws:iam::{account}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
            "AWSServiceRoleForApplicationAutoScaling_ECSService",
            dict.fromkeys(
                (
                    "DynamicScalingInSuspended",
                    "DynamicScalingOutSuspended",
                    "ScheduledScalingSuspended",
                ),
                False,
            ),
        )
