"""Parts of the screen without an account: sorting, names found, bars, YAML, links."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Static

from ecs_tui.model.cluster import Cluster
from ecs_tui.resources.clusters import CLUSTERS, ClusterRow
from ecs_tui.ui.bars import Bar
from ecs_tui.ui.dialogs.text import TextScreen
from ecs_tui.ui.dialogs.text_body import to_yaml
from ecs_tui.ui.links import may_open, url_at
from ecs_tui.ui.prompt.matcher import Finder, Match
from ecs_tui.ui.table.row_index import RowIndex
from tests.support.limits import until

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def rows(*names: str) -> list[ClusterRow]:
    """Clusters `name`, or `name:running`."""
    found = []
    for each in names:
        name, _, running = each.partition(":")
        cluster = Cluster(f"arn:{name}", name, "ACTIVE", running_tasks=int(running or 0))
        found.append(ClusterRow(cluster, 0, 0))
    return found


def ordered(*names: str, sort: str = "", descending: bool = False, words: str = "") -> list[str]:
    row_index = RowIndex(CLUSTERS)
    assert row_index.set_rows(rows(*names))
    row_index.sort_key, row_index.descending, row_index.filter = sort, descending, words
    while True:
        row_index.arrange(NOW)
        if not row_index.incomplete:
            return [key.removeprefix("arn:") for key in row_index.keys]


def test_equal_values_are_ordered_by_name_whichever_way_round() -> None:
    some = ("c:1", "a:1", "d:2", "b:1")
    assert ordered(*some) == ["a", "b", "c", "d"]
    assert ordered(*some, descending=True) == ["d", "c", "b", "a"]
    assert ordered(*some, sort="running") == ["a", "b", "c", "d"]
    assert ordered(*some, sort="running", descending=True) == ["d", "a", "b", "c"]
    assert ordered(*some, sort="status") == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["prod", "prod-eu", "staging"]), ("prod", ["prod", "prod-eu"]),
        ("PROD eu", ["prod-eu"]), ("cluster:stag", ["staging"]), ("running:1", ["prod"]),
        ("status:active", ["prod", "prod-eu", "staging"]), ("nothing", []),
    ],
)  # fmt: skip
def test_filters(words: str, found: list[str]) -> None:
    assert ordered("staging:2", "prod:1", "prod-eu:3", words=words) == found


def commands(*names: str) -> list[Match]:
    """Commands with these names, and a hint."""
    return [Match("command", name, "", None, command=name, hint=f"c  {name}") for name in names]


def test_the_same_rows_are_no_change_and_others_are() -> None:
    row_index = RowIndex(CLUSTERS)
    some = rows("a", "b")
    assert row_index.set_rows(some)
    assert not row_index.set_rows(list(some))
    assert row_index.set_rows(some[:1])
    assert row_index.set_rows(rows("a"))
    row_index.arrange(NOW)
    assert row_index.keys == ["arn:a"]
    assert not row_index.warm(NOW)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("stop", ["stop", "stopped", "run stop", "backstop", "set top"]),
        ("STOP ", ["stop", "stopped", "run stop", "backstop", "set top"]),
        ("top", ["set top", "stop", "stopped", "backstop", "run stop"]),
        ("stp", ["stop", "stopped", "backstop", "run stop", "set top"]),
        ("s.op", []),
        ("", []),
    ],
)
def test_names_found_equal_first_then_beginnings_words_parts_letters(
    text: str, found: list[str]
) -> None:
    finder = Finder([], "", commands("set top", "backstop", "run stop", "stopped", "stop"))
    assert [match.name for match in finder.find(text)] == found
    assert [match.name for match in finder.find(text, 2)] == found[:2]
    assert all(
        (each.kind, each.where) == ("command", f"c  {each.name}") for each in finder.find(text)
    )


def test_a_beginning_stands_before_a_shorter_name_with_the_word() -> None:
    finder = Finder([], "", commands("a stop", "stopped"))
    assert [match.name for match in finder.find("stop")] == ["stopped", "a stop"]
    assert [match.name for match in finder.find("stop", 1)] == ["stopped"]


class _Bars(App[None]):
    def compose(self) -> ComposeResult:
        yield Bar()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("left", "right", "line"),
    [
        ("left", "right", "left         right"),
        (["the long form of it", "short"], "right", "short        right"),
        (["fits as it is", "short"], "", "fits as it is"),
        (["fits as it", "short"], "right", "fits as it   right"),
        (["the long form of it", "eighteen cells wide"], "right", "the long"),
        ("much too long for so narrow a bar", "right", "much too lo… right"),
        ("much too long for so narrow a bar", "", "much too long fo…"),
    ],
)
async def test_what_a_bar_of_18_cells_shows(left: Any, right: str, line: str) -> None:
    app = _Bars()
    async with app.run_test(size=(20, 3)) as pilot:
        app.query_one(Bar).write(left, right)
        await pilot.pause()
        text = str(app.query_one(Static).visual)
        if line == "the long":  # no form fits: the shortest is cut, the right part is kept
            assert text.startswith("eighteen ce… right")
        else:
            assert text.rstrip() == line


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("web", "web"), ("a-b_c/d.e", "a-b_c/d.e"), ("", '""'), ("yes", '"yes"'), ("Null", '"Null"'),
        ("7up", '"7up"'), ("a: b", '"a: b"'), ("ä", "ä"), (7, "7"), (1.5, "1.5"), (True, "true"),
        (None, "null"), ([], "[]"), ({}, "{}"), (datetime(2026, 1, 2, 3), "2026-01-02T03:00:00"),
        ([1, "a"], "- 1\n- a"), ({"a": 1, "b": "c"}, "a: 1\nb: c"), ({"1": 2}, '"1": 2'),
        ({"a": {"b": [1, {"c": 2, "d": []}]}}, "a:\n  b:\n    - 1\n    - c: 2\n      d: []"),
    ],
)  # fmt: skip
def test_yaml(value: Any, text: str) -> None:
    assert to_yaml(value) == text


@pytest.mark.asyncio
async def test_an_answer_is_shown_as_json_and_as_yaml_and_copied_as_shown() -> None:
    async def answer() -> dict[str, object]:
        return {"name": "web\x1b[2J", "count": 2}

    app: App[None] = App()
    async with app.run_test(size=(60, 20)) as pilot:
        screen = TextScreen("Title", answer, raw=True)
        app.push_screen(screen)
        await until(lambda: screen.query("#text"), "composed")
        await until(lambda: '"count": 2' in str(screen.query_one("#text", Static).visual), "JSON")
        assert "\x1b" not in str(screen.query_one("#text", Static).visual)
        await pilot.press("c")
        assert app.clipboard.startswith('{\n  "name": "web')
        await pilot.press("y")
        await until(lambda: "count: 2" in str(screen.query_one("#text", Static).visual), "YAML")
        await pilot.press("c")
        assert app.clipboard.endswith("\ncount: 2")
        await pilot.press("y")
        await until(
            lambda: '"count": 2' in str(screen.query_one("#text", Static).visual), "JSON again"
        )
        await pilot.press("escape")
        await until(lambda: app.screen is not screen, "closed")


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("http://example.com", True), ("https://example.com/a?b=c", True), ("ftp://a.b", False),
        ("file:///etc/passwd", False), ("https://", False), ("https:///x", False),
        ("javascript:alert(1)", False), ("https://a\u202eb.c", False), ("http://[::1", False),
    ],
)  # fmt: skip
def test_addresses_that_may_be_opened(url: str, may: bool) -> None:
    assert may_open(url) is may


def test_an_address_ends_before_what_only_follows_it() -> None:
    line = "字 see (https://example.com/a), now"
    first = line.index("https") + 1  # the first character is two cells wide
    found = [url_at(line, column) for column in range(40)]
    assert found.index("https://example.com/a") == first
    assert found.count("https://example.com/a") == len("https://example.com/a")
