"""Settings: the order of sources, and errors that name file, key and type."""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path

import pytest

from ecs_tui.config import file, sections, settings
from ecs_tui.errors import SettingsError
from tests.support.command import run_command


def test_flags_over_environment_over_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.toml"
    file.write_text('shell = "/bin/a"\nrefresh = 30\nregion = "eu-west-1"\n')
    monkeypatch.setenv("ECS_TUI_SHELL", "/bin/b")
    found = settings.load({"region": "eu-north-1", "profile": None}, str(file))
    assert (found.shell.given, found.refresh, found.region) == ("/bin/b", 30, "eu-north-1")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("colour = 1\n", ("colour", "unknown key")),
        ('refresh = "soon"\n', ("refresh", "a number")),
        ("read_only = 3\n", ("read_only", "true or false")),
        ('plugin = "mine"\n', ("plugin", "builtin")),
        ("scrollback = -1\n", ("scrollback", "at least 0")),
        ("refresh = 0\n", ("refresh", "at least 1")),
        ("a b\n", ("not valid TOML",)),
        ("refresh = nan\n", ("refresh", "at least 1")),
        ("burst = 0.0\n", ("burst must be more than 0",)),
        ("rate = -1.0\n", ("rate must be more than 0",)),
        ("[display]\ncolour = 1\n", ("unknown key 'colour' in [display]", "flash, split, theme")),
        (
            '[display]\ntheme = "pink"\n',
            ("[display] theme must be one of auto, dark, light", "'pink'"),
        ),
        ("[display]\ntheme = 3\n", ("[display] theme must be one of", "(got 3)")),
        ('[refresh]\nseconds = "soon"\n', ("[refresh] seconds is 'soon'", "a number")),
        ("[terminal]\nscrollback = 1.5\n", ("[terminal] scrollback is 1.5", "a whole number")),
        (
            '[recording]\nclusters = "prod"\n',
            ("[recording] clusters is 'prod'", "a list of strings"),
        ),
        ("display = 3\n", ("display is 3", "a table, [display]")),
        ("[colours]\n", ("unknown key 'colours'", "[display]", "[policy]")),
        (
            'theme = "dark"\n[display]\ntheme = "dark"\n',
            ("theme is set twice", "Remove the old one"),
        ),
        ("read_only = true\n[policy]\nread_only = false\n", ("read_only is set twice",)),
        ("[keys]\nrefresh = 3\n", ("[keys] cannot be used", "a key or a list of keys")),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, parts: tuple[str, ...]) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        settings.load({}, str(file))
    for part in parts:
        assert part in str(caught.value)


def test_a_config_file_that_was_asked_for_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        settings.load({}, str(tmp_path / "none.toml"))


@pytest.mark.parametrize("text", ["y", "enabled", "true ", "2", "ja", " "])
def test_a_safety_switch_that_cannot_be_read_refuses_to_start(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("ECS_TUI_READ_ONLY", text)
    with pytest.raises(SettingsError) as caught:
        settings.load({})
    assert "ECS_TUI_READ_ONLY" in str(caught.value)
    assert "true" in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        'read_only = "true"', "read_only = 1", "read_only = [true]", "[read_only]", "readonly = true",
        "read-only = true", 'clipboard = "Deny"', "clipboard = false", 'record_input = "no"',
        "record_input = 0", 'record = "prod"', 'cache = "no"', "cache = 0",
    ],
)  # fmt: skip
def test_what_protects_is_never_guessed_from_another_type(tmp_path: Path, line: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f"{line}\n")
    with pytest.raises(SettingsError):
        settings.load({}, str(config))


