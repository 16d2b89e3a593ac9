"""Data that lists need besides List and Describe: looked up for visible rows, and cached."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.aws.api import elbv2 as elb
from ecs_tui.errors import EcsTuiError
from ecs_tui.store.names import newest_service
from ecs_tui.store.scope import clock
from ecs_tui.system.crash import report

MAX_PARALLEL = 2
"""Maximum calls in flight: lists come first, and all share one budget."""
RETRY_SECONDS = 60.0
"""Seconds after which a failed lookup is retried."""
MAX_ANSWERS = 1000
"""Maximum cached answers; the oldest are dropped first."""


class Subject(StrEnum):
    """What is looked up."""

    PROVIDERS = "capacity providers"
    DEREGISTRATION = "deregistration delay"
    DEFINITION = "task definition"
    SERVICE = "service"


_FRESH_SECONDS = {
    Subject.PROVIDERS: 300.0,
    Subject.DEREGISTRATION: 300.0,
    Subject.DEFINITION: float("inf"),
    Subject.SERVICE: 60.0,
}
"""Seconds for which an answer is used; a task definition never changes."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """One lookup: of a thing (its ARN or name) in a cluster, or of the cluster itself."""

    subject: Subject
    cluster: str = ""
    thing: str = ""


@dataclass(frozen=True, slots=True)
class LookupResult:
    """The answer to a lookup, or its error; `at` in monotonic seconds."""

    at: float
    value: Any = None
    error: EcsTuiError | None = None


class Lookups:
    """Runs the lookups of visible rows, a few at a time, in the order of the rows.

    Args:
        account: The account to call.
        definition: Fetches a task definition by its ARN, once.
        changed: Called with each answered lookup.
    """

    def __init__(
        self,
        account: Account,
        definition: Callable[[str], Awaitable[Any]],
        changed: Callable[[Lookup], None],
    ) -> None:
        self._account, self._definition, self._changed = account, definition, changed
        self._answers: dict[Lookup, LookupResult] = {}
        self._waiting: list[Lookup] = []
        self._jobs: dict[Lookup, asyncio.Future[None]] = {}
        self._closed = False

    def answer(self, lookup: Lookup) -> LookupResult | None:
        """The newest answer, or None."""
        return self._answers.get(lookup)

    def look_up(self, wanted: Iterable[Lookup]) -> None:
        """Replace the wanted lookups; runs those that are due."""
        self._waiting = [each for each in dict.fromkeys(wanted) if self._due(each)]
        self._start()

    def retry(self) -> None:
        """Make failed lookups due again."""
        self._answers = {key: each for key, each in self._answers.items() if each.error is None}

    async def close(self) -> None:
        """Cancel the calls in flight and start no more."""
        self._closed, self._waiting = True, []
        jobs = list(self._jobs.values())
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)

    def _due(self, lookup: Lookup) -> bool:
        if lookup in self._jobs:
            return False
        known = self._answers.get(lookup)
        if known is None:
            return True
        return clock() - known.at > (
            RETRY_SECONDS if known.error else _FRESH_SECONDS[lookup.subject]
        )

    def _start(self) -> None:
        while self._waiting and len(self._jobs) < MAX_PARALLEL and not self._closed:
            lookup = self._waiting.pop(0)
            job: asyncio.Future[None] = asyncio.ensure_future(self._run(lookup))
            self._jobs[lookup] = job
            job.add_done_callback(partial(self._ended, lookup))

    async def _run(self, lookup: Lookup) -> None:
        try:
            answer = LookupResult(clock(), await self._ask(lookup))
        except EcsTuiError as error:
            known = self._answers.get(lookup)
            answer = LookupResult(clock(), known.value if known else None, error)
        while len(self._answers) >= MAX_ANSWERS:
            del self._answers[next(iter(self._answers))]
        self._answers.pop(lookup, None)
        self._answers[lookup] = answer

    def _ended(self, lookup: Lookup, job: asyncio.Future[None]) -> None:
        self._jobs.pop(lookup, None)
        if job.cancelled():
            return
        unexpected = job.exception()
        if unexpected is not None:
            self._answers[lookup] = LookupResult(clock(), None, EcsTuiError(str(unexpected)))
            report(f"the lookup of a {lookup.subject}", unexpected, "Retrying in 60 s.")
        self._start()
        self._changed(lookup)

    async def _ask(self, lookup: Lookup) -> Any:
        if lookup.subject is Subject.PROVIDERS:
            found = await ecs.describe_capacity_providers(self._account, lookup.cluster)
            return {item.name: item for item in found}
        if lookup.subject is Subject.DEREGISTRATION:
            return await elb.deregistration_delay(self._account, lookup.thing)
        if lookup.subject is Subject.DEFINITION:
            return await self._definition(lookup.thing)
        services = await ecs.describe_services(self._account, lookup.cluster, [lookup.thing])
        return newest_service(services)
