"""What to load next, and how often: first visible rows, then rows near them, then the rest.

Steady objects are refreshed rarely, moving ones often, invisible ones hardly at all. All calls
also pass the account's budget, so this decides the order, not the rate.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Sequence

from ecs_tui.store.inventory import Inventory
from ecs_tui.store.look import Look
from ecs_tui.store.scope import calls, clock
from ecs_tui.store.source import EVERY_CLUSTER, Scope
from ecs_tui.store.spread import MOVING_SECONDS, Spread
from ecs_tui.store.watched_tasks import WatchedTasks
from ecs_tui.system.crash import keep_running, report

PAGE_SECONDS = 15.0
"""Seconds per page: a list of N pages is listed again after N times this, at the earliest."""
SMALL_SCOPE = 200
"""Up to this size, a whole scope is refreshed, visible or not."""
OFFSCREEN_FACTOR = 3.0
"""Factor on the interval for rows that are not on the screen."""
IDLE_FACTOR = 3.0
"""Factor on all intervals while the operator is idle."""
LARGE_SCOPE_FACTOR = 1.2
"""Factor on the interval in large scopes, where 40 visible rows already take four calls."""
MAX_PARALLEL = 6
"""Maximum calls in flight for one scope."""
BESIDE_GAP_SECONDS = 0.25
"""Seconds between two calls for a list over all clusters that another list only counts: at most a fifth
of ECS's rate, so that what is opened next does not wait."""
BACKGROUND_BATCH_GAP_SECONDS = 0.15
"""Seconds between Describe batches while a List call runs, so that some of the budget is left."""
SOON = 0.5
"""From this share of its pause on, what moves or is watched is described with others that are due."""
_TICK_SECONDS = 0.25
"""Seconds between two checks of what is due."""


