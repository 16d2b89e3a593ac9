"""Loads lists: List and Describe calls, each shared by all that wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from ecs_tui.aws.account import Account
from ecs_tui.errors import EcsTuiError
from ecs_tui.store import names
from ecs_tui.store.restored import RestoredLists
from ecs_tui.store.scope import Freshness, calls, clock
from ecs_tui.store.shared import Shared, finished
from ecs_tui.store.source import ItemT, Scope


class Loader(RestoredLists):
    """Fills lists with the answers of one account.

    A failed or cancelled call changes nothing, and what was not described stays due.
    """

    def __init__(self, account: Account) -> None:
        super().__init__()
        self.account = account
        self._loads: dict[Scope, Shared] = {}

    async def load(self, scope: Scope) -> None:
        """List a scope and describe what is not described yet; joins a load in flight."""
        work = self._loads.get(scope)
        if work is None or work.job.done():
            work = self._loads[scope] = Shared(self._load(scope))
        for error in await finished([work]):
            raise error

    async def close(self) -> None:
        """Cancel every load."""
        running = [work.job for work in self._loads.values() if not work.job.done()]
        for job in running:
            job.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _load(self, scope: Scope) -> None:
        size = scope.kind.batch
        for call in calls(scope):
            if call.stopped != scope.stopped:
                continue
            await self.list_names(call)
            if self.freshness(call).error is None:
                wanted = self.undescribed(call)
                for start in range(0, len(wanted), size):
                    await self.describe(call, wanted[start : start + size])

    async def list_names(self, scope: Scope) -> None:
        """List a scope: rows appear with the first page; what AWS no longer lists is removed.

        A failure is kept in the scope's freshness; the loaded data stays.
        """
        fresh, kind = self.freshness(scope), scope.kind
        fresh.lists += 1
        began = clock()
        self._publish(scope)
        seen: dict[str, None] = {}
        pages = 0
        cursor = self.feed(scope).cursor if kind.at is not None else ""
        try:
            async for page in kind.pages(self.account, scope, cursor):
                pages += 1
                if kind.at is not None:
                    self._append(scope, page)
                    continue
                keys = page if kind.describe is not None else [kind.key(item) for item in page]
                seen.update(dict.fromkeys(keys))
                if self._overtaken(fresh, began):
                    continue
                if kind.describe is not None:
                    self._name(scope, keys)
                else:
                    self._take(scope, keys, page)
        except EcsTuiError as error:
            if not self._overtaken(fresh, began):
                fresh.list_error = error
        else:
            if not self._overtaken(fresh, began):
                fresh.list_error, fresh.pages = None, pages
                self._answered(scope, began)
                fresh.listed_at = fresh.fetched_at = clock()
                if kind.at is None:
                    self._listed(scope, seen)
        finally:
            fresh.lists -= 1
            self._publish(scope)

    @staticmethod
    def _overtaken(fresh: Freshness, began: float) -> bool:
        """Whether a later List call of the scope has been answered already."""
        return fresh.asked_at is not None and fresh.asked_at > began

    def _listed(self, scope: Scope, seen: Mapping[str, None]) -> None:
        """A List call is complete: remove from the list what it did not return."""
        dropped, moved = self._members.replace(scope, seen)
        self._outdate(scope, dropped)
        self._dropped(scope, dropped, moved)
        if not self.undescribed(scope):
            # Those that could not be described are gone, and so is the error.
            self.freshness(scope).describe_error = None

    def _outdate(self, scope: Scope, dropped: Sequence[str]) -> None:
        """A running task that is no longer listed may now be in the list of stopped ones."""
        if dropped and scope.kind.by_status and not scope.stopped:
            for call in calls(scope)[1:]:
                self.freshness(call).outdated_at = clock()

    def _name(self, scope: Scope, keys: list[str]) -> None:
        """Take in a page of a List call: new entries are objects with only an ARN."""
        new = self._members.add(scope, keys)
        pool = self._objects.pools[scope.within]
        for key in new:
            known = pool.items.get(key)
            item = names.named(scope, key, known)
            if item is not known:
                self._objects.keep(scope.within, key, item)
            elif known is not None and scope.stopped and not names.ended(known):
                pool.waiting[key] = None  # the stored state is older than this call
        self._touch_members(scope, new)
        if new:
            self._publish(scope, new)

    def _take(self, scope: Scope, keys: Sequence[str], items: Sequence[object]) -> None:
        """Take in a page of a List call that returns whole objects."""
        new = set(self._members.add(scope, keys))
        pool, now = self._objects.pools[scope.within], clock()
        changed = []
        for key, item in zip(keys, items, strict=True):
            pool.described_at[key] = now
            self._measure(scope, key, item, now)
            if key in new or pool.items.get(key) != item:
                self._objects.keep(scope.within, key, item)
                changed.append(key)
        if changed:
            self._publish(scope, changed)

    def _append(self, scope: Scope, entries: Sequence[object]) -> None:
        """Take in a page of a feed; it may come late, because a feed only grows."""
        new = self.feed(scope).add(entries)
        if new:
            self._publish(scope, new)

    async def describe(self, scope: Scope, arns: Sequence[str]) -> None:
        """Describe some objects of a scope (at most one batch, `Source.batch`).

        Joins a call that is in flight for the same objects; a call is cancelled when nobody waits
        for it. A failure is kept in the scope's freshness.
        """
        fresh, in_flight = self.freshness(scope), self._objects.pools[scope.within].in_flight
        mine = [arn for arn in arns if not self.in_flight(scope, arn)]
        works = {in_flight[arn] for arn in arns if self.in_flight(scope, arn)}
        if mine:
            work = Shared(self._ask(scope, mine))
            in_flight.update(dict.fromkeys(mine, work))
            work.job.add_done_callback(lambda _: self._asked(scope, mine, work))
            works.add(work)
        errors = await finished(works)
        for error in errors:
            if not isinstance(error, EcsTuiError):
                raise error
        fresh.describe_error = next((e for e in errors if isinstance(e, EcsTuiError)), None)
        if not errors and not any(work.job.cancelled() for work in works):
            fresh.fetched_at = clock()
        self._publish(scope)

    def _asked(self, scope: Scope, arns: Sequence[str], work: Shared) -> None:
        in_flight = self._objects.pools[scope.within].in_flight
        for arn in arns:
            if in_flight.get(arn) is work:
                del in_flight[arn]

    async def _ask(self, scope: Scope, arns: Sequence[str]) -> None:
        describe = scope.kind.describe
        assert describe is not None, f"{scope.kind}: List returns whole objects"
        self._described(scope, arns, await describe(self.account, scope.cluster, arns))

    def _described(self, scope: Scope[ItemT], arns: Sequence[str], found: Sequence[ItemT]) -> None:
        """Take in a Describe answer: new states, and objects that List returns but Describe does not."""
        pool, now = self._objects.pools[scope.within], clock()
        answers = names.answers(scope, arns, found)
        changed = set()
        for arn in arns:
            pool.waiting.pop(arn, None)
            if not self._members.named(scope.within, arn) and not self._holds(scope, arn):
                continue  # it was removed while the call was in flight
            pool.described_at[arn] = now
            old, item = pool.items.get(arn), answers.get(arn)
            if item is not None:
                self._measure(scope, arn, item, now)
            if item is None and not self._members.named(scope.within, arn):
                self._forget(scope, [arn])
                pool.described_at[arn] = now
            elif (new := item or names.missing(scope, arn, old)) != old:
                self._objects.keep(scope.within, arn, new)
                changed.add(arn)
        if changed:
            self._publish(scope, changed)

    # -- what is due

    def get(self, scope: Scope[ItemT], key: str) -> ItemT | None:
        """The object with a key, or None."""
        return self._objects.pools[scope.within].items.get(key)

    def undescribed(self, scope: Scope) -> list[str]:
        """The keys of a scope that must be described: new ones, and changed ones."""
        waiting = self._objects.pools[scope.within].waiting
        if not waiting:
            return []
        members = self._members.of(scope)
        return [key for key in waiting if key in members]

    def to_describe(self, scope: Scope) -> list[str]:
        """The undescribed keys without a call in flight."""
        return [key for key in self.undescribed(scope) if not self.in_flight(scope, key)]

    def described_at(self, scope: Scope, key: str) -> float:
        """When it was last described (monotonic seconds); 0.0 for never."""
        return self._objects.pools[scope.within].described_at.get(key, 0.0)

    def in_flight(self, scope: Scope, key: str) -> bool:
        """Whether a Describe call for it is in flight."""
        work = self._objects.pools[scope.within].in_flight.get(key)
        return work is not None and not work.job.done()
