"""What to ask for next: first what is seen, then what is near, then the rest; and how often again.

Steady things are asked for seldom and moving ones often; what nobody sees hardly at all. All calls
pass the account's budget besides, so this decides the order, not the rate.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ecs_tui.crash import keep_running, report
from ecs_tui.inventory.inventory import Inventory
from ecs_tui.inventory.scope import BATCH, Kind, Scope, calls, clock
from ecs_tui.model.arn import cluster_name

MOVING_EVERY = 3.0
"""Seconds between looks at what a deployment or a task's life moves."""
PAGE_COSTS = 15.0
"""A list of N pages is asked for again every N times so many seconds, at the earliest."""
FEW = 200
"""A scope of so few things is kept fresh whole, seen or not."""
MANY_SERVICES = 300
MANY_TASKS = 1000
"""In larger clusters the agents of a service are looked at when the cursor is on it."""
NEAR_SLOWER = 3.0
IDLE_SLOWER = 3.0
LARGE_SLOWER = 1.2
"""In a large scope the 40 rows of a screen cost four calls a time already."""
AT_ONCE = 6
WATCH_EVERY = 5.0
"""Seconds between looks at the tasks that shells are open in."""
BESIDE = 0.15
"""Seconds between batches beside a list of names: the budget fills up meanwhile, unused."""
LONGEST_PAUSE = 60.0
_TICK = 0.25


@dataclass(slots=True)
class _Look:
    """A scope that is looked at, and its jobs."""

    scope: Scope
    first: bool
    since: float = 0.0
    """What was asked for before this time (monotonic seconds) is asked for again."""
    jobs: set[asyncio.Future[None]] = field(default_factory=set)
    listing: asyncio.Future[None] | None = None
    now: bool = False
    began: float = 0.0
    failures: int = 0
    not_before: float = 0.0


