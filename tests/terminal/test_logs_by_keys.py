"""Logs by keys on a real terminal: to a crash, searching, to a line's task, through a deployment."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.demo import Demo
from tests.support.demo_logs import boto_client, task_ids
from tests.support.limits import until
from tests.support.program_terminal import ProgramTerminal

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def outer(demo: Demo) -> AsyncIterator[ProgramTerminal]:
    """The program at the services of the cluster `prod`."""
    made = ProgramTerminal(demo.environment, "--cluster", "prod", size=(130, 34))
    await made.shows("checkout", "16/16 containers")
    yield made
    made.close()


def rows(outer: ProgramTerminal) -> list[str]:
    """The rows of the screen."""
    return outer.screen.split("\n")


async def test_from_a_service_to_the_line_before_the_crash_and_to_its_task(
    outer: ProgramTerminal,
) -> None:
    outer.keys(":worker\r")
    await outer.shows("prod › worker")
    outer.keys("x")
    await outer.shows("stopped", "OutOfMemoryError: Container", deadline=90)
    outer.keys("L")
    await outer.shows("Logs of task", "stopped: exit 137 OutOfMemoryError", "up to", deadline=60)
    end = next(at for at, row in enumerate(rows(outer)) if "stopped: exit 137" in row)
    before = "\n".join(rows(outer)[:end])
    assert "java.lang.OutOfMemoryError: Java heap space" in before
    assert "heap usage is 97%" in before
    outer.keys("/heap usage is 91\r")
    await outer.shows("/ heap usage is 91   1 of 1")
    outer.keys("l")
    await outer.shows("prod › worker ›", "CONTAINER")
    outer.keys("\x1b")
    await outer.shows("Logs of task", "/ heap usage is 91   1 of 1")
    outer.keys("\x1b")
    await outer.shows("OutOfMemoryError: Container", "STOPPED")


async def test_lines_are_searched_filtered_and_unfolded(outer: ProgramTerminal) -> None:
    outer.keys(":web\r")
    await outer.shows("prod › web", "2/2")
    outer.keys("L")
    await outer.shows("Logs of task", "● following (live tail)", deadline=60)
    outer.keys("/GET /\r")
    await outer.shows("/ GET /   ")
    outer.keys("&level:info !checkout\r")
    await outer.shows("& level:info !checkout", "lines")
    outer.keys("\r")
    await outer.shows('"duration_ms": ', '"trace_id": ')
    outer.keys("\r")
    await until(lambda: '"trace_id"' not in outer.screen, "folded")
    outer.keys("&")
    await until(lambda: outer.screen.count("level:info !checkout") == 2, "the line is open")
    outer.keys("\x15\r")
    await until(lambda: "& level" not in outer.screen, "all lines")
    outer.keys("G")
    await outer.shows("● following (live tail)")


async def test_following_goes_on_through_a_deployment(demo: Demo, outer: ProgramTerminal) -> None:
    outer.keys(":cart\r")
    await outer.shows("prod › cart")
    outer.keys("1")
    await outer.shows("› overview")
    outer.keys("L")
    await outer.shows("Logs of cart", "● following (live tail)", deadline=60)
    old = task_ids(demo, "cart")
    client = boto_client(demo, "ecs")
    client.update_service(cluster="prod", service="cart", forceNewDeployment=True)

    def fresh() -> list[str]:
        return [each for each in task_ids(demo, "cart") if each not in old]

    await until(fresh, "new tasks", 60)
    await until(
        lambda: any(row.split(" ")[1:] and "starting cart" in row for row in rows(outer)),
        "a new task's first line", 120,
    )  # fmt: skip
    await until(
        lambda: any("stopped: exit" in row and any(each[:4] in row for each in old)
                    for row in rows(outer)),
        "where an old task ended", 120,
    )  # fmt: skip
    await outer.shows("● following (live tail)")
    assert not client.describe_services(cluster="prod", services=["cart"])["failures"]
