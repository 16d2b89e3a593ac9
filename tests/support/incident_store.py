"""An incident in the program's own store: the real connection, gate, parsers, inventory and refresher."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ecs_tui.aws.account import Account
from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.store.refresher import Refresher
from tests.support.incident_replay import Replay
from tests.support.incidents import Incident
from tests.support.limits import until
from tests.support.stub_aws import StubAws

EVERY_SECONDS = 600.0
"""Seconds between refreshes: each list is read once."""


@dataclass(frozen=True, slots=True)
class StoredIncident:
    """An incident, what replays it, and what the store has loaded of it."""

    incident: Incident
    replay: Replay
    inventory: Inventory
    refresher: Refresher

    def scopes(self) -> list[Scope]:
        """The lists that are loaded, once the clusters are: those of each cluster."""
        lists: list[Scope] = []
        for cluster in self.inventory.clusters:
            lists += [
                Scope(Kind.SERVICE, cluster.name),
                Scope(Kind.TASK, cluster.name),
                Scope(Kind.TASK, cluster.name, stopped=True),
                Scope(Kind.INSTANCE, cluster.name),
            ]
        return lists

    async def load(self) -> None:
        """Wait until the refresher has listed and described everything."""
        clusters = Scope(Kind.CLUSTER)
        self.refresher.look_at(clusters)
        await until(lambda: self._loaded(clusters), "the clusters")
        for cluster in self.inventory.clusters:
            scopes = [each for each in self.scopes() if each.cluster == cluster.name]
            self.refresher.look_at(*scopes)
            await until(lambda scopes=scopes: all(map(self._loaded, scopes)), cluster.name)

    def _loaded(self, scope: Scope) -> bool:
        fresh = self.inventory.freshness(scope)
        if fresh.error is not None:
            raise AssertionError(f"{self.incident.name}: {scope}: {fresh.error}")
        return fresh.listed_at is not None and not self.inventory.undescribed(scope)


@asynccontextmanager
async def stored(
    stub: StubAws, account: Account, incident: Incident
) -> AsyncIterator[StoredIncident]:
    """Replay an incident and load it; the account may be used for others before and after."""
    stub.calls.clear()
    replay, inventory = Replay(stub, incident), Inventory(account)
    made = StoredIncident(incident, replay, inventory, Refresher(inventory, EVERY_SECONDS))
    try:
        await made.load()
        yield made
    finally:
        await made.refresher.close()
