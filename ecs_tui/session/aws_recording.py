"""Reads whether AWS will record a session, immediately before it is opened."""

from __future__ import annotations

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.errors import AwsError
from ecs_tui.model.arn import short_name
from ecs_tui.model.recording_fact import RecordingFact
from ecs_tui.model.rules.recording import recording_of
from ecs_tui.model.task_definition import TaskDefinition


async def read_recording(
    account: Account, cluster: str, task: str, container: str
) -> RecordingFact:
    """Whether a session in a container will be recorded; unknown, with the reason, if a call fails.

    Args:
        cluster: Name or ARN of the cluster.
        task: ARN or ID of the task.
        container: The container's name.
    """
    try:
        found = await ecs.describe_clusters(account, [cluster])
        if not found:
            name = short_name(cluster)
            return RecordingFact("unknown", reason=f"There is no cluster {name} in the region.")
        fact = recording_of(found[0])
        if fact.recorded != "unknown" or not found[0].configuration_known:
            return fact
        return recording_of(found[0], await _definition(account, cluster, task), container)
    except AwsError as error:
        return RecordingFact("unknown", reason=f"It cannot be read: {error}")


async def _definition(account: Account, cluster: str, task: str) -> TaskDefinition | None:
    tasks = await ecs.describe_tasks(account, cluster, [task])
    if not tasks or not tasks[0].task_definition:
        return None
    return await ecs.describe_task_definition(account, tasks[0].task_definition)
