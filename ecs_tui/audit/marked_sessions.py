"""Looks for marks in the transcripts of sessions, within bounds, and keeps which sessions have some.

A transcript does not change once it is written: each is read once, and what is kept of it are the names
of its marks, never its text.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from dataclasses import field

from ecs_tui.audit.marks import MarkRules
from ecs_tui.audit.plain import plain_lines
from ecs_tui.audit.reading import TranscriptPiece, read
from ecs_tui.audit.transcripts import TranscriptFinder
from ecs_tui.aws.account import Account
from ecs_tui.errors import AwsError
from ecs_tui.model.audit_flag import AuditFlag
from ecs_tui.model.rules.audit_events import EXEC_SESSION
from ecs_tui.model.text import counted
from ecs_tui.model.transcript import NoTranscript, TranscriptRef
from ecs_tui.record import dataclass
from ecs_tui.resources.audit import AuditRow, transcript_of
from ecs_tui.store.audit_feed import AuditFeed

MAX_TRANSCRIPT_BYTES = 16 << 20
"""Bytes of a transcript that are read; the rest is not searched, which is said."""
_MAX_LINE_BYTES = 1 << 20
_OF_CLUSTER = frozenset({"no logging", "no destination", "gone"})
"""Reasons why there is no transcript that hold for all sessions of a cluster."""


@dataclass(frozen=True, slots=True)
class MarksProgress:
    """How far a search for marks is.

    Attributes:
        number, total: Which of how many transcripts is being looked for, from 1.
        read: How many were read.
        marked: How many of those have marks.
        missing: How many there are not, by the reason.
        cut: How many were not read to their end: they are longer than `MAX_TRANSCRIPT_BYTES`.
        errors: Why some could not be read, in sentences, each once.
        ended: Whether it has ended.
    """

    number: int
    total: int
    read: int = 0
    marked: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    cut: int = 0
    errors: tuple[str, ...] = ()
    ended: bool = False

    @property
    def words(self) -> str:
        """What was found, in a sentence or two."""
        if not self.ended:
            return f"transcript {self.number} of {self.total}, {self.marked} with marks"
        parts = [f"{counted(self.read, 'transcript')} read, {self.marked} with marks."]
        if self.cut:
            parts.append(f"Of {self.cut} only the first {MAX_TRANSCRIPT_BYTES >> 20} MiB.")
        if self.missing:
            reasons = ", ".join(f"{count} {reason}" for reason, count in self.missing.most_common())
            parts.append(f"No transcript: {reasons}.")
        return " ".join(parts)


def unread_sessions(rows: Iterable[AuditRow], feed: AuditFeed, rules: MarkRules) -> list[AuditRow]:
    """The rows that opened a session of ECS whose transcript has not been read yet."""
    known = feed.marks(rules.fingerprint)
    return [
        row
        for row in rows
        if row.event.name == "ExecuteCommand"
        and not row.event.failed
        and row.event.session.startswith(EXEC_SESSION)
        and row.event.session not in known
    ]


async def read_marks(
    rows: Sequence[AuditRow],
    feed: AuditFeed,
    rules: MarkRules,
    account_of: Callable[[str], Account],
) -> AsyncGenerator[MarksProgress, None]:
    """Read the transcripts of sessions, and note their marks in the feed.

    Leaving the iteration stops it; what was noted stays. An error of one transcript does not end it.

    Args:
        rows: Those of `unread_sessions`.
        feed: Where the marks are noted.
        rules: What is marked.
        account_of: The account in a region; "" for its own.
    """
    finder, without = TranscriptFinder(account_of), dict[str, str]()
    read_, marked, cut, errors = 0, 0, 0, dict[str, None]()
    missing: Counter[str] = Counter()
    for number, row in enumerate(rows, 1):
        yield MarksProgress(number, len(rows), read_, marked, missing, cut, tuple(errors))
        ref = _ref(row)
        if reason := without.get(ref.cluster):
            missing[reason] += 1
            continue
        try:
            place = await finder.find(ref)
            if isinstance(place, NoTranscript):
                missing[place.reason] += 1
                if place.reason in _OF_CLUSTER:
                    without[ref.cluster] = place.reason
                elif place.reason == "denied":
                    errors[place.words] = None
                continue
            names, whole = await marks_in(read(place, account_of), rules)
        except AwsError as error:
            errors[str(error)] = None
            continue
        read_, marked, cut = read_ + 1, marked + bool(names), cut + (not whole)
        feed.note_marks(ref.session, names, rules.fingerprint)
    yield MarksProgress(
        len(rows), len(rows), read_, marked, missing, cut, tuple(errors), ended=True
    )


def _ref(row: AuditRow) -> TranscriptRef:
    place = transcript_of(row)
    found = place.transcript if place is not None else None
    return found or TranscriptRef(row.event.session)


async def marks_in(
    pieces: AsyncIterator[TranscriptPiece], rules: MarkRules
) -> tuple[tuple[str, ...], bool]:
    """(the names of the marks in a transcript, each once; whether all of it was read).

    Raises:
        AwsError: It cannot be read.
    """
    names: dict[str, None] = {}
    rest, size = b"", 0

    async def look(data: bytes) -> None:
        for position, line in enumerate(plain_lines(data)):
            if (mark := rules.mark(line.text)) is not None:
                names[mark.name] = None
            if position % 200 == 199:
                await asyncio.sleep(0)

    async for piece in pieces:
        size += len(piece.data)
        whole, newline, rest = (rest + piece.data).rpartition(b"\n")
        if newline:
            await look(whole)
        elif len(rest) > _MAX_LINE_BYTES:
            await look(rest)
            rest = b""
        if size >= MAX_TRANSCRIPT_BYTES:
            return tuple(names), False
    await look(rest)
    return tuple(names), True


def transcript_flags(feed: AuditFeed, rules: MarkRules) -> dict[str, tuple[AuditFlag, ...]]:
    """The marks of the transcripts that have been read, by the sessions' IDs; those without any too."""
    flags = {
        each.name: AuditFlag(f"transcript:{each.name}", f"transcript: {each.name}", each.reason)
        for each in rules.patterns
    }
    return {
        session: tuple(flags[name] for name in names if name in flags)
        for session, names in feed.marks(rules.fingerprint).items()
    }
