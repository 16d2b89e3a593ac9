"""Reads the config file: its tables, the flat keys of older files, and the type of each value."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from ecs_tui.config.policy import CallPolicy
from ecs_tui.config.sections import (
    AuditHistorySettings,
    AwsSettings,
    DisplaySettings,
    ListSettings,
    MetricSettings,
    ProblemSettings,
    RecordingSettings,
    RefreshSettings,
    ShellSettings,
    StartSettings,
    TerminalSettings,
    TranscriptSettings,
    WatchSettings,
)
from ecs_tui.errors import SettingsError
from ecs_tui.record import dataclass
from ecs_tui.system.atomic_file import read_regular

T = TypeVar("T")
MAX_CONFIG_BYTES = 1 << 20
"""Maximum size of the config file in bytes; a larger one is an error."""

TABLES: dict[str, type] = {
    "aws": AwsSettings,
    "start": StartSettings,
    "policy": CallPolicy,
    "display": DisplaySettings,
    "list": ListSettings,
    "refresh": RefreshSettings,
    "shell": ShellSettings,
    "transcript": TranscriptSettings,
    "terminal": TerminalSettings,
    "recording": RecordingSettings,
    "metrics": MetricSettings,
    "watch": WatchSettings,
    "problems": ProblemSettings,
    "audit": AuditHistorySettings,
}
"""The section of each table."""
_FROM_ELSEWHERE = {"given", "families", "views", "marks", "allow_of_machine"}
"""Fields of sections that are no keys of their tables."""
_ATTRIBUTES = {"refresh": "refreshing", "list": "lists"}
OLD = {
    "profile": ("aws", "profile"),
    "region": ("aws", "region"),
    "endpoint_url": ("aws", "endpoint_url"),
    "accounts": ("aws", "accounts"),
    "regions": ("aws", "regions"),
    "log_file": ("aws", "log_file"),
    "cluster": ("start", "cluster"),
    "service": ("start", "service"),
    "read_only": ("policy", "read_only"),
    "theme": ("display", "theme"),
    "split": ("display", "split"),
    "flash": ("display", "flash"),
    "refresh": ("refresh", "seconds"),
    "burst": ("refresh", "burst"),
    "rate": ("refresh", "rate"),
    "cache": ("refresh", "cache"),
    "shell": ("shell", "command"),
    "prefix": ("shell", "prefix"),
    "plugin": ("shell", "plugin"),
    "plugin_path": ("shell", "plugin_path"),
    "engine": ("terminal", "engine"),
    "scrollback": ("terminal", "scrollback"),
    "clipboard": ("terminal", "clipboard"),
    "record": ("recording", "clusters"),
    "record_input": ("recording", "input"),
}
"""(table, key) of each setting by its short name: the flag's, and the flat key in older files."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """What the config file says.

    Attributes:
        sections: The sections that it sets something in, by the attribute of `Settings`.
        keys: A key or several for each command, by the command's id.
        notes: Sentences for the operator about the file.
    """

    sections: Mapping[str, object]
    keys: Mapping[str, str | list[str]]
    notes: tuple[str, ...] = ()


def attribute_of(table: str) -> str:
    """The attribute of `Settings` for a table: the short name `refresh` is that of its seconds."""
    return _ATTRIBUTES.get(table, table)


def config_path() -> Path:
    """The default path of the config file, in this platform's user config directory (XDG)."""
    import platformdirs

    return Path(platformdirs.user_config_dir("ecs-tui")) / "config.toml"


def read(path: Path, *, required: bool) -> ConfigFile:
    """Read a config file.

    Args:
        path: The file.
        required: Whether it must exist.

    Raises:
        SettingsError: It cannot be read, or a key or a value is wrong.
    """
    source = str(path)
    tables: dict[str, dict[str, object]] = {}
    keys: dict[str, str | list[str]] = {}
    old: list[str] = []
    for name, value in _toml(path, required=required).items():
        if name == "keys":
            keys = _key_names(value, source)
        elif name in TABLES and isinstance(value, dict):
            found = _SPECIAL.get(name, partial(_table, name))(value, source)
            _add(tables.setdefault(name, {}), found, source)
        elif name in OLD:
            table, key = OLD[name]
            shown = _command(value, name, source) if name == "shell" else value
            converted = convert(table, key, shown, name, f"{source}: ")
            _add(tables.setdefault(table, {}), {key: converted}, source)
            old.append(f"{name} is now {key} in [{table}]")
        elif name in TABLES:
            raise SettingsError(f"{source}: {name} is {value!r}.", f"Expected: a table, [{name}].")
        else:
            known = ", ".join(f"[{table}]" for table in (*TABLES, "keys"))
            raise SettingsError(f"{source}: unknown key {name!r}.", f"Known tables: {known}.")
    notes: tuple[str, ...] = ()
    if old:
        notes = (f"{source}: some keys have moved; the old ones still work: {', '.join(old)}.",)
    return ConfigFile(
        {attribute_of(t): _section(t, v, source) for t, v in tables.items()}, keys, notes
    )


