"""A line of a log as it is shown: a log event of a container, the end of a container, or a gap."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from enum import Enum

from ecs_tui.logs.levels import Level, level_of
from ecs_tui.model.log_event import LogEvent
from ecs_tui.model.log_source import ContainerExit, LogSource
from ecs_tui.record import dataclass

LineOrder = tuple[int, int, int]
"""Where a line stands among others: the time of its group, the group, its place in the group."""
_ids = itertools.count(1)
CONTINUES_MS = 1_000
"""Milliseconds between two events of one stack trace, at most."""
_MAX_CONTINUED = 1_000
"""Events of one stack trace, at most."""
_CONTINUED = (
    "Caused by:",
    "... ",
    "\tat ",
    "Traceback (most recent call last)",
    "During handling of",
)
"""What continued lines start with that are not indented: Java and Python."""


class LineKind(Enum):
    """What a line is."""

    EVENT = "event"
    END = "end"
    """The end of a container."""
    NOTE = "note"
    """Something that the reader must say in this place, such as a sampled span."""


@dataclass(slots=True, eq=False)
class LogLine:
    """A line. Lines are equal only to themselves.

    Attributes:
        at: When it was written: milliseconds since 1970.
        text: The message, with any control characters; for other kinds, words of ours.
        id: Unique, in the order of arrival.
        task: ID of its task; "" if its stream belongs to no known task.
        container: Name of its container.
        stream: Name of its log stream.
        group: Name of its log group.
        ingested: When CloudWatch Logs received it; -1 if unknown.
        late: Whether lines that were written after it had arrived before it.
        failed: For the end of a container: whether it failed.
        head: The line that this one continues, as the first one of a stack trace; None for none.
    """

    at: int
    text: str
    id: int = 0
    task: str = ""
    container: str = ""
    stream: str = ""
    group: str = ""
    ingested: int = -1
    kind: LineKind = LineKind.EVENT
    late: bool = False
    failed: bool = False
    head: LogLine | None = None
    known_level: int = -1

    @property
    def order(self) -> LineOrder:
        """Where it stands among others: by time, but the parts of a stack trace together."""
        head = self.head or self
        return (head.at, head.id, self.id)

    @property
    def level(self) -> Level:
        """Its level; a part of a stack trace has that of the first part. Found once."""
        self.find_level()
        return Level(self.known_level)

    def find_level(self) -> None:
        """Find its level, if that has not been done yet: a thousand lines take a millisecond."""
        if self.known_level < 0:
            if self.kind is not LineKind.EVENT:
                self.known_level = Level.ERROR if self.failed else Level.NONE
            else:
                self.known_level = level_of(self.text)
            if self.head is not None:
                self.known_level = max(self.known_level, self.head.level)


TraceHeads = dict[tuple[str, str], tuple[LogLine, int, int]]
"""Of each group and stream: the last line that may be continued, when the last part of it was written,
and how many parts it has."""


class LineMaker:
    """Makes lines of events: finds their tasks, and which events continue a stack trace.

    Args:
        sources: The sources of the streams.
    """

    def __init__(self, sources: Iterable[LogSource] = ()) -> None:
        self._by_stream: dict[tuple[str, str], LogSource] = {}
        self._by_prefix: list[LogSource] = []
        self._heads: TraceHeads = {}
        self.set_sources(sources)

    def set_sources(self, sources: Iterable[LogSource]) -> None:
        """Add sources; known ones stay, so that lines of a task that is gone keep its name."""
        for source in sources:
            if source.group is None:
                continue
            if source.stream:
                self._by_stream[source.group.name, source.stream] = source
            elif source not in self._by_prefix:
                self._by_prefix.append(source)

    def source_of(self, group: str, stream: str) -> LogSource | None:
        """The source of a stream, None if it belongs to no known task."""
        found = self._by_stream.get((group, stream))
        if found is None:
            for source in self._by_prefix:
                if source.group is not None and source.group.name == group and source.has(stream):
                    found = self._by_stream[group, stream] = source
                    break
        return found

    def lines(
        self, group: str, events: Iterable[LogEvent], heads: TraceHeads | None = None
    ) -> list[LogLine]:
        """The lines of events of a group, in the order of arrival.

        Args:
            heads: Where the heads of stack traces are kept; None for those of what is followed.
        """
        found, heads = [], self._heads if heads is None else heads
        times: dict[int, int] = {}  # equal ones once: an object of 32 bytes each
        for event in events:
            source = self.source_of(group, event.stream)
            line = LogLine(
                times.setdefault(event.written, event.written),
                event.message,
                next(_ids),
                source.task if source is not None else "",
                source.container if source is not None else "",
                event.stream,
                group,
                times.setdefault(event.ingested, event.ingested),
            )
            _continue(line, heads)
            found.append(line)
        return found


def _continue(line: LogLine, heads: TraceHeads) -> None:
    key = (line.group, line.stream)
    known = heads.get(key) if continues(line.text) else None
    if known is not None and known[2] < _MAX_CONTINUED and 0 <= line.at - known[1] <= CONTINUES_MS:
        head = known[0]
        line.head = head
        heads[key] = (head, line.at, known[2] + 1)
    else:
        heads[key] = (line, line.at, 0)


def continues(text: str) -> bool:
    """Whether an event looks like the continuation of the one before: a line of a stack trace."""
    return text[:1] in (" ", "\t") or text.startswith(_CONTINUED)


def end_line(end: ContainerExit) -> LogLine:
    """The separator where a container ended."""
    return LogLine(
        end.at, end.words, next(_ids), end.task, end.container, kind=LineKind.END, failed=end.failed
    )


def note_line(at: int, words: str) -> LogLine:
    """A line that says something in its place."""
    return LogLine(at, words, next(_ids), kind=LineKind.NOTE)


def in_order(lines: Sequence[LogLine]) -> list[LogLine]:
    """Lines in the order in which they are shown."""
    return sorted(lines, key=lambda line: line.order)
