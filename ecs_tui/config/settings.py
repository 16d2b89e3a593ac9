"""Settings: flags override environment variables, which override the config file."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any, Literal

import msgspec

from ecs_tui.config.prefix import DEFAULT, Prefix
from ecs_tui.errors import SettingsError
from ecs_tui.system.atomic_file import read_regular

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
"""Known variables that are not settings; `session/plugin.py` and `session/channel/report.py` use
them."""


class TerminalSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How shell panes are drawn.

    Attributes:
        colors: Where colours 0 to 15 and the default colours come from: the `terminal` that ecs-tui
            runs in, or the `theme` of ecs-tui.
    """

    colors: Literal["terminal", "theme"] = "terminal"


class ShellSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The configured commands for shells, "" if not set; `model/command.py` chooses one of them.

    Attributes:
        given: From `--shell` or `ECS_TUI_SHELL`.
        command: The config file's default: `shell = "…"`, or `command` in `[shell]`.
        families: Commands by task definition family or `FAMILY/CONTAINER`, from tables such as
            `[shell."web/app"]`.
    """

    given: str = ""
    command: str = ""
    families: dict[str, str] = {}


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All settings.

    `refresh` is in seconds, `scrollback` in lines, `burst` in calls, `rate` in calls per second.
    """

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    cluster: str = ""
    service: str = ""
    read_only: bool = False
    shell: ShellSettings = ShellSettings()
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
        """The keys in `prefix`, which `load` has validated."""
        return Prefix.parse(self.prefix)


_SWITCH = {
    "1": True, "true": True, "yes": True, "on": True,
    "0": False, "false": False, "no": False, "off": False,
}  # fmt: skip
MAX_CONFIG_BYTES = 1 << 20
"""Maximum size of the config file in bytes; a larger one is an error."""
_CHOICES = {
    "plugin": ("auto", "system", "builtin"),
    "engine": ("auto", "ghostty", "pyte"),
    "split": ("auto", "beside", "below"),
    "theme": ("auto", "dark", "light"),
    "clipboard": ("ask", "deny"),
}


def config_path() -> Path:
    """The default path of the config file, in this platform's user config directory (XDG)."""
    import platformdirs

    return Path(platformdirs.user_config_dir("ecs-tui")) / "config.toml"


def load(flags: dict[str, Any], config: str | None = None) -> Settings:
    """Load the settings: the config file, overridden by the environment, overridden by `flags`.

    Args:
        flags: Values from the command line, by setting; None if not given.
        config: The path from `--config`; None for the default path, which may be missing.

    Raises:
        SettingsError: A value is invalid; the message names the file or variable, the key and the
            expected type.
    """
    path = Path(config).expanduser() if config else config_path()
    values = _read(path, required=config is not None)
    read_only = values.get("read_only", False)
    shell = values.pop("shell", ShellSettings())
    _known_variables()
    for variable, key in ENVIRONMENT.items():
        text = os.environ.get(variable)
        if text:
            values[key] = _from_text(variable, key, text)
    values.update({key: value for key, value in flags.items() if value is not None})
    # A safety switch: the environment and flags can turn it on, but never off.
    values["read_only"] = read_only or values.get("read_only", False)
    given = values.pop("shell", "")
    values["shell"] = msgspec.structs.replace(shell, given=given) if given else shell
    settings = _convert(values, str(path))
    for key, allowed in _CHOICES.items():
        value = getattr(settings, key)
        if value not in allowed:
            choices = ", ".join(allowed)
            raise SettingsError(f'{key} must be one of {choices} (got "{value}").')
    try:
        Prefix.parse(settings.prefix)
    except ValueError as error:
        raise SettingsError(f"prefix is {settings.prefix!r}.", str(error)) from None
    if settings.refresh < 1:
        raise SettingsError(f"refresh must be at least 1 second (got {settings.refresh}).")
    if settings.scrollback < 0:
        raise SettingsError(f"scrollback must be at least 0 lines (got {settings.scrollback}).")
    return settings


def _known_variables() -> None:
    """Reject unknown variables: one may be a misspelt safety switch (`ECS_TUI_READONLY`)."""
    known = {*ENVIRONMENT, *_FOR_SESSIONS}
    for variable in os.environ:
        if variable.startswith("ECS_TUI_") and variable not in known:
            raise SettingsError(
                f"The environment variable {variable} is unknown.",
                f"Known: {', '.join(sorted(ENVIRONMENT))}.",
            )


def _read(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        text = read_regular(path, MAX_CONFIG_BYTES).decode("utf-8")
    except FileNotFoundError:
        if path.is_symlink():  # a file is expected, and may set read_only
            raise SettingsError(f"Config file {path} is a broken link.") from None
        if required:
            raise SettingsError(f"Config file {path} does not exist.") from None
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"Cannot read config file {path}: {error}.") from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.") from error
    if "shell" in values:
        values["shell"] = _shell(values["shell"], str(path))
    _convert(values, str(path))
    return values


_FAMILY = re.compile(r"[\w-]+(/[\w-]+)?", re.ASCII)
"""Names of families and containers have letters, digits, `_` and `-` (ECS's API reference,
RegisterTaskDefinition)."""


def _shell(value: Any, source: str) -> ShellSettings:
    """Parse `shell`: a string (the default command), or a table with it and a table per family."""
    if not isinstance(value, dict):
        return ShellSettings(command=_command(value, "shell", source))
    table = dict(value)
    default = table.pop("command", "")
    if isinstance(default, dict):  # a family named "command"
        table["command"], default = default, ""
    elif "command" in value:
        default = _command(default, "[shell] command", source)
    families = {}
    for name, of in table.items():
        if not isinstance(of, dict):
            raise SettingsError(
                f"{source}: unknown key {name!r} in [shell].",
                f'Known: command. For a task definition family: [shell."{name}"] command = "…".',
            )
        if not _FAMILY.fullmatch(name):
            raise SettingsError(
                f"{source}: [shell.{name!r}] does not name a task definition family.",
                'Write FAMILY or FAMILY/CONTAINER, such as [shell."web/app"].',
            )
        for key in of:
            if key != "command":
                raise SettingsError(
                    f'{source}: unknown key {key!r} in [shell."{name}"].',
                    f'Known: command. For a container: [shell."{name.partition("/")[0]}/{key}"].',
                )
        families[name] = _command(of.get("command"), f'[shell."{name}"] command', source)
    return ShellSettings(command=default, families=families)


def _command(value: Any, key: str, source: str) -> str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    missing = value is None
    what = f"{source}: {key} is {'missing' if missing else repr(value)}."
    raise SettingsError(what, 'Expected: a string, a command such as "/bin/bash".')


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
            # It is unclear what was meant: do not treat it as "off".
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
