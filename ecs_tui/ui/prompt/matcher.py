"""The search behind `:`: fuzzy matching of all loaded names, in all open connections.

Clusters, services, containers, task definitions and images match by substring or by letters in
order; task IDs and private addresses match by prefix, from sorted lists. The names are joined in
one text, one name a line, so that the regular-expression engine searches ten thousand of them, not
a Python loop.
"""

from __future__ import annotations

import heapq
import re
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, islice

from ecs_tui.model.address import Reference
from ecs_tui.model.arn import short_name
from ecs_tui.model.task import Task
from ecs_tui.record import dataclass
from ecs_tui.resources import Place
from ecs_tui.store.inventory import Inventory

MAX_MATCHES = 10
"""Maximum matches shown."""
PORTION_SECONDS = 0.008
"""Seconds of preparing names without a break: half a frame."""
FRESH_SECONDS = 3.0
"""Seconds for which the collected names are used again while the operator types."""
MAX_LETTERS = 255
"""Characters of the longest name in ECS: what is longer matches none."""
MAX_RANKED = 500
"""Maximum ranked matches of one class: more are no help."""
_PARTS = re.compile(r"[/\s]+")
"""Between a cluster and what is in it."""
_RANKS = ("cluster", "service", "command", "task", "container", "task definition", "image", "ip")


@dataclass(frozen=True, slots=True)
class Match:
    """One match.

    Attributes:
        kind: What it is: "cluster", "service", "command", … (`_RANKS`), or "recent".
        name: The name that matched.
        label: The connection it is in, `profile@region`; "" for a command.
        place: The place to go to; None for a command.
        select: The key of the row to select there, or "".
        command: The id of a command; it may have been found by another name.
        hint: The keys of a command and what it does, or what happens with an address.
        reference: What a pasted address names; the place is found once it is chosen.
    """

    kind: str
    name: str
    label: str
    place: Place | None
    select: str = ""
    command: str = ""
    hint: str = ""
    reference: Reference | None = None

    @property
    def where(self) -> str:
        """Where it is, as shown: connection, cluster and service; for a command its hint."""
        place = self.place
        if place is None:
            return self.hint
        if self.kind == "recent":
            return self.label
        parts = [self.label, place.cluster, place.service]
        return " › ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class _Names:
    """Case-folded names, one a line, and the match of each line."""

    text: str
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Names of tasks in alphabetical order, and the ARN of each one's task."""

    names: tuple[str, ...]
    arns: tuple[str, ...]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> _Sorted:
        """Those of (name, ARN)."""
        names, arns = [], []
        for name, arn in sorted(pairs):
            names.append(name)
            arns.append(arn)
        return cls(tuple(names), tuple(arns))


@dataclass(frozen=True, slots=True)
class _PrefixIndex:
    """The IDs and the addresses of a cluster's tasks."""

    ids: _Sorted
    addresses: _Sorted