@pytest.mark.parametrize("name", ["ECS_TUI_READONLY", "ECS_TUI_READ_ONLY_", "ECS_TUI_CLIPBOARD"])
def test_an_unknown_variable_of_ours_refuses_to_start(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(SettingsError, match=name) as caught:
        settings.load({})
    assert "ECS_TUI_READ_ONLY" in str(caught.value)


@pytest.mark.parametrize("asked_for", [False, True])
def test_a_config_file_that_is_a_link_to_nothing_is_not_taken_for_none(
    own_places: Path, tmp_path: Path, asked_for: bool
) -> None:
    path = tmp_path / "config.toml" if asked_for else settings.config_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(tmp_path / "gone")
    with pytest.raises(SettingsError, match="broken link"):
        settings.load({}, str(path) if asked_for else None)


@pytest.mark.parametrize(
    ("file", "variable", "flag", "wanted"),
    [
        ("true", "0", None, True),
        ("true", "false", None, True),
        ("true", "", None, True),
        ("true", None, False, True),
        ("false", "1", None, True),
        ("false", "YES", None, True),
        ("false", None, True, True),
        ("false", "0", True, True),
        ("false", "off", None, False),
        ("false", None, None, False),
    ],
)
def test_read_only_is_tightened_and_never_loosened(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    variable: str | None,
    flag: bool | None,
    wanted: bool,
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f"read_only = {file}\n")
    if variable is None:
        monkeypatch.delenv("ECS_TUI_READ_ONLY", raising=False)
    else:
        monkeypatch.setenv("ECS_TUI_READ_ONLY", variable)
    assert settings.load({"read_only": flag}, str(config)).read_only is wanted


WHOLE = """
[aws]
profile = "work"
region = "eu-west-1"
endpoint_url = "http://127.0.0.1:1"
accounts = ["ops@eu-west-1"]
regions = ["eu-west-9"]
log_file = "calls.log"
[start]
cluster = "prod"
service = "web"
[policy]
read_only = true
[display]
theme = "light"
split = "below"
flash = false
[list]
columns = ["tag:team"]
group = "tag:environment"
[refresh]
seconds = 30
burst = 50
rate = 5.5
cache = false
[shell]
command = "/bin/bash"
prefix = "ctrl+t"
plugin = "builtin"
plugin_path = "/opt/plugin"
[terminal]
colors = "theme"
engine = "pyte"
scrollback = 5
clipboard = "deny"
[metrics]
budget = 2.5
[recording]
clusters = ["prod"]
input = true
[watch]
opened = false
clusters = ["prod"]
calls_per_minute = 12
[problems]
toast = false
title = false
bell = true
command = ["notify-send", "ecs-tui"]
severity = "failing"
stopped_days = 2
[audit]
athena = "primary/trails.cloudtrail"
[transcript]
mask = false
declared = false
[transcript.marks.payroll]
pattern = "payroll"
[keys]
refresh = "V"
"""
FLAT = """
profile = "work"
region = "eu-west-1"
endpoint_url = "http://127.0.0.1:1"
accounts = ["ops@eu-west-1"]
regions = ["eu-west-9"]
log_file = "calls.log"
cluster = "prod"
service = "web"
read_only = true
theme = "light"
split = "below"
flash = false
refresh = 30
burst = 50
rate = 5.5
cache = false
shell = "/bin/bash"
prefix = "ctrl+t"
plugin = "builtin"
plugin_path = "/opt/plugin"
engine = "pyte"
scrollback = 5
clipboard = "deny"
record = ["prod"]
record_input = true
[terminal]
colors = "theme"
[metrics]
budget = 2.5
[keys]
refresh = "V"
"""


def test_every_key_of_every_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(WHOLE)
    found = settings.load({}, str(path))
    assert found.notes == ()
    plain = settings.Settings()
    for table in file.TABLES:
        section, default = (getattr(each, file.attribute_of(table)) for each in (found, plain))
        for field in dataclasses.fields(section):
            changed = getattr(section, field.name) != getattr(default, field.name)
            patterns = table == "policy" and field.name != "read_only"
            assert (
                changed
                or patterns
                or field.name in ("given", "families", "views", "allow_of_machine")
            ), field.name
    assert found.shell == sections.ShellSettings(
        command="/bin/bash", prefix="ctrl+t", plugin="builtin", plugin_path="/opt/plugin"
    )
    assert (found.refresh, found.rate, found.record) == (30.0, 5.5, ("prod",))
    assert found.prefix_keys.shown == "ctrl+t"
    assert found.keys == {"refresh": "V"}
    assert found.transcript.marks == {"payroll": ("payroll", "A pattern of your own.")}


def test_the_flat_keys_are_still_read_and_one_sentence_names_their_places(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(WHOLE)
    by_tables = settings.load({}, str(path))
    path.write_text(FLAT)
    found = settings.load({}, str(path))
    newer = ("lists", "watch", "problems", "audit", "transcript")
    new = {name: getattr(by_tables, name) for name in newer}
    assert dataclasses.replace(found, notes=(), **new) == by_tables, "these have no flat keys"
    (note,) = found.notes
    assert note.startswith(f"{path}: some keys have moved; the old ones still work: ")
    for old, (table, key) in file.OLD.items():
        assert f"{old} is now {key} in [{table}]" in note
    assert note.endswith(".") and "\n" not in note


def test_the_sentence_is_printed_once_at_start_on_stderr(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('theme = "dark"\nrecord = ["*"]\n')
    done = run_command(dict(os.environ), "--config", str(path), "cache")
    assert done.returncode == 0
    assert done.stderr == (
        f"ecs-tui: {path}: some keys have moved; the old ones still work: "
        "theme is now theme in [display], record is now clusters in [recording].\n"
    )
    path.write_text('[display]\ntheme = "dark"\n')
    assert run_command(dict(os.environ), "--config", str(path), "cache").stderr == ""


def test_every_short_name_is_a_setting() -> None:
    plain = settings.Settings()
    for name, (table, key) in file.OLD.items():
        section = getattr(plain, file.attribute_of(table))
        if name not in ("shell", "prefix"):
            assert getattr(plain, name) == getattr(section, key), name
    changed = settings.Settings.of(theme="light", cache=False, shell="zsh", plugin="builtin")
    assert (changed.theme, changed.cache, changed.plugin) == ("light", False, "builtin")
    assert (changed.shell.given, changed.shell.command) == ("zsh", "")
    assert changed.but(cache=True, theme="auto", shell=plain.shell) == plain
    with pytest.raises(KeyError):
        settings.Settings.of(colour="pink")


def test_the_document_has_every_key_and_variable() -> None:
    document = Path(__file__).parents[3] / "docs" / "command-line.md"
    text = document.read_text("utf-8").partition("## Settings")[2]
    rows = re.findall(r"^\| `\[(\w+)\]` \| `(\w+)` \| (?:`(\w+)`)? ?\|", text, re.MULTILINE)
    expected = {
        (table, field.name)
        for table, section in file.TABLES.items()
        for field in dataclasses.fields(section)
        if field.name not in ("given", "families", "views", "marks", "allow_of_machine")
    }
    assert {(table, key) for table, key, _ in rows} == expected
    variables = {variable: (table, key) for table, key, variable in rows if variable}
    assert variables == {
        variable: file.OLD[name] for variable, name in settings.ENVIRONMENT.items()
    }
    for table in (
        '[shell."FAMILY"]',
        '[shell."FAMILY/CONTAINER"]',
        "[transcript.marks.NAME]",
        "[keys]",
    ):
        assert f"| `{table}` |" in text


ROOT = Path(__file__).parents[3]
EXAMPLES = [
    (f"{path.name} {number}", block)
    for path in (*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md")
    for number, block in enumerate(
        re.findall(r"^```toml\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    )
]


@pytest.mark.parametrize(("name", "text"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_an_example_in_the_documents_is_a_config_file_of_today(
    tmp_path: Path, name: str, text: str
) -> None:
    example = tmp_path / "config.toml"
    example.write_text(text, "utf-8")
    assert settings.load({}, str(example)).notes == (), "no flat keys"


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 4
