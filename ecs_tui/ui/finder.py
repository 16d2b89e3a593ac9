"""Where `:` leads: fuzzy names over everything known, in all accounts that are open.

Clusters, services, containers, task definitions and image tags match by substring or by letters in
order; tasks and private addresses by their beginning, from sorted lists. Names lie in one text, a
line each, so that ten thousand are searched by the regular-expression engine and not by a loop.
"""

from __future__ import annotations

import heapq
import re
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

from ecs_tui.inventory.inventory import Inventory
from ecs_tui.model.arn import short_name
from ecs_tui.model.task import Task
from ecs_tui.ui.views import Place

LIMIT = 10
PORTION = 0.008
"""Seconds of making names in one go: half a frame."""
FRESH = 3.0
"""Seconds for which what could be found is not looked for anew while one types."""
MOST = 500
"""Matches of one kind that are ranked: more are no help to anybody."""
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
class _Names:
    """Folded names, a line each, and what each line is."""

    text: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class _Beginnings:
    """Ids and addresses of a cluster's tasks with the tasks' ARNs, sorted."""

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
        self._actions = _names(Hit("action", name, "", None) for name in actions)
        self._made_at = 0.0
        self._warming: Iterator[object] | None = None
        self._text = ""
        self._hits: list[Hit] = []
        self._starts: list[int] = []
        self._beginnings: list[tuple[str, Inventory, _Beginnings]] = []

    def warm(self) -> bool:
        """Make one portion of the names that are missing; returns whether more are.

        They are kept by the inventories, so that the first letter typed does not wait for them.
        """
        end = time.perf_counter() + PORTION
        if self._warming is None:
            self._warming = self._all_pieces()
        return any(time.perf_counter() > end for _ in self._warming)

    def _all_pieces(self) -> Iterator[object]:
        for pair, inventory in self._homes:
            for cluster in inventory.clusters:
                yield from _pieces(inventory, pair, cluster.name)
                yield _beginnings(inventory, cluster.name)

    def find(self, text: str, limit: int = LIMIT) -> list[Hit]:
        """The best hits for `text`, the best one first."""
        wanted = text.strip().casefold()
        if not wanted or "\n" in wanted:
            return []
        self._look()
        here = self._homes[0][0] if self._homes else ""
        found: list[tuple[tuple[int, int, bool, bool, int, int, str], int, Hit]] = []
        for number, (quality, name, hit) in enumerate(self._matches(wanted, limit)):
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

    def _matches(self, wanted: str, limit: int) -> Iterator[tuple[tuple[int, int], str, Hit]]:
        """((class, looseness), folded name, hit): equal, beginning, word, inside, in order."""
        known = 0
        part = re.escape(wanted)
        for match in islice(re.finditer(f"(?m)^{part}", self._text), MOST):
            line, name, _ = self._line(match.start())
            known += 1
            yield (0 if len(name) == len(wanted) else 1, 0), name, self._hits[line]
        for pair, inventory, beginnings in self._beginnings:
            for kind, names in (("task", beginnings.ids), ("ip", beginnings.addresses)):
                for name, hit in _begin(inventory, pair, kind, names, wanted):
                    known += 1
                    yield (0 if name == wanted else 1, 0), name, hit
        if known >= limit:
            return
        last = -1
        for match in islice(re.finditer(f"(?m)(?<!^){part}", self._text), MOST):
            line, name, start = self._line(match.start())
            if line != last and not name.startswith(wanted):
                last = line  # the first place in a name is what counts
                known += 1
                word = not name[match.start() - start - 1].isalnum()
                yield (2 if word else 3, 0), name, self._hits[line]
        if known >= limit or len(wanted) < 2:
            return
        letters = "[^\n]*?".join(re.escape(letter) for letter in wanted)
        for match in islice(re.finditer(letters, self._text), MOST):
            line, name, _ = self._line(match.start())
            if wanted not in name:
                yield (4, match.end() - match.start()), name, self._hits[line]

    def _line(self, at: int) -> tuple[int, str, int]:
        """(number of the line, its text, where it starts) at a place in the text."""
        line = bisect_right(self._starts, at) - 1
        start = self._starts[line]
        end = self._starts[line + 1] - 1 if line + 1 < len(self._starts) else len(self._text) - 1
        return line, self._text[start:end], start

    def _look(self) -> None:
        """Gather all names, from pieces that are made again only where something has changed."""
        now = time.monotonic()
        if self._made_at and now - self._made_at < FRESH:
            return
        self._made_at = now
        pieces = [self._actions]
        self._beginnings = []
        for number, (pair, inventory) in enumerate(self._homes):
            clusters = {cluster.name for cluster in inventory.clusters}
            pieces.append(
                _names(
                    Hit("cluster", name, pair, Place("services", cluster=name)) for name in clusters
                )
            )
            if number == 0 and self._cluster:
                clusters.add(self._cluster)
            for name in clusters:
                pieces += _pieces(inventory, pair, name)
                self._beginnings.append((pair, inventory, _beginnings(inventory, name)))
        self._text = "".join(piece.text for piece in pieces)
        self._hits = [hit for piece in pieces for hit in piece.hits]
        lengths = (len(line) + 1 for line in self._text.split("\n"))
        self._starts = list(accumulate(lengths, initial=0))[: len(self._hits)]


