"""Where the lines of a task's containers are, by the definition that the task runs.

Names of log streams: "Use the awslogs log driver" in the ECS developer guide: `PREFIX/CONTAINER/TASK`; on
EC2 without a prefix, the ID that Docker gives the container.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from ecs_tui.model.arn import Arn, parse_arn
from ecs_tui.model.container import Container
from ecs_tui.model.log_configuration import LogConfiguration
from ecs_tui.model.log_event import as_milliseconds
from ecs_tui.model.log_source import ContainerExit, LogGroupRef, LogPlace, LogSource
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.model.text import clean

_TO_CLOUDWATCH = ("cloudwatch", "cloudwatch_logs")
"""Names of Fluent Bit's plugins for CloudWatch Logs (its manual, "Outputs")."""
_DESTINATIONS = ("delivery_stream", "stream", "bucket", "log_group_name", "Host", "host", "Index")
"""Options of Fluent Bit's plugins that name where the lines go."""
_PLACES = {
    "json-file": "stay in a file on its container instance (json-file)",
    "local": "stay in a file on its container instance (local)",
    "journald": "go to the journal of its container instance (journald)",
    "syslog": "go to syslog",
}
_EPOCH = datetime.fromtimestamp(0, UTC)
SIGTERM_STATUS = 143
"""The exit code of a program that SIGTERM ended, as at every normal stop."""


def sources_of(task: Task, definition: TaskDefinition, container: str = "") -> list[LogSource]:
    """Where the lines of a task's containers are, in the order of the definition.

    Args:
        definition: The revision that the task runs.
        container: Only the container with this name; "" for all.
    """
    router = next((item.name for item in definition.containers if item.logging.router), "")
    return [
        _source(task, item.name, item.logging, router)
        for item in definition.containers
        if container in ("", item.name)
    ]


def whole_group(name: str, task_arn: str = "", region: str = "", account: str = "") -> LogSource:
    """All log streams of a group, such as `/aws/ecs/containerinsights/CLUSTER/performance`.

    Args:
        name: Its name or ARN.
        task_arn: An ARN of the account and region that it is in, unless `name` is an ARN.
    """
    near = parse_arn(task_arn) or Arn("aws", "ecs", region, account, "")
    return LogSource("", "", "", LogPlace.CLOUDWATCH, _group(name, region, near))


def insights_groups(cluster: str) -> tuple[str, ...]:
    """The names of Container Insights' log groups of a cluster; each may be missing.

    "Container Insights metrics" and "lifecycle events" in the CloudWatch user guide.
    """
    root = f"/aws/ecs/containerinsights/{cluster}"
    return (f"{root}/performance", f"/aws/events/ecs/containerinsights/{cluster}/performance")


def ends_of(tasks: Iterable[Task]) -> list[ContainerExit]:
    """The ends of these tasks' containers, as far as ECS says when."""
    return [
        _end(task, item)
        for task in tasks
        if task.execution_stopped_at or task.stopped_at
        for item in task.containers
        if item.exit_code is not None or item.reason
    ]


def previous_task(tasks: Sequence[Task], of: Task | None = None) -> Task | None:
    """The task that ran last before `of`; with None: that stopped last. None without any.

    Args:
        tasks: Stopped tasks of the same service or group.
    """
    stopped = [task for task in tasks if task.stopped_at is not None]
    if of is not None:
        stopped = [
            task
            for task in stopped
            if task.arn != of.arn
            and task.group == of.group
            and (
                of.created_at is None or task.created_at is None or task.created_at < of.created_at
            )
        ]
    return max(stopped, key=lambda task: task.stopped_at or _EPOCH, default=None)


def _end(task: Task, item: Container) -> ContainerExit:
    code = "" if item.exit_code is None else f"exit {item.exit_code}"
    reason = item.reason.partition(":")[0]
    at = task.execution_stopped_at or task.stopped_at or _EPOCH
    failed = item.exit_code not in (None, 0, SIGTERM_STATUS) or bool(item.reason)
    words = clean(" ".join(word for word in (code, reason) if word))
    return ContainerExit(task.id, item.name, as_milliseconds(at), words, failed)


