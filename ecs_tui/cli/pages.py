"""Asks AWS for the rows of `ecs-tui ls`: pages of List calls, each described at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.cli.columns import TAGS
from ecs_tui.cli.flat_rows import (
    cluster_row,
    container_row,
    instance_row,
    service_row,
    task_row,
)
from ecs_tui.cli.output import Row
from ecs_tui.errors import NotFound
from ecs_tui.model.arn import short_name
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What is listed, besides the resource and the cluster.

    Attributes:
        account: The account that is asked.
        service: Name or ARN of a service; "" for all.
        tags: Whether the rows have their tags.
        untagged: Filled while pages are read: why tags could not be read.
    """

    account: Account
    service: str = ""
    tags: bool = False
    untagged: set[str] = field(default_factory=set)

    def tagged(self, row: Row, item: Any) -> Row:
        """The row, with the tags of `item` if they are asked for; None if AWS refused them."""
        if self.tags:
            reason = item.not_read.get("TAGS", "")
            row[TAGS] = [{"key": key, "value": value} for key, value in item.tags.items()]
            if reason:
                self.untagged.add(reason)
                row[TAGS] = None
        return row


Pages = Callable[[ListQuery, str], AsyncIterator[list[Row]]]
"""Yields pages of rows of one cluster (name or ARN)."""


async def clusters(query: ListQuery, cluster: str) -> AsyncIterator[list[Row]]:
    """The cluster; all clusters for "".

    Raises:
        NotFound: There is no such cluster.
    """
    account = query.account
    if cluster:
        found = await ecs.describe_clusters(account, [cluster], tags=query.tags)
        if not found:
            raise NotFound(
                f'Cluster "{clean(short_name(cluster))}" not found in {account.region}.',
                "List them with: ecs-tui ls clusters",
            )
        yield [query.tagged(cluster_row(item), item) for item in found]
        return
    async for page in ecs.list_clusters(account):
        described = await ecs.describe_clusters(account, page, tags=query.tags) if page else []
        yield [query.tagged(cluster_row(item), item) for item in described]


async def services(query: ListQuery, cluster: str) -> AsyncIterator[list[Row]]:
    """The services of a cluster."""
    account = query.account
    if query.service:
        found = await ecs.describe_services(account, cluster, [query.service], tags=query.tags)
        # DescribeServices returns deleted services for a while, ListServices does not.
        if alive := [item for item in found if item.status != "INACTIVE"]:
            yield [query.tagged(service_row(_within(item, cluster)), item) for item in alive]
        return
    async for page in ecs.list_services(account, cluster):
        size = ecs.SERVICES_PER_CALL
        described = [
            ecs.describe_services(account, cluster, page[start : start + size], tags=query.tags)
            for start in range(0, len(page), size)
        ]
        async for some in _each(described):
            yield [query.tagged(service_row(_within(item, cluster)), item) for item in some]


async def tasks(query: ListQuery, cluster: str) -> AsyncIterator[list[Row]]:
    """The running tasks of a cluster or service."""
    async for some in _described_tasks(query, cluster):
        yield [query.tagged(task_row(task), task) for task in some]


async def containers(query: ListQuery, cluster: str) -> AsyncIterator[list[Row]]:
    """The containers of running tasks, with the tags of their tasks."""
    async for some in _described_tasks(query, cluster):
        yield [
            query.tagged(container_row(task, item), task)
            for task in some
            for item in task.containers
        ]


async def _described_tasks(query: ListQuery, cluster: str) -> AsyncIterator[list[Task]]:
    async for page in ecs.list_tasks(query.account, cluster, query.service):
        found = (
            await ecs.describe_tasks(query.account, cluster, page, tags=query.tags) if page else []
        )
        yield [_within(task, cluster) for task in found]


async def instances(query: ListQuery, cluster: str) -> AsyncIterator[list[Row]]:
    """The container instances of a cluster."""
    async for page in ecs.list_instances(query.account, cluster):
        found = (
            await ecs.describe_instances(query.account, cluster, page, tags=query.tags)
            if page
            else []
        )
        yield [query.tagged(instance_row(_within(item, cluster)), item) for item in found]


async def _each(asked: Sequence[Awaitable[list[Any]]]) -> AsyncIterator[list[Any]]:
    """The results of parallel calls, in order, as one list.

    If a call fails, the results of the others are yielded before its error is raised.
    """
    found: list[Any] = []
    failure: BaseException | None = None
    for answer in await asyncio.gather(*asked, return_exceptions=True):
        if isinstance(answer, BaseException):
            failure = failure or answer
        else:
            found += answer
    yield found
    if failure is not None:
        raise failure


def _within(item: Any, cluster: str) -> Any:
    """`item` with its cluster's ARN: its own ARN in the old format does not contain the cluster."""
    if item.cluster_arn:
        return item
    return replace(item, cluster_arn=f"{item.arn.rsplit(':', 1)[0]}:cluster/{short_name(cluster)}")
