"""Logs Insights of the demo account: queries that run, with their results and statistics.

Source: StartQuery, GetQueryResults, StopQuery and GetLogRecord in the API reference of CloudWatch
Logs. Queries take their times in seconds since 1970.
"""

from __future__ import annotations

import base64
import heapq
import json
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from moto.core.exceptions import ServiceException
from moto.logs.exceptions import (
    InvalidParameterException,
    LimitExceededException,
    ResourceNotFoundException,
)
from moto.logs.models import LogGroup

from ecs_tui.demo.logs_aggregates import Aggregation
from ecs_tui.demo.logs_insights import (
    DEFAULT_FIELDS,
    MalformedQuery,
    Query,
    compile_query,
    sorted_rows,
)
from ecs_tui.demo.logs_lines import ID_SHIFT, LogRecord
from ecs_tui.demo.logs_store import LogStore
from ecs_tui.demo.logs_text import iso
from ecs_tui.system import wall_clock

MAX_GROUPS = 50
MAX_QUERIES = 100
"""Queries at once, as AWS's quota is."""
MAX_ROWS, DEFAULT_ROWS, PAGE_ROWS = 100_000, 10_000, 10_000
LEAST_SECONDS = 1.5
"""Seconds that a query takes at least."""
PAUSE_EVENTS = 500
"""Events after which a query lets other requests go first."""
Params = Mapping[str, Any]
Answer = dict[str, Any]


class MalformedQueryError(ServiceException):
    """The query cannot be compiled."""

    code = "MalformedQueryException"

    def __init__(self, error: MalformedQuery, length: int) -> None:
        super().__init__(str(error))
        location = {"startCharOffset": error.at, "endCharOffset": max(error.at, length)}
        self.queryCompileError = {"location": location, "message": str(error)}


class InsightsQuery:
    """One query: a thread that reads all events of the groups in its span of time."""

    def __init__(
        self, store: LogStore, groups: list[LogGroup], params: Params, query: Query
    ) -> None:
        self.id, self.created_at = str(uuid.uuid4()), wall_clock.milliseconds()
        self.text: str = params["queryString"]
        self.groups, self.query, self._store = groups, query, store
        self._first = int(params["startTime"]) * 1000
        self._last = int(params["endTime"]) * 1000 + 999
        self._most = int(query.limit or params.get("limit") or DEFAULT_ROWS)
        self.status = "Scheduled"
        self._rows: list[dict[str, str]] = []
        self._counts = {"recordsMatched": 0.0, "recordsScanned": 0.0, "bytesScanned": 0.0}
        self._stopped = threading.Event()
        threading.Thread(target=self._run, name="insights", daemon=True).start()

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.status in ("Scheduled", "Running")

    def view(self) -> Answer:
        """One of `queries[]` of DescribeQueries."""
        return {
            "queryLanguage": "CWLI",
            "queryId": self.id,
            "queryString": self.text,
            "status": self.status,
            "createTime": self.created_at,
            "logGroupName": self.groups[0].name,
        }

    def stop(self) -> None:
        """End it; its results so far stay."""
        self._stopped.set()
        self.status = "Cancelled"

    def results(self, start: int, most: int) -> Answer:
        """The answer of GetQueryResults; rows of a running query may still change."""
        rows = self._rows
        page = rows[start : start + most]
        names = self._names()
        answer: Answer = {
            "queryLanguage": "CWLI",
            "results": [_cells(row, names) for row in page],
            "statistics": {
                **self._counts,
                "logGroupsScanned": float(len(self.groups)),
                "estimatedRecordsSkipped": 0.0,
                "estimatedBytesSkipped": 0.0,
                "resultCount": float(len(rows)),
            },
            "status": self.status,
        }
        if self.status == "Complete" and start + most < len(rows):
            answer["nextToken"] = str(start + most)
        return answer

    def _names(self) -> list[tuple[str, str]]:
        stats = self.query.stats
        if stats is not None:
            names = [*stats.by, *([stats.bin_name] if stats.bin_name else [])]
            names += [aggregate.name for aggregate in stats.aggregates]
            return [(name, name) for name in names]
        fields = self.query.fields or [(name, name) for name in DEFAULT_FIELDS]
        return [*fields, ("@ptr", "@ptr")]

    def _run(self) -> None:
        began = time.monotonic()
        if self._stopped.wait(LEAST_SECONDS / 5):
            return
        self.status = "Running"
        stats = self.query.stats
        ascending = stats is None and self.query.sort[:1] == [("@timestamp", False)]
        rest = self.query.sort[1:] if ascending else self.query.sort
        by_time = stats is None and (not rest or rest == [("@timestamp", True)])
        aggregation = Aggregation(stats) if stats is not None else None
        seen: set[tuple[str, ...]] = set()
        for row in self._selected(backwards=not ascending):
            if self.query.dedup:
                key = tuple(row.get(name, "") for name in self.query.dedup)
                if key in seen:
                    continue
                seen.add(key)
            if aggregation is not None:
                aggregation.add(row)
            elif len(self._rows) < (self._most if by_time else MAX_ROWS):
                self._rows.append(row)
        if self._stopped.wait(max(0.0, began + LEAST_SECONDS - time.monotonic())):
            return
        if aggregation is not None:
            self._rows = aggregation.rows()
        if not by_time:
            self._rows = sorted_rows(self._rows, self.query.sort)
        self._rows = self._rows[: self._most]
        self.status = "Complete"

    def _selected(self, *, backwards: bool) -> Iterator[dict[str, str]]:
        counts = self._counts
        for number, (group, record) in enumerate(self._records(backwards)):
            if number % PAUSE_EVENTS == 0:
                if self._stopped.is_set():
                    return
                time.sleep(0.0005)
            counts["recordsScanned"] += 1
            counts["bytesScanned"] += len(record.message)
            row = row_of(self._store, group, record)
            if self.query.selects(row):
                counts["recordsMatched"] += 1
                yield row

    def _records(self, backwards: bool) -> Iterator[tuple[str, LogRecord]]:
        now = wall_clock.milliseconds()

        def of(group: LogGroup) -> Iterator[tuple[LogRecord, str]]:
            streams = self._store.streams(group, now).values()
            for record in self._store.read(
                group, streams, self._first, self._last, now, backwards=backwards
            ):
                yield record, group.name

        merged = heapq.merge(*(of(group) for group in self.groups), reverse=backwards)
        return ((group, record) for record, group in merged)


