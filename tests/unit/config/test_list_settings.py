"""`[list]`: columns of tags and groups, for all lists or for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecs_tui.config import settings
from ecs_tui.config.sections import ListSettings
from ecs_tui.config.state import SavedChoices, load
from ecs_tui.errors import SettingsError
from ecs_tui.resources import RESOURCES
from ecs_tui.ui.list_views import ListViews, check_lists

TEXT = """
[list]
columns = ["tag:team", "tag:environment"]
[list.tasks]
columns = []
group = "tag:environment"
"""


def loaded(tmp_path: Path, text: str) -> ListSettings:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return settings.load({}, str(path)).lists


def test_one_list_has_its_own(tmp_path: Path) -> None:
    found = loaded(tmp_path, TEXT)
    assert found.columns_of("services") == ("team", "environment")
    assert found.columns_of("tasks") == ()
    assert (found.group_of("services"), found.group_of("tasks")) == (None, "environment")
    assert ListSettings().columns_of("services") is None
    check_lists(found)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('[list]\ncolumns = ["status"]\n', ("'status' is no column of a tag", "tag:team")),
        ('[list]\ncolumns = ["tag:"]\n', ("'tag:' is no column of a tag",)),
        ('[list]\ncolumns = "tag:team"\n', ("[list] columns", "a list of strings")),
        ('[list]\ngroup = "team"\n', ("[list] group: 'team' is no column of a tag",)),
        ("[list]\ngroup = 3\n", ("[list] group", "a string")),
        ('[list.tasks]\nrows = ["tag:a"]\n', ("unknown key 'rows' in [list.tasks]", "columns")),
        ("[list]\nrows = 3\n", ("unknown key 'rows' in [list]", "[list.services]")),
        ("list = 3\n", ("list is 3", "a table, [list]")),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, parts: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError) as raised:
        loaded(tmp_path, text)
    for part in parts:
        assert part in str(raised.value)


def test_lists_that_do_not_exist_are_named(tmp_path: Path) -> None:
    for name in ("events", "pods"):
        found = loaded(tmp_path, f'[list.{name}]\ncolumns = ["tag:team"]\n')
        with pytest.raises(SettingsError, match=f"list.{name}.*services, tasks"):
            check_lists(found)


def test_what_was_chosen_is_remembered_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    views = ListViews(ListSettings(), SavedChoices())
    services = RESOURCES["services"]
    assert views.of(services) is services
    views.choose("services", ["team"])
    views.group_by("services", "environment")
    made = views.of(services)
    assert made.columns[0].key == "tag:environment"
    assert "tag:team" in [column.key for column in made.columns]
    assert views.of(services) is made, "the same object, so that nothing is drawn anew"
    assert views.of(RESOURCES["tasks"]) is RESOURCES["tasks"]
    saved = load()
    assert (saved.columns, saved.groups) == ({"services": ["team"]}, {"services": "environment"})
    again = ListViews(ListSettings(), saved)
    assert (again.columns("services"), again.group("services")) == (("team",), "environment")
    file = ListViews(loaded(tmp_path, TEXT), saved)
    assert file.columns("services") == ("team", "environment"), "the file comes first at the start"
    file.choose("services", [])
    assert file.columns("services") == (), "what is chosen now holds"
    file.group_by("tasks", "")
    assert file.group("tasks") == ""
