"""The watch over a stub of AWS: what it asks, what it finds, what it does not know."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from ecs_tui.config.sections import WatchSettings
from ecs_tui.config.settings import Settings
from ecs_tui.model.problem import Severity
from ecs_tui.problems.asking import MAX_CALLS, Asker, secret_name
from ecs_tui.problems.connection_watch import ConnectionWatch
from ecs_tui.problems.evidence import evidence_text, further_evidence
from ecs_tui.problems.examine import examine
from ecs_tui.problems.history import ProblemHistory
from ecs_tui.problems.watch import ProblemWatch
from ecs_tui.problems.watch_times import LOOKED_UP_SECONDS
from ecs_tui.resources.problems import PROBLEMS, merged, problem_lines
from ecs_tui.store.connections import Connection, Connections
from ecs_tui.store.inventory import Kind, Scope
from ecs_tui.store.log_access import LogAccounts
from ecs_tui.store.surroundings import ALARMS, SCALABLE_TARGETS
from ecs_tui.ui.pages.problems.words import LOOKING, count_words, unknown_words, watch_words
from tests.support.limits import DEADLINE, SELDOM, limit
from tests.support.stub_aws import StubAws, error_reply
from tests.support.stub_clusters import StubCluster, StubClusters

pytestmark = pytest.mark.asyncio
SETTINGS = Settings.of(cache=False)


def ago(seconds: float) -> float:
    """Seconds since 1970, as ECS's JSON has times."""
    return time.time() - seconds


def crash(cluster: StubCluster, number: str, seconds: float, service: str = "web") -> None:
    """A task of a service that ended some seconds ago with exit 1."""
    cluster.task(
        number, service, lastStatus="STOPPED", desiredStatus="STOPPED", stoppedAt=ago(seconds),
        stopCode="EssentialContainerExited", stoppedReason="Essential container in task exited",
        containers=[{"name": "app", "lastStatus": "STOPPED", "exitCode": 1}],
    )  # fmt: skip


@pytest.fixture
def prod(clusters: StubClusters) -> StubCluster:
    """A cluster with a healthy service, and one that has lost a task."""
    made = clusters.add("prod")
    made.counts = {"runningTasksCount": 3}
    made.service("api", desiredCount=2, runningCount=2)
    made.service("web", desiredCount=2, runningCount=1)
    made.task("1a", "api")
    crash(made, "2a", 20)
    crash(made, "2b", 300)
    return made


@pytest_asyncio.fixture
async def connection(stub: StubAws, prod: StubCluster) -> AsyncIterator[Connection]:
    made = Connection(stub.account(), SETTINGS)
    yield made
    await made.close()


def now() -> datetime:
    return datetime.now(UTC)


async def settled(watch: ConnectionWatch) -> None:
    """Let the watch run until nothing is due any more."""
    for _ in range(40):
        watch.advance()
        if not watch._jobs:
            return
        await asyncio.gather(*watch._jobs, return_exceptions=True)
        await watch.judge()
    raise AssertionError("something is always due")


async def becomes(watch: ConnectionWatch, condition: Callable[[], bool]) -> None:
    """Let the watch run until something holds: on a busy machine a call may fail, and is repeated."""
    until = time.monotonic() + limit(DEADLINE)
    await settled(watch)
    while not condition():
        told = {name: (each.problems, each.denied) for name, each in watch.clusters.items()}
        assert time.monotonic() < until, told
        await asyncio.sleep(SELDOM)
        await settled(watch)
        await watch.judge()  # which waits a moment after the last time


def later(watch: ConnectionWatch) -> None:
    """Let a period pass since the stopped tasks were listed."""
    watch.clusters["prod"].stopped_at = float("-inf")
    scope = Scope(Kind.TASK, "prod", stopped=True)
    watch.inventory.freshness(scope).listed_at = float("-inf")


async def test_examine_finds_the_cause_within_the_limit_of_calls(
    connection: Connection, stub: StubAws
) -> None:
    found = await examine(connection, "prod", now())
    (only,) = found.problems
    assert (only.thing.name, only.cause, only.severity) == ("web", "exit-code", Severity.FAILING)
    assert only.count == 2
    assert found.calls.keys() == {"web"}
    assert found.calls["web"] <= MAX_CALLS
    assert found.denied == {}


