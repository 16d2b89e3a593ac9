"""The words around log lines."""

from __future__ import annotations

import pytest

from ecs_tui.config.key_text import KeyText
from ecs_tui.logs.follow import TailGap
from ecs_tui.logs.view import TaskNames
from ecs_tui.model.log_target import LogTarget
from ecs_tui.resources import Place
from ecs_tui.ui.pages.logs import words

ARN = "arn:aws:ecs:us-east-1:1:task/prod/4a5a" + "0" * 28


@pytest.mark.parametrize(
    ("place", "tasks", "chosen", "instead", "said"),
    [
        (Place("logs", "prod", "web"), 3, "", "", "Logs of web · all 3 tasks"),
        (Place("logs", "prod", "web"), 1, "", "", "Logs of web · 1 task"),
        (Place("logs", "prod", "web"), 3, "4a5a", "", "Logs of web · only task 4a5a"),
        (
            Place("logs", "prod", logs=LogTarget(insights=True)), 0, "", "",
            "Logs of Container Insights of cluster prod",
        ),
        (Place("logs", "prod"), 9, "", "", "Logs of cluster prod · all 9 tasks"),
        (Place("logs", "prod", "web", ARN), 1, "", "", "Logs of task 4a5a00000000"),
        (Place("logs", "prod", "web"), 1, "", "361f", "Logs of the task before, 361f"),
        (
            Place("logs", "prod", logs=LogTarget(services=("a", "b"), containers=("app",))),
            2, "", "", "Logs of a, b · all 2 tasks · app",
        ),
    ],
)  # fmt: skip
def test_titles(place: Place, tasks: int, chosen: str, instead: str, said: str) -> None:
    assert words.title(place, tasks, chosen, instead) == said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"loading": "Loading…"}, "◐ Loading…"),
        ({}, "● following (polling)  12 lines/s"),
        ({"rate": 0.4}, "● following (polling)  0.4 lines/s"),
        ({"how": ""}, "◐ starting to follow"),
        ({"following": False}, "○ not following"),
        ({"following": False, "new": 1234}, "○ not following  1,234 new"),
        ({"paused": True}, "○ paused"),
        ({"until": "14:03"}, "○ up to 14:03"),
    ],
)
def test_states(changed: dict[str, object], said: str) -> None:
    facts = {"loading": "", "following": True, "how": "polling", "rate": 12.0, "new": 0,
             "paused": False, "until": ""}  # fmt: skip
    assert words.state(**(facts | changed)) == said  # type: ignore[arg-type]


def test_the_legend_names_as_many_tasks_as_fit() -> None:
    names = TaskNames()
    for number in range(12):
        names.add(f"{number:04x}" + "0" * 28)
    every = words.legend(names, 200)
    assert len(every) == 9 and every[0] == ("1 0000", 0)
    assert len(words.legend(names, 20)) == 2


def test_filter_and_search() -> None:
    assert words.filter_words("", 1, 2, "") == "" == words.search_words("", 1, 2, "")
    assert words.filter_words("level:warn", 37, 1240, "") == "& level:warn   37 of 1,240 lines"
    assert words.filter_words("~(", 0, 9, "no pattern") == "& ~(   ✖ no pattern"
    assert words.search_words("heap", 7, 12, "") == "/ heap   7 of 12"
    assert words.search_words("heap", 0, 12, "") == "/ heap   12 found"
    assert words.search_words("heap", 0, 0, "") == "/ heap   nothing found"


def test_a_gap_is_told_until_it_is_read() -> None:
    sampled = words.gap_words(TailGap(0, 1000, sampled=True), 0)
    assert sampled.startswith("Above 500 lines/s AWS sends a sample") and "being read" in sampled
    assert "all lines have been read" in words.gap_words(TailGap(0, 1, False, refilled=True), 0)


def test_why_there_is_nothing() -> None:
    assert isinstance(words.nothing_words(900, filtered=False), KeyText)
    assert "{log-longer}" in words.nothing_words(900, filtered=False)
    assert words.nothing_words(0, filtered=False) == "There are no lines."
    assert words.position(4, 10, 10) == "line 5 of 10"
    assert words.position(4, 10, 20) == "line 5 of 10 (20 loaded)"
    assert words.position(-1, 0, 0) == ""
    assert words.since(900) == "since 15m" and words.since(0) == "from the first line"
    many = words.problem_words([f"P{number}." for number in range(5)])
    assert many == "✖ P0.\n✖ P1.\n✖ P2.\n… and 2 more"