class Finder:
    """Finds resources and commands by name.

    Args:
        accounts: (label, inventory) of the open connections, the current one first.
        cluster: The cluster on the screen; its resources rank first among equal matches.
        commands: The commands.
    """

    def __init__(
        self,
        accounts: Sequence[tuple[str, Inventory]],
        cluster: str,
        commands: Iterable[Match] = (),
    ) -> None:
        self._accounts, self._cluster = accounts, cluster
        self._commands = _names(commands)
        self._made_at = 0.0
        self._warming: Iterator[object] | None = None
        self._text = ""
        self._matches: list[Match] = []
        self._starts: list[int] = []
        self._prefixes: list[tuple[str, Inventory, _PrefixIndex]] = []

    def warm(self) -> bool:
        """Prepare one portion of the missing names; returns whether more are missing.

        The inventories cache them, so that the first letter typed does not wait for them.
        """
        end = time.perf_counter() + PORTION_SECONDS
        if self._warming is None:
            self._warming = self._all_pieces()
        return any(time.perf_counter() > end for _ in self._warming)

    def _all_pieces(self) -> Iterator[object]:
        for label, inventory in self._accounts:
            for cluster in inventory.clusters:
                yield from _pieces(inventory, label, cluster.name)
                yield _prefixes(inventory, cluster.name)

    def find(self, text: str, limit: int = MAX_MATCHES) -> list[Match]:
        """The best matches for `text`, at most `limit`, the best one first.

        Where nothing has the text, `prod/web` and `prod web` find what has the second part in clusters
        that have the first: so lists name a service.
        """
        wanted = text.strip().casefold()
        if not wanted or "\n" in wanted or len(wanted) > MAX_LETTERS:
            return []
        self._look()
        if found := self._best(wanted, limit):
            return found
        cluster, *rest = _PARTS.split(wanted, maxsplit=1)
        if not cluster or not rest or not rest[0]:
            return []
        inside = self._best(rest[0], MAX_RANKED)
        return [
            match
            for match in inside
            if match.place is not None and cluster in match.place.cluster.casefold()
        ][:limit]

    def _best(self, wanted: str, limit: int) -> list[Match]:
        here = self._accounts[0][0] if self._accounts else ""
        found: list[tuple[tuple[int, int, bool, bool, int, int, str], int, Match]] = []
        for number, (quality, name, match) in enumerate(self._ranked(wanted, limit)):
            place = match.place
            rank = (
                *quality,
                bool(match.label) and match.label != here,
                place is not None and place.cluster != self._cluster,
                _RANKS.index(match.kind),
                len(name),
                name,
            )
            found.append((rank, number, match))
        return [match for _, _, match in heapq.nsmallest(limit, found)]

    def _ranked(self, wanted: str, limit: int) -> Iterator[tuple[tuple[int, int], str, Match]]:
        """Yield ((class, looseness), folded name, match).

        The classes: 0 equal, 1 prefix, 2 start of a word, 3 substring, 4 letters in order. The
        looseness is the length of the matched text in class 4, else 0.
        """
        known = 0
        part = re.escape(wanted)
        for place in islice(re.finditer(f"(?m)^{part}", self._text), MAX_RANKED):
            line, name, _ = self._line(place.start())
            known += 1
            yield (0 if len(name) == len(wanted) else 1, 0), name, self._matches[line]
        for label, inventory, prefixes in self._prefixes:
            for kind, names in (("task", prefixes.ids), ("ip", prefixes.addresses)):
                for name, match in _with_prefix(inventory, label, kind, names, wanted):
                    known += 1
                    yield (0 if name == wanted else 1, 0), name, match
        if known >= limit:
            return
        last = -1
        for place in islice(re.finditer(f"(?m)(?<!^){part}", self._text), MAX_RANKED):
            line, name, start = self._line(place.start())
            if line != last and not name.startswith(wanted):
                last = line  # only the first occurrence in a name counts
                known += 1
                word = not name[place.start() - start - 1].isalnum()
                yield (2 if word else 3, 0), name, self._matches[line]
        if known >= limit or len(wanted) < 2:
            return
        # Possessive, so that a name without them costs no more than its length.
        parts = map(re.escape, wanted)
        letters = next(parts) + "".join(f"[^\n{part}]*+{part}" for part in parts)
        for place in islice(re.finditer(letters, self._text), MAX_RANKED):
            line, name, _ = self._line(place.start())
            if wanted not in name:
                yield (4, place.end() - place.start()), name, self._matches[line]

    def _line(self, at: int) -> tuple[int, str, int]:
        """(line number, text of the line, its start) for an offset in the text."""
        line = bisect_right(self._starts, at) - 1
        start = self._starts[line]
        end = self._starts[line + 1] - 1 if line + 1 < len(self._starts) else len(self._text) - 1
        return line, self._text[start:end], start

    def _look(self) -> None:
        """Collect all names from cached pieces; only changed pieces are made again."""
        now = time.monotonic()
        if self._made_at and now - self._made_at < FRESH_SECONDS:
            return
        self._made_at = now
        pieces = [self._commands]
        self._prefixes = []
        for number, (label, inventory) in enumerate(self._accounts):
            clusters = {cluster.name for cluster in inventory.clusters}
            pieces.append(
                _names(
                    Match("cluster", name, label, Place("services", cluster=name))
                    for name in clusters
                )
            )
            if number == 0 and self._cluster:
                clusters.add(self._cluster)
            for name in clusters:
                pieces += _pieces(inventory, label, name)
                self._prefixes.append((label, inventory, _prefixes(inventory, name)))
        self._text = "".join(piece.text for piece in pieces)
        self._matches = [match for piece in pieces for match in piece.matches]
        lengths = (len(line) + 1 for line in self._text.split("\n"))
        self._starts = list(accumulate(lengths, initial=0))[: len(self._matches)]


