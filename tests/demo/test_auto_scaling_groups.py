"""The demo's Auto Scaling group, which its capacity provider names."""

from __future__ import annotations

import pytest

from ecs_tui.aws.api import ecs
from ecs_tui.aws.api.auto_scaling_groups import auto_scaling_groups
from ecs_tui.demo.auto_scaling_groups import GROUP, ROOM
from tests.support.demo import Demo

pytestmark = pytest.mark.asyncio


async def test_the_capacity_provider_leads_to_its_group(demo: Demo) -> None:
    account = demo.account(read_only=True)
    try:
        providers = await ecs.describe_capacity_providers(account, "batch")
        arns = [each.group_arn for each in providers if each.group_arn]
        (group,) = await auto_scaling_groups(account, arns)
        assert (group.name, group.arn) == (GROUP, arns[0])
        assert group.most == group.desired + ROOM
        assert group.in_service == group.desired > 0
        assert await auto_scaling_groups(account, ["arn:…:autoScalingGroupName/other"]) == []
    finally:
        await account.close()
