"""Runs the rules over a watched cluster, in portions between which other work runs."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime

from ecs_tui.model.alarm import Alarm, target_group_dimension
from ecs_tui.model.problem import Problem
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.problems.cluster_facts import (
    AccountAnswers,
    activities_of,
    cluster_facts,
    running_tasks,
    scalable_of,
    service_facts,
    stopped_tasks,
)
from ecs_tui.problems.facts import ServiceFacts
from ecs_tui.problems.find import find_in_cluster, find_in_service, in_order
from ecs_tui.problems.suspects import LAST_DEPLOYMENT, suspicion
from ecs_tui.problems.watched import WatchedCluster
from ecs_tui.store.inventory import Inventory, clock

SKIPPED = 200
"""Services without a suspicion that are passed without letting other work run."""
JUDGED = 20
"""Services to which the rules are applied without letting other work run: a few milliseconds."""
SAME_SECONDS = 15.0
"""Seconds for which the problems of a service that has not changed are kept."""


async def judged(
    inventory: Inventory, watched: WatchedCluster, account: AccountAnswers, now: datetime
) -> list[Problem]:
    """The problems of a watched cluster, worst first; updates which services are suspects.

    Args:
        inventory: The loaded data.
        watched: The cluster.
        account: What was asked once for the account.
        now: The time from which ages are counted.
    """
    name = watched.name
    services = inventory.services(name)
    watched.note_counts(services, now)
    stopped: dict[str, list[Task]] = {}
    for task in stopped_tasks(inventory, name, "", now) or ():
        stopped.setdefault(task.service, []).append(task)
    mentioned = _mentioned(account.alarms.all if account.alarms is not None else ())
    found: list[Problem] = []
    facts: list[ServiceFacts] = []
    suspects: set[str] = set()
    for number, service in enumerate(services, 1):
        if not number % SKIPPED:
            await asyncio.sleep(0)
        running = running_tasks(inventory, name, service.name)
        scalable = scalable_of(account, name, service.name)
        known = watched.deployments.get(service.arn)
        reason = suspicion(
            service,
            stopped.get(service.name, ()),
            running or (),
            scalable,
            now,
            activities=activities_of(account, name, service.name),
            deployment=known,
        )
        if reason == LAST_DEPLOYMENT and known is None and service.arn in watched.not_told:
            reason = ""  # it was asked for, and AWS did not tell
        if reason:
            suspects.add(service.arn)
            watched.reasons[service.arn] = reason
        elif not running and not _alarmed(service, mentioned):
            continue
        its_facts, problems = _of_service(inventory, watched, service, account, now)
        facts.append(its_facts)
        found += problems
        if not len(facts) % JUDGED:
            await asyncio.sleep(0)
    watched.remember_deployments()
    watched.suspects = {arn: each for arn, each in watched.suspects.items() if arn in suspects}
    new = suspects - watched.suspects.keys() - watched.asking
    # Their counts may be older than what speaks against them.
    watched.urgent |= {arn for arn in new if not watched.only_deployments(arn)}
    watched.asking = suspects - watched.suspects.keys()
    whole = cluster_facts(inventory, name, facts, account, watched.answers, now)
    return in_order([*found, *find_in_cluster(whole, now)])


def _of_service(
    inventory: Inventory,
    watched: WatchedCluster,
    service: Service,
    account: AccountAnswers,
    now: datetime,
) -> tuple[ServiceFacts, list[Problem]]:
    """The facts of a service and its problems; the same until something of it changes."""
    answers = watched.suspects.get(service.arn)
    below = watched.below.get(service.arn)

    def make() -> tuple[ServiceFacts, list[Problem]]:
        facts = service_facts(inventory, watched.name, service, account, answers, below, now)
        return facts, find_in_service(facts, now)

    version = inventory.tasks_version(watched.name, service.name)
    tick = int(clock() // SAME_SECONDS)
    basis = (service, version, id(answers), id(account), below, tick)
    return inventory.derived(("problems of", watched.name, service.arn), basis, make)


def _mentioned(alarms: Collection[Alarm]) -> frozenset[str]:
    """The names of alarms in ALARM, and the values of their dimensions."""
    found: set[str] = set()
    for alarm in alarms:
        if alarm.in_alarm:
            found.add(alarm.name)
            found.update(value for each in alarm.dimensions for _, value in each)
    return frozenset(found)


def _alarmed(service: Service, mentioned: frozenset[str]) -> bool:
    """Whether an alarm in ALARM may be about a service."""
    if not mentioned:
        return False
    settings = service.deployment_settings
    names = [service.name, *(settings.alarms if settings is not None else ())]
    names += [target_group_dimension(arn) for arn in service.every_target_group]
    return not mentioned.isdisjoint(names)
