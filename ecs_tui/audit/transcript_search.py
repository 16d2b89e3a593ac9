"""Searches all transcripts of a cluster: in CloudWatch Logs by Insights, in S3 object by object.

Results are sessions with the lines that fit. A log event holds many lines, up to a whole session, so
that Insights finds the event and the lines are found here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime

from ecs_tui.audit.plain import plain_lines
from ecs_tui.aws.account import Account
from ecs_tui.aws.api import logs, logs_insights, s3
from ecs_tui.errors import AwsError
from ecs_tui.model.log_query import QueryRequest, QueryStatus
from ecs_tui.model.log_source import LogGroupRef
from ecs_tui.model.rules.scan_cost import cost_words, estimate, size_words
from ecs_tui.model.text import counted
from ecs_tui.model.transcript import StoredObject
from ecs_tui.record import dataclass

POLL_SECONDS = 1.0
MAX_EVENTS = 1_000
"""Log events that a query returns."""
MAX_OBJECTS = 2_000
"""Objects of a bucket that are read."""
MAX_OBJECT_BYTES = 64 << 20
"""Bytes of an object that are read; the rest is not searched, which is said."""
MAX_LINES = 20
"""Lines of a session that are kept."""
EXEC_SESSION = "ecs-execute-command-"
"""What the ID of a session of ECS Exec begins with."""


@dataclass(frozen=True, slots=True)
class SessionHit:
    """A session whose transcript has what was searched.

    Attributes:
        session: Its ID.
        written: When the transcript was written, in seconds since 1970; 0 if unknown.
        lines: The lines that fit, the first `MAX_LINES`.
        found: How many lines fit.
    """

    session: str
    written: float
    lines: tuple[str, ...]
    found: int


@dataclass(frozen=True, slots=True)
class TranscriptSearchProgress:
    """How far a search is.

    Attributes:
        words: What has been scanned, and what that costs.
        share: From 0 to 1; -1 if it is not known.
    """

    hits: tuple[SessionHit, ...]
    words: str
    ended: bool
    share: float = -1.0


def insights_query(text: str) -> str:
    """The query for transcripts that contain a text, in Logs Insights' language; newest first."""
    special = set("\\.+*?()[]{}|^$/")
    pattern = "".join(f"\\{char}" if char in special else char for char in text)
    return (
        f'fields @timestamp, @logStream, @message | filter @logStream like "{EXEC_SESSION}" '
        f"| filter @message like /(?i){pattern}/ | sort @timestamp desc | limit {MAX_EVENTS}"
    )


def fitting_lines(data: bytes, text: str) -> list[str]:
    """The lines of a transcript that contain a text, whatever its capitals."""
    wanted = text.casefold()
    return [each.text for each in plain_lines(data) if wanted in each.text.casefold()]


class GroupTranscriptSearch:
    """A search in a log group with transcripts.

    Args:
        account: The account, in the group's region.
        text: What is searched.
        since, until: Seconds since 1970.
    """

    def __init__(
        self, account: Account, group: LogGroupRef, text: str, since: float, until: float
    ) -> None:
        self._account, self._group, self._text = account, group, text
        self._since, self._until = int(since), int(until)
        self._query_id = ""

    async def estimate(self, now: float) -> str:
        """What it will probably scan and cost, in a sentence.

        Args:
            now: Seconds since 1970.

        Raises:
            AwsError: The log group cannot be described.
        """
        found = await logs.log_group(self._account, self._group.name)
        groups = [] if found is None else [found]
        return estimate(groups, self._since * 1000, self._until * 1000, int(now * 1000)).words

    async def run(self) -> AsyncIterator[TranscriptSearchProgress]:
        """Start it, and follow it until it has ended. Leaving the iteration stops it.

        Raises:
            AwsError: It could not be started, or not be followed.
        """
        request = QueryRequest(
            (self._group.arn,), insights_query(self._text), self._since, self._until, MAX_EVENTS
        )
        self._query_id = await logs_insights.start_query(self._account, request)
        ended = False
        try:
            while not ended:
                status = await logs_insights.query_status(self._account, self._query_id)
                ended = status.ended
                yield self._progress(status)
                if not ended:
                    await asyncio.sleep(POLL_SECONDS)
        finally:
            if not ended:
                await asyncio.shield(self.cancel())

    async def cancel(self) -> None:
        """Stop it; AWS bills what was scanned until then."""
        if self._query_id:
            with contextlib.suppress(AwsError):  # it has ended by itself
                await logs_insights.stop_query(self._account, self._query_id)

    def _progress(self, status: QueryStatus) -> TranscriptSearchProgress:
        lines: dict[str, list[str]] = {}
        times: dict[str, float] = {}
        for row in status.rows:
            session = row.get("@logStream", "")
            found = fitting_lines(row.get("@message", "").encode("utf-8", "replace"), self._text)
            if found:
                # Rows are newest first, and so are the events of a stream.
                lines[session] = found + lines.get(session, [])
                times.setdefault(session, _time(row.get("@timestamp", "")))
        hits = [_hit(session, times[session], found) for session, found in lines.items()]
        words = f"{status.status}: {size_words(status.scanned_bytes)} scanned"
        if status.ended:
            words += f"; cost {cost_words(status.scanned_bytes)}"
        return TranscriptSearchProgress(_newest(hits), words, status.ended)


