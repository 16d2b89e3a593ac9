"""CloudWatch Logs Insights: start a query, read how far it is, stop it."""

from __future__ import annotations

from ecs_tui.aws.account import Account
from ecs_tui.aws.parse.fields import Raw, part, parts, text
from ecs_tui.errors import BadAnswer
from ecs_tui.model.log_query import QueryRequest, QueryStatus


async def start_query(account: Account, request: QueryRequest) -> str:
    """Start a query, which AWS bills by the bytes that it scans; returns its ID.

    Raises:
        AwsError: The call failed; code LimitExceededException if too many queries are running,
            MalformedQueryException if the query is not valid.
    """
    client = await account.client("logs")
    answer = await account.call(
        client.start_query,
        logGroupIdentifiers=list(request.groups),
        startTime=request.since,
        endTime=request.until,
        queryString=request.query,
        limit=request.limit,
    )
    found = text(answer, "queryId")
    if not found:
        raise BadAnswer("The answer to logs:StartQuery is not usable: no queryId.")
    return found


async def query_status(account: Account, query_id: str, token: str = "") -> QueryStatus:
    """How far a query is, with a page of its results; partial ones while it is running.

    Args:
        token: The token of a page after the first.

    Raises:
        AwsError: The call failed.
    """
    client = await account.client("logs")
    more = {"nextToken": token} if token else {}
    answer = await account.call(client.get_query_results, queryId=query_id, **more)
    statistics = part(answer, "statistics")
    results = answer.get("results")
    rows = [
        {text(cell, "field"): text(cell, "value") for cell in parts({"row": row}, "row")}
        for row in (results if isinstance(results, list) else [])
    ]
    return QueryStatus(
        text(answer, "status", "Unknown"),
        tuple(rows),
        _real(statistics, "recordsMatched"),
        _real(statistics, "recordsScanned"),
        _real(statistics, "bytesScanned"),
        text(answer, "nextToken"),
    )


async def stop_query(account: Account, query_id: str) -> None:
    """Stop a query.

    Raises:
        AwsError: The call failed; code InvalidParameterException if it has ended already.
    """
    client = await account.client("logs")
    await account.call(client.stop_query, queryId=query_id)


def _real(raw: Raw, name: str) -> float:
    value = raw.get(name)
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**63
    return float(value) if good else 0.0  # type: ignore[arg-type]
