"""What a policy reaches: a line for each service and container, what it does not reach first."""

from __future__ import annotations

from dataclasses import replace

from ecs_tui.model.permission import Grant
from ecs_tui.model.task import Task
from ecs_tui.ui.dialogs.policy import MAX_SHOWN, reach_lines
from tests.support.list_rows import CONTAINER, TASK


def task(service: str, *names: str, team: str = "") -> Task:
    containers = tuple(replace(CONTAINER, name=name) for name in names)
    tags = {"team": team} if team else {}
    return replace(TASK, group=f"service:{service}", containers=containers, tags=tags)


def test_containers_of_a_service_are_one_line() -> None:
    tasks = [
        task("web", "app", "envoy", team="web"),
        task("web", "app", "envoy", team="web"),
        task("cart", "app", team="web"),
        task("cart", "app", team="shop"),
        task("api", "app", team="api"),
    ]
    assert reach_lines(tasks, Grant("team", "web", "", "")) == [
        "● matches 5 containers",
        "○ does not match 2",
        "",
        "○ api       0/1  app",
        "▲ cart      1/2  app",
        "● web       2/2  app",
        "● web       2/2  envoy",
    ]
    only = reach_lines(tasks, Grant("team", "web", "", "envoy"))
    assert only[0] == "● matches 2 containers"
    assert only[-1] == "● web       2/2  envoy"
    assert reach_lines([], Grant("", "", "", ""))[:2] == [
        "● matches 0 containers",
        "○ does not match 0",
    ]


def test_names_are_cleaned_and_many_are_cut() -> None:
    tasks = [task(f"s{number:03}\x1b", "app") for number in range(MAX_SHOWN + 3)]
    lines = reach_lines(tasks, Grant("", "", "", ""))
    assert lines[-1] == "… and 3 more"
    assert not any("\x1b" in line for line in lines)