async def test_what_is_not_allowed_is_said_and_the_rest_is_found(
    connection: Connection, prod: StubCluster, stub: StubAws
) -> None:
    prod.denied |= {"ListTasks"}
    stub.faults["ecs:ListServiceDeployments"] = lambda op: error_reply(
        op, "AccessDeniedException", "no"
    )
    found = await examine(connection, "prod", now())
    assert "ecs:ListServiceDeployments" in found.denied, "not known is not the same as none"
    assert found.denied["ecs:ListTasks"] == "not allowed to look (ecs:ListTasks)"
    assert all(problem.rule != "crash-loop" for problem in found.problems)


async def test_the_watch_costs_little_while_nothing_happens(
    connection: Connection, prod: StubCluster, stub: StubAws
) -> None:
    prod.services["web"]["runningCount"] = 2
    prod.counts = {"runningTasksCount": 4}
    for arn in [arn for arn in prod.tasks if prod.tasks[arn]["lastStatus"] == "STOPPED"]:
        del prod.tasks[arn]
    watch = ConnectionWatch(connection, 10.0, 30.0, now)
    watch.watch("prod")
    await settled(watch)
    assert watch.clusters["prod"].problems == []
    stub.calls.clear()
    later(watch)
    watch._counts_at = float("-inf")
    await settled(watch)
    assert stub.calls["ecs:ListTasks"] == 1
    assert stub.calls["ecs:DescribeServices"] == 0
    assert sum(stub.calls.values()) <= 2


async def test_alarms_and_scalable_targets_are_read_once_for_lists_and_problems(
    connection: Connection, prod: StubCluster, stub: StubAws
) -> None:
    reads = ("cloudwatch:DescribeAlarms", "application-autoscaling:DescribeScalableTargets")
    lookups, shared = connection.inventory.lookups, (ALARMS, SCALABLE_TARGETS)
    watch = ConnectionWatch(connection, 10.0, 30.0, now)
    watch.watch("prod")
    await settled(watch)
    assert [stub.calls[each] for each in reads] == [1, 1]
    assert all(lookups.answer(each) is not None for each in shared), "lists have them"
    lookups.look_up(shared)
    assert not lookups._jobs, "and do not ask again"
    watch._account_at = float("-inf")
    await settled(watch)
    assert [stub.calls[each] for each in reads] == [1, 1], "nor does the watch"
    for each in shared:
        known = lookups.answer(each)
        assert known is not None
        lookups._keep(each, replace(known, at=known.at - LOOKED_UP_SECONDS - 1))
    watch._account_at = float("-inf")
    await settled(watch)
    assert [stub.calls[each] for each in reads] == [2, 2], "what is old is read again"


async def test_a_stopped_task_becomes_a_problem_and_the_problem_goes(
    connection: Connection, prod: StubCluster, stub: StubAws
) -> None:
    prod.services["web"] |= {"desiredCount": 1, "runningCount": 1}
    for arn in [arn for arn in prod.tasks if prod.tasks[arn]["lastStatus"] == "STOPPED"]:
        del prod.tasks[arn]
    watch = ConnectionWatch(connection, 10.0, 30.0, now)
    watch.watch("prod")
    await settled(watch)
    watched = watch.clusters["prod"]
    assert watched.problems == []
    crash(prod, "3c", 5)
    prod.services["web"]["runningCount"] = 0
    later(watch)
    await settled(watch)
    assert [problem.cause for problem in watched.problems] == ["exit-code"]
    prod.services["web"] |= {
        "runningCount": 1,
        "events": [
            {"id": "e", "createdAt": ago(0), "message": "(service web) has reached a steady state."}
        ],
    }
    watched.urgent.add(prod.services["web"]["serviceArn"])
    await becomes(watch, lambda: not watched.problems)


