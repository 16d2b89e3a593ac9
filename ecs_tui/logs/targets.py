"""The tasks of a target, read from ECS: where their lines are, and where containers ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs, logs
from ecs_tui.errors import AwsError, NotFound
from ecs_tui.model.arn import short_name
from ecs_tui.model.log_source import ContainerExit, LogPlace, LogSource
from ecs_tui.model.rules.log_sources import (
    ends_of,
    insights_groups,
    previous_task,
    sources_of,
    whole_group,
)
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.model.text import clean
from ecs_tui.record import dataclass

DESCRIBED = 100
"""Tasks in one DescribeTasks."""
MAX_TASKS = 1_000
"""Tasks of a target whose lines are read; those that started last."""
STREAM_PAGES = 4
"""Pages of log streams that are searched for a task that ECS has forgotten."""


@dataclass(frozen=True, slots=True)
class TargetTasks:
    """What is known of a target.

    Attributes:
        tasks: Its tasks, running and stopped.
        sources: Where their lines are.
        ends: Where their containers ended.
        left_out: How many tasks are left out, because there are more than `MAX_TASKS`.
    """

    tasks: tuple[Task, ...]
    sources: tuple[LogSource, ...]
    ends: tuple[ContainerExit, ...]
    left_out: int = 0

    @property
    def ended(self) -> bool:
        """Whether all its tasks have stopped."""
        return all(task.last_status == "STOPPED" for task in self.tasks)


async def sources_for(
    tasks: Iterable[Task],
    definition: Callable[[str], Awaitable[TaskDefinition]],
    container: str = "",
) -> list[LogSource]:
    """Where the lines of tasks are, by the revision that each of them runs.

    Args:
        definition: Returns a revision by its ARN; called once for each.
        container: Only containers of this name; "" for all.

    Raises:
        AwsError: No definition can be read. Tasks whose own definition cannot be read have a source that says so.
    """
    tasks = list(tasks)
    arns = list(dict.fromkeys(task.task_definition for task in tasks if task.task_definition))
    answers = await asyncio.gather(*map(definition, arns), return_exceptions=True)
    found = dict(zip(arns, answers, strict=True))
    for error in answers:
        if isinstance(error, BaseException) and not isinstance(error, AwsError):
            raise error
    if answers and all(isinstance(each, AwsError) for each in answers):
        raise next(each for each in answers if isinstance(each, AwsError))
    sources: list[LogSource] = []
    for task in tasks:
        known = found.get(task.task_definition)
        if isinstance(known, TaskDefinition):
            sources += sources_of(task, known, container)
        elif isinstance(known, AwsError):
            words = f"Task {task.id[:8]}: its definition cannot be read. {known}"
            sources.append(LogSource(task.arn, task.id, container, LogPlace.ELSEWHERE, words=words))
    return sources


async def insights_sources(account: Account, cluster: str) -> list[LogSource]:
    """Container Insights' own log groups of a cluster, as far as they exist.

    Raises:
        AwsError: They cannot be looked for.
        NotFound: There is none.
    """
    caller = await account.caller(alias=False)
    names = insights_groups(cluster)
    there = [each for each in names if await logs.log_group(account, each) is not None]
    if not there:
        raise NotFound(
            f"Cluster {clean(cluster)} has no log group of Container Insights.",
            f"They are called {' and '.join(map(clean, names))}.",
        )
    return [whole_group(each, caller.arn, account.region, caller.account) for each in there]


class TargetWatch:
    """Reads the tasks of a service, of a cluster, or given ones, again and again.

    Args:
        account: The account to call.
        cluster: The cluster's name.
        service: The service's name or ARN; "" for all tasks of the cluster, unless `tasks` are given.
        tasks: IDs or ARNs of tasks.
        container: Only containers of this name; "" for all.
    """

    def __init__(
        self,
        account: Account,
        cluster: str,
        service: str = "",
        tasks: Sequence[str] = (),
        container: str = "",
    ) -> None:
        self._account, self._cluster, self._service = account, cluster, service
        self._names, self._container = tuple(tasks), container
        self._definitions: dict[str, TaskDefinition] = {}

    async def read(self) -> TargetTasks:
        """Its tasks as they are now.

        Raises:
            AwsError: A call failed.
        """
        tasks = await self._tasks()
        tasks.sort(key=lambda task: task.created_at.timestamp() if task.created_at else 0.0)
        kept = tasks[-MAX_TASKS:]
        sources = await sources_for(kept, self.definition, self._container)
        ends = [
            each for each in ends_of(kept) if self._container in ("", each.container)
        ]  # fmt: skip
        return TargetTasks(tuple(kept), tuple(sources), tuple(ends), len(tasks) - len(kept))

    async def previous(self) -> TargetTasks:
        """The task before its own: the one that stopped last before the newest one started.

        If ECS has forgotten it, its log stream is looked for. No tasks and no sources if there is none.

        Raises:
            AwsError: A call failed.
        """
        own = await self._tasks() if self._names else await self._listed(stopped=False)
        own.sort(key=lambda task: task.created_at.timestamp() if task.created_at else 0.0)
        newest = own[-1] if own else None
        service = self._service or (newest.service if newest is not None else "")
        stopped = await self._listed(stopped=True, service=service)
        found = previous_task(stopped, newest)
        if found is not None:
            sources = await sources_for([found], self.definition, self._container)
            ends = [each for each in ends_of([found]) if self._container in ("", each.container)]
            return TargetTasks((found,), tuple(sources), tuple(ends))
        if newest is None:
            return TargetTasks((), (), ())
        current = await sources_for([newest], self.definition, self._container)
        known = {task.id for task in [*own, *stopped]}
        streams = [await self._forgotten(each, known) for each in current]
        return TargetTasks((), tuple(each for each in streams if each is not None), ())

    async def definition(self, arn: str) -> TaskDefinition:
        """A revision, which never changes: read once."""
        if arn not in self._definitions:
            self._definitions[arn] = await ecs.describe_task_definition(self._account, arn)
        return self._definitions[arn]

    async def _forgotten(self, current: LogSource, known: set[str]) -> LogSource | None:
        """The log stream of the task before, which ECS does not know any more."""
        prefix, _, task = current.stream.rpartition("/")
        if current.group is None or task != current.task:
            return None
        pages = 0
        async for page in logs.log_streams(self._account, current.group, latest_first=True):
            for stream in page:
                start, _, name = stream.name.rpartition("/")
                if start == prefix and name not in known and name != task:
                    return LogSource(
                        "", name, current.container, LogPlace.CLOUDWATCH, current.group,
                        stream.name, "", current.service,
                    )  # fmt: skip
            pages += 1
            if pages == STREAM_PAGES:
                break
        return None

    async def _tasks(self) -> list[Task]:
        if self._names:
            return await self._described(self._names)
        both = await asyncio.gather(self._listed(stopped=False), self._listed(stopped=True))
        return list({task.arn: task for page in both for task in page}.values())

    async def _listed(self, *, stopped: bool, service: str = "") -> list[Task]:
        service = service or self._service
        # ECS may ignore the service's name together with STOPPED: `store/scope.py`.
        pages = [
            page
            async for page in ecs.list_tasks(
                self._account, self._cluster, "" if stopped else service, stopped=stopped
            )
        ]
        tasks = await self._described([arn for page in pages for arn in page])
        name = short_name(service)
        return [task for task in tasks if not service or task.service == name]

    async def _described(self, names: Sequence[str]) -> list[Task]:
        parts = [names[at : at + DESCRIBED] for at in range(0, len(names), DESCRIBED)]
        found = await asyncio.gather(
            *(ecs.describe_tasks(self._account, self._cluster, part) for part in parts)
        )
        return [task for part in found for task in part]
