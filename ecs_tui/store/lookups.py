"""Data that lists need besides List and Describe: looked up for visible rows, and cached."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import lru_cache, partial
from typing import Generic

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.active_session import SessionsInside
from ecs_tui.model.metric import METRICS_PER_SERVICE, USAGE_SECONDS
from ecs_tui.model.rules.ends import cause_words
from ecs_tui.model.service_revision import ServiceRevision
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.record import dataclass
from ecs_tui.store.metric_budget import MetricBudget
from ecs_tui.store.names import newest_service
from ecs_tui.store.scope import clock
from ecs_tui.store.source import ItemT
from ecs_tui.system import wall_clock
from ecs_tui.system.crash import report

MAX_PARALLEL = 2
"""Maximum calls in flight: lists come first, and all share one budget."""
RETRY_SECONDS = 60.0
"""Seconds after which a failed lookup is retried."""
MAX_CAUSE_PAGES = 3
"""Pages of 100 stopped tasks that are read for the cause of a service's failure."""
MAX_TOGETHER = 250
"""Services whose CPU and memory are read by one call: 500 metrics."""
MAX_ANSWERS = 1000
"""Maximum cached answers of a subject; the oldest are dropped first."""


class Subject(StrEnum):
    """What is looked up."""

    PROVIDERS = "capacity providers"
    DEREGISTRATION = "deregistration delay"
    DEFINITION = "task definition"
    SERVICE = "service"
    CAUSE = "cause of failure"
    DEPLOYMENT = "service deployment"
    REVISIONS = "service revisions"
    TARGET_GROUP = "target group"
    TARGET_HEALTH = "target health"
    ALARMS = "alarms"
    SCALABLE_TARGETS = "scalable targets"
    SCALING_ACTIVITIES = "scaling activities"
    SCALING_POLICIES = "scaling policies"
    SCHEDULED_ACTIONS = "scheduled actions"
    USAGE = "CPU and memory"
    INSIDE = "open sessions"
    OPENERS = "openers of sessions"
    UNENDED = "sessions without an end"


_Named = tuple[str, str]
"""The cluster and the thing of a lookup."""
_FRESH_SECONDS = {
    Subject.PROVIDERS: 300.0,
    Subject.DEREGISTRATION: 300.0,
    Subject.DEFINITION: float("inf"),
    Subject.SERVICE: 60.0,
    Subject.CAUSE: 30.0,
    Subject.DEPLOYMENT: 10.0,
    Subject.REVISIONS: float("inf"),
    Subject.TARGET_GROUP: 300.0,
    Subject.TARGET_HEALTH: 60.0,
    Subject.ALARMS: 60.0,
    Subject.SCALABLE_TARGETS: 60.0,
    Subject.SCALING_ACTIVITIES: 60.0,
    Subject.SCALING_POLICIES: 300.0,
    Subject.SCHEDULED_ACTIONS: 300.0,
    Subject.USAGE: USAGE_SECONDS,
    Subject.INSIDE: 30.0,
    Subject.OPENERS: 60.0,
    Subject.UNENDED: 60.0,
}
"""Seconds for which an answer is used; task definitions and service revisions never change."""


@dataclass(frozen=True, slots=True)
class Lookup(Generic[ItemT]):
    """One lookup: of a thing (its ARN or name) in a cluster, or of the cluster itself.

    The functions that make one say of which class its answer is: `Lookup[TaskDefinition]`.
    """

    subject: Subject
    cluster: str = ""
    thing: str = ""


@dataclass(frozen=True, slots=True)
class LookupResult(Generic[ItemT]):
    """The answer to a lookup, or its error; `at` in monotonic seconds."""

    at: float
    value: ItemT | None = None
    error: EcsTuiError | None = None


@lru_cache(1)
def _calls() -> Mapping[Subject, Callable[[Account, str], Awaitable[object]]]:
    """What reads the answers of subjects that need nothing but the account and the thing."""
    from ecs_tui.aws.api.elbv2 import deregistration_delay, target_health
    from ecs_tui.store import lookup_calls

    return {
        Subject.DEREGISTRATION: deregistration_delay,
        Subject.TARGET_GROUP: lookup_calls.target_group,
        Subject.TARGET_HEALTH: target_health,
        Subject.ALARMS: lookup_calls.alarms,
        Subject.SCALABLE_TARGETS: lookup_calls.scalable_targets,
        Subject.SCALING_ACTIVITIES: lookup_calls.scaling_activities,
        Subject.SCALING_POLICIES: lookup_calls.scaling_policies,
        Subject.SCHEDULED_ACTIONS: lookup_calls.scheduled_actions,
        Subject.DEPLOYMENT: lookup_calls.service_deployment,
    }