def _source(task: Task, name: str, logging: LogConfiguration, router: str) -> LogSource:
    base = LogSource(task.arn, task.id, name, LogPlace.ELSEWHERE, service=task.service)
    who, driver = f"Container {clean(name)}", logging.driver
    if driver == "awsfirelens":
        return _firelens(base, logging, router)
    if driver == "awslogs":
        return _awslogs(base, task, logging)
    if driver in _PLACES or driver not in ("", "none"):
        where = _PLACES.get(driver, f"go to the log driver {clean(driver)}")
        words = f"The lines of container {clean(name)} {where}, not to CloudWatch Logs."
        return replace(base, words=words)
    why = "has the log driver none" if driver else "has no log configuration"
    kept = "" if driver else " On EC2, Docker's default driver may keep them on the instance."
    words = f"{who} {why}: its lines are not collected.{kept}"
    return replace(base, place=LogPlace.NOWHERE, words=words)


def _awslogs(base: LogSource, task: Task, logging: LogConfiguration) -> LogSource:
    options, who = logging.options, f"Container {clean(base.container)}"
    group_name = options.get("awslogs-group", "")
    if not group_name:
        why = "is a secret" if "awslogs-group" in logging.hidden else "is missing"
        return replace(base, words=f"{who}: the option awslogs-group {why}.")
    group = _group(group_name, options.get("awslogs-region", ""), parse_arn(task.arn))
    words, item = "", task.container(base.container)
    prefix = options.get("awslogs-stream-prefix", "")
    if stream := options.get("awslogs-stream", ""):
        words = f"{who} may share its log stream with others."
    elif prefix:
        stream = f"{prefix}/{base.container}/{task.id}"
    elif "awslogs-stream-prefix" in logging.hidden:
        return replace(base, words=f"{who}: the option awslogs-stream-prefix is a secret.")
    elif item is not None and item.runtime_id:
        stream = item.runtime_id
    else:
        return replace(
            base,
            words=f"{who} has no stream prefix, and ECS does not say its ID, the stream's name.",
        )
    return replace(base, place=LogPlace.CLOUDWATCH, group=group, stream=stream, words=words)


def _firelens(base: LogSource, logging: LogConfiguration, router: str) -> LogSource:
    options, near = logging.options, parse_arn(base.task_arn)
    through = f"Container {clean(base.container)} sends its lines through FireLens"
    through += f" (container {clean(router)})" if router else ""
    plugin, group_name = options.get("Name", ""), options.get("log_group_name", "")
    stream, prefix = options.get("log_stream_name", ""), options.get("log_stream_prefix", "")
    # Names with $ are made by the router for each line.
    if plugin in _TO_CLOUDWATCH and group_name and "$" not in group_name + stream + prefix:
        found = replace(
            base,
            place=LogPlace.CLOUDWATCH,
            group=_group(group_name, options.get("region", ""), near),
            words=f"{through} to the log group {clean(group_name)}.",
        )
        if stream:
            return replace(found, stream=stream)
        # The router's tag of a container is CONTAINER-firelens-TASK.
        return replace(found, prefix=f"{prefix}{base.container}-firelens-{base.task}")
    where = "where the router's own configuration says"
    if plugin:
        names = [clean(options[each]) for each in _DESTINATIONS if options.get(each)]
        where = f"to {clean(plugin)}" + (f" ({', '.join(names)})" if names else "")
    return replace(base, words=f"{through} {where}, which ecs-tui does not read.")


def _group(name: str, region: str, near: Arn | None) -> LogGroupRef:
    """A log group by its name or its ARN, which may be of another account or region."""
    partition, account = (near.partition, near.account) if near is not None else ("aws", "")
    here = near.region if near is not None else ""
    own = parse_arn(name)
    if own is None or own.service != "logs":
        return LogGroupRef(name, region or here, account, partition)
    plain = own.resource.removeprefix("log-group:").removesuffix(":*")
    return LogGroupRef(
        plain, own.region or region or here, own.account or account, own.partition,
        foreign=own.account not in ("", account),
    )  # fmt: skip
