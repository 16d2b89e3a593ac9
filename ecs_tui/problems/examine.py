"""Looks for the problems of a cluster once: for the command line, and for tests of incidents."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime

from ecs_tui.errors import EcsTuiError
from ecs_tui.model.problem import Problem
from ecs_tui.problems.account_asking import (
    ask_account,
    ask_cluster,
    ask_retirements,
    has_own_capacity,
)
from ecs_tui.problems.asking import MAX_CALLS, ask_about
from ecs_tui.problems.cluster_facts import AccountAnswers, scalable_of
from ecs_tui.problems.judging import judged
from ecs_tui.problems.refreshing import PARALLEL, refresh
from ecs_tui.problems.watched import WatchedCluster
from ecs_tui.record import dataclass
from ecs_tui.store.connections import Connection
from ecs_tui.store.inventory import Kind, Scope, clock
from ecs_tui.store.surroundings import why_unknown


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found in a cluster.

    Attributes:
        problems: Its problems, worst first.
        calls: Calls about each suspect, by the service's name.
        denied: Why something is not known, by operation.
    """

    problems: tuple[Problem, ...] = ()
    calls: Mapping[str, int] = field(default_factory=dict)
    denied: Mapping[str, str] = field(default_factory=dict)


async def examine(
    connection: Connection, cluster: str, now: datetime, *, limit: int = MAX_CALLS
) -> Examined:
    """Look for the problems of a cluster: its lists, then its suspects, then the rules.

    Args:
        connection: The connection.
        cluster: The cluster's name.
        now: The time from which ages are counted.
        limit: Maximum calls about one suspect.

    Raises:
        EcsTuiError: The services of the cluster cannot be read.
    """
    inventory, account = connection.inventory, connection.account
    denied: dict[str, str] = {}

    async def load(scope: Scope) -> None:
        await refresh(inventory, scope)
        if (error := inventory.freshness(scope).error) is not None:
            denied[getattr(error, "operation", "") or "ecs"] = why_unknown(error)

    services = Scope(Kind.SERVICE, cluster)
    await refresh(inventory, services)
    failure = inventory.freshness(services).error
    if failure is not None:
        raise failure
    await load(Scope(Kind.CLUSTER))
    await load(Scope(Kind.TASK, cluster, stopped=True))
    known = inventory.cluster(cluster)
    watched = WatchedCluster(cluster)
    if known is not None and known.instances:
        await load(Scope(Kind.INSTANCE, cluster))
    if known is not None and has_own_capacity(known.capacity_providers):
        watched.answers, _ = await ask_cluster(account, cluster)
    if not inventory.large(cluster):
        await load(Scope(Kind.TASK, cluster))
    answers: AccountAnswers = (await ask_account(inventory))[0]
    if connection.caller is not None:
        try:
            found_retirements = await ask_retirements(account, connection.caller.arn)
            answers = replace(answers, retirements=found_retirements)
        except EcsTuiError as error:
            denied["health:DescribeEvents"] = why_unknown(error)
    calls: dict[str, int] = {}
    problems = await judged(inventory, watched, answers, now)
    room = asyncio.Semaphore(PARALLEL)

    async def ask(arn: str) -> None:
        service = inventory.get(services, arn)
        if service is None:
            return
        async with room:
            scaled = answers.scalable is None or bool(scalable_of(answers, cluster, service.name))
            found = await ask_about(
                inventory, cluster, service, now, clock(), scaled=scaled, limit=limit,
                only_deployments=watched.only_deployments(arn),
            )  # fmt: skip
        watched.suspects[arn], calls[service.name] = found, found.calls
        denied.update(found.denied)

    await asyncio.gather(*map(ask, sorted(watched.asking)))
    if calls:
        problems = await judged(inventory, watched, answers, now)
    denied |= {**answers.denied, **watched.answers.denied}
    return Examined(tuple(problems), calls, denied)
