"""Older or heavier history, searched where the data is: in a trail's log group, or in Athena's table."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import athena, cloudtrail, logs, logs_insights
from ecs_tui.aws.parse.cloudtrail import record_event, record_of
from ecs_tui.errors import AwsError, NotFound, SettingsError
from ecs_tui.model.arn import parse_arn
from ecs_tui.model.athena_query import AthenaQuery
from ecs_tui.model.audit_event import AuditEvent
from ecs_tui.model.log_event import as_milliseconds
from ecs_tui.model.log_query import QueryRequest
from ecs_tui.model.rules.audit_events import (
    LAYERS,
    AuditLayer,
    automatic_caller,
    concerns_sessions,
)
from ecs_tui.model.rules.scan_cost import cost_words, estimate, size_words
from ecs_tui.record import dataclass

MAX_RESULTS = 10_000
"""Events of one search, which is the most that Logs Insights returns."""
POLL_SECONDS = 1.0
ATHENA_DOLLARS_PER_GB = 0.005
"""The price of a scanned gigabyte: $5 a terabyte in most regions (Athena's price page)."""
_TABLE = re.compile(r"([\w.-]{1,128})/([A-Za-z0-9_]{1,128})\.([A-Za-z0-9_]{1,128})")
_USER = {
    "type": "type", "principalId": "principalid", "arn": "arn", "accountId": "accountid",
    "invokedBy": "invokedby", "accessKeyId": "accesskeyid", "userName": "username",
}  # fmt: skip
"""Members of `userIdentity`, and their names in Athena's table.

https://docs.aws.amazon.com/athena/latest/ug/cloudtrail-logs.html
"""
_PLAIN = {
    "eventID": "eventid", "eventTime": "eventtime", "eventName": "eventname",
    "eventSource": "eventsource", "awsRegion": "awsregion", "sourceIPAddress": "sourceipaddress",
    "userAgent": "useragent", "errorCode": "errorcode", "errorMessage": "errormessage",
    "recipientAccountId": "recipientaccountid",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HistoryRequest:
    """What is searched.

    Attributes:
        since, until: Both are included.
        layers: Whose events.
    """

    since: datetime
    until: datetime
    layers: Collection[AuditLayer]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the events."""
        return tuple(name for layer in self.layers for name in LAYERS[layer])


@dataclass(frozen=True, slots=True)
class HistoryProgress:
    """How far a search is.

    Attributes:
        words: A sentence: how far it is, what was scanned, and from the end what that costs.
        events: The events, the newest first; of a search that has not ended, those so far.
        ended: Whether it has ended.
    """

    words: str
    events: tuple[AuditEvent, ...] = ()
    ended: bool = False


class HistorySearch(Protocol):
    """A search that can be estimated, followed and left."""

    async def estimate(self, now: datetime) -> str:
        """What it will probably scan and cost, in a sentence.

        Raises:
            EcsTuiError: It cannot be searched.
        """

    def run(self) -> AsyncIterator[HistoryProgress]:
        """Start it and follow it until it has ended. Leaving the iteration stops it at AWS.

        Raises:
            AwsError: It could not be started or not be followed, or it has failed.
        """


class TrailSearch:
    """A search of the log group that a trail delivers to, by Logs Insights.

    Args:
        account: The account; the log group must be in its region.
        request: What is searched.
    """

    def __init__(self, account: Account, request: HistoryRequest) -> None:
        self._account, self._request = account, request
        self._group = ""

    async def estimate(self, now: datetime) -> str:
        """What it will probably scan; finds the log group first."""
        self._group = await self._find_group()
        name = parse_arn(self._group)
        found = await logs.log_group(
            self._account, name.resource.removeprefix("log-group:") if name else self._group
        )
        window = as_milliseconds(self._request.since), as_milliseconds(self._request.until)
        groups = [found] if found is not None else []
        return estimate(groups, *window, as_milliseconds(now)).words

    async def _find_group(self) -> str:
        trails = await cloudtrail.trails(self._account)
        for trail in trails:
            arn = parse_arn(trail.log_group)
            if arn is not None and arn.region == self._account.region:
                return trail.log_group
        elsewhere = sorted({a.region for t in trails if (a := parse_arn(t.log_group)) is not None})
        where = f" One delivers to a log group in {', '.join(elsewhere)}." if elsewhere else ""
        raise NotFound(
            f"No trail delivers to a log group in {self._account.region}.{where}",
            "DescribeTrails names them; Athena reads a trail's bucket.",
        )

    async def run(self) -> AsyncIterator[HistoryProgress]:
        """Start it and follow it."""
        if not self._group:
            self._group = await self._find_group()
        asked = QueryRequest(
            (self._group,),
            query_for(self._request.names),
            int(self._request.since.timestamp()),
            int(self._request.until.timestamp()) + 1,
            MAX_RESULTS,
        )
        query, ended = await logs_insights.start_query(self._account, asked), False
        try:
            while not ended:
                status = await logs_insights.query_status(self._account, query)
                ended = status.ended
                rows, token = list(status.rows), status.token
                while ended and token and len(rows) < MAX_RESULTS:
                    more = await logs_insights.query_status(self._account, query, token)
                    rows += more.rows
                    token = more.token
                words = f"{status.status}: {size_words(status.scanned_bytes)} scanned"
                if ended:
                    words += f", {cost_words(status.scanned_bytes)}"
                events = kept(record_event(record_of(row.get("@message", ""))) for row in rows)
                yield HistoryProgress(f"{words}. {_found(events, len(rows))}", events, ended)
                if ended and status.status != "Complete":
                    raise AwsError(f"The search of the trail ended: {status.status}.")
                if not ended:
                    await asyncio.sleep(POLL_SECONDS)
        finally:
            if not ended:
                with contextlib.suppress(AwsError):  # it has ended by itself
                    await asyncio.shield(logs_insights.stop_query(self._account, query))


def query_for(names: Collection[str]) -> str:
    """The query for events by their names, in Logs Insights' language; the newest first."""
    every = ", ".join(f'"{name}"' for name in names)
    return (
        f"fields @message | filter eventName in [{every}] "
        f"| sort @timestamp desc | limit {MAX_RESULTS}"
    )


class AthenaSearch:
    """A search of CloudTrail's table in Athena.

    Args:
        account: The account, in the region of the workgroup.
        table: `WORKGROUP/DATABASE.TABLE`, from `[audit] athena`.
        request: What is searched.

    Raises:
        SettingsError: The table is not written like that.
    """

    def __init__(self, account: Account, table: str, request: HistoryRequest) -> None:
        self._account, self._request = account, request
        named = _TABLE.fullmatch(table)
        if named is None:
            raise SettingsError(
                f"athena in [audit] is {table!r}.", "Expected: WORKGROUP/DATABASE.TABLE."
            )
        self.query = AthenaQuery(statement_for(named[3], request), named[1], named[2])

    async def estimate(self, now: datetime) -> str:
        """Athena does not tell beforehand what a query scans."""
        return (
            f"Athena does not tell beforehand what it scans. It costs about "
            f"${ATHENA_DOLLARS_PER_GB * 1000:.0f} a terabyte; workgroup {self.query.workgroup} may "
            "limit it."
        )

    async def run(self) -> AsyncIterator[HistoryProgress]:
        """Start it and follow it."""
        query, ended = await athena.start_query(self._account, self.query), False
        try:
            while not ended:
                status = await athena.query_status(self._account, query)
                ended = status.ended
                words = f"{status.state.capitalize()}: {size_words(status.scanned_bytes)} scanned"
                if ended and status.state != "SUCCEEDED":
                    raise AwsError(f"Athena's query {status.state.lower()}: {status.reason}")
                if not ended:
                    yield HistoryProgress(f"{words}.")
                    await asyncio.sleep(POLL_SECONDS)
            rows = [row async for page in athena.query_rows(self._account, query) for row in page]
            events = kept(record_event(record_of_row(row)) for row in rows)
            cost = cost_words(status.scanned_bytes, ATHENA_DOLLARS_PER_GB)
            words = f"{words}, {cost}. {_found(events, len(rows))}"
            yield HistoryProgress(words, events, ended=True)
        finally:
            if not ended:
                with contextlib.suppress(AwsError):
                    await asyncio.shield(athena.stop_query(self._account, query))


def statement_for(table: str, request: HistoryRequest) -> str:
    """The SELECT for events by their names and time; names contain letters only."""
    names = ", ".join(f"'{name}'" for name in request.names)
    user = [f"useridentity.{column} AS user_{column}" for column in _USER.values()]
    context = "useridentity.sessioncontext"
    columns = [
        *_PLAIN.values(),
        *user,
        f"{context}.sessionissuer.username AS issuer_username",
        f"{context}.sessionissuer.arn AS issuer_arn",
        f"{context}.attributes.mfaauthenticated AS mfa",
        "requestparameters",
        "responseelements",
    ]
    return (
        f'SELECT {", ".join(columns)} FROM "{table}" '
        f"WHERE eventname IN ({names}) "
        f"AND eventtime BETWEEN '{_written(request.since)}' AND '{_written(request.until)}' "
        f"ORDER BY eventtime DESC LIMIT {MAX_RESULTS}"
    )


def record_of_row(row: Mapping[str, str]) -> Mapping[str, object]:
    """A record as CloudTrail writes it, from a row of Athena's table."""
    user: dict[str, object] = {
        member: value for member, column in _USER.items() if (value := row.get(f"user_{column}"))
    }
    user["sessionContext"] = {
        "sessionIssuer": {
            "userName": row.get("issuer_username", ""),
            "arn": row.get("issuer_arn", ""),
        },
        "attributes": {"mfaAuthenticated": row.get("mfa", "")},
    }
    made: dict[str, object] = {
        member: value for member, column in _PLAIN.items() if (value := row.get(column))
    }
    return {
        **made,
        "userIdentity": user,
        "requestParameters": record_of(row.get("requestparameters", "")),
        "responseElements": record_of(row.get("responseelements", "")),
    }


def kept(events: Iterable[AuditEvent | None]) -> tuple[AuditEvent, ...]:
    """The events that concern sessions and that a person made."""
    return tuple(
        event
        for event in events
        if event is not None and concerns_sessions(event) and not automatic_caller(event)
    )


def _found(events: Collection[AuditEvent], rows: int) -> str:
    limit = f" The newest {MAX_RESULTS:,} are shown." if rows >= MAX_RESULTS else ""
    return f"{len(events):,} events.{limit}"


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
