"""Columns of tags and groups by one: what they show, and how they sort."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_tui.resources import RESOURCES
from ecs_tui.resources.all_services import AllServicesRow
from ecs_tui.resources.services import SERVICES
from ecs_tui.resources.tags import (
    arranged,
    has_tags,
    known_tags,
    tag_column,
    tagged_of,
    tags_of,
)
from ecs_tui.resources.tasks import TASKS
from ecs_tui.ui.table.row_index import RowIndex
from tests.support.list_rows import CONTAINER, NOW, SERVICE, TASK, container_row, service_row


def service(name: str, **changes: Any) -> Any:
    return service_row(replace(SERVICE, arn=name, name=name, **changes))


def order(view: Any, rows: list[Any], sort: str = "", *, descending: bool = False) -> list[str]:
    index = RowIndex(view)
    index.set_rows(rows)
    index.sort_key, index.descending = sort, descending
    index.arrange(NOW)
    while index.incomplete:
        index.warm(NOW)
        index.arrange(NOW)
    return [view.name_of(rows[at]) for at in index.indices]


@pytest.mark.parametrize(
    ("changes", "text", "tone"),
    [
        ({"tags": {"team": "web"}}, "web", ""),
        ({"tags": {"team": ""}}, '""', ""),
        ({"tags": {"team": "a\x1b[2J"}}, "a�[2J", ""),
        ({"tags": {"Team": "web"}}, "-", "off"),
        ({"tags": {}, "not_read": {"TAGS": "AccessDenied: no"}}, "not read", "off"),
        ({"tags": {}, "described": False}, "·", "off"),
    ],
)
def test_a_cell_says_what_is_known(changes: dict[str, Any], text: str, tone: str) -> None:
    column = tag_column("team")
    for row in (service_row(replace(SERVICE, **changes)), replace(TASK, **changes)):
        cell = column.cell(row, NOW)
        assert (cell.text, cell.tone) == (text, tone)


def test_lists_whose_rows_have_tags() -> None:
    """Those about objects that AWS gives tags: events have none."""
    tagged = {name for name, resource in RESOURCES.items() if has_tags(resource)}
    assert {"clusters", "services", "tasks", "stopped-tasks", "containers", "instances",
            "all-services", "accounts"} <= tagged  # fmt: skip
    assert "events" not in tagged
    assert arranged(RESOURCES["events"], ["team"], "team") is RESOURCES["events"]


def test_tags_of_rows_that_are_about_something() -> None:
    tags = {"team": "web"}
    row = service_row(replace(SERVICE, tags=tags))
    assert tags_of(AllServicesRow("p@r", "prod", row, None)) == tags  # type: ignore[arg-type]
    notice = AllServicesRow("p@r", "prod", None, None)  # type: ignore[arg-type]
    assert tagged_of(notice) is None and tags_of(notice) == {}
    assert tag_column("team").cell(notice, NOW).text == ""
    assert tags_of(container_row(replace(TASK, tags=tags), CONTAINER)) == tags
    assert tags_of(object()) == {}


def test_tags_are_counted() -> None:
    rows = [
        service("a", tags={"team": "web", "env": "prod"}),
        service("b", tags={"team": "api"}),
        service("c", tags={"team": "web"}),
        service("d", tags={}),
    ]
    assert known_tags(rows) == [("team", 3, 2), ("env", 1, 1)]
    assert known_tags([]) == []


def test_columns_of_tags_stand_before_what_a_narrow_list_leaves_out() -> None:
    view = arranged(SERVICES, ["team", "env", "team"])
    keys = [column.key for column in view.columns]
    assert keys[:2] == ["name", "tag:team"] or keys.index("tag:team") < keys.index("revision")
    assert keys.index("tag:env") == keys.index("tag:team") + 1
    assert keys.count("tag:team") == 1
    assert set(keys) == {each.key for each in SERVICES.columns} | {"tag:team", "tag:env"}
    assert arranged(SERVICES, []) is SERVICES
    long = tag_column("k" * 128)
    assert len(long.title) == 24 and long.key == f"tag:{'k' * 128}"


def test_sorting_by_a_tag_puts_what_has_none_last() -> None:
    rows = [
        service("unknown", described=False),
        service("none"),
        service("b", tags={"team": "web"}),
        service("a", tags={"team": "Api"}),
    ]
    view = arranged(SERVICES, ["team"])
    assert order(view, rows, "tag:team") == ["a", "b", "none", "unknown"]


def test_groups_keep_the_order_of_the_list_within_them() -> None:
    """The worst rows of each group are first; so are those of a sort column."""
    rows = [
        service("web-ok", tags={"team": "web"}),
        service("web-down", tags={"team": "web"}, running=0),
        service("api-ok", tags={"team": "api"}),
        service("api-down", tags={"team": "api"}, running=0),
        service("none"),
    ]
    view = arranged(SERVICES, [], "team")
    assert view.columns[0].group and view.columns[0].priority == 0
    worst = ["api-down", "api-ok", "web-down", "web-ok", "none"]
    assert order(SERVICES, rows)[:2] == ["api-down", "web-down"], "without groups"
    assert order(view, rows) == worst
    assert order(view, rows, "name") == worst
    assert order(view, rows, "name", descending=True) == worst[::-1]
    assert order(view, rows, "tag:team") == worst


names = st.lists(st.tuples(st.text("ab", max_size=2), st.booleans()), min_size=1, max_size=12)


@given(names, st.sampled_from(["", *(column.key for column in TASKS.columns)]), st.booleans())
def test_rows_of_a_group_stand_together(
    found: list[tuple[str, bool]], sort: str, descending: bool
) -> None:
    rows = [
        replace(TASK, arn=f"t{n}", id=f"t{n}", tags={"team": team} if team else {},
                described=described)
        for n, (team, described) in enumerate(found)
    ]  # fmt: skip
    view = arranged(TASKS, [], "team")
    shown = order(view, rows, sort, descending=descending)
    assert sorted(shown) == sorted(row.id for row in rows), "no row is lost"
    by_id = {row.id: view.columns[0].cell(row, NOW).text for row in rows}
    groups = [by_id[name] for name in shown]
    changes = sum(one != two for one, two in pairwise(groups))
    assert changes == len(set(groups)) - 1
