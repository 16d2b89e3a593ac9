"""A crash-looping service of the demo has the stopped tasks that its deployment counts, from the start."""

from __future__ import annotations

import pytest

from ecs_tui.aws.api import ecs
from ecs_tui.demo.account import CLUSTERS
from ecs_tui.demo.crashed import crash_every
from tests.support.demo import Demo


def test_only_the_services_whose_containers_exit_have_such_tasks() -> None:
    crashing = {spec.name for each in CLUSTERS for spec in each.services if crash_every(spec)}
    assert crashing == {"worker"}


@pytest.mark.asyncio
async def test_they_are_as_many_as_failed_and_each_has_its_end(demo: Demo) -> None:
    account = demo.account()
    try:
        arns = [arn async for page in ecs.list_tasks(account, "prod", stopped=True) for arn in page]
        described = await ecs.describe_tasks(account, "prod", arns)
        tasks = [each for each in described if each.service == "worker"]
        [service] = await ecs.describe_services(account, "prod", ["worker"])
        deployment = service.deployments[0]
        assert len(tasks) == deployment.failed >= 6
        for task in tasks:
            [container] = task.containers
            assert (task.stop_code, container.exit_code) == ("EssentialContainerExited", 137)
            assert container.reason.startswith("OutOfMemoryError")
            times = (deployment.created_at, task.created_at, task.started_at, task.stopped_at)
            known = [each for each in times if each is not None]
            assert len(known) == 4 and sorted(set(known)) == known, task.id
            assert task.started_by == deployment.id
    finally:
        await account.close()
