"""The words of a filter: text, columns, tags, what is inverted, regular expressions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ecs_tui.model.cluster import Cluster
from ecs_tui.resources import RESOURCES
from ecs_tui.resources.clusters import ClusterRow
from ecs_tui.resources.tags import tags_of
from ecs_tui.ui.table.row_index import RowIndex
from ecs_tui.ui.table.terms import broken_pattern, parse_term, unknown_column

NOW = datetime(2026, 1, 2, tzinfo=UTC)
VIEW = RESOURCES["clusters"]
TAGS = {"prod": {"environment": "production", "Team": "web"}, "staging": {"environment": "stage"}}


def row(name: str) -> ClusterRow:
    cluster = Cluster(
        f"arn:{name}", name, "INACTIVE" if name == "old" else "ACTIVE", tags=TAGS.get(name, {})
    )
    return ClusterRow(cluster, 0, 0)


def found(text: str) -> list[str]:
    index = RowIndex(VIEW)
    index.set_rows([row(name) for name in ("prod", "prod-eu", "staging", "old")])
    index.filter = text
    while True:
        index.arrange(NOW)
        if not index.incomplete:
            return [key.removeprefix("arn:") for key in index.keys]


EVERY = ["old", "prod", "prod-eu", "staging"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("prod", ["prod", "prod-eu"]), ("PROD", ["prod", "prod-eu"]), ("prod eu", ["prod-eu"]),
        ("!prod", ["old", "staging"]), ("prod !eu", ["prod"]),
        ("status:inactive", ["old"]), ("!status:inactive", ["prod", "prod-eu", "staging"]),
        ("~^p.*d$", ["prod"]), ("~P.*D", ["prod", "prod-eu"]), ("!~^prod", ["old", "staging"]),
        (r"~\Wprod", []), (r"cluster:~o\D", ["old", "prod", "prod-eu"]), ("cluster:~^s", ["staging"]),
        ("tag:environment=production", ["prod"]), ("tag:environment", ["prod", "staging"]),
        ("tag:ENVIRONMENT=Prod", ["prod"]), ("tag:team=web", ["prod"]), ("tag:env=production", []),
        ("!tag:environment", ["old", "prod-eu"]), ("tag:~^Team=w", ["prod"]),
        ("!", EVERY), ("~", EVERY), ("cluster:", EVERY), ("tag:", EVERY), ("", EVERY),
        ("~(", []), ("!~(", []), ("cluster:~[", []), ("tag:~(", []), ("!tag:~(", []),
        ("nowhere:prod", []),
    ],
)  # fmt: skip
def test_rows_that_match(text: str, names: list[str]) -> None:
    assert found(text) == names


def test_what_is_wrong_with_a_filter() -> None:
    assert unknown_column(VIEW, "prod foo:bar") == "foo"
    assert unknown_column(VIEW, "!foo:bar") == "foo"
    assert unknown_column(VIEW, "tag:a=b status:x ~a:b !~c:d") == ""
    assert broken_pattern(VIEW, "prod ~( x") == "~("
    assert broken_pattern(VIEW, "prod ~p.*d !status:x") == ""
    assert parse_term("status:~", VIEW).incomplete


def test_tags_are_found_in_the_row_or_in_what_it_shows() -> None:
    assert tags_of(row("prod")) == TAGS["prod"]
    assert tags_of(object()) == {}


def test_marked_rows_are_found_by_key_the_shown_ones_first() -> None:
    index = RowIndex(VIEW)
    index.set_rows([row(name) for name in ("prod", "prod-eu", "staging", "old")])
    index.filter, index.descending = "prod", True
    index.arrange(NOW)
    wanted = {"arn:old", "arn:prod", "arn:prod-eu", "arn:gone"}
    assert [each.name for each in index.rows_with(wanted)] == ["prod-eu", "prod", "old"]
