"""Searches where the data is, by Logs Insights: an estimate before, progress and cost, lines as results."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import logs, logs_insights
from ecs_tui.errors import AwsError
from ecs_tui.logs.filters import LogFilter, LogTerm
from ecs_tui.logs.line import LineMaker, LogLine, in_order
from ecs_tui.model.log_event import LogEvent, as_milliseconds
from ecs_tui.model.log_query import QueryRequest, QueryStatus
from ecs_tui.model.log_source import LogGroupRef, LogSource
from ecs_tui.model.rules.scan_cost import ScanEstimate, cost_words, estimate, size_words
from ecs_tui.record import dataclass

__all__ = [
    "InsightsSearch", "ScanEstimate", "SearchProgress", "cost_words", "estimate", "query_for",
    "size_words",
]  # fmt: skip

POLL_SECONDS = 1.0
MAX_GROUPS = 50
"""Log groups of one query (StartQuery)."""
MAX_RESULTS = 10_000
"""Results of one page of GetQueryResults."""
MAX_STREAMS = 60
"""Log streams that a query names; with more, all streams of the groups are searched."""


def query_for(wanted: LogFilter, streams: Sequence[str] = (), limit: int = 1000) -> str:
    """The query for a filter, in Logs Insights' language. The newest lines come first.

    Terms that the language cannot express (levels, tasks) are left to the filter, which the results
    pass too.
    """
    parts = ["fields @timestamp, @ingestionTime, @log, @logStream, @message"]
    if streams and len(streams) <= MAX_STREAMS:
        names = ", ".join(f'"{_quoted(name)}"' for name in streams)
        parts.append(f"filter @logStream in [{names}]")
    for term in wanted.terms:
        if clause := _clause(term):
            parts.append(f"filter {clause}")
    return " | ".join([*parts, "sort @timestamp desc", f"limit {limit}"])


def _clause(term: LogTerm) -> str:
    if term.problem:
        return ""
    negated = "not like" if term.inverted else "like"
    if term.kind == "text":
        return f"@message {negated} /(?i){_pattern_of(term.value)}/"
    if term.kind == "pattern" and term.pattern is not None:
        return f"@message {negated} /(?i){_slashed(term.pattern.pattern)}/"
    # A field may be nested, or written in another case: the filter decides, on fewer lines.
    if term.kind == "field" and not term.inverted and term.needle:
        return f"@message like /(?i){_pattern_of(term.needle)}/"
    return ""


def _pattern_of(text: str) -> str:
    special = set("\\.+*?()[]{}|^$/")
    return "".join(f"\\{char}" if char in special else char for char in text)


def _slashed(pattern: str) -> str:
    found, escaped = [], False
    for char in pattern:
        found.append("\\/" if char == "/" and not escaped else char)
        escaped = char == "\\" and not escaped
    return "".join(found)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


@dataclass(frozen=True, slots=True)
class SearchProgress:
    """How far a search is.

    Attributes:
        status: AWS's word: Scheduled, Running, Complete, Failed, Cancelled, Timeout.
        lines: The results so far, in order.
        words: What it has scanned, and from the end what that costs.
        scanned_bytes: Bytes scanned so far.
        ended: Whether it has ended.
    """

    status: str
    lines: tuple[LogLine, ...]
    words: str
    scanned_bytes: float
    ended: bool


class InsightsSearch:
    """One search over the log groups of some sources, in one region.

    Args:
        account: The account of the region.
        sources: The sources; those of other regions are left out.
        wanted: The filter.
        since, until: Milliseconds since 1970.
        limit: Maximum results.
    """

    def __init__(
        self,
        account: Account,
        sources: Sequence[LogSource],
        wanted: LogFilter,
        since: int,
        until: int,
        limit: int = 1000,
    ) -> None:
        here = [each for each in sources if _in_region(each.group, account.region)]
        groups = list(dict.fromkeys(each.group for each in here if each.group is not None))
        self._groups = groups[:MAX_GROUPS]
        streams = [each.stream for each in here if each.stream]
        whole = any(not each.stream for each in here)
        query = query_for(wanted, () if whole else list(dict.fromkeys(streams)), limit)
        self.request = QueryRequest(
            tuple(each.arn for each in self._groups), query, since // 1000, -(-until // 1000), limit
        )
        self._account, self._wanted = account, wanted
        self._window = (since, until)
        self._maker = LineMaker(here)
        self._query_id = ""

    async def estimate(self, now: int) -> ScanEstimate:
        """What it will probably scan.

        Args:
            now: Milliseconds since 1970.

        Raises:
            AwsError: The log groups cannot be described.
        """
        found = [await logs.log_group(self._account, each.name) for each in self._groups]
        return estimate([each for each in found if each is not None], *self._window, now)

    async def run(self) -> AsyncIterator[SearchProgress]:
        """Start it, and follow it until it has ended. Leaving the iteration stops it.

        Raises:
            AwsError: It could not be started, or not be followed.
        """
        self._query_id = await logs_insights.start_query(self._account, self.request)
        ended = False
        try:
            while not ended:
                status = await logs_insights.query_status(self._account, self._query_id)
                ended = status.ended
                if ended:
                    status = await self._all_results(status)
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

    async def _all_results(self, status: QueryStatus) -> QueryStatus:
        rows, token = list(status.rows), status.token
        while token and len(rows) < self.request.limit:
            more = await logs_insights.query_status(self._account, self._query_id, token)
            rows += more.rows
            token = more.token
        return QueryStatus(
            status.status, tuple(rows), status.matched, status.scanned, status.scanned_bytes
        )

    def _progress(self, status: QueryStatus) -> SearchProgress:
        lines = [
            line
            for row in status.rows
            for line in self._maker.lines(_group_of(row.get("@log", "")), (_event(row),), {})
            if self._wanted.matches(line)
        ]
        words = f"{status.status}: {size_words(status.scanned_bytes)} scanned"
        words += f", {status.scanned:,.0f} lines, {status.matched:,.0f} found"
        if status.ended:
            words += f"; cost {cost_words(status.scanned_bytes)}"
        return SearchProgress(
            status.status, tuple(in_order(lines)), words, status.scanned_bytes, status.ended
        )


def _in_region(group: LogGroupRef | None, region: str) -> bool:
    return group is not None and group.region in ("", region)


def _group_of(name: str) -> str:
    """The log group in `@log`, which is `account:group`."""
    return name.partition(":")[2] or name


def _event(row: dict[str, str] | object) -> LogEvent:
    values = row if isinstance(row, dict) else {}
    return LogEvent(
        _group_of(values.get("@log", "")),
        values.get("@logStream", ""),
        _time(values.get("@timestamp", "")),
        values.get("@message", ""),
        _time(values.get("@ingestionTime", "")),
    )


def _time(text: str) -> int:
    """A time of Logs Insights: `2026-11-29 08:36:07.123`, in UTC; or milliseconds since 1970."""
    if text.isdecimal() and len(text) < 16:
        return int(text)
    try:
        return as_milliseconds(datetime.fromisoformat(text).replace(tzinfo=UTC))
    except ValueError:
        return -1
