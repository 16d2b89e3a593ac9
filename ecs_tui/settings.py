"""Settings: flags over environment over the config file; typed, and wrong ones are named."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Literal

import msgspec

from ecs_tui.errors import SettingsError
from ecs_tui.files import read_regular
from ecs_tui.prefix import DEFAULT, Prefix

ENVIRONMENT = {
    "ECS_TUI_PROFILE": "profile",
    "ECS_TUI_REGION": "region",
    "ECS_TUI_SHELL": "shell",
    "ECS_TUI_PLUGIN": "plugin",
    "ECS_TUI_READ_ONLY": "read_only",
    "ECS_TUI_REFRESH": "refresh",
    "ECS_TUI_THEME": "theme",
}

_FOR_SESSIONS = ("ECS_TUI_PLUGIN_READS_ENVIRONMENT", "ECS_TUI_REPORT_FD")
"""Variables that are no settings: `session/plugin.py`, `session/channel/report.py`."""


class TerminalSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a shell's pane is drawn.

    `colors`: whose the colours 0 to 15 and the default ones are: those of the `terminal` that the
    program runs in, or those of the program's `theme`.
    """

    colors: Literal["terminal", "theme"] = "terminal"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything that can be set. Seconds, cells and lines are plain numbers."""

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    cluster: str = ""
    service: str = ""
    read_only: bool = False
    shell: str = "/bin/sh"
    refresh: float = 10.0
    plugin: str = "auto"
    plugin_path: str = ""
    scrollback: int = 10_000
    engine: str = "auto"
    split: str = "auto"
    prefix: str = DEFAULT
    theme: str = "auto"
    flash: bool = True
    cache: bool = True
    burst: float = 100.0
    rate: float = 20.0
    record: list[str] = []
    record_input: bool = False
    clipboard: str = "ask"
    accounts: list[str] = []
    regions: list[str] = []
    log_file: str = ""
    terminal: TerminalSettings = TerminalSettings()

    @property
    def prefix_keys(self) -> Prefix:
        """The keys that `prefix` names; `load` has checked it."""
        return Prefix.parse(self.prefix)


_SWITCH = {
    "1": True, "true": True, "yes": True, "on": True,
    "0": False, "false": False, "no": False, "off": False,
}  # fmt: skip
LARGEST_CONFIG = 1 << 20
_CHOICES = {
    "plugin": ("auto", "system", "builtin"),
    "engine": ("auto", "ghostty", "pyte"),
    "split": ("auto", "beside", "below"),
    "theme": ("auto", "dark", "light"),
    "clipboard": ("ask", "deny"),
}


def config_path() -> Path:
    """Where the config file is looked for: the XDG place of this platform."""
    import platformdirs

    return Path(platformdirs.user_config_dir("ecs-tui")) / "config.toml"


def load(flags: dict[str, Any], config: str | None = None) -> Settings:
    """The settings from the config file, then the environment, then `flags` (None: not given).

    Raises:
        SettingsError: Naming the file or variable, the key and the expected type.
    """
    path = Path(config).expanduser() if config else config_path()
    values = _read(path, required=config is not None)
    read_only = values.get("read_only", False)
    _known_variables()
    for variable, key in ENVIRONMENT.items():
        text = os.environ.get(variable)
        if text:
            values[key] = _from_text(variable, key, text)
    values.update({key: value for key, value in flags.items() if value is not None})
    # A safety switch: the environment and flags may tighten it, never loosen it.
    values["read_only"] = read_only or values.get("read_only", False)
    settings = _convert(values, str(path))
    for key, allowed in _CHOICES.items():
        value = getattr(settings, key)
        if value not in allowed:
            raise SettingsError(f"{key} is {value!r}.", f"It must be one of: {', '.join(allowed)}.")
    try:
        Prefix.parse(settings.prefix)
    except ValueError as error:
        raise SettingsError(f"prefix is {settings.prefix!r}.", str(error)) from None
    if settings.refresh < 1:
        raise SettingsError(f"refresh is {settings.refresh} seconds.", "It must be 1 or more.")
    if settings.scrollback < 0:
        raise SettingsError(f"scrollback is {settings.scrollback} lines.", "It must be 0 or more.")
    return settings


def _known_variables() -> None:
    """An unknown one may be a safety switch with its name misspelt (`ECS_TUI_READONLY`)."""
    known = {*ENVIRONMENT, *_FOR_SESSIONS}
    for variable in os.environ:
        if variable.startswith("ECS_TUI_") and variable not in known:
            raise SettingsError(
                f"The environment variable {variable} is unknown.",
                f"Known: {', '.join(sorted(ENVIRONMENT))}.",
            )


def _read(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        text = read_regular(path, LARGEST_CONFIG).decode("utf-8")
    except FileNotFoundError:
        if path.is_symlink():  # it was meant to be there, and may say read_only
            raise SettingsError(f"The config file {path} is a link to nothing.") from None
        if required:
            raise SettingsError(f"The config file {path} does not exist.") from None
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The config file {path} cannot be read: {error}.") from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.") from error
    _convert(values, str(path))
    return values


def _convert(values: dict[str, Any], source: str) -> Settings:
    known = {field.name: field for field in msgspec.structs.fields(Settings)}
    for key, value in values.items():
        if key not in known:
            raise SettingsError(
                f"{source}: unknown key {key!r}.", f"Known keys: {', '.join(sorted(known))}."
            )
        expected = known[key].type
        try:
            msgspec.convert(value, expected)
        except msgspec.ValidationError as error:
            if expected is TerminalSettings:
                raise SettingsError(f"{source}: [{key}] cannot be used: {error}.") from None
            raise SettingsError(
                f"{source}: {key} is {value!r}.", f"Expected: {_words(expected)}."
            ) from None
    return msgspec.convert(values, Settings)


def _words(expected: Any) -> str:
    names = {str: "a string", bool: "true or false", float: "a number", int: "a whole number"}
    return names.get(expected, "a string")


def _from_text(variable: str, key: str, text: str) -> Any:
    if key == "read_only":
        if text.lower() not in _SWITCH:
            # Nobody knows what was meant: not to be taken for "off".
            raise SettingsError(
                f"{variable} is {text!r}.", f"Expected one of: {', '.join(_SWITCH)}."
            )
        return _SWITCH[text.lower()]
    if key == "refresh":
        try:
            return float(text)
        except ValueError:
            raise SettingsError(f"{variable} is {text!r}.", "Expected: a number.") from None
    return text
