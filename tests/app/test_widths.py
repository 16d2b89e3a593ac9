"""Column widths: names are cut in the middle, and use all the space that other columns leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ecs_tui.model.rules.exec_readiness import Readiness, Verdict
from ecs_tui.resources import RESOURCES, Resource
from ecs_tui.resources.services import SERVICES
from ecs_tui.ui.table.cells import Cells
from ecs_tui.ui.table.columns import (
    GAP_CELLS,
    MIN_CELLS,
    fit,
    says_nothing,
    shortened,
    shows_more,
    title_width,
)
from ecs_tui.ui.two_columns import MAX_NAME_CELLS, two_columns
from tests.support.app import names, path_text, running_app, screen_text, select, too_wide
from tests.support.limits import until
from tests.support.list_rows import SERVICE, service_row
from tests.support.odd_aws import OddAccount
from tests.support.stub_aws import StubAws

CDK = "PlatformStack-CheckoutServiceService9571FDD8-{}"
"""Names made by the AWS CDK differ at their end."""


@pytest.mark.parametrize(
    ("text", "size", "middle", "short"),
    [
        ("checkout", 8, True, "checkout"), ("checkout", 20, False, "checkout"),
        ("checkout-service", 9, True, "chec…vice"), ("checkout-service", 8, True, "chec…ice"),
        ("checkout-service", 9, False, "checkout…"), ("checkout-service", 4, True, "che…"),
        ("漢字漢字漢字", 9, True, "漢字…漢字"), ("漢字漢字漢字", 8, True, "漢字… 字"),
    ],
)  # fmt: skip
def test_a_cell_that_is_cut(text: str, size: int, middle: bool, short: str) -> None:
    found = shortened(text, size, middle=middle)
    assert found.replace(" ", "") == short.replace(" ", "")
    assert cell_len(found) <= size


@given(st.text(), st.integers(1, 60), st.booleans())
def test_whatever_is_cut_fits(text: str, size: int, middle: bool) -> None:
    found = shortened(text, size, middle=middle)
    assert cell_len(found) <= size
    assert found == text or "…" in found


@given(st.sampled_from(list(RESOURCES.values())), st.integers(20, 300), st.data())
def test_columns_use_the_room_and_no_more(view: Resource, room: int, data: st.DataObject) -> None:
    wanted = {
        column.key: data.draw(st.integers(title_width(column), 256)) for column in view.columns
    }
    widths = fit(view.columns, wanted, room)
    used = 1 + sum(widths.values()) + GAP_CELLS * (len(widths) - 1)
    assert {column.key for column in view.columns if column.priority == 0} <= set(widths)
    if used > room:
        assert all(width <= max(MIN_CELLS, 1) for width in widths.values()), "nothing is left"
        return
    cut = [key for key, width in widths.items() if width < wanted[key]]
    assert used == room or not cut, "a cell is cut while there is room"


def wanted(view: Resource, **cells: int) -> dict[str, int]:
    return {
        column.key: max(title_width(column), cells.get(column.key, 0)) for column in view.columns
    }


def test_names_take_what_is_left_before_sentences_do() -> None:
    needed = wanted(SERVICES, name=70, tasks=5, deployment=14, exec=60)
    at_250 = fit(SERVICES.columns, needed, 250)
    assert (at_250["name"], at_250["exec"]) == (70, 60)
    assert len(at_250) == len(SERVICES.columns)
    at_225 = fit(SERVICES.columns, needed, 225)
    assert at_225["name"] == 70
    assert 36 < at_225["exec"] < 60


def test_in_a_narrow_list_the_widest_give_way_together() -> None:
    found = fit(SERVICES.columns, wanted(SERVICES, name=60, exec=60), 60)
    assert set(found) == {"name", "tasks", "deployment", "exec"}
    assert abs(found["name"] - found["exec"]) <= 1
    assert 1 + sum(found.values()) + 3 * GAP_CELLS == 60


def test_columns_that_say_nothing_give_way_first() -> None:
    needed = wanted(SERVICES, name=40, tasks=5, deployment=14, exec=36)
    needed_cells = 1 + sum(needed.values()) + GAP_CELLS * (len(needed) - 1)
    idle = {"status", "launch"}
    assert len(fit(SERVICES.columns, needed, needed_cells, idle=idle)) == len(SERVICES.columns)
    one_less = fit(SERVICES.columns, needed, needed_cells - 1, idle=idle)
    assert len(needed.keys() - one_less.keys()) == 1
    assert needed.keys() - one_less.keys() < idle
    cut = fit(SERVICES.columns, {**needed, "exec": 90}, needed_cells, idle=idle)
    assert set(cut) == needed.keys() - idle, "what is cut gets their room"
    assert cut["exec"] > 36
    wide = fit(SERVICES.columns, {**needed, "exec": 90}, needed_cells, wide=True, idle=idle)
    assert set(wide) == needed.keys()


def test_a_column_says_nothing_if_all_rows_have_the_same_normal_cell() -> None:
    cells = Cells(datetime.now(UTC))
    status = next(column for column in SERVICES.columns if column.key == "status")
    name = next(column for column in SERVICES.columns if column.key == "name")
    active, draining = service_row(SERVICE), service_row(replace(SERVICE, status="DRAINING"))
    assert says_nothing(status, [active, active], cells)
    assert not says_nothing(status, [active, draining], cells)
    assert not says_nothing(status, [draining, draining], cells), "it is no normal state"
    assert not says_nothing(status, [], cells)
    assert not says_nothing(name, [active, active], cells)


def test_what_is_shown_moves_only_where_more_can_be_shown() -> None:
    cells = {"a": 10, "b": 30}
    assert shows_more({"a": 10, "b": 30}, {"a": 10}, cells), "one column more"
    assert not shows_more({"a": 10}, {"a": 10, "b": 30}, cells)
    assert shows_more({"a": 10, "b": 30}, {"a": 15, "b": 25}, cells), "no cell is cut any more"
    assert not shows_more({"a": 10, "b": 30}, {"a": 15, "b": 30}, cells), "it is as good"


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [(80, 24), (200, 40)], ids=str)
async def test_names_that_differ_at_their_end_can_be_told_apart(
    stub: StubAws, odd: OddAccount, size: tuple[int, int]
) -> None:
    ends = ("x7Kp2LqWn0aB", "x7Kp2LqWn0aC")
    for end in ends:
        odd.service(CDK.format(end))
    odd.service("s" * 250 + "-last", status="DRAINING")
    async with running_app(stub.account(), size, refresh=600, cache=False) as (app, pilot):
        await until(lambda: names(app) == ["stub"], "clusters")
        await pilot.press("enter")
        await until(lambda: len(names(app)) == 3, "services")
        await until(lambda: all(row.service.described for row in app.browser.table.rows), "facts")
        await until(lambda: "draining: 1 task" in screen_text(app) or size[0] == 80, "drawn")
        text = screen_text(app)
        assert not too_wide(app)
        assert all(end[-6:] in text for end in ends)
        assert "● Platform" in text and "-last" in text
        whole = [CDK.format(end) in text for end in ends]
        assert whole == [size[0] == 200] * 2, text
        select(app, "s" * 250 + "-last")
        await pilot.press("enter")
        await until(lambda: app.browser.place.view == "tasks", "its tasks")
        await until(lambda: path_text(app).endswith("0"), "the path tells where, and how many")


@pytest.mark.asyncio
async def test_a_column_comes_back_when_what_was_long_is_short(
    stub: StubAws, odd: OddAccount
) -> None:
    """A long text that is gone, such as that of loading, does not keep a column hidden."""
    odd.service("web")
    odd.task("web")
    async with running_app(stub.account(), (80, 24), refresh=600, cache=False) as (app, pilot):
        await until(lambda: names(app) == ["stub"], "clusters")
        await pilot.press("enter")
        await until(lambda: "ready 1/1 containers" in screen_text(app), "all of it")
        await until(lambda: "REVISION" in screen_text(app), "there is room")
        app.browser.refresher.look_at()
        table, row = app.browser.table, app.browser.table.rows[0]
        long = replace(row, readiness=Readiness(Verdict.NO, "it will not work for a long reason"))
        table.update_rows([long])
        await until(lambda: "REVISION" not in screen_text(app), "it gives way")
        table.update_rows([row])
        await until(lambda: "REVISION" in screen_text(app), "it is back")


@pytest.mark.parametrize("width", [0, 20, 38, 78, 120])
def test_long_names_and_values_stay_in_their_columns(width: int) -> None:
    facts = [("tag " + "k" * 128, "v" * 256), ("id", "a b " * 60), ("漢" * 64, "字" * 128)]
    lines = two_columns(facts, width).split("\n")
    most = min(MAX_NAME_CELLS, (width - GAP_CELLS) // 2) if width else MAX_NAME_CELLS
    starts = {len(line) - len(line[most:].lstrip()) for line in lines if " v" in line[most - 1 :]}
    assert starts <= {most + GAP_CELLS}
    if width:
        assert max(cell_len(line) for line in lines) <= width
    assert "".join(lines).replace(" ", "").count("k") == 128
    assert "".join(lines).count("v") == 256
    assert sum(line.count("漢") for line in lines) == 64
    for line in lines:
        if "k" in line:
            assert cell_len(line[: line.rindex("k") + 1]) <= most


def test_short_names_take_no_more_than_they_need() -> None:
    assert two_columns([("arn", "x"), ("status", "ACTIVE")], 80) == "arn     x\nstatus  ACTIVE"
    assert two_columns([("a", "one two three")], 10) == "a  one two\n   three"
    assert two_columns([], 80) == ""
