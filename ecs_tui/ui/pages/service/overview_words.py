"""What the overview of a service says, in sections, and how they are laid out. No widget."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from rich.cells import set_cell_size

from ecs_tui.model.arn import short_name
from ecs_tui.model.rules.deployment_words import WAITS, hook_words, strategy_words
from ecs_tui.model.rules.ends import end_words
from ecs_tui.model.rules.health import Sign, deployment_words, service_sign
from ecs_tui.model.service import Deployment, DeploymentSettings, Service
from ecs_tui.model.task import Task
from ecs_tui.model.text import age_of, clean
from ecs_tui.record import dataclass
from ecs_tui.resources.facts import Fact
from ecs_tui.resources.services import ServiceRow
from ecs_tui.ui.two_columns import two_columns

WIDE_CELLS = 110
"""Cells from which the sections stand in two columns."""
GAP_CELLS = 3
"""Cells between the two columns."""
BAR_CELLS = 12
"""Cells of the bar that shows how far a deployment is."""

NO_MORE: Mapping[str, Sequence[Fact]] = {}
"""Nothing but the service's own facts."""

_EPOCH = datetime.fromtimestamp(0, UTC)
_SAYS_STATE = re.compile(r"ECS deployment \S+ (in progress|completed)\.")
"""`rolloutStateReason` of a deployment about which there is nothing else to say."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the overview: a title, and facts as (name, value), cleaned for the screen."""

    title: str
    facts: tuple[tuple[str, str], ...]


_SECTION_OF = {
    "tasks": "Tasks",
    "running lately": "Tasks",
    "task definition": "Tasks",
    "scheduling": "Tasks",
    "launch type": "Tasks",
    "platform": "Tasks",
    "subnets": "Network",
    "security groups": "Network",
    "public IP": "Network",
    "shell": "Exec",
    "exec enabled": "Exec",
    "propagate tags": "Exec",
    "controller": "Deployment",
}
"""The section of each fact about a service (`resources/services.py`)."""
_SECTION_OF_KIND = (
    ("capacity provider ", "Tasks"),
    ("target group", "Load balancing"),
    ("tag", "Tags"),
)
"""The same for facts with many names, by how these begin; the others are in the last section."""
_ELSEWHERE = ("tasks fail", "status", "deployment", "targets", "alarms", "auto scaling")
_KINDS_ELSEWHERE = ("target ", "alarm ")
"""Facts that other sections say in their own words, and beginnings of the names of such facts."""
_OTHER = "Service"
_TITLES = (
    "State", "Deployment", "Tasks", "Load balancing", "Alarms", "Auto scaling", "Exec", "Network",
    "Service Connect", "Tags", _OTHER,
)  # fmt: skip


def progress(running: int, desired: int) -> str:
    """How far a deployment is: `▰▰▰▰▰▰▱▱▱▱▱▱ 50%`."""
    share = min(1.0, running / desired) if desired > 0 else 1.0
    full = int(share * BAR_CELLS)
    return f"{'▰' * full}{'▱' * (BAR_CELLS - full)} {int(100 * share)}%"


def last_stop(stopped: Iterable[Task], now: datetime) -> str:
    """The task that stopped last, when and why; "" if none is known that has stopped."""
    ended = [task for task in stopped if task.last_status == "STOPPED" and task.stopped_at]
    if not ended:
        return ""
    task = max(ended, key=lambda item: item.stopped_at or _EPOCH)
    why = end_words(task) or task.stopped_reason or task.stop_code
    return f"task {task.id[:12]} {age_of(task.stopped_at, now)} ago" + (f": {why}" if why else "")


def _state(row: ServiceRow, stopped: Iterable[Task], now: datetime) -> list[Fact]:
    """The state, and why it is so."""
    service = row.service
    sign, words = deployment_words(service)
    if service.gone:
        sign, words = Sign.OFF, "no longer known to ECS"
    worst = service_sign(service)
    if row.pause is not None:
        sign = worst = Sign.WARNING
        words = WAITS
    return [
        ("state", f"{worst if worst is not Sign.FINE else sign} {words or '…'}"),
        ("status", service.status.lower() if service.status not in ("ACTIVE", "") else ""),
        ("tasks fail", row.cause),
        ("last stop", last_stop(stopped, now)),
    ]


def _rollout(item: Deployment, now: datetime) -> str:
    state = item.rollout_state.replace("_", " ").lower()
    words = [
        short_name(item.task_definition),
        state,
        progress(item.running, item.desired) if item.rollout_state == "IN_PROGRESS" else "",
        f"{item.running}/{item.desired} running" if item.desired else f"{item.running} running",
        f"{item.failed} failed" if item.failed else "",
        f"started {age_of(item.created_at, now)} ago" if item.created_at else "",
    ]
    return "  ".join(word for word in words if word)


