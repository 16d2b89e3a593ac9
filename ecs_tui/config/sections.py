"""The sections of the settings: one frozen dataclass for each table of the config file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from ecs_tui.config.prefix import DEFAULT, Prefix
from ecs_tui.record import dataclass


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
class ListSettings:
    """`[list]`: columns of tags, and groups, for all lists or, in `[list.services]`, for one."""

    columns: tuple[str, ...] | None = None
    """Further columns of every list whose rows have tags, each `tag:KEY`; None if not set."""
    group: str | None = None
    """The tag by which rows are grouped, `tag:KEY`; "" for none, None if not set."""
    views: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """The same keys of single lists, by the list's name, from tables such as `[list.services]`."""

    def columns_of(self, view: str) -> tuple[str, ...] | None:
        """The keys of the tags that have a column in a list; None if that is not set."""
        given = self.views.get(view, {}).get("columns", self.columns)
        if not isinstance(given, tuple):
            return None
        return tuple(name.removeprefix("tag:") for name in given)

    def group_of(self, view: str) -> str | None:
        """The key of the tag by which a list is grouped, "" for none; None if that is not set."""
        given = self.views.get(view, {}).get("group", self.group)
        return given.removeprefix("tag:") if isinstance(given, str) else None


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
class MetricSettings:
    """`[metrics]`: what CloudWatch may cost."""

    budget: float = 1.0
    """US dollars a day for metrics that are read without a key press: the columns of lists, and the
    page of metrics while it is open. 0 for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditHistorySettings:
    """`[audit]`: where older events of CloudTrail are searched."""

    athena: str = ""
    """`WORKGROUP/DATABASE.TABLE` of CloudTrail's table in Athena, "" for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingSettings:
    """`[recording]`: which shells are recorded as asciicast."""

    clusters: tuple[str, ...] = ()
    """Names of clusters whose shells are recorded; `*` for all."""
    input: bool = False
    """Whether recordings include typed keys, as far as they were echoed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSettings:
    """`[watch]`: the clusters whose problems are looked for, besides those opened in this run."""

    opened: bool = True
    """Whether clusters that were opened in this run are watched until its end."""
    clusters: tuple[str, ...] = ()
    """`CLUSTER` of the first account, or `CLUSTER@PROFILE@REGION` of another one; `*` for all clusters
    of the first account."""
    calls_per_minute: float = 30.0
    """API calls a minute, for each account, for services that no list on the screen refreshes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemSettings:
    """`[problems]`: how new problems announce themselves."""

    toast: bool = True
    """Whether a note in the footer shows a new problem."""
    title: bool = True
    """Whether the terminal's title has their number."""
    bell: bool = False
    """Whether a new problem rings the terminal's bell."""
    command: tuple[str, ...] = ()
    """A program and its arguments that are run for a new problem; () for none. No shell is involved;
    the facts are in the environment variables `PROBLEM_…` (docs/problems.md)."""
    severity: Literal["failing", "degraded", "notice"] = "degraded"
    """The least severity that announces itself."""
    stopped_days: int = 7
    """Days for which stopped tasks are remembered; 0 for no longer than ECS does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptSettings:
    """`[transcript]`: how transcripts of sessions are read."""

    mask: bool = True
    """Whether what looks like a secret is hidden, on the screen and in saved files."""
    declared: bool = True
    """Whether the marks that ecs-tui declares are used besides one's own."""
    marks: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """(pattern, reason) by the mark's name, from tables such as `[transcript.marks.payroll]`."""
