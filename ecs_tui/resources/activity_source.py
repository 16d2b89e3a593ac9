"""Where the entries of a layer come from, as data: a new layer is a new `ActivitySource` in a list.

`activity/sources/` has those of ECS, load balancing, auto scaling and CloudWatch. Another capability
declares its own in its folder, and `activity/registry.py` lists it: neither the page nor the command
line changes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime
from typing import TypeVar, cast

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import cloudwatch, ecs
from ecs_tui.errors import ResourceGone
from ecs_tui.model.alarm import AlarmIndex
from ecs_tui.model.service import EventOfService, Service
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.record import dataclass
from ecs_tui.resources.activity import ActivityEntry
from ecs_tui.store.inventory import Kind, Scope, calls
from ecs_tui.store.names import newest_service

T = TypeVar("T")
MAX_SERVICES = 50
"""Services of a cluster whose activity is read: those that changed last."""
MAX_DESCRIBED = 200
"""Services of a cluster that are described to find these, if none are loaded: 20 calls."""
MAX_STOPPED = 500
"""Stopped tasks of a cluster that are read, the first that ListTasks returns."""


@dataclass(frozen=True, slots=True)
class ActivityTarget:
    """What a timeline is about, by name: a cluster, one of its services, or a task of it.

    Attributes:
        service: "" for all services, or for a task that belongs to none.
        task_arn: "" for all tasks.
    """

    cluster: str
    service: str = ""
    task_arn: str = ""


class ActivityAsk:
    """One reading of a timeline: what is wanted, and the answers that several sources need.

    Each of these is asked once, by whichever source comes first.

    Args:
        account: The account to call.
        target: What the timeline is about.
        since, until: The range.
        now: The present time.
        definition: Fetches a task definition by its ARN; None to ask AWS each time.
        services: The services of the cluster that are loaded; without any they are listed.
        remembered: Stopped tasks that are known, also those that ECS has forgotten.

    Attributes:
        account, target, since, until, now: As given.
        left_out: Services of the cluster whose activity is not read.
        more_stopped: Whether there are more stopped tasks than are read.
    """

    def __init__(
        self,
        account: Account,
        target: ActivityTarget,
        since: datetime,
        until: datetime,
        now: datetime,
        definition: Callable[[str], Awaitable[TaskDefinition]] | None = None,
        services: Sequence[Service] = (),
        remembered: Sequence[Task] = (),
    ) -> None:
        self.account, self.target = account, target
        self.since, self.until, self.now = since, until, now
        self._definition, self._known, self._remembered = definition, services, remembered
        self.left_out = 0
        self.more_stopped = False
        self._answers: dict[str, asyncio.Task[object]] = {}

    def within(self, at: datetime | None) -> bool:
        """Whether a time is in the range."""
        return at is not None and self.since <= at <= self.until

    async def services(self) -> list[Service]:
        """The service, or the services of the cluster; [] for a task that belongs to none."""
        return await self._once("services", self._services)

    async def events(self) -> list[EventOfService]:
        """The events of the service, at most the 100 that ECS keeps; of a cluster those that came
        with its services."""
        return await self._once("events", self._events)

    async def stopped_tasks(self) -> list[Task]:
        """The stopped tasks that ECS still has, for about an hour, and those that are remembered."""
        found = await self._once("stopped tasks", lambda: self._tasks(stopped=True))
        target = self.target
        ours = {task.arn: task for task in self._remembered if task.last_status == "STOPPED"}
        if target.task_arn:
            ours = {arn: task for arn, task in ours.items() if arn == target.task_arn}
        elif target.service:
            ours = {arn: task for arn, task in ours.items() if task.service == target.service}
        return list((ours | {task.arn: task for task in found}).values())

    async def running_tasks(self) -> list[Task]:
        """The tasks of the service; of a cluster none, because there may be thousands."""
        return await self._once("running tasks", lambda: self._tasks(stopped=False))

    async def alarms(self) -> AlarmIndex:
        """All alarms of the account and region."""
        return await self._once("alarms", self._alarms)

    async def definition(self, arn: str) -> TaskDefinition:
        """A task definition."""
        fetch = self._definition

        async def work() -> TaskDefinition:
            if fetch is not None:
                return await fetch(arn)
            return await ecs.describe_task_definition(self.account, arn)

        return await self._once(f"definition {arn}", work)

    async def close(self) -> None:
        """Cancel what is still being asked."""
        for each in self._answers.values():
            each.cancel()
        await asyncio.gather(*self._answers.values(), return_exceptions=True)

    async def _once(self, name: str, work: Callable[[], Coroutine[object, object, T]]) -> T:
        if name not in self._answers:
            self._answers[name] = asyncio.create_task(work())
        # A source that is cancelled does not cancel what another one waits for.
        return cast(T, await asyncio.shield(self._answers[name]))

    async def _services(self) -> list[Service]:
        target = self.target
        if target.service:
            found = await ecs.describe_services(self.account, target.cluster, [target.service])
            one = newest_service(found)
            if one is None:
                raise ResourceGone(f"Service {target.service} does not exist.")
            return [one]
        if target.task_arn:
            return []
        every = list(self._known) or await self._all_services()
        every.sort(key=_last_change, reverse=True)
        self.left_out += max(0, len(every) - MAX_SERVICES)
        return every[:MAX_SERVICES]

    async def _all_services(self) -> list[Service]:
        cluster, arns = self.target.cluster, list[str]()
        async for page in ecs.list_services(self.account, cluster):
            arns += page
        self.left_out = max(0, len(arns) - MAX_DESCRIBED)
        every: list[Service] = []
        for start in range(0, min(len(arns), MAX_DESCRIBED), ecs.SERVICES_PER_CALL):
            some = arns[start : start + ecs.SERVICES_PER_CALL]
            every += await ecs.describe_services(self.account, cluster, some)
        return every

    async def _events(self) -> list[EventOfService]:
        if self.target.service:
            pages = ecs.service_events(self.account, self.target.cluster, self.target.service)
            return [event async for page in pages for event in page]
        return [
            EventOfService(event.id, event.at, event.message, service.arn)
            for service in await self.services()
            for event in service.events
        ]

    async def _tasks(self, *, stopped: bool) -> list[Task]:
        target = self.target
        if target.task_arn:
            found = await ecs.describe_tasks(self.account, target.cluster, [target.task_arn])
            return [task for task in found if (task.last_status == "STOPPED") == stopped]
        if not stopped and not target.service:
            return []
        arns: dict[str, None] = {}
        listed = Scope(Kind.TASK, target.cluster, target.service, stopped)
        for call in calls(listed) if stopped else (listed,):
            pages = ecs.list_tasks(self.account, call.cluster, call.service, stopped=call.stopped)
            async for page in pages:
                arns.update(dict.fromkeys(page))
                if len(arns) >= MAX_STOPPED:
                    break
        first = list(arns)[:MAX_STOPPED]
        tasks: list[Task] = []
        for start in range(0, len(first), ecs.TASKS_PER_CALL):
            some = first[start : start + ecs.TASKS_PER_CALL]
            tasks += await ecs.describe_tasks(self.account, target.cluster, some)
        if not stopped:
            return tasks
        self.more_stopped = len(arns) >= MAX_STOPPED
        return [task for task in tasks if target.service in ("", task.service)]

    async def _alarms(self) -> AlarmIndex:
        return AlarmIndex(await cloudwatch.describe_alarms(self.account))


def _last_change(service: Service) -> float:
    times = [item.updated_at or item.created_at for item in service.deployments]
    times += [event.at for event in service.events[:1]]
    return max((at.timestamp() for at in times if at is not None), default=0.0)


@dataclass(frozen=True, slots=True)
class ActivityAnswer:
    """What a source has read.

    Attributes:
        entries: Those in the range, in any order.
        note: Why there are none or some may be missing, in a few words; "" if all are there.
    """

    entries: Sequence[ActivityEntry] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ActivitySource:
    """Where entries of a layer come from. A layer may have several.

    Attributes:
        layer: The name of the layer.
        title: What it reads, for messages: "service deployments".
        read: Reads it. What may not be read is an error (AccessDenied), never an empty answer.
        reach: How far back AWS keeps it, in a few words.
    """

    layer: str
    title: str
    read: Callable[[ActivityAsk], Awaitable[ActivityAnswer]]
    reach: str = ""