class Refresher:
    """Keeps fresh what screens look at, in the order in which it is seen.

    Args:
        inventory: Where the answers go.
        every: Seconds between refreshes of what is seen.
    """

    def __init__(self, inventory: Inventory, every: float) -> None:
        self._inventory = inventory
        self._every = every
        self._looks: list[_Look] = []
        self._seen: Sequence[str] = ()
        self._near: Sequence[str] = ()
        self._wake = asyncio.Event()
        self._job: asyncio.Task[None] | None = None
        self._slower = 1.0
        self._watched: tuple[str, ...] = ()
        self._watch_jobs: set[asyncio.Future[None]] = set()
        self._watch_asked: dict[str, float] = {}

    def watch(self, arns: Sequence[str]) -> None:
        """Keep these tasks fresh wherever one looks: somebody is in them."""
        self._watched = tuple(arns)
        self._watch_asked = {a: at for a, at in self._watch_asked.items() if a in self._watched}
        self._inventory.hold("watched", arns)
        if arns:
            self._start()

    def _keep_watch(self, now: float) -> None:
        if self._watch_jobs:
            return
        inventory = self._inventory
        due: dict[str, list[str]] = {}
        for arn in self._watched:
            scope = Scope(Kind.TASK, inventory.cluster_of(arn) or cluster_name(arn))
            asked_at = max(inventory.described_at(scope, arn), self._watch_asked.get(arn, 0.0))
            if now - asked_at > WATCH_EVERY and not inventory.asking(scope, arn):
                due.setdefault(scope.cluster, []).append(arn)
        for cluster, arns in due.items():
            batch = arns[: BATCH[Kind.TASK]]
            # Also where it fails, as it does for a cluster that is gone, it is not asked at once.
            self._watch_asked.update(dict.fromkeys(batch, now))
            work = inventory.describe(Scope(Kind.TASK, cluster), batch)
            job: asyncio.Future[None] = asyncio.ensure_future(work)
            self._watch_jobs.add(job)
            job.add_done_callback(self._watch_jobs.discard)

    def look_at(self, *scopes: Scope) -> None:
        """From now on keep exactly these fresh, the first one by what is seen of it.

        What is under way for others is cancelled.
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
                # A list that was left long ago is old when one comes back to it.
                fresh = self._inventory.freshness(look.scope)
                look.now = fresh.listed_at is None or now - fresh.listed_at > self._every
        self.see(())
        self._start()
        self._wake.set()

    def see(self, seen: Sequence[str], near: Sequence[str] = ()) -> None:
        """These ARNs are on the screen, those around it: they come first, in this order."""
        if list(seen) != list(self._seen):
            self._wake.set()
        self._seen, self._near = seen, near
        self._inventory.hold("seen", seen)

    def refresh_now(self) -> None:
        """Ask again, at once, for what is looked at."""
        for look in self._looks:
            look.now = True
            look.not_before = 0.0
            look.since = clock()
        self._wake.set()

    def idle(self, idle: bool) -> None:
        """Nobody is at the keyboard, or the terminal has lost the focus: less often."""
        self._slower = IDLE_SLOWER if idle else 1.0

    @property
    def slower(self) -> float:
        """How many times less often it refreshes than it was told to: 1.0 with somebody there."""
        return self._slower

    @property
    def slowed(self) -> bool:
        """Whether it refreshes less often since nobody is there."""
        return self._slower > 1

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
            self._keep_watch(now)
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK):
                    await self._wake.wait()

    def _advance(self, look: _Look, now: float) -> None:
        """Start what is due of one scope, as far as there is room."""
        if now < look.not_before or self._too_many(look):
            return
        fresh = self._inventory.freshness(look.scope)
        if look.listing is None and self._list_due(look, now):
            look.now = False
            look.listing = self._begin(look, self._inventory.list_names(look.scope))
        room = AT_ONCE - len(look.jobs)
        naming = look.listing is not None and fresh.listed_at is None
        waiting = naming and self._unseen(look)
        if naming and not waiting:
            # The names come first; of what nobody sees yet, now and then a batch goes beside them.
            room = 2 - len(look.jobs) if now - look.began > BESIDE else 0
        if room <= 0 or (fresh.listed_at is None and not self._inventory.of(look.scope)):
            return
        wanted = self._wanted(look, now, seen_only=waiting)
        size = BATCH[look.scope.kind]
        for start in range(0, min(len(wanted), room * size), size):
            batch = wanted[start : start + size]
            look.began = now
            self._begin(look, self._inventory.describe(look.scope, batch))

    def _unseen(self, look: _Look) -> bool:
        """Whether rows on the screen still wait for their facts."""
        inventory, scope = self._inventory, look.scope
        return look.first and any(
            not inventory.described_at(scope, arn) and not inventory.asking(scope, arn)
            for arn in self._seen
        )

    def _too_many(self, look: _Look) -> bool:
        """Whether these are all tasks of a large cluster that only another list's column shows."""
        scope = look.scope
        if look.first or scope.kind is not Kind.TASK or scope.service or scope.stopped:
            return False
        listed = self._inventory.freshness(Scope(Kind.SERVICE, scope.cluster)).listed_at
        return listed is None or self.large(scope.cluster)

    def large(self, cluster_name: str) -> bool:
        """Whether the cluster has so many tasks that not all are asked for unseen."""
        inventory = self._inventory
        if inventory.count(Scope(Kind.SERVICE, cluster_name)) > MANY_SERVICES:
            return True
        cluster = inventory.cluster(cluster_name)
        if cluster is not None and cluster.running_tasks > MANY_TASKS:
            return True
        return sum(item.running for item in inventory.services(cluster_name)) > MANY_TASKS

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
                pause = min(LONGEST_PAUSE, self._every * 2 ** (look.failures - 1))
                look.not_before = clock() + pause * random.uniform(0.8, 1.2)
                if unexpected is not None:
                    report(
                        "the refresh of a list", unexpected, f"It is tried again in {pause:.0f} s."
                    )
            else:
                look.failures, look.not_before = 0, 0.0
        self._wake.set()

    def _list_due(self, look: _Look, now: float) -> bool:
        fresh = self._inventory.freshness(look.scope)
        if look.now or fresh.listed_at is None or fresh.outdated:
            return True
        if not fresh.answered and self._decides(look.scope):
            return True
        pause = self._every * self._slower
        if fresh.pages <= 1 and self._moving(look.scope):
            pause = min(pause, MOVING_EVERY)
        if not look.first and self.large(look.scope.cluster):
            pause *= 2 * NEAR_SLOWER
        if fresh.pages > 2:
            pause = max(pause, fresh.pages * PAGE_COSTS)
        if look.scope.stopped:
            pause = max(pause, 3 * self._every)
        return now - fresh.listed_at > pause

    def _decides(self, scope: Scope) -> bool:
        """Whether this call must answer before what one looks at may be called empty."""
        shown = self._looks[0].scope
        return scope in calls(shown) and not self._inventory.of(shown)

    def _moving(self, scope: Scope) -> bool:
        return any(_moves(item) for item in self._inventory.of(scope))

    def _wanted(self, look: _Look, now: float, *, seen_only: bool) -> list[str]:
        """The ARNs to ask for, the most wanted first."""
        inventory, scope = self._inventory, look.scope
        few = inventory.count(scope) <= FEW
        first = self._due(self._seen, look, now, 1.0, unlisted=True) if look.first else []
        if seen_only:
            return first
        if look.first:
            first += self._due(self._near, look, now, NEAR_SLOWER)
        if first and not few:
            return first
        rest = inventory.unasked(scope)
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
        slower: float,
        *,
        unlisted: bool = False,
    ) -> list[str]:
        """Those whose facts are missing or old, in their order; `unlisted`: also of no list."""
        inventory, scope = self._inventory, look.scope
        many = inventory.count(scope) > FEW
        found = []
        for arn in arns:
            item = inventory.get(scope, arn)
            known = item is not None or (unlisted and scope.kind is Kind.TASK)
            if not known or inventory.asking(scope, arn):
                continue
            at = inventory.described_at(scope, arn)
            if not at:
                found.append(arn)
                continue
            if scope.stopped and (item is None or item.last_status == "STOPPED"):
                continue
            pause = self._every * self._slower * slower
            if many:
                pause *= LARGE_SLOWER
            if not look.first and self.large(look.scope.cluster):
                pause *= NEAR_SLOWER  # the tasks of the service under the cursor
            if _moves(item):
                pause = min(pause, MOVING_EVERY)
            if now - at > pause or (at < look.since and now - look.since < 1.0 and now - at > 1.0):
                found.append(arn)
        return found


def _moves(item: Any) -> bool:
    """Whether it is likely to be different soon."""
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