class BucketTranscriptSearch:
    """A search in a bucket with transcripts: its objects are listed, and read one by one.

    Args:
        account: The account, in the bucket's region.
        text: What is searched.
        since, until: Seconds since 1970: of when objects were written.
    """

    def __init__(
        self, account: Account, bucket: str, prefix: str, text: str, since: float, until: float
    ) -> None:
        self._account, self._bucket, self._prefix = account, bucket, prefix
        self._text, self._since, self._until = text, since, until
        self._objects: list[StoredObject] | None = None

    async def _listed(self) -> list[StoredObject]:
        """The objects in the span of time, newest first."""
        if self._objects is None:
            prefix = f"{self._prefix.rstrip('/')}/".lstrip("/")
            found = [
                each
                async for page in s3.list_objects(self._account, self._bucket, prefix)
                for each in page
                if self._since <= each.modified <= self._until and each.key.endswith(".log")
            ]
            self._objects = sorted(found, key=lambda each: each.modified, reverse=True)
        return self._objects

    async def estimate(self, now: float) -> str:
        """What it will read, in a sentence.

        Raises:
            AwsError: The bucket cannot be listed.
        """
        found = await self._listed()
        size = sum(min(each.size, MAX_OBJECT_BYTES) for each in found[:MAX_OBJECTS])
        words = f"{counted(min(len(found), MAX_OBJECTS), 'object')} to read, {size_words(size)}."
        if len(found) > MAX_OBJECTS:
            words += f" Of {len(found):,} objects only the newest {MAX_OBJECTS:,} are read."
        return words

    async def run(self) -> AsyncIterator[TranscriptSearchProgress]:
        """Read the objects, the newest first; leaving the iteration stops it.

        Raises:
            AwsError: The bucket cannot be listed, or an object cannot be read.
        """
        chosen = (await self._listed())[:MAX_OBJECTS]
        hits: list[SessionHit] = []
        read = 0
        for number, each in enumerate(chosen):
            size, lines = await self._search(each)
            read += size
            if lines:
                session = each.key.rpartition("/")[2].removesuffix(".log")
                hits.append(_hit(session, each.modified, lines))
            words = f"{number + 1:,} of {counted(len(chosen), 'object')}, {size_words(read)} read"
            yield TranscriptSearchProgress(
                tuple(hits), words, number + 1 == len(chosen), (number + 1) / len(chosen)
            )
        if not chosen:
            yield TranscriptSearchProgress((), "No transcripts in this time.", True, 1.0)

    async def _search(self, each: StoredObject) -> tuple[int, list[str]]:
        """(bytes that were read, the lines that fit) of an object."""
        found: list[str] = []
        rest, size = b"", 0
        async with s3.read_object(self._account, self._bucket, each.key) as (_, pieces):
            async for piece in pieces:
                size += len(piece)
                whole, newline, rest = (rest + piece).rpartition(b"\n")
                if newline:
                    found += fitting_lines(whole, self._text)
                elif len(rest) > 1 << 20:  # one line without an end: not all of it is kept
                    rest = rest[-65_536:]
                if size >= MAX_OBJECT_BYTES:
                    break
        return size, found + fitting_lines(rest, self._text)


def _hit(session: str, written: float, lines: Iterable[str]) -> SessionHit:
    every = list(lines)
    return SessionHit(session, written, tuple(every[:MAX_LINES]), len(every))


def _newest(hits: Iterable[SessionHit]) -> tuple[SessionHit, ...]:
    return tuple(sorted(hits, key=lambda hit: hit.written, reverse=True))


def _time(text: str) -> float:
    """A time of Logs Insights, `2026-11-29 08:36:07.123` in UTC, in seconds since 1970."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


TranscriptSearch = GroupTranscriptSearch | BucketTranscriptSearch


def searches(
    account_of: Callable[[str], Account],
    places: Iterable[LogGroupRef | tuple[str, str, str]],
    text: str,
    since: float,
    until: float,
) -> list[TranscriptSearch]:
    """A search for each place of transcripts.

    Args:
        places: Log groups; and (region, bucket, prefix).
    """
    found: list[TranscriptSearch] = []
    for place in places:
        if isinstance(place, LogGroupRef):
            found.append(GroupTranscriptSearch(account_of(place.region), place, text, since, until))
        else:
            region, bucket, prefix = place
            found.append(
                BucketTranscriptSearch(account_of(region), bucket, prefix, text, since, until)
            )
    return found
