"""The open connections: each is a profile and a region with its loaded data.

The check of access is imported at its first use: the first rows do not need it.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from ecs_tui.aws.account import Account
from ecs_tui.aws.configuration import DEFAULT, profile_setting, region_of, split_label
from ecs_tui.aws.pace import Pace
from ecs_tui.config.settings import Settings
from ecs_tui.errors import AccessDenied, EcsTuiError
from ecs_tui.model.identity import Caller
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.metric_budget import MetricBudget
from ecs_tui.store.refresher import Refresher
from ecs_tui.store.snapshot import DamagedSnapshot, SnapshotCache
from ecs_tui.store.stopped_memory import StoppedMemory
from ecs_tui.system.wall_clock import moment

if TYPE_CHECKING:
    from ecs_tui.store.access import AccessChecker
    from ecs_tui.store.audit_feeds import AuditFeeds

log = logging.getLogger("ecs_tui.connections")
_UNKNOWN = "…"
"""Shown for a region that is not known yet."""


class Connection:
    """One profile and region: its account, inventory, refresher and snapshot.

    Attributes:
        caller: The identity of its credentials, None until AWS has answered.
        error: Why the identity could not be read.
        asked_for_code: Whether the dialog for an MFA code has already opened by itself.
        asked_for_left: Whether sessions that an earlier run left open have been looked for.
        subscribed: Whether the screen listens to its changes.
    """

    def __init__(self, account: Account, settings: Settings) -> None:
        self.account = account
        self.inventory = Inventory(account)
        self.refresher = Refresher(self.inventory, settings.refresh)
        self.caller: Caller | None = None
        self.error: EcsTuiError | None = None
        self.subscribed = self.asked_for_code = self.asked_for_left = False
        self._asked_region = account.region
        self._cache = (
            SnapshotCache(account.profile, account.region or None, account.endpoint_url)
            if settings.cache
            else None
        )
        self.inventory.stopped_memory = StoppedMemory(self._cache, settings.problems.stopped_days)
        self._athena = settings.audit.athena
        self._saved_at = 0
        self._visited: set[str] = set()
        self._stopped_read = False

    @cached_property
    def access(self) -> AccessChecker:
        """The answers about who can exec."""
        from ecs_tui.store.access import AccessChecker

        return AccessChecker(self.account)

    @cached_property
    def audit(self) -> AuditFeeds:
        """The events of CloudTrail that have been read."""
        from ecs_tui.store.audit_feeds import AuditFeeds

        kept = self._cache is not None
        return AuditFeeds.shared(self.account, cache=kept, athena=self._athena)

    @property
    def label(self) -> str:
        """`profile@region`, as shown on the screen and typed to choose it."""
        return f"{self.account.name}@{self.account.region or _UNKNOWN}"

    def has_label(self, label: str) -> bool:
        """Whether that is its label, or was while its region was unknown."""
        first = f"{self.account.name}@{self._asked_region or _UNKNOWN}"
        return label in (self.label, first)

    def is_for(self, profile: str | None, region: str | None) -> bool:
        """Whether it is the one for this profile and region."""
        if not self.account.is_named(profile):
            return False
        return region in (self._asked_region, self.account.region) or not (
            region or self._asked_region
        )

    async def identify(self) -> None:
        """Read the identity; then drop what a snapshot of another account showed."""
        try:
            self.caller = await self.account.caller(alias=False)
            self.error = None
        except EcsTuiError as error:
            self.error = error
            return
        self.inventory.drop_other_account(self.caller.account, self.account.region)
        self.inventory.stopped_memory.keep_account(self.caller.account, self.account.region)

    async def find_alias(self) -> bool:
        """Read the account's alias, which often is not allowed; False: try again later."""
        if self.caller is None:
            return True
        try:
            self.caller = replace(self.caller, alias=await self.account.alias())
        except AccessDenied:
            return True
        except EcsTuiError as error:
            log.info("no account alias: %s", error)
            return False
        return True

    def is_restored(self, cluster: str) -> bool:
        """Whether the snapshot of the cluster list ("") or of one cluster has been shown."""
        return cluster in self._visited

    def restore(self) -> str:
        """Show the last snapshot of the cluster list; returns what is wrong with it, or ""."""
        self._visited.add("")
        if self._cache is None:
            return ""
        try:
            self.inventory.restore(self._cache)
        except DamagedSnapshot as error:
            return str(error)
        return ""

    async def restore_stopped(self) -> str:
        """Read the stopped tasks that earlier runs have seen, once; returns what is wrong, or ""."""
        if self._stopped_read:
            return ""
        self._stopped_read = True
        return await self.inventory.stopped_memory.load()

    async def restore_cluster(self, cluster: str) -> str:
        """Show the last snapshot of a cluster, in portions; returns what is wrong with it, or ""."""
        self._visited.add(cluster)
        if self._cache is None:
            return ""
        try:
            await self.inventory.restore_cluster(self._cache, cluster)
        except DamagedSnapshot as error:
            return str(error)
        return ""

    async def save(self) -> None:
        """Write snapshots of what has changed, in a thread."""
        await self.inventory.stopped_memory.save(moment())
        if self._cache is None or self.inventory.changes == self._saved_at:
            return
        self._saved_at = self.inventory.changes
        for cluster in self._visited | {""}:
            snapshot = self.inventory.snapshot(cluster)
            if snapshot is None:
                continue
            try:
                await asyncio.to_thread(self._cache.write, cluster, snapshot)
            except OSError as error:
                # Only the next start is slower; not worth a message on the screen.
                log.warning("no snapshot of %s: %s", cluster or "the clusters", error)

    async def renew(self) -> None:
        """After a login: create new clients and refresh everything."""
        await self.account.renew()
        await self.identify()
        self.refresher.refresh_now()
        await self.find_alias()

    async def close(self) -> None:
        """Save, then close loads and clients."""
        await self.save()
        if "audit" in self.__dict__:  # a cached property that was never used opened nothing
            await self.audit.close()
        await self.refresher.close()
        await self.account.close()


