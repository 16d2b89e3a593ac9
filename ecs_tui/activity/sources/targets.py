"""The targets of load balancers whose health check fails now."""

from __future__ import annotations

from ecs_tui.activity.layers import HEALTH
from ecs_tui.aws.api.elbv2 import target_health
from ecs_tui.model.arn import target_group_name
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.target_health import TargetHealth
from ecs_tui.resources.activity import ActivityEntry
from ecs_tui.resources.activity_source import ActivityAsk

MAX_GROUPS = 20
"""Target groups that are read: one call each."""


async def unhealthy_targets(ask: ActivityAsk) -> list[ActivityEntry]:
    """An entry for each target that fails its health check, dated now: AWS does not say since when.

    Raises:
        AwsError: A target group could not be read.
    """
    groups = {
        arn: service.name for service in await ask.services() for arn in service.every_target_group
    }
    entries: list[ActivityEntry] = []
    for arn, service in list(groups.items())[:MAX_GROUPS]:
        found = await target_health(ask.account, arn)
        entries += [_entry(ask, target, service) for target in found if target.failing]
    return entries


def _entry(ask: ActivityAsk, target: TargetHealth, service: str) -> ActivityEntry:
    name = f"{target.id}:{target.port}" if target.port is not None else target.id
    group = target_group_name(target.target_group)
    return ActivityEntry(
        key=f"target {target.target_group} {name}",
        layer=HEALTH.name,
        at=ask.now,
        who="load balancer",
        what=f"target {name} of {group} is unhealthy: {target.why}",
        sign=Sign.BAD,
        service=service,
        thing=name,
        details=(
            ("state", target.state),
            ("reason", target.why),
            ("target group", target.target_group),
            ("zone", target.zone),
            ("health check port", target.check_port),
        ),
        seen=True,
    )
