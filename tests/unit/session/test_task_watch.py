"""What becomes of a session's task, and where its replacement is looked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from ecs_tui.aws.account import Account
from ecs_tui.errors import AwsError
from ecs_tui.model.command import Origin, ShellCommand
from ecs_tui.model.container import EXEC_AGENT, Container, ManagedAgent
from ecs_tui.model.task import Task
from ecs_tui.session.shell_session import SessionOptions, ShellSession
from ecs_tui.session.successors import SUCCESSORS_SECONDS, SuccessorSearch
from ecs_tui.session.target import Target
from ecs_tui.session.task_watch import notice_about, successor
from ecs_tui.system import crash
from tests.support.limits import until

READY = (ManagedAgent(EXEC_AGENT, "RUNNING"),)


def task(
    name: str,
    last: str = "RUNNING",
    desired: str = "RUNNING",
    *,
    container: str = "app",
    state: str = "RUNNING",
    agents: tuple[ManagedAgent, ...] = READY,
    created: int = 1,
    gone: bool = False,
) -> Task:
    """A task of the service web with one container; `created`: the day of January."""
    inside = Container(container, f"c/{name}", f"task/{name}", state, runtime_id="r", agents=agents)
    return Task(
        f"task/{name}", name, "cluster/prod", group="service:web", last_status=last, desired_status=desired,
        exec_enabled=True, task_definition="web:7", created_at=datetime(2026, 1, created, tzinfo=UTC),
        containers=(inside,), gone=gone,
    )  # fmt: skip


TARGET = Target("cluster/prod", "task/old", "app", "r", service="web", family="web")


@pytest.mark.parametrize(
    ("found", "known", "words"),
    [
        (None, False, ""),
        (None, True, "task no longer exists"),
        (task("old"), True, ""),
        (task("old", "RUNNING", "STOPPED"), True, "task is stopping"),
        (task("old", "DEPROVISIONING", "STOPPED"), True, "task is stopping"),
        (task("old", "STOPPED", "STOPPED"), True, "task stopped"),
        (task("old", state="STOPPED"), True, "container stopped"),
        (task("old", state="STOPPED", container="log"), True, ""),
        (Task("task/old", "old", "cluster/prod", described=False), True, ""),
    ],
)
def test_how_a_task_ends_in_words(found: Task | None, known: bool, words: str) -> None:
    assert notice_about(found, "app", known=known) == words


@pytest.mark.parametrize(
    ("tasks", "arn"),
    [
        ([], ""),
        ([task("old")], ""),
        ([task("old"), task("new", created=2)], "task/new"),
        ([task("a", created=2), task("b", created=9), task("c", created=3)], "task/b"),
        ([task("a", container="other")], ""),
        ([task("a", "RUNNING", "STOPPED", created=9), task("b")], "task/b"),
        ([task("a", gone=True), task("b")], "task/b"),
        ([task("a", agents=()), task("b")], "task/b"),
        ([task("a", agents=(ManagedAgent(EXEC_AGENT, "PENDING"),))], ""),
        ([task("a", "PENDING")], ""),
    ],
)
def test_the_replacement_is_the_newest_other_task_that_is_ready(
    tasks: list[Task], arn: str
) -> None:
    found = successor(TARGET, tasks)
    assert (found.task_arn if found else "") == arn
    if found:
        assert (found.container, found.service) == ("app", "web")


def test_a_replacement_of_windows_is_windows() -> None:
    windows = Target("cluster/prod", "task/old", "app", "r", service="web", windows=True)
    found = successor(windows, [task("new")])
    assert found is not None and found.windows


class Tasks:
    """A source of tasks that counts how often it is asked.

    Attributes:
        tasks: The tasks of each service.
        error: What it raises, or None.
        asked: The services that it was asked for, in order.
    """

    def __init__(self, *tasks: Task) -> None:
        self.tasks = tasks
        self.error: Exception | None = None
        self.asked: list[str] = []

    def task(self, arn: str) -> Task | None:
        return next((each for each in self.tasks if each.arn == arn), None)

    async def tasks_of_service(self, cluster: str, service: str) -> Sequence[Task]:
        self.asked.append(service)
        if self.error is not None:
            raise self.error
        return self.tasks


@pytest_asyncio.fixture
async def account() -> AsyncIterator[Account]:
    """An account that nothing is called in."""
    made = Account(None, "us-east-1", "http://127.0.0.1:9")
    yield made
    await made.close()


def ended(account: Account, tasks: Tasks, target: Target = TARGET) -> ShellSession:
    """A session whose task has stopped."""
    shell = ShellSession(
        account, target, ShellCommand("sh", Origin.PLATFORM), SessionOptions(), tasks
    )
    shell.task_notice = "task stopped"
    return shell


@pytest.mark.asyncio
async def test_it_is_looked_for_now_and_then_until_it_is_found(account: Account) -> None:
    tasks, search = Tasks(task("old")), SuccessorSearch()
    shell = ended(account, tasks)
    assert shell.wants_successor
    search.look([shell], 100)
    search.look([shell], 100 + 2 * SUCCESSORS_SECONDS)
    assert search.in_flight, "one search at a time"
    await until(lambda: not search.in_flight, "it has looked")
    assert (tasks.asked, shell.successor) == (["web"], None)
    search.look([shell], 100 + SUCCESSORS_SECONDS - 0.1)
    assert not search.in_flight, "too soon"
    tasks.tasks = (task("old"), task("new"))
    search.look([shell], 100 + SUCCESSORS_SECONDS + 0.1)
    await until(lambda: shell.successor is not None, "it is found")
    search.look([shell], 200)
    assert not search.in_flight, "nothing is wanted any more"
    assert tasks.asked == ["web", "web"]


@pytest.mark.asyncio
async def test_nothing_replaces_a_task_without_a_service_or_one_that_runs(account: Account) -> None:
    tasks, search = Tasks(task("new")), SuccessorSearch()
    alone = ended(account, tasks, Target("cluster/prod", "task/old", "app", "r"))
    runs = ended(account, tasks)
    runs.task_notice = ""
    search.look([alone, runs], 100)
    assert not search.in_flight


@pytest.mark.asyncio
async def test_an_error_of_aws_costs_one_search_and_another_one_is_reported(
    account: Account, crashes: list[crash.Crash]
) -> None:
    tasks, search = Tasks(task("new")), SuccessorSearch()
    shell = ended(account, tasks)
    for at, error in (
        (100, AwsError("ecs:ListTasks: slow", code="Throttling")),
        (200, ValueError("x")),
    ):
        tasks.error = error
        search.look([shell], at)
        await until(lambda: not search.in_flight, "it has failed")
        assert shell.successor is None
    assert [each.what for each in crashes] == ["ValueError: x"]
    crashes.clear()
    tasks.error = None
    search.look([shell], 300)
    await until(lambda: shell.successor is not None, "it is found after all")
    search.close()