def _reason(item: Deployment) -> str:
    """Why it is in its state; "" if ECS's reason only says the state again."""
    return "" if _SAYS_STATE.fullmatch(item.rollout_reason) else item.rollout_reason


def _deployment(service: Service, now: datetime) -> list[Fact]:
    """The current deployment, the revision that it replaces, and the settings."""
    primary = service.primary
    facts: list[Fact] = []
    if primary is not None:
        facts += [("current", _rollout(primary, now)), ("reason", _reason(primary))]
        before = [item for item in service.deployments if item is not primary]
        facts += [("previous", _rollout(item, now)) for item in before]
    for item in service.task_sets:
        words = f"{short_name(item.task_definition)}  {item.stability.replace('_', ' ').lower()}"
        running = f"{item.running}/{item.desired} running  {item.scale:g}%"
        facts.append((f"{item.status.lower()} task set", f"{words}  {running}"))
    return [*facts, *_settings(service.deployment_settings)]


def _settings(settings: DeploymentSettings | None) -> list[Fact]:
    if settings is None:
        return []
    limits = (("min healthy", settings.min_healthy), ("max", settings.max_percent))
    breaker = "off"
    if settings.breaker:
        breaker = "on, with rollback" if settings.rollback else "on, without rollback"
    return [
        ("strategy", strategy_words(settings)),
        ("limits", ", ".join(f"{name} {value}%" for name, value in limits if value is not None)),
        ("circuit breaker", breaker),
        *(("hook", words) for words in hook_words(settings)),
    ]


def _section_of(name: str) -> str:
    if name in _SECTION_OF:
        return _SECTION_OF[name]
    return next((title for start, title in _SECTION_OF_KIND if name.startswith(start)), _OTHER)


def sections(
    row: ServiceRow,
    about: Sequence[Fact],
    stopped: Iterable[Task],
    now: datetime,
    more: Mapping[str, Sequence[Fact]] = NO_MORE,
) -> list[Section]:
    """The sections of the overview, the most important first; those without facts are left out.

    Args:
        row: The service.
        about: The facts about it, as its details show them.
        stopped: Its stopped tasks, as far as they are loaded.
        now: The time from which ages are counted.
        more: Further facts by the title of their section (`overview_sections`); those about target
            groups take the place of the service's own.
    """
    facts: dict[str, list[Fact]] = {title: [] for title in _TITLES}
    facts["State"] = _state(row, stopped, now)
    facts["Deployment"] = _deployment(row.service, now)
    for name, value in about:
        said = name in _ELSEWHERE or name.endswith((" deployment", " task set"))
        said = said or (name.startswith(_KINDS_ELSEWHERE) and not name.startswith("target group"))
        section = _section_of(name)
        if not said and not (section == "Load balancing" and more.get(section)):
            facts[section].append((name, value))
    for title, each in more.items():
        facts[title] += each
    running, total = row.agents
    if total:
        facts["Exec"].append(("exec agents", f"{running} of {total} containers"))
    found = {
        title: tuple((clean(name), clean(str(value))) for name, value in each if value not in ("", None))
        for title, each in facts.items()
    }  # fmt: skip
    return [Section(title, each) for title, each in found.items() if each]


def laid_out(parts: Sequence[Section], width: int) -> list[str]:
    """The lines of the sections, in two columns where there is room.

    Args:
        parts: The sections.
        width: Cells of a line.
    """
    if width < WIDE_CELLS or len(parts) < 2:
        return _column(parts, width)
    size = (width - GAP_CELLS) // 2
    heights = [len(_column([part], size)) for part in parts]
    left = 1
    while left < len(parts) - 1 and sum(heights[: left + 1]) <= (sum(heights) + 1) / 2:
        left += 1
    one, other = _column(parts[:left], size), _column(parts[left:], size)
    count = max(len(one), len(other))
    one += [""] * (count - len(one))
    other += [""] * (count - len(other))
    gap = " " * GAP_CELLS
    pairs = zip(one, other, strict=True)
    return [f"{set_cell_size(first, size)}{gap}{second}".rstrip() for first, second in pairs]


def _column(parts: Sequence[Section], width: int) -> list[str]:
    lines: list[str] = []
    for part in parts:
        indented = two_columns(part.facts, max(1, width - 2)).split("\n")
        lines += [*([""] if lines else []), part.title, *(f"  {line}" for line in indented)]
    return lines
