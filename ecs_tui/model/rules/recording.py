"""Whether a session is recorded, from its cluster's exec configuration and its container's log driver.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ExecuteCommandConfiguration.html
"""

from __future__ import annotations

from ecs_tui.model.cluster import Cluster, ExecConfiguration, refusal
from ecs_tui.model.recording_fact import RecordingFact
from ecs_tui.model.task_definition import TaskDefinition


def recording_of(
    cluster: Cluster | None, definition: TaskDefinition | None = None, container: str = ""
) -> RecordingFact:
    """What is known about the recording of sessions.

    Args:
        cluster: The cluster; None if it is not known.
        definition: The task's definition. DEFAULT records in its awslogs group; None if not known.
        container: The container's name; "" for any of the definition's.
    """
    if cluster is None or not cluster.described:
        return RecordingFact("unknown", reason="The cluster has not been read.")
    if not cluster.configuration_known:
        code = refusal(cluster.not_read["CONFIGURATIONS"])
        return RecordingFact(
            "unknown", reason=f"The exec configuration of {cluster.name} is not readable: {code}."
        )
    configuration = cluster.exec_configuration or ExecConfiguration()
    if configuration.logging == "NONE":
        return RecordingFact("no", reason=f"The exec logging of {cluster.name} is NONE.")
    if configuration.logging == "OVERRIDE":
        return _of_destination(cluster.name, configuration)
    if configuration.logging != "DEFAULT":
        words = (
            f"The exec logging of {cluster.name} is {configuration.logging}, which is not known."
        )
        return RecordingFact("unknown", reason=words)
    return _of_definition(definition, container)


def _of_destination(cluster: str, configuration: ExecConfiguration) -> RecordingFact:
    if not configuration.log_group and not configuration.s3_bucket:
        words = f"The exec logging of {cluster} is OVERRIDE, and names neither a log group nor a bucket."
        return RecordingFact("no", reason=words)
    return RecordingFact("yes", configuration.destination())


def _of_definition(definition: TaskDefinition | None, container: str) -> RecordingFact:
    if definition is None:
        return RecordingFact(
            "unknown",
            reason="The exec logging is DEFAULT: it depends on the log driver of the task definition.",
        )
    groups = [
        each.logging.options.get("awslogs-group", "awslogs")
        for each in definition.containers
        if each.logging.driver == "awslogs" and container in ("", each.name)
    ]
    if groups:
        return RecordingFact("yes", groups[0])
    return RecordingFact(
        "no",
        reason="The exec logging is DEFAULT, and the container has no awslogs log driver.",
    )
