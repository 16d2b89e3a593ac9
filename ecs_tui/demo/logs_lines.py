"""The log stream of one container of the demo: when it writes what, and when that is ingested.

All of it is a function of the stream's key and of time, computed for the span that is asked for:
a stream of a million lines needs no more memory than an empty one.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import field
from typing import Literal, NamedTuple

from ecs_tui.demo.logs_text import OUT_OF_MEMORY, LogFormat, Program, mix
from ecs_tui.record import dataclass

MIN_DELAY_MS, MAX_DELAY_MS = 500, 3000
"""From the time of an event to its ingestion, in milliseconds."""
LATE_EVERY = 211
"""One in so many pieces of work is ingested late, and so out of order."""
LATE_MS = 22_000
"""Most milliseconds that it takes besides `MAX_DELAY_MS`."""
BOOT_MS = 2500
"""Milliseconds in which a container writes that it starts; then it works."""
ID_SHIFT = 144
"""Bits of an event's ID below its timestamp: IDs are sorted by time, as AWS's are."""
_NEVER = 1 << 62
Which = Literal["all", "on time", "late"]


class LogRecord(NamedTuple):
    """One log event. Sorted by `id`, which begins with its timestamp.

    Times are in milliseconds since 1970.
    """

    id: int
    at: int
    ingested: int
    message: str
    stream: str


@dataclass(slots=True)
class Rate:
    """Lines per second of one container, from certain times on; `steps` are (ms, rate), sorted."""

    steps: list[tuple[int, float]]
    adjustable: bool = False

    def at(self, ms: int) -> float:
        """The rate at a time; before the first step, that of the first one."""
        found = self.steps[0][1]
        for since, rate in self.steps:
            if since <= ms:
                found = rate
        return found

    def lines(self, first: int, last: int) -> float:
        """About how many lines there are between two times."""
        total = 0.0
        for index, (since, rate) in enumerate(self.steps):
            begin = first if index == 0 else max(first, since)
            end = self.steps[index + 1][0] if index + 1 < len(self.steps) else last
            total += max(0, min(end, last) - begin) / 1000 * rate
        return total

    @property
    def window_ms(self) -> int:
        """The span that is computed at once: some lines, but not thousands."""
        rate = self.steps[0][1]
        return 1000 if self.adjustable or rate >= 4 else 10_000 if rate >= 0.2 else 60_000


@dataclass(frozen=True, slots=True)
class ContainerEnd:
    """How a container ends: when it is told to (ms), and its exit code; 143 for SIGTERM.

    Attributes:
        lines: What it writes before that, instead of what its exit code tells: (seconds before
            its end, at most 8, level, text).
    """

    at: int
    exit_code: int
    lines: tuple[tuple[float, str, str], ...] = ()


class LifeSpan:
    """When a container starts and how it ends, in milliseconds since 1970."""

    def starts(self) -> int:
        """When it starts; a time in the future if it does not."""
        raise NotImplementedError

    def ending(self) -> ContainerEnd | None:
        """How it ends; None as long as nobody knows."""
        raise NotImplementedError

    def repeated(self) -> tuple[tuple[float, str, str], ...]:
        """Lines that it writes again and again: (seconds between two, level, text)."""
        return ()


@dataclass(frozen=True, slots=True)
class PastSpan(LifeSpan):
    """A container that ended before the demo began."""

    start: int
    end: ContainerEnd

    def starts(self) -> int:
        return self.start

    def ending(self) -> ContainerEnd | None:
        return self.end


@dataclass(slots=True)
class ContainerLog:
    """One log stream and the container that writes it."""

    stream: str
    program: Program
    format: LogFormat
    rate: Rate
    span: LifeSpan
    key: int = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha256(f"{self.program.task_id}/{self.stream}".encode()).digest()
        self.key = int.from_bytes(digest[:8], "big")

    def overlaps(self, first: int, last: int) -> bool:
        """Whether it may have events between two times (ms)."""
        end = self.span.ending()
        return self.span.starts() <= last and (end is None or end.at + 5000 >= first)

    def records(
        self, first: int, last: int, *, which: Which = "all", backwards: bool = False
    ) -> Iterator[LogRecord]:
        """The events with timestamps from `first` to `last` (ms), sorted, whenever ingested."""
        start, end = self.span.starts(), self.span.ending()
        steady = start + BOOT_MS
        until = end.at if end is not None else _NEVER
        parts: list[Iterator[LogRecord]] = []
        if which != "late" and first < steady:
            parts.append(self._said(self._boot(start, until), first, last, 0, backwards))
        if steady < until:
            parts.append(
                self._worked(steady, max(first, steady), min(last, until - 1), which, backwards)
            )
        if which != "late" and end is not None and last >= end.at - 8000:
            parts.append(self._said(self._end(end), first, last, 1 << 40, backwards))
        repeated = self.span.repeated()
        if repeated and which != "late":
            lines = self._repeated(repeated, max(first, steady), min(last, until - 1))
            parts.append(self._said(lines, first, last, 1 << 41, backwards))
        told_to_stop = end is not None and end.exit_code == 143 and not end.lines
        if not repeated and (
            end is None or end.at - 8000 > last or told_to_stop or which == "late"
        ):
            for part in reversed(parts) if backwards else parts:
                yield from part
        else:  # such lines stand between those of its work
            yield from sorted((record for part in parts for record in part), reverse=backwards)

    def ingested_between(self, after: int, until: int) -> Iterator[LogRecord]:
        """The events that were ingested after one time and not after another (ms)."""
        for record in self.records(after - MAX_DELAY_MS, until, which="on time"):
            if after < record.ingested <= until:
                yield record
        for record in self.records(after - MAX_DELAY_MS - LATE_MS, until, which="late"):
            if after < record.ingested <= until:
                yield record

    def _id(self, at: int, sequence: int) -> int:
        return (at << ID_SHIFT) | (self.key << 64) | sequence

    def _delay(self, at: int) -> int:
        """What is written in one second is ingested together, as the log driver sends batches."""
        return MIN_DELAY_MS + mix(self.key ^ (at // 1000)) % (MAX_DELAY_MS - MIN_DELAY_MS)

    def _said(
        self,
        lines: list[tuple[int, str]],
        first: int,
        last: int,
        base: int,
        backwards: bool,
    ) -> Iterator[LogRecord]:
        numbered = list(enumerate(lines))
        for index, (at, text) in reversed(numbered) if backwards else numbered:
            if first <= at <= last:
                ingested = at + self._delay(at)
                yield LogRecord(self._id(at, base + index), at, ingested, text, self.stream)

    def _worked(
        self, steady: int, first: int, last: int, which: Which, backwards: bool
    ) -> Iterator[LogRecord]:
        size = self.rate.window_ms
        begin, end = (first - steady) // size, (last - steady) // size
        windows = range(end, begin - 1, -1) if backwards else range(begin, end + 1)
        for window in windows:
            start = steady + window * size
            seed = mix(self.key + window)
            expected = self.rate.at(start) * size / 1000
            count = math.floor(expected + seed % 4096 / 4096)
            phase = seed >> 12
            if which == "late":
                # The pieces whose index and phase add up to a multiple of LATE_EVERY.
                indices = range(-phase % LATE_EVERY, count, LATE_EVERY)
            else:
                indices = range(count)
            for index in reversed(indices) if backwards else indices:
                number = mix(seed + index)
                at = start + (index * size + (number & 0xFFF) * size // 4096) // count
                if not first <= at <= last:
                    continue
                late = (index + phase) % LATE_EVERY == 0
                if late and which == "on time":
                    continue
                ingested = at + self._delay(at)
                if late:
                    ingested += 4000 + number % (LATE_MS - 4000)
                lines = self.format.work(self.program, at, number >> 3)
                if len(lines) == 1:
                    identity = self._id(at, (1 << 32) | index << 8)
                    yield LogRecord(identity, at, ingested, lines[0], self.stream)
                    continue
                numbered = list(enumerate(lines))
                for sub, line in reversed(numbered) if backwards else numbered:
                    identity = self._id(at, (1 << 32) | index << 8 | sub)
                    yield LogRecord(identity, at, ingested, line, self.stream)

    def _boot(self, start: int, until: int) -> list[tuple[int, str]]:
        program, say = self.program, self.format.say
        if say is None:
            return []
        texts = (
            (0, f"starting {program.service} {program.version}"),
            (350, "configuration loaded from the environment"),
            (900, "connected to the database (pool of 10)"),
            (1700, "warming caches"),
            (2300, f"listening on :{program.port}" if program.port else "waiting for work"),
        )
        return [
            (start + offset, say(program, start + offset, "info", text))
            for offset, text in texts
            if start + offset < until
        ]

    def _repeated(
        self, repeated: tuple[tuple[float, str, str], ...], first: int, last: int
    ) -> list[tuple[int, str]]:
        """Each kind at multiples of its period, in each stream at other milliseconds."""
        say, found = self.format.say, []
        if say is None:
            return []
        for seconds, level, text in repeated:
            period = int(seconds * 1000)
            offset = mix(self.key ^ period) % period
            at = first - (first - offset) % period
            for moment in range(at if at >= first else at + period, last + 1, period):
                found.append((moment, say(self.program, moment, level, text)))
        return sorted(found)

    def _end(self, end: ContainerEnd) -> list[tuple[int, str]]:
        program, say = self.program, self.format.say
        if say is None:
            return []
        after: list[tuple[int, str]] = []
        if end.lines:
            told = [(end.at - int(before * 1000), level, text) for before, level, text in end.lines]
        elif end.exit_code == 137:
            told = [(end.at - 6000, "warn", "heap usage is 91%, garbage collection took 1840 ms"),
                    (end.at - 2500, "warn", "heap usage is 97%, garbage collection took 4210 ms"),
                    (end.at - 400, "error", "resizing image 8e21c4 failed")]  # fmt: skip
            trace = ("\n".join(OUT_OF_MEMORY),) if self.format.joins else OUT_OF_MEMORY
            after = [(end.at - 380, line) for line in trace]
            after.append((end.at - 150, "Terminating due to java.lang.OutOfMemoryError"))
        elif end.exit_code not in (0, 143):
            told = [(end.at - 300, "error", "invalid configuration: DATABASE_URL is not set"),
                    (end.at - 200, "error", "startup failed, exiting")]  # fmt: skip
        else:
            told = [(end.at + 80, "info", "received SIGTERM, finishing requests in flight"),
                    (end.at + 1200, "info", "closed 14 connections"),
                    (end.at + 1500, "info", "stopped")]  # fmt: skip
        start = self.span.starts()
        lines = [(at, say(program, at, level, text)) for at, level, text in told]
        return [(at, text) for at, text in (*lines, *after) if at >= start]