async def test_a_cluster_that_cannot_be_read_waits_and_says_so(
    connection: Connection, prod: StubCluster
) -> None:
    prod.denied |= {"ListTasks", "ListServices"}
    watch = ConnectionWatch(connection, 10.0, 30.0, now)
    watch.watch("prod")
    await settled(watch)
    (state,) = watch.states()
    assert "not authorized" in state.error
    assert watch.clusters["prod"].not_before > asyncio.get_running_loop().time()
    assert "prod" in unknown_words([state])


async def test_problems_reach_the_store_with_their_history(
    connection: Connection, tmp_path: Path
) -> None:
    connections = Connections(connection.account, SETTINGS)
    history = ProblemHistory(tmp_path / "problems.json")
    watch = ProblemWatch(
        connections, SETTINGS.but(watch=WatchSettings(clusters=("prod",))), history
    )
    watch._configured()
    own = watch._of(connections.current)
    await settled(own)
    own.clusters["prod"].evaluated_at = float("-inf")
    await watch.step()
    watch._take(own)
    (seen,) = watch.found
    inventory = connections.current.inventory
    (row,) = merged([("", inventory)])
    assert (row.key, row.name, row.arn) == (seen.key, "web", seen.problem.thing.arn)
    assert row.service is not None
    assert row.stopped_task is not None
    assert PROBLEMS.cluster_of(row) == "prod"
    (line,) = problem_lines(inventory, "prod", "web")
    assert line.startswith("✖ 2 tasks ended")
    assert count_words(watch.found, watch.states()) == "1 problem: 1 failing"
    assert count_words([], watch.states()) == "0 problems"
    assert count_words([], [replace(each, age=None) for each in watch.states()]) == LOOKING
    assert count_words([], []) == "", "nothing is watched"
    assert "watching prod" in watch_words(watch.states(), 3, 1200.0)
    assert watch.take_new() == [seen]
    assert watch.take_new() == []
    watch.hide(seen, "known")
    assert watch.shown == []
    assert (watch.found[0].hidden, watch.found[0].note) == (True, "known")
    watch.show(watch.found[0])
    assert len(watch.shown) == 1
    await watch.close()
    await connections.close()


async def test_the_evidence_names_its_sources_and_what_it_could_not_read(
    connection: Connection, tmp_path: Path
) -> None:
    found = await examine(connection, "prod", now())
    seen = ProblemHistory(tmp_path / "p.json").update("a@b", ["prod"], found.problems, now())[0]
    text = "\n".join(evidence_text(seen, now()))
    assert "exit 1" in text
    assert "[ecs:DescribeTasks]" in text
    assert seen.problem.source in text
    logs = LogAccounts(connection.account)
    parts = [
        line async for lines in further_evidence(connection.inventory, logs.of, seen) for line in lines
    ]  # fmt: skip
    await logs.close()
    assert any(line.startswith("LAST LINES of app") for line in parts)
    assert any("has no log configuration" in line or "no " in line for line in parts)


async def test_an_asker_stops_at_its_limit() -> None:
    asker = Asker(2)

    async def answer() -> int:
        return 7

    assert await asker.ask("ecs:A", answer, 2) == 7
    assert await asker.ask("ecs:B", answer) is None
    assert asker.denied == {"ecs:B": "not asked: at most 2 calls about one service"}


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (
            "arn:aws:secretsmanager:r:1:secret:db-a1:key::",
            "arn:aws:secretsmanager:r:1:secret:db-a1",
        ),
        ("arn:aws:ssm:r:1:parameter/db", "arn:aws:ssm:r:1:parameter/db"),
        ("db", "db"),
    ],
)
async def test_cloudtrail_names_a_secret_without_its_key(source: str, name: str) -> None:
    assert secret_name(source) == name


async def test_stopped_tasks_are_remembered_without_tags(connection: Connection) -> None:
    inventory = connection.inventory
    await inventory.load(Scope(Kind.TASK, "prod", stopped=True))
    remembered = inventory.stopped_memory.of("prod", "web")
    assert len(remembered) == 2
    assert all(task.known_from == "remembered" and not task.tags for task in remembered)
    later = now() + timedelta(days=8)
    inventory.stopped_memory.forget(later)
    assert not inventory.stopped_memory.of("prod")
