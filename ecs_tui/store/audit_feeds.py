"""The audit feeds of a connection: one for its region, and one for the region of IAM's events."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from weakref import WeakKeyDictionary

from ecs_tui.aws.account import Account
from ecs_tui.aws.pace import Pace
from ecs_tui.model.arn import partition_of
from ecs_tui.model.audit_event import AuditEvent
from ecs_tui.model.identity import Caller
from ecs_tui.model.rules.audit_events import iam_region
from ecs_tui.store import audit_disk
from ecs_tui.store.audit_feed import AuditFeed
from ecs_tui.store.snapshot import DamagedSnapshot
from ecs_tui.system import wall_clock

log = logging.getLogger("ecs_tui.audit")
_SHARED: WeakKeyDictionary[Account, AuditFeeds] = WeakKeyDictionary()
"""The feeds of each account: the audit's page and the layers of other pages read the same events."""


class AuditFeeds:
    """The feeds of one profile and region. Opened at its first use; its owner closes it.

    Args:
        account: The account; its owner closes it.
        cache: Whether what is read is kept on disk.
        athena: CloudTrail's table in Athena, from the settings; "" for none.

    Attributes:
        problem: What is wrong with a file on disk, in a sentence; "" for nothing.
    """

    def __init__(self, account: Account, *, cache: bool, athena: str = "") -> None:
        self._account, self._cache, self.athena = account, cache, athena
        self._feeds: dict[str, AuditFeed] = {}
        self._saved: dict[str, int] = {}
        self._others: dict[str, Account] = {}
        self._lock = asyncio.Lock()
        self._caller: Caller | None = None
        self.problem = ""

    @classmethod
    def shared(cls, account: Account, *, cache: bool, athena: str = "") -> AuditFeeds:
        """The feeds of an account, the same for all that read them; made if there are none yet."""
        found = _SHARED.get(account)
        if found is None:
            found = _SHARED[account] = cls(account, cache=cache, athena=athena)
        return found

    async def regions(self) -> tuple[str, str]:
        """The region of sessions and changes, and that of IAM's events; they may be the same.

        Raises:
            AwsError: The identity cannot be read.
        """
        caller = await self._identity()
        here = self._account.region
        return here, iam_region(partition_of(caller.arn)) or here

    async def of(self, region: str) -> AuditFeed:
        """The feed of a region, with what was saved of it.

        Raises:
            AwsError: The identity cannot be read.
        """
        caller = await self._identity()
        async with self._lock:
            if region not in self._feeds:
                feed = AuditFeed(caller.account, region)
                if self._cache:
                    try:
                        await audit_disk.load(feed, self._path(feed))
                    except DamagedSnapshot as error:
                        self.problem = str(error)
                self._feeds[region] = feed
                self._saved[region] = feed.version
            return self._feeds[region]

    async def _identity(self) -> Caller:
        if self._caller is None:
            self._caller = await self._account.caller(alias=False)
        return self._caller

    async def known(self) -> list[AuditEvent]:
        """The events of the account's region that have been read before; none is asked for.

        Raises:
            AwsError: The identity cannot be read.
        """
        return list((await self.of(self._account.region)).events.values())

    def opened(self, region: str) -> AuditFeed | None:
        """The feed of a region if it has been opened, else None."""
        return self._feeds.get(region)

    def account_in(self, region: str) -> Account:
        """The account in a region, with a call budget of its own: AWS counts calls by region."""
        if region == self._account.region:
            return self._account
        if region not in self._others:
            account = self._account
            self._others[region] = account.sibling(account.profile, region, Pace())
        return self._others[region]

    def _path(self, feed: AuditFeed) -> Path:
        return audit_disk.path_of(feed.account, feed.region, self._account.endpoint_place)

    async def save(self) -> None:
        """Write what has been read since the last save."""
        for region, feed in list(self._feeds.items()):
            if not self._cache or self._saved[region] == feed.version:
                continue
            version = feed.version
            try:
                await audit_disk.save(feed, self._path(feed), wall_clock.moment())
                self._saved[region] = version
            except OSError as error:
                # Only the next start is slower; not worth a message on the screen.
                log.warning("audit events of %s were not saved: %s", region, error)

    async def close(self) -> None:
        """Save, and close the accounts of other regions."""
        await self.save()
        others, self._others = list(self._others.values()), {}
        for each in others:
            await each.close()
