"""The calls that read log events, as the feeds make them, and the accounts for other regions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import logs
from ecs_tui.aws.pace import Pace
from ecs_tui.model.log_event import LogPage, TailUpdate
from ecs_tui.model.log_source import LogGroupRef


class LogsApi(Protocol):
    """What a feed calls. Arguments and errors as in `aws/api/logs.py`."""

    async def page(
        self,
        group: LogGroupRef,
        streams: Sequence[str] = (),
        prefix: str = "",
        *,
        since: int | None = None,
        until: int | None = None,
        token: str = "",
        limit: int | None = None,
        newest_first: bool = False,
        pattern: str = "",
    ) -> LogPage:
        """A page of FilterLogEvents."""

    def tail(
        self, group: LogGroupRef, streams: Sequence[str] = (), prefixes: Sequence[str] = ()
    ) -> AbstractAsyncContextManager[AsyncIterator[TailUpdate]]:
        """A live tail of one log group."""


class AwsLogs:
    """The calls of an account in the region of the log groups."""

    def __init__(self, account: Account) -> None:
        self.account = account

    async def page(
        self,
        group: LogGroupRef,
        streams: Sequence[str] = (),
        prefix: str = "",
        *,
        since: int | None = None,
        until: int | None = None,
        token: str = "",
        limit: int | None = None,
        newest_first: bool = False,
        pattern: str = "",
    ) -> LogPage:
        """A page of FilterLogEvents."""
        return await logs.filter_log_events(
            self.account, group, streams, prefix, since=since, until=until, token=token,
            limit=limit, newest_first=newest_first, pattern=pattern,
        )  # fmt: skip

    def tail(
        self, group: LogGroupRef, streams: Sequence[str] = (), prefixes: Sequence[str] = ()
    ) -> AbstractAsyncContextManager[AsyncIterator[TailUpdate]]:
        """A live tail of one log group."""
        return logs.live_tail(self.account, [group.arn], streams, prefixes)


class LogAccounts:
    """An account and its siblings in other regions, opened at their first use.

    Args:
        account: The account; its owner closes it.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._others: dict[str, Account] = {}

    def of(self, region: str) -> AwsLogs:
        """The calls in a region; "" for that of the account."""
        if region in ("", self._account.region):
            return AwsLogs(self._account)
        if region not in self._others:
            # AWS counts calls by region, so that this one has a budget of its own.
            self._others[region] = self._account.sibling(self._account.profile, region, Pace())
        return AwsLogs(self._others[region])

    async def close(self) -> None:
        """Close the siblings."""
        others, self._others = list(self._others.values()), {}
        for each in others:
            await each.close()
