"""An hour of the demo account, as the watch of the app sees it: deployments and scaling are no problems."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ecs_tui.config.sections import WatchSettings
from ecs_tui.config.settings import Settings
from ecs_tui.model.problem import Problem
from ecs_tui.problems.history import ProblemHistory
from ecs_tui.problems.watch import ProblemWatch
from ecs_tui.store.connections import Connections
from ecs_tui.system import wall_clock
from tests.support.demo import Demo, demo_account
from tests.support.demo_logs import boto_client
from tests.support.limits import EXHAUSTIVE
from tests.support.moved_loop import run, running_loop

MINUTES = 60 if EXHAUSTIVE else 15
STEP_SECONDS = 10.0
CLUSTERS = ("prod", "staging", "batch", "scale")
ILL = {
    ("prod", "worker"): "out of memory every 20 s",
    ("prod", "payments"): "the exec agent of envoy has stopped",
    ("prod", "vault"): "its exec agent cannot write",
    ("staging", "sandbox"): "its health check fails",
    ("batch", "train"): "no container instance has room",
    ("batch", "instance"): "one is disconnected",
    ("prod", "task"): "a task without a service had no image",
}
"""What is wrong in the account all the time, and why. Everything else is well."""
OVER = {("prod", "task")} if EXHAUSTIVE else set[tuple[str, str]]()
"""What is no problem any more in the end: it is an hour old, and ECS has forgotten the task."""
Change = Callable[[Any], object]


def _deploy(cluster: str, service: str) -> Change:
    return lambda ecs: ecs.update_service(cluster=cluster, service=service, forceNewDeployment=True)


def _scale(cluster: str, service: str, count: int) -> Change:
    return lambda ecs: ecs.update_service(cluster=cluster, service=service, desiredCount=count)


CHANGES: Mapping[int, tuple[Change, ...]] = {
    3: (_deploy("scale", "svc-0001"), _scale("scale", "svc-0002", 1)),
    8: (_scale("scale", "svc-0003", 6), _scale("scale", "svc-0004", 0)),
    13: (_deploy("prod", "orders"), _deploy("staging", "web")),
    14: (_deploy("prod", "orders"),),  # replaces the one that is under way
    20: (_scale("prod", "search", 2), _scale("prod", "catalog", 9)),
    27: (_deploy("batch", "ingest"), _scale("batch", "reindex", 1)),
    34: (_scale("prod", "search", 6), _scale("scale", "svc-0004", 3), _deploy("prod", "edge")),
    41: tuple(_deploy("scale", f"svc-{number:04}") for number in range(5, 12)),
    48: (_scale("prod", "web", 3), _deploy("prod", "cart")),
}
"""What is done in which minute."""
COUNTS = {
    ("scale", "svc-0002"): 1, ("scale", "svc-0003"): 6, ("scale", "svc-0004"): 3,
    ("prod", "search"): 6, ("prod", "catalog"): 9, ("prod", "web"): 3, ("batch", "reindex"): 1,
}  # fmt: skip
"""How many tasks run in the end."""


def _named(problem: Problem) -> tuple[str, str]:
    """The cluster and the service; of a task or an instance, whose IDs are random, what it is."""
    thing = problem.thing
    return thing.cluster, thing.name if thing.kind == "service" else thing.kind


async def _settled(watch: ProblemWatch) -> None:
    """Let the watch make all calls that are due."""
    for _ in range(100):
        await watch.step()
        jobs = [job for each in watch._watches.values() for job in each._jobs]
        if not jobs:
            return
        await asyncio.gather(*jobs, return_exceptions=True)
    raise AssertionError("something is always due")


async def _hour(
    demo: Demo, folder: Path, right: set[tuple[str, str]]
) -> tuple[dict[str, str], Connections, ProblemWatch]:
    """What was wrongly found, each with the first time; what was rightly found is added to `right`."""
    settings = Settings.of(cache=False, watch=WatchSettings(opened=True))
    connections = Connections(demo.account(), settings)
    connection = connections.current
    await connection.identify()
    watch = ProblemWatch(connections, settings, ProblemHistory(folder / "problems.json"))
    for cluster in CLUSTERS:
        watch.visit(connection, cluster)
    loop, ecs, wrong = running_loop(), boto_client(demo, "ecs"), dict[str, str]()
    try:
        for minute in range(MINUTES):
            for change in CHANGES.get(minute, ()):
                change(ecs)
            for _ in range(int(60 / STEP_SECONDS)):
                await _settled(watch)
                for each in watch.found:
                    problem = each.problem
                    if _named(problem) in ILL:
                        right.add(_named(problem))
                    else:
                        words = f"{problem.thing.cluster}/{problem.thing.name} {problem.rule}"
                        wrong.setdefault(f"{words}: {problem.what}, {problem.why}", f"min {minute}")
                loop.move(STEP_SECONDS)
                demo.advance(STEP_SECONDS)
        await _settled(watch)
        return wrong, connections, watch
    finally:
        await watch.close()
        await connections.close()


def test_an_hour_of_deployments_and_scaling_raises_no_false_alarm(tmp_path: Path) -> None:
    with wall_clock.restored(), demo_account("--services", "20", "--tasks", "60") as demo:
        before = datetime.now(UTC)
        right: set[tuple[str, str]] = set()
        wrong, connections, watch = run(_hour(demo, tmp_path, right))
        passed = wall_clock.moment() - before
    assert not wrong
    # It was an hour, all of it was seen, and what is wrong was found.
    assert passed.total_seconds() >= MINUTES * 60
    inventory = connections.current.inventory
    for (cluster, name), count in COUNTS.items() if EXHAUSTIVE else ():
        (service,) = [each for each in inventory.services(cluster) if each.name == name]
        assert (service.desired, service.running) == (count, count), f"{cluster}/{name}"
    assert right == set(ILL)
    assert {_named(each.problem) for each in watch.found} == set(ILL) - OVER
