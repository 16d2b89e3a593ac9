"""Where `:` leads: fuzzy names over everything known, in all accounts that are open.

Clusters, services, containers, task definitions and image tags match by substring or by letters in
order; tasks and private addresses by their beginning, from sorted lists.
"""

from __future__ import annotations

import heapq
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ecs_tui.inventory.inventory import Inventory
from ecs_tui.model.task import Task
from ecs_tui.ui.views import Place

LIMIT = 10
_RANKS = ("cluster", "service", "action", "task", "container", "task definition", "image", "ip")


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found.

    Attributes:
        kind: What it is, in ECS's words.
        name: What matched.
        pair: The account it is in, `profile@region`.
        place: Where it leads; None for an action.
        select: The key of the row to select there, or "".
    """

    kind: str
    name: str
    pair: str
    place: Place | None
    select: str = ""

    @property
    def where(self) -> str:
        """Where it is, for the operator."""
        place = self.place
        if place is None:
            return "action"
        parts = [self.pair, place.cluster, place.service]
        return " › ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class _Index:
    """What can be found in one cluster: folded names, and sorted beginnings."""

    names: tuple[tuple[str, Hit], ...]
    ids: tuple[tuple[str, str], ...]
    addresses: tuple[tuple[str, str], ...]


class Finder:
    """Finds by name.

    Args:
        homes: (pair, inventory) of the open accounts, the current one first.
        cluster: The cluster in view; what is in it wins among equals.
        actions: Names of actions.
    """

    def __init__(
        self, homes: Sequence[tuple[str, Inventory]], cluster: str, actions: Iterable[str] = ()
    ) -> None:
        self._homes, self._cluster = homes, cluster
        self._actions = [(name, Hit("action", name, "", None)) for name in actions]

    def find(self, text: str, limit: int = LIMIT) -> list[Hit]:
        """The best hits for `text`, the best one first."""
        wanted = text.strip().casefold()
        if not wanted:
            return []
        letters = re.compile(".*?".join(re.escape(letter) for letter in wanted))
        here = self._homes[0][0] if self._homes else ""
        found: list[tuple[tuple[int, int, bool, bool, int, int, str], int, Hit]] = []
        for number, (name, hit) in enumerate(self._candidates(wanted)):
            quality = _quality(name, wanted, letters)
            if quality is None:
                continue
            place = hit.place
            rank = (
                *quality,
                bool(hit.pair) and hit.pair != here,
                place is not None and place.cluster != self._cluster,
                _RANKS.index(hit.kind),
                len(name),
                name,
            )
            found.append((rank, number, hit))
        return [hit for _, _, hit in heapq.nsmallest(limit, found)]

    def _candidates(self, wanted: str) -> Iterator[tuple[str, Hit]]:
        yield from self._actions
        for pair, inventory in self._homes:
            for cluster in inventory.clusters:
                place = Place("services", cluster=cluster.name)
                yield cluster.name.casefold(), Hit("cluster", cluster.name, pair, place)
            homes = {cluster.name for cluster in inventory.clusters}
            if pair == self._homes[0][0] and self._cluster:
                homes.add(self._cluster)
            for name in homes:
                index = _index(inventory, pair, name)
                yield from index.names
                yield from _begin(inventory, pair, "task", index.ids, wanted)
                yield from _begin(inventory, pair, "ip", index.addresses, wanted)


def _quality(name: str, wanted: str, letters: re.Pattern[str]) -> tuple[int, int] | None:
    """(class, looseness): equal, beginning, beginning of a word, inside, letters in order."""
    at = name.find(wanted)
    if at == 0:
        return (0 if len(name) == len(wanted) else 1), 0
    if at > 0:
        return (2 if not name[at - 1].isalnum() else 3), 0
    if len(wanted) < 2:
        return None
    match = letters.search(name)
    return None if match is None else (4, match.end() - match.start())


def _begin(
    inventory: Inventory, pair: str, kind: str, names: Sequence[tuple[str, str]], wanted: str
) -> Iterator[tuple[str, Hit]]:
    at = bisect_left(names, (wanted, ""))
    for name, arn in names[at : at + LIMIT]:
        if not name.startswith(wanted):
            return
        task = inventory.task(arn)
        if task is not None:
            yield name, Hit(kind, name, pair, _inside(task))


def _inside(task: Task) -> Place:
    cluster = task.cluster_arn.rsplit("/", 1)[-1]
    return Place("containers", cluster=cluster, service=task.service, task_arn=task.arn)


def _index(inventory: Inventory, pair: str, cluster: str) -> _Index:
    services = tuple(inventory.services(cluster))
    basis = (pair, services, inventory.tasks_version(cluster))
    return inventory.derived(f"finder {cluster}", basis, lambda: _make(inventory, pair, cluster))


def _make(inventory: Inventory, pair: str, cluster: str) -> _Index:
    names: dict[tuple[str, str, str], Hit] = {}

    def add(kind: str, name: str, place: Place, select: str = "") -> None:
        if name:
            names.setdefault((kind, name, place.service), Hit(kind, name, pair, place, select))

    for service in inventory.services(cluster):
        place = Place("tasks", cluster=cluster, service=service.name)
        add("service", service.name, place)
        add("task definition", service.revision, place)
    tasks = inventory.tasks(cluster)
    for task in tasks:
        team = Place("tasks", cluster=cluster, service=task.service)
        add("task definition", task.revision, team)
        for container in task.containers:
            if ("container", container.name, task.service) not in names:
                add("container", container.name, _inside(task), f"{task.arn}/{container.name}")
            if ("image", container.image, task.service) not in names:
                add("image", container.image, team)
    folded = ((name.casefold(), hit) for (_, name, _), hit in names.items())
    return _Index(
        tuple(folded),
        tuple(sorted((task.id, task.arn) for task in tasks)),
        tuple(sorted((task.private_ip, task.arn) for task in tasks if task.private_ip)),
    )
