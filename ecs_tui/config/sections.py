"""The sections of the settings: one frozen dataclass for each table of the config file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ecs_tui.config.prefix import DEFAULT, Prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsSettings:
    """`[aws]`: which account to use, and where."""

    profile: str | None = None
    """AWS profile; None for the one that the AWS CLI would use."""
    region: str | None = None
    """AWS region; None for that of the environment or the profile."""
    endpoint_url: str | None = None
    """An endpoint for all AWS calls; None for AWS's own."""
    accounts: tuple[str, ...] = ()
    """`PROFILE@REGION` of further accounts to open in one list."""
    regions: tuple[str, ...] = ()
    """Regions to offer in addition to those of the partition."""
    log_file: str = ""
    """A file that logs every AWS call, "" for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSettings:
    """`[start]`: where the dashboard starts."""

    cluster: str = ""
    """Name or ARN of a cluster, "" for the list of clusters."""
    service: str = ""
    """Name or ARN of a service in that cluster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplaySettings:
    """`[display]`: how the dashboard looks."""

    theme: Literal["auto", "dark", "light"] = "auto"
    """The colours; `auto` follows the background of the terminal."""
    split: Literal["auto", "beside", "below"] = "auto"
    """Where shells are: `auto` remembers the last choice, and else goes by the terminal's size."""
    flash: bool = True
    """Whether changed cells are underlined briefly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshSettings:
    """`[refresh]`: how often AWS is asked."""

    seconds: float = 10.0
    """Seconds between refreshes, 1 or more."""
    burst: float = 100.0
    """API calls at once."""
    rate: float = 20.0
    """API calls per second after that."""
    cache: bool = True
    """Whether a snapshot is kept and shown at the next start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellSettings:
    """`[shell]`: what runs in containers, and how sessions are opened.

    `model/command.py` chooses one of the commands.
    """

    command: str = ""
    """The default command, "" if not set."""
    prefix: str = DEFAULT
    """One or two keys; the key after one of them is for ecs-tui."""
    plugin: Literal["auto", "system", "builtin"] = "auto"
    """The session client."""
    plugin_path: str = ""
    """Path of session-manager-plugin, "" to search PATH."""
    given: str = ""
    """The command from `--shell` or `ECS_TUI_SHELL`; not a key of the config file."""
    families: Mapping[str, str] = field(default_factory=dict)
    """Commands by task definition family or `FAMILY/CONTAINER`, from tables such as
    `[shell."web/app"]`."""

    @property
    def prefix_keys(self) -> Prefix:
        """The keys in `prefix`, which the loader has validated."""
        return Prefix.parse(self.prefix)


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalSettings:
    """`[terminal]`: the terminal emulator of shell panes."""

    colors: Literal["terminal", "theme"] = "terminal"
    """Where colours 0 to 15 and the default colours come from: the terminal that ecs-tui runs in, or
    the theme of ecs-tui."""
    engine: Literal["auto", "ghostty", "pyte"] = "auto"
    """The emulator's engine."""
    scrollback: int = 10_000
    """Lines that can be scrolled back."""
    clipboard: Literal["ask", "deny"] = "ask"
    """What programs may do with the clipboard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingSettings:
    """`[recording]`: which shells are recorded as asciicast."""

    clusters: tuple[str, ...] = ()
    """Names of clusters whose shells are recorded; `*` for all."""
    input: bool = False
    """Whether recordings include typed keys, as far as they were echoed."""
