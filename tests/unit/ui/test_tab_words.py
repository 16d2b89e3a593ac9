"""The line of tabs: what it says at each width, and which tab is where."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from ecs_tui.model.service import Deployment, Service
from ecs_tui.resources.service_page import TABS
from ecs_tui.ui.tab_words import counts, tab_line
from tests.support.list_rows import SERVICE

MOVING = Deployment("d2", "PRIMARY", "IN_PROGRESS", "", 4, 2, 0, 0, "web:8")
OLD = Deployment("d1", "ACTIVE", "COMPLETED", "", 4, 2, 0, 0, "web:7")


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (120, " 1 overview  2 tasks 3  3 events  4 deployments 1  5 definition  6 metrics  7 logs "
              "                        ● web  steady"),
        (100, " 1 overview  2 tasks 3  3 events  4 deployments 1  5 definition  6 metrics  7 logs "
              "    ● web  steady"),
        (90, " 1 overview  2 tasks 3  3 events  4 deployments 1  5 definition  6 metrics  7 logs "
             "  ● web"),
        (80, " overview  tasks 3  events  deployments 1  definition  metrics  logs       ● web"),
        (64, " over  tasks 3  events  depl 1  def  metr  logs    ● web  steady"),
        (46, "over tasks 3 events depl 1 def metr logs     ●"),
        (40, "over tasks 3 events depl 1 def metr logs"),
        (39, "over tasks events depl def metr logs "),
    ],
)  # fmt: skip
def test_what_the_line_says(width: int, line: str) -> None:
    assert tab_line("web", SERVICE, width).text == line


def test_a_deployment_that_waits_for_somebody() -> None:
    moving = replace(SERVICE, deployments=(MOVING, OLD))
    assert tab_line("web", moving, 120).text.endswith(" ◐ web  deploying 50%")
    assert tab_line("web", moving, 120, waits=True).text.endswith(" ▲ web  waits for you")


def test_each_tab_is_found_by_its_cells() -> None:
    for width in (37, 60, 80, 200):
        line = tab_line("web", SERVICE, width)
        names = [line.text[first:last].strip() for first, last in line.tabs]
        assert len(names) == len(TABS)
        for number, (name, words) in enumerate(zip(TABS, names, strict=True)):
            assert name[:3] in words
            first, last = line.tabs[number]
            assert (line.tab_at(first), line.tab_at(last - 1)) == (number, number)
        assert line.tab_at(line.tabs[-1][1]) is None


def test_the_numbers_beside_the_tabs() -> None:
    assert counts(None) == {}
    assert counts(Service("arn", "web", "arn", described=False)) == {}
    assert counts(SERVICE) == {"tasks": 3, "deployments": 1}
    starting = replace(SERVICE, running=0, pending=1)
    assert counts(starting)["tasks"] == 1, "the list has it too"
    assert counts(replace(SERVICE, deployments=(MOVING, OLD)))["deployments"] == 2
    assert counts(replace(SERVICE, gone=True)) == {}


def test_long_and_hostile_names_are_cut_in_the_middle_and_cleaned() -> None:
    name = "PlatformStack-Check\x1b[2J-service-x7Kp2Lq"
    for width in (40, 80, 81, 100, 140):
        text = tab_line(name, replace(SERVICE, name=name), width).text
        assert "\x1b" not in text
        assert cell_len(text) <= width
    assert tab_line(name, SERVICE, 80).text.endswith("7Kp2Lq")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"deployments": (MOVING, OLD)}, "◐ web  deploying 50%"),
        ({"running": 1}, "▲ web  1 of 3 running"),
        ({"running": 0}, "✖ web  0 of 3 running"),
        ({"gone": True}, "○ web  no longer known to ECS"),
    ],
)
def test_the_state_of_the_service(changes: dict[str, object], words: str) -> None:
    assert tab_line("web", replace(SERVICE, **changes), 140).text.endswith(words)  # type: ignore[arg-type]


def test_a_service_that_is_not_loaded_has_its_name() -> None:
    assert tab_line("web", None, 100).text.endswith("… web")