def _names(hits: Iterable[Hit]) -> _Names:
    kept = tuple(hits)
    return _Names("".join(hit.name.casefold().replace("\n", " ") + "\n" for hit in kept), kept)


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
    cluster = short_name(task.cluster_arn)
    return Place("containers", cluster=cluster, service=task.service, task_arn=task.arn)


def _beginnings(inventory: Inventory, cluster: str) -> _Beginnings:
    def make() -> _Beginnings:
        tasks = inventory.known_tasks(cluster)
        return _Beginnings(
            tuple(sorted((task.id, task.arn) for task in tasks)),
            tuple(sorted((task.private_ip, task.arn) for task in tasks if task.private_ip)),
        )

    basis = (inventory.tasks_version(cluster),)
    return inventory.derived(f"beginnings {cluster}", basis, make)


def _pieces(inventory: Inventory, pair: str, cluster: str) -> Iterator[_Names]:
    """The names of each service and of what its tasks hold."""
    for service in inventory.services(cluster):
        basis = (pair, service, inventory.tasks_version(cluster, service.name))
        yield inventory.derived(
            f"names {service.arn}",
            basis,
            lambda service=service: _names(  # type: ignore[misc]
                _of_service(inventory, pair, cluster, service.name, service.revision)
            ),
        )
    yield inventory.derived(
        f"names {cluster} alone",
        (pair, inventory.tasks_version(cluster, "")),
        lambda: _names(_of_tasks(inventory.service_tasks(cluster, ""), pair, cluster)),
    )


def _of_service(
    inventory: Inventory, pair: str, cluster: str, service: str, revision: str
) -> Iterator[Hit]:
    place = Place("tasks", cluster=cluster, service=service)
    yield Hit("service", service, pair, place)
    if revision:
        yield Hit("task definition", revision, pair, place)
    others = _of_tasks(inventory.service_tasks(cluster, service), pair, cluster)
    yield from (hit for hit in others if (hit.kind, hit.name) != ("task definition", revision))


def _of_tasks(tasks: Iterable[Task], pair: str, cluster: str) -> Iterator[Hit]:
    """Task definitions, containers and images of tasks, each once."""
    seen: set[tuple[str, str]] = set()
    for task in tasks:
        team = Place("tasks", cluster=cluster, service=task.service)
        found = [("task definition", task.revision, team, "")]
        for each in task.containers:
            found.append(("container", each.name, _inside(task), f"{task.arn}/{each.name}"))
            found.append(("image", each.image.rsplit("/", 1)[-1], team, ""))
        for kind, name, place, select in found:
            if name and (kind, name) not in seen:
                seen.add((kind, name))
                yield Hit(kind, name, pair, place, select)