def _names(matches: Iterable[Match]) -> _Names:
    kept = tuple(matches)
    return _Names("".join(match.name.casefold().replace("\n", " ") + "\n" for match in kept), kept)


def _with_prefix(
    inventory: Inventory, label: str, kind: str, known: _Sorted, wanted: str
) -> Iterator[tuple[str, Match]]:
    at = bisect_left(known.names, wanted)
    end = at + MAX_MATCHES
    for name, arn in zip(known.names[at:end], known.arns[at:end], strict=True):
        if not name.startswith(wanted):
            return
        task = inventory.task(arn)
        if task is not None:
            yield name, Match(kind, name, label, _inside(task))


def _inside(task: Task) -> Place:
    cluster = short_name(task.cluster_arn)
    return Place("containers", cluster=cluster, service=task.service, task_arn=task.arn)


def _prefixes(inventory: Inventory, cluster: str) -> _PrefixIndex:
    def make() -> _PrefixIndex:
        tasks = inventory.known_tasks(cluster)
        addresses = (
            (address, task.arn)
            for task in tasks
            for address in (task.private_ip, task.ipv6)
            if address
        )
        return _PrefixIndex(
            _Sorted.of((task.id, task.arn) for task in tasks), _Sorted.of(addresses)
        )

    basis = (inventory.tasks_version(cluster),)
    return inventory.derived(f"prefixes {cluster}", basis, make)


def _pieces(inventory: Inventory, label: str, cluster: str) -> Iterator[_Names]:
    """The names of each service, and of its tasks' containers, definitions and images."""
    for service in inventory.services(cluster):
        basis = (label, service, inventory.tasks_version(cluster, service.name))
        yield inventory.derived(
            ("names", service.arn),
            basis,
            lambda service=service: _names(  # type: ignore[misc]
                _of_service(inventory, label, cluster, service.name, service.revision)
            ),
        )
    yield inventory.derived(
        f"names {cluster} alone",
        (label, inventory.tasks_version(cluster, "")),
        lambda: _names(_of_tasks(inventory.service_tasks(cluster, ""), label, cluster)),
    )


def _of_service(
    inventory: Inventory, label: str, cluster: str, service: str, revision: str
) -> Iterator[Match]:
    place = Place("tasks", cluster=cluster, service=service)
    yield Match("service", service, label, place)
    if revision:
        yield Match("task definition", revision, label, place)
    others = _of_tasks(inventory.service_tasks(cluster, service), label, cluster, place)
    yield from (
        match for match in others if (match.kind, match.name) != ("task definition", revision)
    )


def _of_tasks(
    tasks: Iterable[Task], label: str, cluster: str, tasks_place: Place | None = None
) -> Iterator[Match]:
    """Task definitions, containers and images of tasks, each once.

    Args:
        tasks_place: The list of tasks of their service, if they have the same.
    """
    seen: set[tuple[str, str]] = set()
    for task in tasks:
        if tasks_place is None or tasks_place.service != task.service:
            tasks_place = Place("tasks", cluster=cluster, service=task.service)
        found = [("task definition", task.revision, tasks_place, "")]
        for each in task.containers:
            found.append(("container", each.name, _inside(task), f"{task.arn}/{each.name}"))
            found.append(("image", each.image.rsplit("/", 1)[-1], tasks_place, ""))
        for kind, name, place, select in found:
            if name and (kind, name) not in seen:
                seen.add((kind, name))
                yield Match(kind, name, label, place, select)