def read_machine_policy(path: Path) -> CallPolicy:
    """The policy of the machine: the table `[policy]` of its file; one that blocks nothing without a file.

    Raises:
        SettingsError: It cannot be read, or has anything else in it: what it should block would not
            be blocked.
    """
    source = str(path)
    found = _toml(path, required=False)
    for name in found:
        if name != "policy":
            raise SettingsError(f"{source}: unknown key {name!r}.", "Known tables: [policy].")
    value = found.get("policy", {})
    if not isinstance(value, dict):
        raise SettingsError(f"{source}: policy is {value!r}.", "Expected: a table, [policy].")
    section = _section("policy", _table("policy", value, source), source)
    assert isinstance(section, CallPolicy)
    return section


def convert(table: str, key: str, value: object, shown: str, source: str = "") -> object:
    """A value in the type of its setting.

    Args:
        shown: The setting's name in the error.
        source: The file in the error, with ": ", or "".

    Raises:
        SettingsError: It has another type, or is none of the choices.
    """
    expected = get_type_hints(TABLES[table])[key]
    try:
        return msgspec.convert(value, expected)
    except msgspec.ValidationError:
        if get_origin(expected) is Literal:
            choices = ", ".join(get_args(expected))
            words = f"{source}{shown} must be one of {choices} (got {value!r})."
            raise SettingsError(words) from None
        raise SettingsError(
            f"{source}{shown} is {value!r}.", f"Expected: {_words(expected)}."
        ) from None


def with_values(section: T, values: Mapping[str, object]) -> T:
    """A copy of a section, or of all settings, with other values of some fields."""
    made = _replace(section, **values)
    assert isinstance(made, type(section))
    return made


_replace: Callable[..., object] = dataclasses.replace


def _toml(path: Path, *, required: bool) -> dict[str, object]:
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
    import tomllib  # a tenth of the imports of a call without a config file

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.") from error


def _add(table: dict[str, object], found: Mapping[str, object], source: str) -> None:
    """Add values to a table; the same setting in its old and its new place is an error."""
    for key, value in found.items():
        if key in table:
            raise SettingsError(
                f"{source}: {key} is set twice, in its table and by its old name.",
                "Remove the old one.",
            )
        table[key] = value


def _table(name: str, value: Mapping[str, object], source: str) -> dict[str, object]:
    known = _keys_of(name)
    for key in value:
        if key not in known:
            raise SettingsError(
                f"{source}: unknown key {key!r} in [{name}].", f"Known: {', '.join(known)}."
            )
    return {
        key: convert(name, key, item, f"[{name}] {key}", f"{source}: ")
        for key, item in value.items()
    }


def _keys_of(table: str) -> list[str]:
    """The keys of a table, in alphabetical order."""
    return sorted(get_type_hints(TABLES[table]).keys() - _FROM_ELSEWHERE)


def _section(table: str, values: Mapping[str, object], source: str) -> object:
    try:
        return TABLES[table](**values)
    except ValueError as error:  # the patterns of the policy
        raise SettingsError(f"{source}: [{table}] {error}") from None


_FAMILY = re.compile(r"[\w-]+(/[\w-]+)?", re.ASCII)
"""Names of families and containers have letters, digits, `_` and `-` (ECS's API reference,
RegisterTaskDefinition)."""


def _shell(value: Mapping[str, object], source: str) -> dict[str, object]:
    """Parse `[shell]`: its keys, and a table for each family or container."""
    own = {name: item for name, item in value.items() if not isinstance(item, dict)}
    for name in own:
        if name not in _keys_of("shell"):
            raise SettingsError(
                f"{source}: unknown key {name!r} in [shell].",
                f"Known: {', '.join(_keys_of('shell'))}. "
                f'For a task definition family: [shell."{name}"] command = "…".',
            )
    found = _table("shell", {name: own[name] for name in own if name != "command"}, source)
    if "command" in own:
        found["command"] = _command(own["command"], "[shell] command", source)
    families = {
        name: _of_family(name, item, source)
        for name, item in value.items()
        if isinstance(item, dict)
    }
    return {**found, "families": families} if families else found