def inside_lookup() -> Lookup[SessionsInside]:
    """The lookup of the sessions that are open in the region's containers."""
    return Lookup(Subject.INSIDE)


class Lookups:
    """Runs the lookups of visible rows, a few at a time, in the order of the rows.

    Args:
        account: The account to call.
        definition: Fetches a task definition by its ARN, once.
        revisions: Fetches service revisions by their ARNs, each once.
        changed: Called with each answered lookup.

    Attributes:
        budget: What may be spent on metrics; None for no limit, and nothing is counted.
        slowness: The factor on the seconds for which answers are used: more than 1 while nobody
            looks.
        version: A number that changes with every answer.
    """

    def __init__(
        self,
        account: Account,
        definition: Callable[[str], Awaitable[TaskDefinition]],
        revisions: Callable[[Sequence[str]], Awaitable[Mapping[str, ServiceRevision]]],
        changed: Callable[[Lookup], None],
    ) -> None:
        self._account, self._definition, self._changed = account, definition, changed
        self._revisions = revisions
        self._answers: dict[Subject, dict[_Named, LookupResult]] = {each: {} for each in Subject}
        self._waiting: list[Lookup] = []
        self._jobs: dict[Lookup, asyncio.Future[None]] = {}
        self._closed = False
        self.budget: MetricBudget | None = None
        self.slowness = 1.0
        self.version = 0

    def answer(self, lookup: Lookup[ItemT]) -> LookupResult[ItemT] | None:
        """The newest answer, or None."""
        return self._answers[lookup.subject].get((lookup.cluster, lookup.thing))

    def answers(self, subject: Subject) -> Mapping[tuple[str, str], LookupResult]:
        """The newest answers about a subject by (cluster, thing), for lists with many rows."""
        return self._answers[subject]

    def _keep(self, lookup: Lookup, answer: LookupResult) -> None:
        kept, name = self._answers[lookup.subject], (lookup.cluster, lookup.thing)
        known = kept.pop(name, None)
        if known is not None and known.value == answer.value:
            answer = replace(answer, value=known.value)  # what is made from it stays as it is
        while len(kept) >= MAX_ANSWERS:
            del kept[next(iter(kept))]
        kept[name] = answer
        self.version += 1

    def look_up(self, wanted: Iterable[Lookup]) -> None:
        """Replace the wanted lookups; runs those that are due."""
        self._waiting = [each for each in dict.fromkeys(wanted) if self._due(each)]
        self._start()

    def fresh(self, lookup: Lookup[ItemT], seconds: float) -> LookupResult[ItemT] | None:
        """The newest answer if it is at most so many seconds old and no failure, else None."""
        known = self.answer(lookup)
        if known is None or known.error is not None or clock() - known.at > seconds:
            return None
        return known

    async def read(self, lookup: Lookup[ItemT]) -> ItemT | None:
        """Ask now, for more than the rows in view; lists use the answer too.

        Raises:
            EcsTuiError: The call failed.
        """
        if lookup not in self._jobs:
            self._waiting = [each for each in self._waiting if each != lookup]
            self._begin([lookup])
        await asyncio.shield(self._jobs[lookup])
        known = self.answer(lookup)
        if known is not None and known.error is not None:
            raise known.error
        return known.value if known is not None else None

    def retry(self) -> None:
        """Make failed lookups due again."""
        for subject, kept in self._answers.items():
            self._answers[subject] = {name: one for name, one in kept.items() if one.error is None}
        self.version += 1

    async def close(self) -> None:
        """Cancel the calls in flight and start no more."""
        self._closed, self._waiting = True, []
        jobs = list(set(self._jobs.values()))
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)

    def _due(self, lookup: Lookup) -> bool:
        if lookup in self._jobs or (lookup.subject is Subject.USAGE and self.stopped):
            return False
        known = self.answer(lookup)
        if known is None:
            return True
        fresh = RETRY_SECONDS if known.error else _FRESH_SECONDS[lookup.subject]
        return clock() - known.at > fresh * self.slowness

    def _start(self) -> None:
        while self._waiting and len(set(self._jobs.values())) < MAX_PARALLEL and not self._closed:
            batch = self._batch()
            if not batch:
                continue
            self._begin(batch)

    def _begin(self, batch: Sequence[Lookup]) -> None:
        job: asyncio.Future[None] = asyncio.ensure_future(self._run(batch))
        self._jobs |= dict.fromkeys(batch, job)
        job.add_done_callback(partial(self._ended, batch))

    def _batch(self) -> list[Lookup]:
        """Take the lookups that are answered by one call: the next one, and those of its subject if
        they are read together, as far as the budget allows."""
        first = self._waiting.pop(0)
        if first.subject is not Subject.USAGE:
            return [first]
        together = [first, *(each for each in self._waiting if each.subject is first.subject)]
        self._waiting = [each for each in self._waiting if each.subject is not first.subject]
        room = MAX_TOGETHER
        if self.budget is not None:
            while room and not self.budget.allows(min(room, len(together)) * METRICS_PER_SERVICE):
                room //= 2
        batch = together[:room]
        if self.budget is not None and batch:
            self.budget.add(len(batch) * METRICS_PER_SERVICE)
        return batch

    @property
    def stopped(self) -> bool:
        """Whether no metrics are read any more today: the budget is used up, or there is none."""
        return self.budget is not None and not self.budget.allows(METRICS_PER_SERVICE)

    async def _run(self, batch: Sequence[Lookup]) -> None:
        try:
            found = [LookupResult(clock(), value) for value in await self._ask_all(batch)]
        except EcsTuiError as error:
            before = [self.answer(each) for each in batch]
            values = [known.value if known else None for known in before]
            found = [LookupResult(clock(), value, error) for value in values]
        for lookup, answer in zip(batch, found, strict=True):
            self._keep(lookup, answer)

    def _ended(self, batch: Sequence[Lookup], job: asyncio.Future[None]) -> None:
        for lookup in batch:
            self._jobs.pop(lookup, None)
        if job.cancelled():
            return
        unexpected = job.exception()
        if unexpected is not None:
            failed = LookupResult[object](clock(), None, EcsTuiError(str(unexpected)))
            for lookup in batch:
                self._keep(lookup, failed)
            report(f"the lookup of a {batch[0].subject}", unexpected, "Retrying in 60 s.")
        self._start()
        for lookup in batch:
            self._changed(lookup)

    async def _ask_all(self, batch: Sequence[Lookup]) -> Sequence[object]:
        if batch[0].subject is Subject.USAGE:
            from ecs_tui.store.usage import read_usage

            return await read_usage(self._account, [(each.cluster, each.thing) for each in batch])
        return [await self._ask(lookup) for lookup in batch]

    async def _ask(self, lookup: Lookup) -> object:
        if lookup.subject is Subject.PROVIDERS:
            found = await ecs.describe_capacity_providers(self._account, lookup.cluster)
            return {item.name: item for item in found}
        if call := _calls().get(lookup.subject):
            return await call(self._account, lookup.thing)
        if lookup.subject is Subject.DEFINITION:
            return await self._definition(lookup.thing)
        if lookup.subject is Subject.REVISIONS:
            return await self._revisions(lookup.thing.split())
        if lookup.subject in (Subject.INSIDE, Subject.OPENERS, Subject.UNENDED):
            # Not before the first rows: these calls need the parser of CloudTrail's events.
            from ecs_tui.store import sessions_inside

            if lookup.subject is Subject.INSIDE:
                return await sessions_inside.read_inside(self._account)
            now, since = wall_clock.moment(), lookup.thing
            if lookup.subject is Subject.UNENDED:
                return await sessions_inside.read_unended(self._account, since, now)
            return await sessions_inside.read_openers(self._account, since, now)
        if lookup.subject is Subject.CAUSE:
            return await self._cause(lookup.cluster, lookup.thing)
        services = await ecs.describe_services(self._account, lookup.cluster, [lookup.thing])
        return newest_service(services)

    async def _cause(self, cluster: str, service: str) -> str:
        """Why the stopped tasks of a service ended, judging by the first page that has some: two calls.

        ECS may ignore the service's name together with STOPPED: then most pages are of others.
        """
        read = 0
        async for page in ecs.list_tasks(self._account, cluster, service, stopped=True):
            tasks = await ecs.describe_tasks(self._account, cluster, page) if page else []
            own = [task for task in tasks if task.service == service]
            read += 1
            if own or read == MAX_CAUSE_PAGES:
                return cause_words(own)
        return ""