def _cells(row: Mapping[str, str], names: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"field": shown, "value": row[name]} for name, shown in names if name in row]


def row_of(store: LogStore, group: str, record: LogRecord) -> dict[str, str]:
    """The fields of an event: its own, and those of a JSON object, nested ones with dots."""
    row: dict[str, str] = {}
    if record.message.startswith("{"):
        try:
            _flatten(json.loads(record.message), "", row)
        except (ValueError, RecursionError):
            row = {}
    row |= {
        "@timestamp": iso(record.at).replace("T", " ").rstrip("Z"),
        "@ingestionTime": iso(record.ingested).replace("T", " ").rstrip("Z"),
        "@message": record.message,
        "@logStream": record.stream,
        "@log": f"{store.account}:{group}",
        "@ptr": pointer(group, record),
    }
    return row


def _flatten(value: Any, path: str, into: dict[str, str]) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            _flatten(item, f"{path}.{key}" if path else str(key), into)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _flatten(item, f"{path}.{index}", into)
    elif value is not None and path:
        into[path] = value if isinstance(value, str) else json.dumps(value)


# -- pointers to single events


def pointer(group: str, record: LogRecord) -> str:
    """`@ptr`: where an event is."""
    text = json.dumps([group, record.stream, f"{record.id:x}"])
    return base64.b64encode(text.encode()).decode()


def record_at(store: LogStore, text: str) -> dict[str, str]:
    """`logRecord` of GetLogRecord: the fields of the event with this pointer.

    Raises:
        InvalidParameterException: It is no pointer.
        ResourceNotFoundException: The event is not there any more.
    """
    try:
        group_name, stream_name, identity = json.loads(base64.b64decode(text, validate=True))
        wanted = int(identity, 16)
        group = store.group(group_name)
    except (ValueError, TypeError):
        raise InvalidParameterException("The log record pointer is not valid.") from None
    now, at = wall_clock.milliseconds(), wanted >> ID_SHIFT
    stream = store.streams(group, now).get(stream_name)
    for record in store.read(group, (stream,) if stream else (), at, at, now):
        if record.id == wanted:
            return row_of(store, group_name, record)
    raise ResourceNotFoundException("The specified log record does not exist.")


# -- the account's queries


class QueryRunner:
    """The queries of one region."""

    def __init__(self, store: LogStore) -> None:
        self._store = store
        self.queries: dict[str, InsightsQuery] = {}

    def groups(self, params: Params) -> list[LogGroup]:
        """The groups of a StartQuery request.

        Raises:
            InvalidParameterException: None are named, too many, or in several ways.
            ResourceNotFoundException: One does not exist.
        """
        name, names = params.get("logGroupName"), params.get("logGroupNames")
        identifiers = params.get("logGroupIdentifiers")
        if sum(bool(given) for given in (name, names, identifiers)) != 1:
            raise InvalidParameterException(
                "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be given."
            )
        wanted = [name] if name else names or identifiers or []
        if len(wanted) > MAX_GROUPS:
            raise InvalidParameterException(f"At most {MAX_GROUPS} log groups can be queried.")
        return [self._store.group(identifier=each) for each in dict.fromkeys(wanted)]

    def start(self, params: Params, groups: list[LogGroup]) -> str:
        """Start a query; returns its ID."""
        if params.get("queryLanguage", "CWLI") != "CWLI":
            raise InvalidParameterException("The demo account runs queries in CWLI only.")
        if int(params["startTime"]) > int(params["endTime"]):
            raise InvalidParameterException("End time should not be before start time.")
        if not 1 <= int(params.get("limit") or 1) <= MAX_ROWS:
            raise InvalidParameterException(f"The limit must be between 1 and {MAX_ROWS}.")
        try:
            query = compile_query(params["queryString"])
        except MalformedQuery as error:
            raise MalformedQueryError(error, len(params["queryString"])) from None
        if sum(each.runs for each in self.queries.values()) >= MAX_QUERIES:
            raise LimitExceededException
        started = InsightsQuery(self._store, groups, params, query)
        self.queries[started.id] = started
        for old in list(self.queries)[: -2 * MAX_QUERIES]:
            del self.queries[old]
        return started.id

    def find(self, query_id: str) -> InsightsQuery:
        """A query by its ID.

        Raises:
            ResourceNotFoundException: There is none.
        """
        found = self.queries.get(query_id)
        if found is None:
            raise ResourceNotFoundException("The specified query does not exist.")
        return found

    def stop(self, query_id: str) -> None:
        """End a query.

        Raises:
            InvalidParameterException: It has ended already.
        """
        query = self.find(query_id)
        if not query.runs:
            raise InvalidParameterException(
                f"Query is not in running state. Current status is {query.status}"
            )
        query.stop()
