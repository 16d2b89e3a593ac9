"""Settings: the order of sources, and errors that name file, key and type."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from ecs_tui.config import settings
from ecs_tui.errors import SettingsError


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


def test_the_document_has_every_key_and_variable() -> None:
    document = Path(__file__).parents[3] / "docs" / "command-line.md"
    text = document.read_text("utf-8").partition("## Settings")[2]
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (.*?) ?\|", text, re.MULTILINE)
    keys = [key for cell, _ in rows for key in re.findall(r"\w+", cell)]
    fields = {field.name for field in msgspec.structs.fields(settings.Settings)}
    assert sorted(keys) == sorted(fields - {"terminal"})
    variables = {variable: keys for keys, cell in rows for variable in re.findall(r"\w+", cell)}
    assert variables == {name: f"`{key}`" for name, key in settings.ENVIRONMENT.items()}
    for table in ("[terminal]", "[shell]", '[shell."FAMILY"]', '[shell."FAMILY/CONTAINER"]'):
        assert f"| `{table}` |" in text
