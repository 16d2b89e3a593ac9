"""Athena: start a query, read how far it is and its rows, stop it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.paging import pages_by
from ecs_tui.aws.parse.fields import Raw, number, part, parts, text
from ecs_tui.model.athena_query import AthenaQuery, AthenaStatus

PAGE_ROWS = 500
"""Rows of a page; GetQueryResults returns 1,000 at most."""


async def start_query(account: Account, query: AthenaQuery) -> str:
    """Start a query, which AWS bills by the bytes that it scans; returns its ID.

    The workgroup says where the results are stored.

    Raises:
        AwsError: The call failed.
    """
    client = await account.client("athena")
    context = {"Database": query.database} if query.database else {}
    answer = await account.call(
        client.start_query_execution,
        QueryString=query.statement,
        WorkGroup=query.workgroup,
        **({"QueryExecutionContext": context} if context else {}),
    )
    return text(answer, "QueryExecutionId")


async def query_status(account: Account, query_id: str) -> AthenaStatus:
    """How far a query is, and what it has scanned.

    Raises:
        AwsError: The call failed.
    """
    client = await account.client("athena")
    answer = await account.call(client.get_query_execution, QueryExecutionId=query_id)
    execution = part(answer, "QueryExecution")
    status, statistics = part(execution, "Status"), part(execution, "Statistics")
    return AthenaStatus(
        text(status, "State", "UNKNOWN"),
        text(status, "StateChangeReason"),
        number(statistics, "DataScannedInBytes"),
    )


async def query_rows(account: Account, query_id: str) -> AsyncIterator[list[Mapping[str, str]]]:
    """The rows of a finished SELECT, page by page: the values of each by the names of columns.

    Raises:
        AwsError: A call failed; earlier pages have been yielded.
    """
    client = await account.client("athena")
    first = True
    async for answer in pages_by(
        account, client.get_query_results, QueryExecutionId=query_id, MaxResults=PAGE_ROWS
    ):
        result = part(answer, "ResultSet")
        columns = [
            text(each, "Name") for each in parts(part(result, "ResultSetMetadata"), "ColumnInfo")
        ]
        rows = [_values(row) for row in parts(result, "Rows")]
        if first and rows and rows[0] == columns:
            del rows[0]  # the first row of the first page has the columns' names
        yield [dict(zip(columns, row, strict=False)) for row in rows]
        first = False


async def stop_query(account: Account, query_id: str) -> None:
    """Stop a query.

    Raises:
        AwsError: The call failed.
    """
    client = await account.client("athena")
    await account.call(client.stop_query_execution, QueryExecutionId=query_id)


def _values(row: Raw) -> list[str]:
    return [text(each, "VarCharValue") for each in parts(row, "Data")]