_TAG = "tag:"


def _list(value: Mapping[str, object], source: str) -> dict[str, object]:
    """Parse `[list]`: its keys, and a table with the same keys for each list."""
    own = {name: item for name, item in value.items() if not isinstance(item, dict)}
    found = _tags(own, "list", source)
    views = {
        name: _tags(item, f"list.{name}", source)
        for name, item in value.items()
        if isinstance(item, dict)
    }
    return {**found, "views": views} if views else found


def _tags(own: Mapping[str, object], table: str, source: str) -> dict[str, object]:
    """The keys of `[list]` or of one of its tables; every column is that of a tag."""
    known = _keys_of("list")
    for key in own:
        if key not in known:
            raise SettingsError(
                f"{source}: unknown key {key!r} in [{table}].",
                f"Known: {', '.join(known)}. For one list: [list.services].",
            )
    found = {
        key: convert("list", key, item, f"[{table}] {key}", f"{source}: ")
        for key, item in own.items()
    }
    for key, item in found.items():
        for name in (item,) if isinstance(item, str) else item if isinstance(item, tuple) else ():
            if name and (not name.startswith(_TAG) or name == _TAG):
                raise SettingsError(
                    f"{source}: [{table}] {key}: {name!r} is no column of a tag.",
                    'Expected: "tag:KEY", such as "tag:team".',
                )
    return found


def _transcript(value: Mapping[str, object], source: str) -> dict[str, object]:
    """Parse `[transcript]`: its keys, and a table for each mark."""
    marks = value.get("marks", {})
    if not isinstance(marks, dict):
        what = f"{source}: marks in [transcript] is {marks!r}."
        raise SettingsError(what, "Expected: tables, such as [transcript.marks.payroll].")
    found = _table(
        "transcript", {name: item for name, item in value.items() if name != "marks"}, source
    )
    made = {name: _mark(name, item, source) for name, item in marks.items()}
    return {**found, "marks": made} if made else found


def _mark(name: str, table: object, source: str) -> tuple[str, str]:
    where = f'{source}: [transcript.marks."{name}"]'
    if not isinstance(table, dict) or not set(table) <= {"pattern", "reason"}:
        raise SettingsError(f"{where} cannot be used.", "Known: pattern, reason.")
    pattern, reason = table.get("pattern"), table.get("reason", "A pattern of your own.")
    if not isinstance(pattern, str) or not pattern or not isinstance(reason, str):
        raise SettingsError(f"{where} needs a pattern.", "Expected: a regular expression.")
    try:
        re.compile(pattern)
    except re.error as error:
        raise SettingsError(f"{where}: the pattern is not valid: {error}.") from None
    return pattern, reason


_SPECIAL = {"shell": _shell, "list": _list, "transcript": _transcript}
"""What reads the tables that have tables of their own."""


def _of_family(name: str, table: Mapping[str, object], source: str) -> str:
    if not _FAMILY.fullmatch(name):
        raise SettingsError(
            f"{source}: [shell.{name!r}] does not name a task definition family.",
            'Write FAMILY or FAMILY/CONTAINER, such as [shell."web/app"].',
        )
    for key in table:
        if key != "command":
            raise SettingsError(
                f'{source}: unknown key {key!r} in [shell."{name}"].',
                f'Known: command. For a container: [shell."{name.partition("/")[0]}/{key}"].',
            )
    return _command(table.get("command"), f'[shell."{name}"] command', source)


def _command(value: object, key: str, source: str) -> str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    missing = value is None
    what = f"{source}: {key} is {'missing' if missing else repr(value)}."
    raise SettingsError(what, 'Expected: a string, a command such as "/bin/bash".')


def _key_names(value: object, source: str) -> dict[str, str | list[str]]:
    try:
        return msgspec.convert(value, dict[str, str | list[str]])
    except msgspec.ValidationError as error:
        raise SettingsError(
            f"{source}: [keys] cannot be used: {error}.",
            'Expected: a key or a list of keys for each command, such as shell = ["s", "f5"].',
        ) from None


def _words(expected: object) -> str:
    names: dict[object, str] = {
        str: "a string", bool: "true or false", float: "a number", int: "a whole number",
        tuple[str, ...]: "a list of strings", tuple[str, ...] | None: "a list of strings",
    }  # fmt: skip
    return names.get(expected, "a string")
