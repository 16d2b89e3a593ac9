"""What to load next, and how often: first visible rows, then rows near them, then the rest.

Steady objects are refreshed rarely, moving ones often, invisible ones hardly at all. All calls
also pass the account's budget, so this decides the order, not the rate.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ecs_tui.model.arn import cluster_name
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.scope import BATCH, Kind, Scope, calls, clock
from ecs_tui.system.crash import keep_running, report

MOVING_SECONDS = 3.0
"""Seconds between refreshes of objects with a deployment or a task state in progress."""
PAGE_SECONDS = 15.0
"""Seconds per page: a list of N pages is listed again after N times this, at the earliest."""
SMALL_SCOPE = 200
"""Up to this size, a whole scope is refreshed, visible or not."""
LARGE_CLUSTER_SERVICES = 300
LARGE_CLUSTER_TASKS = 1000
"""In larger clusters, the exec agents of a service are loaded only when it is selected."""
OFFSCREEN_FACTOR = 3.0
"""Factor on the interval for rows that are not on the screen."""
IDLE_FACTOR = 3.0
"""Factor on all intervals while the operator is idle."""
LARGE_SCOPE_FACTOR = 1.2
"""Factor on the interval in large scopes, where 40 visible rows already take four calls."""
MAX_PARALLEL = 6
"""Maximum calls in flight for one scope."""
WATCH_SECONDS = 5.0
"""Seconds between refreshes of tasks with open shells."""
BACKGROUND_BATCH_GAP_SECONDS = 0.15
"""Seconds between Describe batches while a List call runs, so that some of the budget is left."""
MAX_PAUSE_SECONDS = 60.0
"""Maximum seconds between two attempts for a scope that fails."""
_TICK_SECONDS = 0.25
"""Seconds between two checks of what is due."""


@dataclass(slots=True)
class _Look:
    """A scope on the screen, and its jobs."""

    scope: Scope
    first: bool
    since: float = 0.0
    """Data from before this time (monotonic seconds) is loaded again."""
    jobs: set[asyncio.Future[None]] = field(default_factory=set)
    listing: asyncio.Future[None] | None = None
    now: bool = False
    began: float = 0.0
    failures: int = 0
    not_before: float = 0.0


class Refresher:
    """Refreshes what is on the screen, visible rows first.

    Args:
        inventory: Where the data is stored.
        every: Seconds between refreshes of visible rows.
    """

    def __init__(self, inventory: Inventory, every: float) -> None:
        self._inventory = inventory
        self._every = every
        self._looks: list[_Look] = []
        self._seen: Sequence[str] = ()
        self._near: Sequence[str] = ()
        self._wake = asyncio.Event()
        self._job: asyncio.Task[None] | None = None
        self._idle_factor = 1.0
        self._watched: tuple[str, ...] = ()
        self._watch_jobs: set[asyncio.Future[None]] = set()
        self._watch_asked: dict[str, float] = {}

    def watch(self, arns: Sequence[str]) -> None:
        """Refresh these tasks whatever is on the screen: shells are open in them."""
        self._watched = tuple(arns)
        self._watch_asked = {a: at for a, at in self._watch_asked.items() if a in self._watched}
        self._inventory.hold("watched", arns)
        if arns:
            self._start()

    def _refresh_watched(self, now: float) -> None:
        if self._watch_jobs:
            return
        inventory = self._inventory
        due: dict[str, list[str]] = {}
        for arn in self._watched:
            scope = Scope(Kind.TASK, inventory.cluster_of(arn) or cluster_name(arn))
            asked_at = max(inventory.described_at(scope, arn), self._watch_asked.get(arn, 0.0))
            if now - asked_at > WATCH_SECONDS and not inventory.in_flight(scope, arn):
                due.setdefault(scope.cluster, []).append(arn)
        for cluster, arns in due.items():
            batch = arns[: BATCH[Kind.TASK]]
            # After a failure too (the cluster may be gone), it waits before the next call.
            self._watch_asked.update(dict.fromkeys(batch, now))
            work = inventory.describe(Scope(Kind.TASK, cluster), batch)
            job: asyncio.Future[None] = asyncio.ensure_future(work)
            self._watch_jobs.add(job)
            job.add_done_callback(self._watch_jobs.discard)

    def look_at(self, *scopes: Scope) -> None:
        """Refresh exactly these scopes from now on, of the first one the visible rows.

        Cancels the calls in flight for other scopes.
        """
        kept = {look.scope: look for look in self._looks if look.scope in scopes}
        for look in self._looks:
            if look.scope not in kept:
                self._stop(look)
        now = clock()
        if not self._looks or not scopes or self._looks[0].scope != scopes[0]:
            for scope in scopes:
                self._inventory.freshness(scope).arrived_at = now
        self._looks = [kept.get(scope) or _Look(scope, False) for scope in scopes]
        for number, look in enumerate(self._looks):
            look.first = number == 0
            if look.scope not in kept:
                # A list that was left long ago is outdated when it is opened again.
                fresh = self._inventory.freshness(look.scope)
                look.now = fresh.listed_at is None or now - fresh.listed_at > self._every
        self.see(())
        self._start()
        self._wake.set()

    def see(self, seen: Sequence[str], near: Sequence[str] = ()) -> None:
        """Set the visible ARNs and those around them: they are loaded first, in this order."""
        if list(seen) != list(self._seen):
            self._wake.set()
        self._seen, self._near = seen, near
        self._inventory.hold("seen", seen)

    def refresh_now(self) -> None:
        """Refresh what is on the screen at once."""
        for look in self._looks:
            look.now = True
            look.not_before = 0.0
            look.since = clock()
        self._wake.set()

    def idle(self, idle: bool) -> None:
        """Refresh less often: no key for a while, or the terminal is not focused."""
        self._idle_factor = IDLE_FACTOR if idle else 1.0

    @property
    def idle_factor(self) -> float:
        """The factor on all intervals: 1.0 while the operator is active."""
        return self._idle_factor

    @property
    def slowed(self) -> bool:
        """Whether it refreshes less often because the operator is idle."""
        return self._idle_factor > 1

    async def close(self) -> None:
        """Stop everything."""
        jobs: list[asyncio.Future[None]] = [self._job] if self._job is not None else []
        for look in self._looks:
            jobs += look.jobs
            self._stop(look)
        jobs += self._watch_jobs
        for job in self._watch_jobs:
            job.cancel()
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self._looks = []
        await asyncio.gather(*jobs, return_exceptions=True)
        await self._inventory.close()

    @staticmethod
    def _stop(look: _Look) -> None:
        for job in look.jobs:
            job.cancel()

    def _start(self) -> None:
        if self._job is None or self._job.done():
            self._job = asyncio.ensure_future(keep_running("the refresher", self._run))

    async def _run(self) -> None:
        while True:
            now = clock()
            for look in list(self._looks):
                self._advance(look, now)
            self._refresh_watched(now)
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK_SECONDS):
                    await self._wake.wait()

    def _advance(self, look: _Look, now: float) -> None:
        """Start the due calls of a scope, as far as there is room."""
        if now < look.not_before or self._too_many(look):
            return
        fresh = self._inventory.freshness(look.scope)
        if look.listing is None and self._list_due(look, now):
            look.now = False
            look.listing = self._begin(look, self._inventory.list_names(look.scope))
        room = MAX_PARALLEL - len(look.jobs)
        naming = look.listing is not None and fresh.listed_at is None
        waiting = naming and self._unseen(look)
        if naming and not waiting:
            # Names come first; batches for invisible rows run beside them only now and then.
            room = 2 - len(look.jobs) if now - look.began > BACKGROUND_BATCH_GAP_SECONDS else 0
        if room <= 0 or (fresh.listed_at is None and not self._inventory.of(look.scope)):
            return
        wanted = self._wanted(look, now, seen_only=waiting)
        size = BATCH[look.scope.kind]
        for start in range(0, min(len(wanted), room * size), size):
            batch = wanted[start : start + size]
            look.began = now
            self._begin(look, self._inventory.describe(look.scope, batch))

    def _unseen(self, look: _Look) -> bool:
        """Whether visible rows still have to be described."""
        inventory, scope = self._inventory, look.scope
        return look.first and any(
            not inventory.described_at(scope, arn) and not inventory.in_flight(scope, arn)
            for arn in self._seen
        )

    def _too_many(self, look: _Look) -> bool:
        """Whether this is the task list of a large cluster, loaded only for a column of another list."""
        scope = look.scope
        if look.first or scope.kind is not Kind.TASK or scope.service or scope.stopped:
            return False
        listed = self._inventory.freshness(Scope(Kind.SERVICE, scope.cluster)).listed_at
        return listed is None or self.large(scope.cluster)

    def large(self, cluster_name: str) -> bool:
        """Whether the cluster has too many tasks to load those that are not visible."""
        inventory = self._inventory
        if inventory.count(Scope(Kind.SERVICE, cluster_name)) > LARGE_CLUSTER_SERVICES:
            return True
        cluster = inventory.cluster(cluster_name)
        if cluster is not None and cluster.running_tasks > LARGE_CLUSTER_TASKS:
            return True
        return sum(item.running for item in inventory.services(cluster_name)) > LARGE_CLUSTER_TASKS

    def _begin(self, look: _Look, work: Any) -> asyncio.Future[None]:
        job: asyncio.Future[None] = asyncio.ensure_future(work)
        look.jobs.add(job)
        job.add_done_callback(lambda done: self._ended(look, done))
        return job

    def _ended(self, look: _Look, job: asyncio.Future[None]) -> None:
        look.jobs.discard(job)
        if look.listing is job:
            look.listing = None
        if not job.cancelled():
            unexpected = job.exception()
            if unexpected is not None or self._inventory.freshness(look.scope).error is not None:
                look.failures += 1
                pause = min(MAX_PAUSE_SECONDS, self._every * 2 ** (look.failures - 1))
                look.not_before = clock() + pause * random.uniform(0.8, 1.2)
                if unexpected is not None:
                    report("the refresh of a list", unexpected, f"Retrying in {pause:.0f} s.")
            else:
                look.failures, look.not_before = 0, 0.0
        self._wake.set()

    def _list_due(self, look: _Look, now: float) -> bool:
        fresh = self._inventory.freshness(look.scope)
        if look.now or fresh.listed_at is None or fresh.outdated:
            return True
        if not fresh.answered and self._decides(look.scope):
            return True
        pause = self._every * self._idle_factor
        if fresh.pages <= 1 and self._moving(look.scope):
            pause = min(pause, MOVING_SECONDS)
        if not look.first and self.large(look.scope.cluster):
            pause *= 2 * OFFSCREEN_FACTOR
        if fresh.pages > 2:
            pause = max(pause, fresh.pages * PAGE_SECONDS)
        if look.scope.stopped:
            pause = max(pause, 3 * self._every)
        return now - fresh.listed_at > pause

    def _decides(self, scope: Scope) -> bool:
        """Whether this List call must be answered before the list on the screen may be shown as empty."""
        shown = self._looks[0].scope
        return scope in calls(shown) and not self._inventory.of(shown)

    def _moving(self, scope: Scope) -> bool:
        return any(_moves(item) for item in self._inventory.of(scope))

    def _wanted(self, look: _Look, now: float, *, seen_only: bool) -> list[str]:
        """The ARNs to describe, the most urgent first."""
        inventory, scope = self._inventory, look.scope
        few = inventory.count(scope) <= SMALL_SCOPE
        first = self._due(self._seen, look, now, 1.0, unlisted=True) if look.first else []
        if seen_only:
            return first
        if look.first:
            first += self._due(self._near, look, now, OFFSCREEN_FACTOR)
        if first and not few:
            return first
        rest = inventory.to_describe(scope)
        if few:
            rest += self._due([item.arn for item in inventory.of(scope)], look, now, 1.0)
        if scope.stopped:
            rest += self._due(inventory.not_ended(scope), look, now, 1.0)
        return list(dict.fromkeys(first + rest))

    def _due(
        self,
        arns: Sequence[str],
        look: _Look,
        now: float,
        factor: float,
        *,
        unlisted: bool = False,
    ) -> list[str]:
        """Those that are not described or outdated, in order; `unlisted`: also those in no list."""
        inventory, scope = self._inventory, look.scope
        many = inventory.count(scope) > SMALL_SCOPE
        found = []
        for arn in arns:
            item = inventory.get(scope, arn)
            known = item is not None or (unlisted and scope.kind is Kind.TASK)
            if not known or inventory.in_flight(scope, arn):
                continue
            at = inventory.described_at(scope, arn)
            if not at:
                found.append(arn)
                continue
            if scope.stopped and (item is None or item.last_status == "STOPPED"):
                continue
            pause = self._every * self._idle_factor * factor
            if many:
                pause *= LARGE_SCOPE_FACTOR
            if not look.first and self.large(look.scope.cluster):
                pause *= OFFSCREEN_FACTOR  # the tasks of the selected service
            if _moves(item):
                pause = min(pause, MOVING_SECONDS)
            if now - at > pause or (at < look.since and now - look.since < 1.0 and now - at > 1.0):
                found.append(arn)
        return found


def _moves(item: Any) -> bool:
    """Whether its state is likely to change soon."""
    if item is None or item.gone:
        return False
    if hasattr(item, "deploying"):
        return bool(item.deploying)
    if hasattr(item, "containers"):
        starting = any(
            agent.status == "PENDING" for each in item.containers for agent in each.agents
        )
        between = item.last_status not in ("RUNNING", "STOPPED", "")
        return between or item.draining or starting
    return False
