"""Settings: flags override environment variables, which override the config file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field, fields
from functools import lru_cache
from pathlib import Path

from ecs_tui.config import file
from ecs_tui.config.file import MAX_CONFIG_BYTES, OLD, config_path
from ecs_tui.config.keymap import Keymap
from ecs_tui.config.policy import UNRESTRICTED, CallPolicy
from ecs_tui.config.prefix import Prefix
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

__all__ = [
    "ENVIRONMENT", "MAX_CONFIG_BYTES", "Settings", "ShellSettings", "config_path", "load",
]  # fmt: skip

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
MACHINE_POLICY = Path("/etc/ecs-tui/policy.toml")
"""The policy of the machine, which its administrator writes; nothing can weaken or skip it."""
_SWITCH = {
    "1": True, "true": True, "yes": True, "on": True,
    "0": False, "false": False, "no": False, "off": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, by section. The short names of single settings are those of the flags."""

    aws: AwsSettings = field(default_factory=AwsSettings)
    start: StartSettings = field(default_factory=StartSettings)
    policy: CallPolicy = UNRESTRICTED
    display: DisplaySettings = field(default_factory=DisplaySettings)
    lists: ListSettings = field(default_factory=ListSettings)
    refreshing: RefreshSettings = field(default_factory=RefreshSettings)
    shell: ShellSettings = field(default_factory=ShellSettings)
    transcript: TranscriptSettings = field(default_factory=TranscriptSettings)
    terminal: TerminalSettings = field(default_factory=TerminalSettings)
    recording: RecordingSettings = field(default_factory=RecordingSettings)
    metrics: MetricSettings = field(default_factory=MetricSettings)
    watch: WatchSettings = field(default_factory=WatchSettings)
    problems: ProblemSettings = field(default_factory=ProblemSettings)
    audit: AuditHistorySettings = field(default_factory=AuditHistorySettings)
    keys: Mapping[str, str | list[str]] = field(default_factory=dict)
    """`[keys]`: a key or several for each command, by the command's id (`config/keymap.py`)."""
    notes: tuple[str, ...] = ()
    """Sentences about the config file that the operator should read: keys that have moved."""

    @classmethod
    def of(cls, **values: object) -> Settings:
        """The default settings with some values, by their short names.

        Raises:
            KeyError: There is no such setting.
        """
        return cls().but(**values)

    def but(self, **values: object) -> Settings:
        """The same settings with other values, by their short names or by section.

        Raises:
            KeyError: There is no such setting.
        """
        changed: dict[str, object] = {}
        sections = {each.name for each in fields(self)}
        for name, value in values.items():
            if name in sections and not (name == "shell" and isinstance(value, str)):
                changed[name] = value
                continue
            table, key = ("shell", "given") if name == "shell" else OLD[name]
            attribute = file.attribute_of(table)
            section = changed.get(attribute, getattr(self, attribute))
            changed[attribute] = file.with_values(section, {key: value})
        return file.with_values(self, changed)

    @property
    def keymap(self) -> Keymap:
        """The keys of all commands, which `load` has validated."""
        given = ((name, _several(value)) for name, value in self.keys.items())
        return _keymap(tuple(given), self.shell.prefix)

    # -- the short names

    @property
    def profile(self) -> str | None:
        return self.aws.profile

    @property
    def region(self) -> str | None:
        return self.aws.region

    @property
    def endpoint_url(self) -> str | None:
        return self.aws.endpoint_url

    @property
    def accounts(self) -> tuple[str, ...]:
        return self.aws.accounts

    @property
    def regions(self) -> tuple[str, ...]:
        return self.aws.regions

    @property
    def log_file(self) -> str:
        return self.aws.log_file

    @property
    def cluster(self) -> str:
        return self.start.cluster

    @property
    def service(self) -> str:
        return self.start.service

    @property
    def read_only(self) -> bool:
        return self.policy.read_only

    @property
    def theme(self) -> str:
        return self.display.theme

    @property
    def split(self) -> str:
        return self.display.split

    @property
    def flash(self) -> bool:
        return self.display.flash

    @property
    def refresh(self) -> float:
        return self.refreshing.seconds

    @property
    def burst(self) -> float:
        return self.refreshing.burst

    @property
    def rate(self) -> float:
        return self.refreshing.rate

    @property
    def cache(self) -> bool:
        return self.refreshing.cache

    @property
    def plugin(self) -> str:
        return self.shell.plugin

    @property
    def plugin_path(self) -> str:
        return self.shell.plugin_path

    @property
    def prefix_keys(self) -> Prefix:
        return self.shell.prefix_keys

    @property
    def engine(self) -> str:
        return self.terminal.engine

    @property
    def scrollback(self) -> int:
        return self.terminal.scrollback

    @property
    def clipboard(self) -> str:
        return self.terminal.clipboard

    @property
    def record(self) -> tuple[str, ...]:
        return self.recording.clusters

    @property
    def record_input(self) -> bool:
        return self.recording.input


