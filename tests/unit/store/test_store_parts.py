"""Objects by key, memberships by list, work with several waiters, the words for capacity."""

from __future__ import annotations

import asyncio

import pytest

from ecs_tui.errors import AwsError
from ecs_tui.model.capacity_provider import CapacityProvider, StrategyItem
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.store.capacity import launch_words, names_providers, provider_words
from ecs_tui.store.lookups import LookupResult
from ecs_tui.store.membership import Memberships
from ecs_tui.store.objects import Objects
from ecs_tui.store.scope import Kind, Scope
from ecs_tui.store.shared import Shared, finished

TASKS = (Kind.TASK, "prod")
WEB, ALL = Scope(Kind.TASK, "prod", "web"), Scope(Kind.TASK, "prod")


def task(name: str, service: str) -> Task:
    return Task(name, name, "prod", f"service:{service}" if service else "")


def test_a_list_keeps_the_order_of_its_answer() -> None:
    lists = Memberships()
    assert lists.add(WEB, ["a", "b", "a"]) == ["a", "b"]
    assert lists.add(WEB, ["b", "c"]) == ["c"]
    assert list(lists.of(WEB)) == ["a", "b", "c"]
    assert lists.replace(WEB, ["c", "b"]) == (["a"], True)
    assert lists.replace(WEB, ["c", "b"]) == ([], False)
    assert list(lists.of(WEB)) == ["c", "b"]


def test_a_thing_is_named_until_its_last_list_drops_it() -> None:
    lists = Memberships()
    lists.add(WEB, ["a"])
    lists.add(ALL, ["a"])
    assert lists.remove(WEB, ["a", "x"]) == ["a"]
    assert lists.named(TASKS, "a")
    lists.remove(ALL, ["a"])
    assert not lists.named(TASKS, "a")
    assert not lists.of(Scope(Kind.TASK, "other"))


def test_a_task_is_found_by_the_service_that_it_belongs_to_now() -> None:
    objects = Objects()
    objects.keep(TASKS, "a", task("a", ""))
    before = objects.version(TASKS, "web")
    objects.keep(TASKS, "a", task("a", "web"))
    assert objects.version(TASKS, "web") != before
    assert list(objects.of_service("prod", "web")) == ["a"]
    assert not objects.of_service("prod", "")
    assert objects.cluster_of("a") == "prod"
    objects.remove(TASKS, "a")
    assert not objects.of_service("prod", "web") and objects.cluster_of("a") is None


def test_what_is_new_is_to_be_described() -> None:
    objects = Objects()
    objects.keep(TASKS, "a", task("a", "web"))
    pool = objects.pools[TASKS]
    assert list(pool.waiting) == ["a"]
    objects.remove(TASKS, "a")
    assert not pool.waiting


@pytest.mark.asyncio
async def test_shared_work_goes_on_until_the_last_has_left() -> None:
    done = asyncio.Event()

    async def work() -> None:
        await done.wait()

    shared = Shared(work())
    first, second = (asyncio.ensure_future(finished([shared])) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait([first])
    assert not shared.job.cancelled()
    second.cancel()
    await asyncio.wait([second, shared.job])
    assert shared.job.cancelled()


@pytest.mark.asyncio
async def test_those_who_wait_are_told_what_it_raised() -> None:
    async def work() -> None:
        raise AwsError("No.")

    (error,) = await finished([Shared(work())])
    assert isinstance(error, AwsError)


def service(*providers: str) -> Service:
    strategy = tuple(StrategyItem(name, 0, 1) for name in providers)
    return Service("arn", "web", "prod", "ACTIVE", 1, 1, launch_type="EC2", strategy=strategy)


KNOWN = LookupResult(0.0, {"own": CapacityProvider("own", "MANAGED_INSTANCES", "ACTIVE")})


@pytest.mark.parametrize(
    ("providers", "answer", "words"),
    [
        ((), KNOWN, "EC2"),
        (("FARGATE", "FARGATE_SPOT"), None, "FARGATE+FARGATE_SPOT"),
        (("own",), None, "own"),
        (("own",), KNOWN, "own (MANAGED_INSTANCES)"),
        (("other",), KNOWN, "other (not in this cluster)"),
        (("other",), LookupResult(0.0, None, AwsError("Denied.")), "other (type not read)"),
    ],
)
def test_what_the_tasks_of_a_service_run_on(
    providers: tuple[str, ...], answer: LookupResult | None, words: str
) -> None:
    assert launch_words(service(*providers), answer) == words
    assert names_providers(service(*providers)) == bool(set(providers) & {"own", "other"})


def test_what_aws_told_of_a_provider() -> None:
    assert provider_words("own", KNOWN) == "MANAGED_INSTANCES, ACTIVE"
    assert provider_words("own", None) == "loading"
    assert provider_words("FARGATE", None) == ""
