"""Contexts of commands, without a screen: nothing is called, nothing is drawn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from ecs_tui.aws.account import Account
from ecs_tui.config.policy import CallPolicy
from ecs_tui.config.settings import Settings
from ecs_tui.resources import Place, resource_at
from ecs_tui.store.connections import Connections
from ecs_tui.ui.context import Context, cluster_of


class Contexts:
    """Makes contexts for one connection."""

    def __init__(self, connections: Connections) -> None:
        self.connections = connections

    def make(
        self, view: str = "clusters", row: Any = None, *, place: Place | None = None, **more: Any
    ) -> Context:
        """The context of a list.

        Args:
            view: The name of the list, without a `place`.
            row: The row under the cursor.
            place: The place, instead of `view`.
            more: Other fields of the context.
        """
        at = place or Place(view)
        rows = () if row is None else (row,)
        connection = self.connections.current
        resource = resource_at(at)
        return Context(
            connection, at, resource, row, more.pop("rows", rows), more.pop("settings", Settings()),
            cluster_of(at, resource, row), tuple(connection for _ in rows), **more,
        )  # fmt: skip


@asynccontextmanager
async def contexts(*, read_only: bool = False) -> AsyncIterator[Contexts]:
    """Contexts of a connection that calls nobody."""
    account = Account(None, "us-east-1", policy=CallPolicy(read_only=read_only))
    made = Contexts(Connections(account, Settings.of(cache=False)))
    try:
        yield made
    finally:
        await made.connections.close()