def _several(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@lru_cache(8)
def _keymap(own: tuple[tuple[str, tuple[str, ...]], ...], prefix: str) -> Keymap:
    return Keymap.make(dict(own), Prefix.parse(prefix))


def load(flags: Mapping[str, object], config: str | None = None) -> Settings:
    """Load the settings: the config file, overridden by the environment, overridden by `flags`.

    The policy of the machine (`MACHINE_POLICY`) is added last.

    Args:
        flags: Values from the command line, by their short names; None if not given.
        config: The path from `--config`; None for the default path, which may be missing.

    Raises:
        SettingsError: A value is invalid; the message names the file or variable, the key and the
            expected type.
    """
    path = Path(config).expanduser() if config else config_path()
    read = file.read(path, required=config is not None)
    settings = file.with_values(Settings(keys=read.keys, notes=read.notes), read.sections)
    _known_variables()
    values: dict[str, object] = {}
    for variable, key in ENVIRONMENT.items():
        if text := os.environ.get(variable):
            values[key] = _from_text(variable, key, text)
    values |= {key: value for key, value in flags.items() if value is not None}
    # A safety switch: the environment and flags can turn it on, but never off.
    values["read_only"] = settings.read_only or values.get("read_only", False)
    for key, value in values.items():
        if key != "shell":
            table, name = OLD[key]
            values[key] = file.convert(table, name, value, key)
    settings = settings.but(**values)
    machine = file.read_machine_policy(MACHINE_POLICY)
    settings = file.with_values(settings, {"policy": settings.policy.within(machine)})
    _check(settings, path)
    return settings


def _check(settings: Settings, path: Path) -> None:
    """Check what a type does not say. `path`: the config file, for the message."""
    try:
        Prefix.parse(settings.shell.prefix)
    except ValueError as error:
        raise SettingsError(f"prefix is {settings.shell.prefix!r}.", str(error)) from None
    try:
        _ = settings.keymap
    except ValueError as error:
        raise SettingsError(f"{path}: [keys] cannot be used: {error}") from None
    if not settings.refresh >= 1:
        raise SettingsError(f"refresh must be at least 1 second (got {settings.refresh}).")
    if settings.scrollback < 0:
        raise SettingsError(f"scrollback must be at least 0 lines (got {settings.scrollback}).")
    if not settings.metrics.budget >= 0:
        budget = settings.metrics.budget
        raise SettingsError(f"budget in [metrics] must be 0 or more US dollars (got {budget}).")
    rates = (
        ("burst", settings.burst), ("rate", settings.rate),
        ("[watch] calls_per_minute", settings.watch.calls_per_minute),
    )  # fmt: skip
    for name, number in rates:
        if not number > 0:
            raise SettingsError(f"{name} must be more than 0 (got {number}).")


def _known_variables() -> None:
    """Reject unknown variables: one may be a misspelt safety switch (`ECS_TUI_READONLY`)."""
    known = {*ENVIRONMENT, *_FOR_SESSIONS}
    for variable in os.environ:
        if variable.startswith("ECS_TUI_") and variable not in known:
            raise SettingsError(
                f"The environment variable {variable} is unknown.",
                f"Known: {', '.join(sorted(ENVIRONMENT))}.",
            )


def _from_text(variable: str, key: str, text: str) -> object:
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
