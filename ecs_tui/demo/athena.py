"""Athena of the demo account: SQL over CloudTrail's events, run by SQLite.

The table `cloudtrail_logs` has the columns of the one that AWS's user guide of Athena creates for
CloudTrail ("Query AWS CloudTrail logs"), with `region` and `timestamp` as partitions. What queries
of that table need of Trino's functions is added to SQLite; other SQL fails, as a wrong query does.
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime
from typing import Any

from ecs_tui.demo.answers import AwsRefusal
from ecs_tui.demo.cloudtrail_record import TrailRecord
from ecs_tui.record import dataclass
from ecs_tui.system import wall_clock

TABLE, DATABASE, WORKGROUP = "cloudtrail_logs", "default", "primary"
PAGE_ROWS = 1_000
"""Most rows of a page of GetQueryResults."""
QUEUED_SECONDS = 0.3
COLUMNS = (
    "eventversion", "useridentity", "eventtime", "eventsource", "eventname", "awsregion",
    "sourceipaddress", "useragent", "errorcode", "errormessage", "requestparameters",
    "responseelements", "requestid", "eventid", "readonly", "eventtype", "recipientaccountid",
    "region", "timestamp",
)  # fmt: skip
_TABLE_NAME = re.compile(
    rf'\bfrom\s+(?:"?(?:awsdatacatalog)"?\.)?(?:"?{DATABASE}"?\.)?"?{TABLE}"?', re.IGNORECASE
)
_MEMBER = re.compile(r"\buseridentity((?:\.[a-z_]\w*)+)", re.IGNORECASE)
_EXTRACTED = re.compile(r"json_extract\(useridentity, '\$\.([\w.]+)'\)")
_NAMES = {
    name.lower(): name
    for name in (
        "type", "principalId", "arn", "accountId", "accessKeyId", "userName", "invokedBy",
        "sessionContext", "sessionIssuer", "attributes", "mfaAuthenticated", "creationDate",
        "onBehalfOf", "userId", "identityStoreArn",
    )
}  # fmt: skip
Params = Mapping[str, Any]


@dataclass
class QueryExecution:
    """One query; `state` is Athena's."""

    id: str
    sql: str
    workgroup: str
    output: str
    submitted: float
    state: str = "QUEUED"
    reason: str = ""
    ended: float = 0.0
    scanned: int = 0
    names: list[str] = field(default_factory=list)
    rows: list[Sequence[str | None]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def view(self) -> dict[str, Any]:
        """`QueryExecution` of GetQueryExecution."""
        status: dict[str, Any] = {"State": self.state, "SubmissionDateTime": self.submitted}
        if self.ended:
            status["CompletionDateTime"] = self.ended
        if self.reason:
            status["StateChangeReason"] = self.reason
            status["AthenaError"] = {
                "ErrorCategory": 2, "ErrorType": 1006, "Retryable": False,
                "ErrorMessage": self.reason,
            }  # fmt: skip
        took = int(((self.ended or wall_clock.now()) - self.submitted) * 1000)
        return {
            "QueryExecutionId": self.id,
            "Query": self.sql,
            "StatementType": "DML",
            "ResultConfiguration": {"OutputLocation": f"{self.output}{self.id}.csv"},
            "QueryExecutionContext": {"Database": DATABASE},
            "Status": status,
            "Statistics": {
                "EngineExecutionTimeInMillis": took,
                "DataScannedInBytes": self.scanned,
                "TotalExecutionTimeInMillis": took,
                "QueryQueueTimeInMillis": min(took, int(QUEUED_SECONDS * 1000)),
            },
            "WorkGroup": self.workgroup,
        }


class QueryExecutions:
    """The account's queries.

    Args:
        records: Returns CloudTrail's records, newest first.
    """

    def __init__(self, account: str, records: Callable[[], Iterator[TrailRecord]]) -> None:
        self._account, self._records = account, records
        self._queries: dict[str, QueryExecution] = {}

    def answer(self, action: str, params: Params) -> dict[str, Any]:
        """The answer of one of the four calls.

        Raises:
            AwsRefusal: The call is not possible.
        """
        if action == "StartQueryExecution":
            return {"QueryExecutionId": self._begin(params)}
        query = self._queries.get(params.get("QueryExecutionId", ""))
        if query is None:
            raise AwsRefusal(
                "InvalidRequestException",
                f"QueryExecution {params.get('QueryExecutionId')} was not found",
            )
        if action == "GetQueryExecution":
            return {"QueryExecution": query.view()}
        if action == "StopQueryExecution":
            if query.state in ("QUEUED", "RUNNING"):
                query.state, query.ended = "CANCELLED", wall_clock.now()
                query.stopped.set()
            return {}
        return self._results(query, params)

    def _begin(self, params: Params) -> str:
        workgroup = params.get("WorkGroup") or WORKGROUP
        if workgroup != WORKGROUP:
            raise AwsRefusal("InvalidRequestException", f"WorkGroup {workgroup} is not found.")
        output = (params.get("ResultConfiguration") or {}).get("OutputLocation")
        query = QueryExecution(
            str(uuid.uuid4()), params.get("QueryString", ""), workgroup,
            output or "s3://example-corp-athena/results/", wall_clock.now(),
        )  # fmt: skip
        self._queries[query.id] = query
        threading.Thread(target=self._run, args=(query,), name="athena", daemon=True).start()
        return query.id

    def _results(self, query: QueryExecution, params: Params) -> dict[str, Any]:
        if query.state != "SUCCEEDED":
            raise AwsRefusal(
                "InvalidRequestException",
                f"Query has not yet finished. Current state: {query.state}",
            )
        most = int(params.get("MaxResults") or PAGE_ROWS)
        if not 1 <= most <= PAGE_ROWS:
            raise AwsRefusal("InvalidRequestException", "MaxResults is more than maximum allowed")
        token = params.get("NextToken") or "0"
        if not token.isdecimal():
            raise AwsRefusal("InvalidRequestException", "Malformed pagination token")
        # The first row of the first page has the columns' names.
        rows: list[Sequence[str | None]] = [query.names, *query.rows]
        begin = int(token)
        page = rows[begin : begin + most]
        answer: dict[str, Any] = {
            "UpdateCount": 0,
            "ResultSet": {
                "Rows": [
                    {"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]}
                    for row in page
                ],
                "ResultSetMetadata": {
                    "ColumnInfo": [
                        {
                            "CatalogName": "hive", "SchemaName": "", "TableName": "",
                            "Name": name, "Label": name, "Type": "varchar",
                            "Precision": 2147483647, "Scale": 0, "Nullable": "UNKNOWN",
                            "CaseSensitive": True,
                        }
                        for name in query.names
                    ]
                },
            },
        }  # fmt: skip
        if begin + most < len(rows):
            answer["NextToken"] = str(begin + most)
        return answer

    def _run(self, query: QueryExecution) -> None:
        if query.stopped.wait(QUEUED_SECONDS):
            return
        query.state = "RUNNING"
        try:
            names, rows = self._select(query)
        except sqlite3.Error as error:
            state, query.reason = "FAILED", f"SYNTAX_ERROR: {error}"
        else:
            query.names, query.rows, state = names, rows, "SUCCEEDED"
        if not query.stopped.wait(QUEUED_SECONDS):
            query.ended, query.state = wall_clock.now(), state

    def _select(self, query: QueryExecution) -> tuple[list[str], list[Sequence[str | None]]]:
        database = sqlite3.connect(":memory:")
        try:
            for name, arguments, function in _FUNCTIONS:
                database.create_function(name, arguments, function, deterministic=True)
            listed = ", ".join(f'"{name}" TEXT' for name in COLUMNS)
            database.execute(f"CREATE TABLE {TABLE} ({listed})")
            marks = ", ".join("?" * len(COLUMNS))
            for record in self._records():
                row = _row(record.document(self._account))
                query.scanned += sum(len(cell) for cell in row if cell is not None)
                database.execute(f"INSERT INTO {TABLE} VALUES ({marks})", row)
                if query.stopped.is_set():
                    return [], []
            database.set_authorizer(_only_reading)
            cursor = database.execute(translated(query.sql))
            names = [_named(column[0]) for column in cursor.description or ()]
            return names, [[_text(cell) for cell in row] for row in cursor]
        finally:
            database.close()


def translated(sql: str) -> str:
    """A query of the table, as SQLite understands it."""

    def member(found: re.Match[str]) -> str:
        parts = [_NAMES.get(part, part) for part in found[1].lower().strip(".").split(".")]
        return f"json_extract(useridentity, '$.{'.'.join(parts)}')"

    return _MEMBER.sub(member, _TABLE_NAME.sub(f"FROM {TABLE}", sql.strip().rstrip(";")))


def _named(column: str) -> str:
    """Athena's name of a result: a member of a structure has its own name."""
    found = _EXTRACTED.fullmatch(column)
    return found[1].rpartition(".")[2].lower() if found else column


def _only_reading(action: int, *_: object) -> int:
    reading = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION)
    return sqlite3.SQLITE_OK if action in reading else sqlite3.SQLITE_DENY


def _row(document: Mapping[str, Any]) -> list[str | None]:
    lower = {name.lower(): value for name, value in document.items()}
    lower["region"] = document["awsRegion"]
    lower["timestamp"] = document["eventTime"][:10].replace("-", "/")
    return [_cell(lower.get(name)) for name in COLUMNS]


def _cell(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"))


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else str(value)


def _json_extract_scalar(text: str | None, path: str) -> str | None:
    """Trino's function: a member of a JSON object as text; null for objects and lists."""
    if text is None:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    for part in path.removeprefix("$").strip(".").split("."):
        found = found.get(part) if isinstance(found, dict) else None
    if found is None or isinstance(found, dict | list):
        return None
    return found if isinstance(found, str) else json.dumps(found)


def _iso_timestamp(text: str | None) -> str | None:
    """Trino's from_iso8601_timestamp, as text that sorts by time."""
    if text is None:
        return None
    at = datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


_FUNCTIONS: tuple[tuple[str, int, Callable[..., str | None]], ...] = (
    ("json_extract_scalar", 2, _json_extract_scalar),
    ("from_iso8601_timestamp", 1, _iso_timestamp),
)
