"""Some lines of a buffer with what searching them needs: their texts as one string, levels, fields.

Everything is made at its first use and kept until the chunk changes, so that a filter that was used
before costs a look at each chunk, not at each line.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import field
from itertools import accumulate, repeat
from operator import add

from ecs_tui.logs.ansi import harmless
from ecs_tui.logs.fields import FieldValues, column_of, places_with, values_of
from ecs_tui.logs.filters import MAX_SEARCHED, LogFilter, LogTerm
from ecs_tui.logs.line import LineKind, LogLine
from ecs_tui.record import dataclass

CHUNK = 1_000
"""Lines of a chunk; up to twice as many where lines came late."""
_MAX_FOUND, _MAX_COLUMNS = 4, 2
"""Filters and fields whose results are kept: the filter, the search, both, and the ones before."""
_FEW = 8
"""If less than this part of the lines may match, they are looked at one by one."""
_CONTROLS = [chr(each) for each in (*range(32), 127) if each != 10]
"""Control characters of ASCII but for the line end."""
_BEYOND_LINES = re.compile(r"\\[sSWDnAZ]|\[\^|\(\?[^:]")
"""What in a pattern may match beyond a line, or means the whole text: then lines are searched one by one."""


@dataclass(frozen=True, slots=True)
class ChunkIndex:
    """The texts of a chunk.

    Attributes:
        text: The texts of all lines, in small letters, with a line end after each.
        starts: Where each line begins in it; one entry more than there are lines.
        plain: Whether they are the lines' own texts but for the letters: ASCII without control
            characters.
    """

    text: str
    starts: array[int]
    plain: bool


@dataclass(slots=True)
class Chunk:
    """Some lines, in order. `changed` must be called after a change of `lines`."""

    lines: list[LogLine] = field(default_factory=list)
    _index: ChunkIndex | None = None
    _levels: bytes | None = None
    _others: tuple[int, ...] | None = None
    _columns: dict[str, list[FieldValues]] = field(default_factory=dict)
    _found: dict[LogFilter, list[LogLine]] = field(default_factory=dict)

    def changed(self) -> None:
        """Forget what was made of the lines."""
        self._index = self._levels = self._others = None
        self._columns.clear()
        self._found.clear()

    @property
    def index(self) -> ChunkIndex:
        """Their texts."""
        if self._index is None:
            self._index = _index(self.lines)
        return self._index

    @property
    def levels(self) -> bytes:
        """The level of each line."""
        if self._levels is None:
            known = [line.known_level for line in self.lines]
            self._levels = bytes(known if min(known) >= 0 else [each.level for each in self.lines])
        return self._levels

    @property
    def others(self) -> tuple[int, ...]:
        """The places of lines that are no events."""
        if self._others is None:
            event = LineKind.EVENT
            self._others = tuple(at for at, line in enumerate(self.lines) if line.kind is not event)
        return self._others

    def column(self, name: str) -> list[FieldValues]:
        """The values of a field in each line."""
        known = self._columns.get(name)
        if known is None:
            if len(self._columns) >= _MAX_COLUMNS:
                self._columns.clear()
            index = self.index
            known = self._columns[name] = column_of(
                name, [line.text for line in self.lines], index.text, index.starts, index.plain
            )
        return known

    def has_column(self, name: str) -> bool:
        """Whether the values of a field are known already."""
        return name in self._columns

    def is_ready(self, wanted: LogFilter) -> bool:
        """Whether all is made that any filter with the same fields needs."""
        return (
            self._index is not None
            and self._others is not None
            and (self._levels is not None or not any(each.kind == "level" for each in wanted.terms))
            and all(map(self.has_column, wanted.columns))
        )

    def make_ready(self, wanted: LogFilter) -> None:
        """Make the texts and the fields that a filter needs."""
        self.index, self.others  # noqa: B018
        if any(each.kind == "level" for each in wanted.terms):
            self.levels  # noqa: B018
        for name in wanted.columns:
            self.column(name)

    def knows(self, wanted: LogFilter) -> bool:
        """Whether the lines that match are known already."""
        return wanted in self._found

    def matching(self, wanted: LogFilter) -> list[LogLine]:
        """The lines that match, in order; read only."""
        known = self._found.get(wanted)
        if known is None:
            if len(self._found) >= _MAX_FOUND:
                del self._found[next(iter(self._found))]
            known = self._found[wanted] = _matching(self, wanted)
        return known


def _index(lines: Sequence[LogLine]) -> ChunkIndex:
    texts = [line.text for line in lines]
    text = "\n".join([*texts, ""])
    # Of a thousand ordinary lines at once: one by one takes five times as long. Looking for each
    # control character takes a fifth of the time of `isprintable`.
    plain = text.isascii() and text.count("\n") == len(lines)
    plain = plain and not any(each in text for each in _CONTROLS)
    if not plain:
        texts = [_searched(each) for each in texts]
        text = "\n".join([*texts, ""])
    starts = array("l", accumulate(map(add, map(len, texts), repeat(1)), initial=0))
    return ChunkIndex(text.lower() if plain else text, starts, plain)


def _searched(text: str) -> str:
    if not text.isprintable():
        text = harmless(text).text.replace("\n", " ")
    return text.lower()


def _matching(chunk: Chunk, wanted: LogFilter) -> list[LogLine]:
    """The lines of a chunk that match. Terms that need only a look at the index come first."""
    lines = chunk.lines
    places: Collection[int] = range(len(lines))
    for term in sorted(wanted.terms, key=_work):
        places = _with_term(chunk, term, places)
        if not places:
            break
    if others := chunk.others:
        chosen = {at for at in places if lines[at].kind is LineKind.EVENT}
        places = sorted(chosen | {at for at in others if wanted.matches(lines[at])})
    return lines[:] if len(places) == len(lines) else [lines[at] for at in places]


def _work(term: LogTerm) -> int:
    """What takes longer comes later, for the lines that are left."""
    return {"level": 0, "task": 1, "container": 1, "field": 3}.get(term.kind, 2)


def _with_term(chunk: Chunk, term: LogTerm, places: Collection[int]) -> Collection[int]:
    """Those of some places, in order, whose lines fit a term."""
    lines = chunk.lines
    if term.kind == "level":
        levels, level = chunk.levels, term.level
        return [at for at in places if (levels[at] >= level) != term.inverted]
    if term.kind in ("task", "container"):
        return [at for at in places if term.has(lines[at], "") != term.inverted]
    if term.kind == "pattern":
        hits = _with_pattern(chunk.index, term)
    elif term.column:
        hits = _with_values(chunk, term)
    else:
        few = len(places) * _FEW <= len(lines)
        hits = (
            _among(chunk.index, term.needle, places)
            if few
            else _with_text(chunk.index, term.needle)
        )
        if term.kind == "field":
            hits = _with_field(chunk, term, hits.intersection(places))
    if not hits:
        return places if term.inverted else ()
    if len(places) == len(lines) and not term.inverted:
        return sorted(hits)
    return [at for at in places if (at in hits) != term.inverted]


def _with_field(chunk: Chunk, term: LogTerm, hits: set[int]) -> set[int]:
    """Those of some lines whose field fits."""
    lines, name = chunk.lines, term.name
    if not chunk.has_column(name) and len(hits) * _FEW <= len(lines):
        return {at for at in hits if term.fits(values_of(lines[at].text, name))}
    column = chunk.column(name)
    fitting = {values: term.fits(values) for values in set(column)}
    return {at for at in hits if fitting[column[at]]}


def _with_values(chunk: Chunk, term: LogTerm) -> set[int]:
    """The lines whose field fits, where no text says which lines may."""
    name, index = term.column, chunk.index
    if not chunk.has_column(name):
        texts = [line.text for line in chunk.lines]
        return places_with(
            term.fits, name, texts, index.text, index.starts, index.plain, term.misses
        )
    column = chunk.column(name)
    fitting = {values for values in set(column) if values and term.fits(values)}
    return {at for at, values in enumerate(column) if values in fitting}


def _with_text(index: ChunkIndex, needle: str, most: int | None = None) -> set[int]:
    """The lines that contain a text.

    Args:
        most: Characters from the start of a line within which it must end; None for any number.
    """
    text, starts = index.text, index.starts
    if not needle:
        return set(range(len(starts) - 1))
    found: set[int] = set()
    find, add_found, size = text.find, found.add, len(needle)
    at = find(needle)
    while at >= 0:
        place = bisect_right(starts, at) - 1
        if most is None or at + size - starts[place] <= most:
            add_found(place)
        at = find(needle, starts[place + 1])
    return found


def _among(index: ChunkIndex, needle: str, places: Collection[int]) -> set[int]:
    """Those of some places whose lines contain a text."""
    find, starts = index.text.find, index.starts
    return {at for at in places if find(needle, starts[at], starts[at + 1]) >= 0}


def _with_pattern(index: ChunkIndex, term: LogTerm) -> set[int]:
    text, starts = index.text, index.starts
    pattern = term.for_small_letters
    if pattern is None:
        return set()
    if index.plain and term.texts:
        return set[int]().union(*(_with_text(index, each, MAX_SEARCHED) for each in term.texts))
    search = pattern.search
    if _BEYOND_LINES.search(pattern.pattern):
        return {
            at
            for at in range(len(starts) - 1)
            if search(text[starts[at] : min(starts[at + 1] - 1, starts[at] + MAX_SEARCHED)])
        }
    found: set[int] = set()
    at, end = 0, len(text)
    while at < end and (hit := search(text, at)) is not None:
        place = bisect_right(starts, hit.start()) - 1
        if place >= len(starts) - 1:
            break
        if hit.end() - starts[place] <= MAX_SEARCHED:
            found.add(place)
        at = starts[place + 1]
    return found
