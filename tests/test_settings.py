"""Settings: order of sources, and errors that name file, key and type."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecs_tui import settings
from ecs_tui.errors import SettingsError


def test_flags_over_environment_over_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.toml"
    file.write_text('shell = "/bin/a"\nrefresh = 30\nregion = "eu-west-1"\n')
    monkeypatch.setenv("ECS_TUI_SHELL", "/bin/b")
    found = settings.load({"region": "eu-north-1", "profile": None}, str(file))
    assert (found.shell, found.refresh, found.region) == ("/bin/b", 30, "eu-north-1")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("colour = 1\n", ("colour", "unknown key")),
        ('refresh = "soon"\n', ("refresh", "a number")),
        ("read_only = 3\n", ("read_only", "true or false")),
        ('plugin = "mine"\n', ("plugin", "builtin")),
        ("scrollback = -1\n", ("scrollback", "0 or more")),
        ("refresh = 0\n", ("refresh", "1 or more")),
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
