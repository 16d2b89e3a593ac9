"""A list without rows says why in its middle: with a sign, and when it is read again."""

from __future__ import annotations

import re

import pytest

from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.table.list_table import ListTable
from tests.support.app import names, open_services, running_app, screen_text
from tests.support.demo import Demo
from tests.support.limits import until
from tests.support.odd_aws import OddAccount
from tests.support.stub_aws import FAULTS, StubAws

pytestmark = pytest.mark.asyncio


def line_with(app: EcsTuiApp, words: str) -> tuple[int, str]:
    """(number, text) of the line of the list that has these words; (-1, "") if there is none."""
    top = app.browser.table.region.y
    lines = list(enumerate(screen_text(app).split("\n")))
    found = [pair for pair in lines[top:] if words in pair[1]]
    return found[0] if found else (-1, "")


def middle(app: EcsTuiApp, at: int, text: str) -> None:
    """Check that a line is in the middle of the list, in both directions."""
    region = app.browser.table.region
    assert abs(at - (region.y + 1 + region.bottom) // 2) <= 1
    left = len(text) - len(text.lstrip())
    right = len(text) - len(text.rstrip())
    assert abs(left - right) <= 2


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_nothing_matches(demo: Demo, size: tuple[int, int]) -> None:
    async with running_app(demo.account(), size=size) as (app, pilot):
        await open_services(app, pilot)
        await pilot.press("slash", *"no-such-thing", "enter")
        await until(lambda: line_with(app, 'No rows match "no-such-thing"')[0] > 0, "said")
        middle(app, *line_with(app, "No rows match"))
        titles, _ = line_with(app, "SERVICE ")
        assert titles < line_with(app, "No rows match")[0], "the titles stay above"
        await pilot.press("escape")
        await until(lambda: names(app), "rows again")
        assert line_with(app, "No rows match")[0] == -1


async def test_an_error_has_a_red_sign_and_says_when_it_is_read_again(
    stub: StubAws, odd: OddAccount
) -> None:
    stub.faults["ecs:ListClusters"] = FAULTS["html-200"]
    async with running_app(stub.account(), cache=False, refresh=20) as (app, _):
        said = re.compile(r"✖ .*Retrying\s+in\s+\d+\s+s\.", re.DOTALL)
        try:
            await until(lambda: said.search(screen_text(app)), "the error", 20)
        except AssertionError:
            raise AssertionError(screen_text(app)) from None
        at, text = line_with(app, "✖ ")
        middle(app, at, text)
        assert isinstance(app.browser.table, ListTable)
        sign = app.browser.table.render_line(at - app.browser.table.region.y)
        red = next(each for each in sign if each.text == "✖")
        rest = next(each for each in sign if "AWS" in each.text or "ecs:" in each.text)
        assert red.style and rest.style and red.style.color != rest.style.color
        del stub.faults["ecs:ListClusters"]
        app.browser.refresher.refresh_now()
        await until(lambda: names(app) == ["stub"], "it is read again")
        assert line_with(app, "Retrying")[0] == -1