class Connections:
    """The open connections, and the one that the lists show.

    Attributes:
        budget: What all of them may spend on metrics.
        held: Whether calls wait for `release`.
    """

    def __init__(self, account: Account, settings: Settings) -> None:
        self._settings, self.held = settings, False
        self.budget = MetricBudget(settings.metrics.budget, keep=not account.is_demo)
        self.current = self._new(account)
        self.all = [self.current]

    def open(self, profile: str | None, region: str | None) -> Connection:
        """The one for this profile and region (None: the profile's own), opened if necessary."""
        for connection in self.all:
            if connection.is_for(profile, region):
                return connection
        pace = Pace(self._settings.burst, self._settings.rate)
        connection = self._new(self.current.account.sibling(profile, region, pace))
        self.all.append(connection)
        return connection

    def _new(self, account: Account) -> Connection:
        connection = Connection(account, self._settings)
        connection.inventory.lookups.budget = self.budget
        if self.held:
            connection.account.hold()
        return connection

    def hold(self) -> None:
        """Let the calls of all connections wait for `release`."""
        self.held = True
        for connection in self.all:
            connection.account.hold()

    def release(self) -> None:
        """End `hold`."""
        self.held = False
        for connection in self.all:
            connection.account.release()

    def open_label(self, label: str) -> Connection:
        """The one for `profile@region`; either part may be missing."""
        profile, region = split_label(label)
        named = profile != DEFAULT or profile_setting(None).value != DEFAULT
        return self.open((profile or None) if named else None, region or None)

    async def open_profile(self, name: str, region: str) -> Connection:
        """The one for this profile in its own region, else in `region`."""
        return self.open(name, None if await region_of(name) else region)

    def of(self, label: str) -> Connection | None:
        """The open one called `profile@region`."""
        return next((connection for connection in self.all if connection.has_label(label)), None)

    async def save(self) -> None:
        """Write the snapshots of all."""
        for connection in self.all:
            await connection.save()

    async def close(self) -> None:
        """Close all."""
        await asyncio.gather(*(connection.close() for connection in self.all))
