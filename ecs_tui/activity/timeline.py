"""Reads all sources at once, and keeps what they have told, also what AWS forgets meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import field, replace
from datetime import datetime

from ecs_tui.activity.layers import LAYER_NAMES
from ecs_tui.errors import EcsTuiError
from ecs_tui.record import dataclass
from ecs_tui.resources.activity import NEVER, ActivityEntry
from ecs_tui.resources.activity_source import ActivityAnswer, ActivityAsk, ActivitySource
from ecs_tui.store.surroundings import why_unknown
from ecs_tui.system.crash import report

MAX_ENTRIES = 5000
"""Entries that are kept; the oldest are dropped first."""


@dataclass(slots=True)
class SourceState:
    """How the reading of a source stands.

    Attributes:
        running: Whether it is being read.
        note: What it has said about what it read.
        error: Why it could not be read the last time, or None.
    """

    running: bool = False
    note: str = ""
    error: EcsTuiError | None = None

    @property
    def words(self) -> str:
        """Why there may be nothing, in a few words; "" if there is nothing to say."""
        return why_unknown(self.error) if self.error is not None else self.note


@dataclass(slots=True)
class Timeline:
    """The entries of one target, from all sources.

    Entries that are read again replace those with the same key. What a source tells only of now (an
    unhealthy target) keeps the time at which it was first seen.

    Attributes:
        states: How each source stands, in the order of the sources.
    """

    sources: Sequence[ActivitySource]
    states: list[SourceState] = field(default_factory=list)
    _entries: dict[str, ActivityEntry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.states = [SourceState() for _ in self.sources]

    @property
    def loading(self) -> bool:
        """Whether a source is being read."""
        return any(state.running for state in self.states)

    async def read(self, ask: ActivityAsk, changed: Callable[[], None] = lambda: None) -> None:
        """Read all sources at the same time.

        Args:
            ask: What is wanted. Its answers are shared by the sources, and closed at the end.
            changed: Called when a source has answered.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for source, state in zip(self.sources, self.states, strict=True):
                    group.create_task(self._read(source, state, ask, changed))
        finally:
            await ask.close()

    async def _read(
        self,
        source: ActivitySource,
        state: SourceState,
        ask: ActivityAsk,
        changed: Callable[[], None],
    ) -> None:
        state.running = True
        try:
            answer = await source.read(ask)
        except EcsTuiError as error:
            state.error = error
        except Exception as error:  # one source that fails does not take the others with it
            state.error = EcsTuiError(str(report(f"reading {source.title}", error)))
        else:
            state.error, state.note = None, answer.note
            self._take(answer)
        finally:
            state.running = False
        changed()

    def _take(self, answer: ActivityAnswer) -> None:
        for entry in answer.entries:
            known = self._entries.get(entry.key)
            first = replace(entry, at=known.at) if entry.seen and known is not None else entry
            self._entries[entry.key] = first
        if len(self._entries) > MAX_ENTRIES:
            newest = sorted(self._entries.values(), key=_at, reverse=True)[:MAX_ENTRIES]
            self._entries = {entry.key: entry for entry in newest}

    def shown(
        self, layers: Collection[str], since: datetime, until: datetime
    ) -> list[ActivityEntry]:
        """The entries of some layers in a range, the newest first."""
        found = (
            entry
            for entry in self._entries.values()
            if entry.layer in layers and since <= _at(entry) <= until
        )
        return sorted(found, key=_at, reverse=True)

    def counts(self, since: datetime, until: datetime) -> dict[str, int]:
        """How many entries each layer has in a range, in the order of the layers."""
        counts = dict.fromkeys(LAYER_NAMES, 0)
        for entry in self._entries.values():
            if since <= _at(entry) <= until:
                counts[entry.layer] = counts.get(entry.layer, 0) + 1
        return counts

    def words(self, layer: str) -> str:
        """What the sources of a layer say: why it is empty, what is missing, or that it is loading."""
        found = [
            "reading" if state.running else state.words
            for source, state in zip(self.sources, self.states, strict=True)
            if source.layer == layer
        ]
        return "; ".join(dict.fromkeys(word for word in found if word))

    def failed(self) -> Iterable[tuple[ActivitySource, EcsTuiError]]:
        """The sources that could not be read, and why."""
        for source, state in zip(self.sources, self.states, strict=True):
            if state.error is not None:
                yield source, state.error


def _at(entry: ActivityEntry) -> datetime:
    return entry.at or NEVER
