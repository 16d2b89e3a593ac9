"""A crash-looping service of the demo has the stopped tasks that its deployment counts, from the start."""

from __future__ import annotations

import pytest

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.demo.account import CLUSTERS
from ecs_tui.model.service import Deployment
from ecs_tui.model.task import Task
from tests.support.demo import Demo


def test_only_the_services_whose_containers_exit_have_such_tasks() -> None:
    crashing = {spec.name for each in CLUSTERS for spec in each.services if spec.crash_every}
    assert crashing == {"worker"}


@pytest.mark.asyncio
async def test_they_are_as_many_as_failed_and_each_has_its_end(demo: Demo) -> None:
    account = demo.account()
    try:
        tasks, deployment = await at_one_time(account)
        assert len(tasks) == deployment.failed >= 6
        assert len([task for task in tasks if task.last_status == "STOPPED"]) >= 6
        for task in tasks:
            [container] = task.containers
            assert (task.stop_code, task.started_by) == ("EssentialContainerExited", deployment.id)
            if task.last_status != "STOPPED":
                continue  # it has failed since the demo started, and is stopping
            assert container.exit_code == 137
            assert container.reason.startswith("OutOfMemoryError")
            times = (deployment.created_at, task.created_at, task.started_at, task.stopped_at)
            known = [each for each in times if each is not None]
            assert len(known) == 4 and sorted(set(known)) == known, task.id
    finally:
        await account.close()


async def at_one_time(account: Account) -> tuple[list[Task], Deployment]:
    """The worker's tasks that were stopped, and its deployment: none fails between two answers."""
    while True:
        [before] = await ecs.describe_services(account, "prod", ["worker"])
        arns = [arn async for page in ecs.list_tasks(account, "prod", stopped=True) for arn in page]
        tasks = await ecs.describe_tasks(account, "prod", arns)
        [after] = await ecs.describe_services(account, "prod", ["worker"])
        if before.deployments[0].failed == after.deployments[0].failed:
            return [each for each in tasks if each.service == "worker"], after.deployments[0]