class Refresher:
    """Refreshes what is on the screen, visible rows first.

    Args:
        inventory: Where the data is stored.
        every: Seconds between refreshes of visible rows.
    """

    def __init__(self, inventory: Inventory, every: float) -> None:
        self._inventory = inventory
        self._every = every
        self._looks: list[Look] = []
        self._seen: Sequence[str] = ()
        self._near: Sequence[str] = ()
        self._wake = asyncio.Event()
        self._job: asyncio.Task[None] | None = None
        self._idle_factor = 1.0
        self._watched = WatchedTasks(inventory)

    def watch(self, arns: Sequence[str]) -> None:
        """Refresh these tasks whatever is on the screen: shells are open in them."""
        self._watched.watch(arns)
        if arns:
            self._start()

    def look_at(self, *scopes: Scope) -> None:
        """Refresh exactly these scopes from now on, of the first one the visible rows.

        A list over all clusters that is not the first one is refreshed slowly. Cancels the calls in
        flight for other scopes.
        """
        kept = {}
        for look in self._looks:
            slow = look.scope != scopes[0] if scopes else True
            if look.scope in scopes and (look.spread is None or look.spread.slow == slow):
                kept[look.scope] = look
            else:
                self._stop(look)
        now = clock()
        if not self._looks or not scopes or self._looks[0].scope != scopes[0]:
            for scope in scopes:
                self._inventory.freshness(scope).arrived_at = now
        self._looks = [kept.get(scope) or self._look(scope, scopes[0]) for scope in scopes]
        for number, look in enumerate(self._looks):
            look.first = number == 0
            if look.scope not in kept:
                # A list that was left long ago is outdated when it is opened again.
                fresh = self._inventory.freshness(look.scope)
                look.now = fresh.listed_at is None or now - fresh.listed_at > self._every
        self.see(())
        if scopes:
            self._start()
        self._wake.set()

    def _look(self, scope: Scope, first: Scope) -> Look:
        if scope.cluster != EVERY_CLUSTER:
            return Look(scope, False)
        spread = Spread(self._inventory, scope.kind, self._every, slow=scope != first)
        return Look(scope, False, spread)

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
        self._idle_factor = self._inventory.lookups.slowness = IDLE_FACTOR if idle else 1.0

    @property
    def idle_factor(self) -> float:
        """The factor on all intervals: 1.0 while the operator is active."""
        return self._idle_factor

    @property
    def retry_seconds(self) -> float:
        """Seconds until the first list that failed is read again; 0.0 if that is due."""
        waits = [look.not_before - clock() for look in self._looks if look.failures]
        return max(0.0, min(waits, default=0.0))

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
        jobs += self._watched.cancel()
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self._looks = []
        await asyncio.gather(*jobs, return_exceptions=True)
        await self._inventory.close()

    @staticmethod
    def _stop(look: Look) -> None:
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
            self._watched.refresh(now)
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK_SECONDS):
                    await self._wake.wait()

    def _advance(self, look: Look, now: float) -> None:
        """Start the due calls of a scope, as far as there is room."""
        if look.spread is not None:
            advance = self._advance_beside if look.spread.slow else self._advance_everywhere
            advance(look, look.spread, now)
            return
        if now < look.not_before or self._too_many(look):
            return
        fresh = self._inventory.freshness(look.scope)
        if look.listing is None and self._list_due(look, now):
            look.now = False
            look.listing = self._begin(look, self._inventory.list_names(look.scope))
        if look.scope.kind.describe is None:
            return
        room = MAX_PARALLEL - len(look.jobs)
        naming = look.listing is not None and fresh.listed_at is None
        waiting = naming and self._unseen(look)
        if naming and not waiting:
            # Names come first; batches for invisible rows run beside them only now and then.
            room = 2 - len(look.jobs) if now - look.began > BACKGROUND_BATCH_GAP_SECONDS else 0
        if room <= 0 or (fresh.listed_at is None and not self._inventory.of(look.scope)):
            return
        wanted = self._wanted(look, now, seen_only=waiting)
        size = look.scope.kind.batch
        for start in range(0, min(len(wanted), room * size), size):
            batch = wanted[start : start + size]
            look.began = now
            self._begin(look, self._inventory.describe(look.scope, batch))

    def _advance_everywhere(self, look: Look, spread: Spread, now: float) -> None:
        """Start the due calls of a list over all clusters, as far as there is room."""
        if len(look.jobs) >= MAX_PARALLEL:
            return
        look.now = False
        factor = self._idle_factor
        for scope in spread.lists_due(now, look.since, factor):
            spread.lists(scope, True)
            work = self._inventory.list_names(scope)
            self._begin_in(look, spread, scope, work, listing=True)
        room = MAX_PARALLEL - len(look.jobs)
        for scope, batch in spread.batches_due(self._seen, now, look.since, factor)[: max(0, room)]:
            self._begin_in(look, spread, scope, self._inventory.describe(scope, batch))

    def _advance_beside(self, look: Look, spread: Spread, now: float) -> None:
        """Start one due call of a list over all clusters that is not on the screen itself."""
        shown = self._looks[0]
        waits = self._inventory.freshness(shown.scope).listed_at is None or shown.jobs
        if waits or look.jobs or now - look.began < BESIDE_GAP_SECONDS:
            return
        look.now = False
        factor = self._idle_factor
        if batches := spread.batches_due((), now, look.since, factor):
            scope, batch = batches[0]
            self._begin_in(look, spread, scope, self._inventory.describe(scope, batch))
        elif lists := spread.lists_due(now, look.since, factor, self._seen):
            spread.lists(lists[0], True)
            work = self._inventory.list_names(lists[0])
            self._begin_in(look, spread, lists[0], work, listing=True)
        else:
            return
        look.began = now

    def _begin_in(
        self,
        look: Look,
        spread: Spread,
        scope: Scope,
        work: Coroutine[object, None, None],
        *,
        listing: bool = False,
    ) -> None:
        """Start a call for one cluster of a list over all clusters."""
        job: asyncio.Future[None] = asyncio.ensure_future(work)
        look.jobs.add(job)

        def ended(done: asyncio.Future[None]) -> None:
            look.jobs.discard(done)
            if listing:
                spread.lists(scope, False)
            unexpected = None if done.cancelled() else done.exception()
            failed = unexpected is not None or self._inventory.freshness(scope).error is not None
            spread.ended(scope, clock(), failed=failed and not done.cancelled())
            spread.summarize()
            if unexpected is not None:
                report("the refresh of a list", unexpected, "Retrying automatically.")
            self._wake.set()

        job.add_done_callback(ended)

    def _unseen(self, look: Look) -> bool:
        """Whether visible rows still have to be described."""
        inventory, scope = self._inventory, look.scope
        return look.first and any(
            not inventory.described_at(scope, arn) and not inventory.in_flight(scope, arn)
            for arn in self._seen
        )

    def _too_many(self, look: Look) -> bool:
        """Whether this is the task list of a large cluster, loaded only for a column of another list."""
        scope = look.scope
        if look.first or not scope.kind.by_status or scope.service or scope.stopped:
            return False
        waits = self._inventory.waits_for_services(scope.cluster)
        return waits or self._inventory.large(scope.cluster)

    def large(self, cluster_name: str) -> bool:
        """Whether the cluster has too many tasks to load those that are not visible."""
        return self._inventory.large(cluster_name)

    def _begin(self, look: Look, work: Coroutine[object, None, None]) -> asyncio.Future[None]:
        job: asyncio.Future[None] = asyncio.ensure_future(work)
        look.jobs.add(job)
        job.add_done_callback(lambda done: self._ended(look, done))
        return job

    def _ended(self, look: Look, job: asyncio.Future[None]) -> None:
        look.jobs.discard(job)
        if look.listing is job:
            look.listing = None
        if not job.cancelled():
            unexpected = job.exception()
            failed = (
                unexpected is not None or self._inventory.freshness(look.scope).error is not None
            )
            pause = look.ended(clock(), self._every, failed=failed)
            if unexpected is not None:
                report("the refresh of a list", unexpected, f"Retrying in {pause:.0f} s.")
        self._wake.set()

    def _list_due(self, look: Look, now: float) -> bool:
        fresh = self._inventory.freshness(look.scope)
        if look.now or fresh.listed_at is None or fresh.outdated:
            return True
        if not fresh.answered and self._decides(look.scope):
            return True
        pause, passed = self._every * self._idle_factor, now - fresh.listed_at
        if passed <= min(pause, MOVING_SECONDS):
            return False
        if fresh.pages <= 1 and self._moving(look.scope):
            pause = min(pause, MOVING_SECONDS)
        if not look.first and self.large(look.scope.cluster):
            pause *= 2 * OFFSCREEN_FACTOR
        if fresh.pages > 2:
            pause = max(pause, fresh.pages * PAGE_SECONDS)
        if look.scope.stopped:
            pause = max(pause, 3 * self._every)
        return passed > pause

    def _decides(self, scope: Scope) -> bool:
        """Whether this List call must be answered before the list on the screen may be shown as empty."""
        shown = self._looks[0].scope
        return scope in calls(shown) and not self._inventory.of(shown)

    def _moving(self, scope: Scope) -> bool:
        return any(scope.kind.moves(item) for item in self._inventory.of(scope))

    def _wanted(self, look: Look, now: float, *, seen_only: bool) -> list[str]:
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
        due = list(dict.fromkeys(first + rest))
        if few and due:
            # What is watched or moves, and is due a moment later, fills the last call: else each has
            # calls of its own.
            every = [item.arn for item in inventory.of(scope) if item.arn not in due]
            watched = {arn for arns in self._watched.due(now, SOON).values() for arn in arns}
            soon = [arn for arn in every if arn in watched]
            soon += self._due(every, look, now, 1.0, share=SOON)
            due += list(dict.fromkeys(soon))[: -len(due) % scope.kind.batch]
        return due

    def _due(
        self,
        arns: Sequence[str],
        look: Look,
        now: float,
        factor: float,
        *,
        unlisted: bool = False,
        share: float = 1.0,
    ) -> list[str]:
        """Those that are not described or outdated, in order.

        Args:
            factor: On the pause of what does not move.
            unlisted: Also those in no list.
            share: How much of the pause of what moves must have passed.
        """
        inventory, scope = self._inventory, look.scope
        many = inventory.count(scope) > SMALL_SCOPE
        found = []
        for arn in arns:
            item = inventory.get(scope, arn)
            known = item is not None or (unlisted and scope.kind.by_status)
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
            if item is not None and scope.kind.moves(item):
                pause = share * min(pause, MOVING_SECONDS)
            if now - at > pause or (at < look.since and now - look.since < 1.0 and now - at > 1.0):
                found.append(arn)
        return found
