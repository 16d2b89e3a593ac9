"""The ways into AWS that are open: each a profile and a region with what is known through it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from ecs_tui.aws.account import Account, region_of
from ecs_tui.aws.pace import Pace
from ecs_tui.doctor.access import AccessBook
from ecs_tui.errors import AccessDenied, EcsTuiError
from ecs_tui.inventory.cache import DamagedSnapshot, SnapshotCache
from ecs_tui.inventory.inventory import Inventory
from ecs_tui.inventory.refresher import Refresher
from ecs_tui.model.identity import Caller
from ecs_tui.settings import Settings

log = logging.getLogger("ecs_tui.home")


class Home:
    """One profile and region: its clients and budget, what is known, who keeps it fresh.

    Attributes:
        caller: Who we are there, None until AWS has said so.
        error: Why AWS would not say.
        greeted: Whether the screen has begun to listen to it.
    """

    def __init__(self, account: Account, settings: Settings) -> None:
        self.account = account
        self.inventory = Inventory(account)
        self.refresher = Refresher(self.inventory, settings.refresh)
        self.access = AccessBook(account)
        self.caller: Caller | None = None
        self.error: EcsTuiError | None = None
        self.greeted = False
        self._asked_for = (account.profile, account.region)
        self._cache = (
            SnapshotCache(account.profile, account.region or None, account.endpoint_url)
            if settings.cache
            else None
        )
        self._saved_at = 0
        self._visited: set[str] = set()

    @property
    def pair(self) -> str:
        """`profile@region`, as one calls it."""
        account = self.account
        return f"{account.profile or 'default'}@{account.region or '…'}"

    def is_for(self, profile: str | None, region: str | None) -> bool:
        """Whether it is the way that these lead to."""
        asked = (profile or None, region or "")
        return asked in (self._asked_for, (self.account.profile, self.account.region))

    async def identify(self) -> None:
        """Ask who we are; what a snapshot of another account showed is forgotten then."""
        try:
            self.caller = await self.account.caller(alias=False)
            self.error = None
        except EcsTuiError as error:
            self.error = error
            return
        self.inventory.distrust(self.caller.account, self.account.region)

    async def find_alias(self) -> bool:
        """Ask for the account's alias, which few may read; False: it is worth asking again."""
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

    def remembers(self, cluster: str) -> bool:
        """Whether the snapshot of the clusters ("") or of one has been shown already."""
        return cluster in self._visited

    def restore(self) -> str:
        """Show the last snapshot of the clusters, at once; returns what is wrong with it."""
        self._visited.add("")
        if self._cache is None:
            return ""
        try:
            self.inventory.restore(self._cache)
        except DamagedSnapshot as error:
            return str(error)
        return ""

    async def restore_cluster(self, cluster: str) -> str:
        """Show the last snapshot of one cluster, in portions; returns what is wrong with it."""
        self._visited.add(cluster)
        if self._cache is None:
            return ""
        try:
            await self.inventory.restore_cluster(self._cache, cluster)
        except DamagedSnapshot as error:
            return str(error)
        return ""

    async def save(self) -> None:
        """Keep a snapshot where anything has changed; written off the loop that draws."""
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
                # A faster next start is all that is lost; the screen has better use for its lines.
                log.warning("no snapshot of %s: %s", cluster or "the clusters", error)

    async def renew(self) -> None:
        """After a login: new clients, and everything is asked for again."""
        await self.account.renew()
        await self.identify()
        self.refresher.refresh_now()
        await self.find_alias()

    async def close(self) -> None:
        """Save; end loads and clients."""
        await self.save()
        await self.refresher.close()
        await self.account.close()


class Homes:
    """All that are open, and the one that the lists show."""

    def __init__(self, account: Account, settings: Settings) -> None:
        self._settings = settings
        self.current = Home(account, settings)
        self.all = [self.current]

    def open(self, profile: str | None, region: str | None) -> Home:
        """The way by this profile and region (None: the profile's own); opened where it is not."""
        for home in self.all:
            if home.is_for(profile, region):
                return home
        pace = Pace(self._settings.burst, self._settings.rate)
        home = Home(self.current.account.sibling(profile, region, pace), self._settings)
        self.all.append(home)
        return home

    def open_pair(self, pair: str) -> Home:
        """The one called `profile@region`, where either part may be missing."""
        profile, _, region = pair.partition("@")
        return self.open(None if profile in ("", "default") else profile, region or None)

    async def open_profile(self, name: str) -> Home:
        """The one of this profile in its own region, else in the region in use."""
        profile = None if name == "default" else name
        region = None if await region_of(profile) else self.current.account.region
        return self.open(profile, region)

    def of(self, pair: str) -> Home | None:
        """The open one called `profile@region`."""
        return next((home for home in self.all if home.pair == pair), None)

    async def save(self) -> None:
        """Keep snapshots of all."""
        for home in self.all:
            await home.save()

    async def close(self) -> None:
        """End all."""
        await asyncio.gather(*(home.close() for home in self.all))
