"""The sentences of the audit's page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from ecs_tui.audit.group import GroupBy
from ecs_tui.audit.reader import ALL_LAYERS
from ecs_tui.audit.timeline_reading import AuditReading, progress_words
from ecs_tui.config.key_text import KeyText
from ecs_tui.model.arn import short_name
from ecs_tui.model.rules.audit_events import AuditLayer
from ecs_tui.model.text import clean
from ecs_tui.resources import Place

RANGES = (3600, 6 * 3600, 86_400, 7 * 86_400, 30 * 86_400, 90 * 86_400, 365 * 86_400)
"""Seconds of the ranges that the page steps through. LookupEvents reaches back 90 days; what is older is
searched where it is kept, if the operator wants that."""
FIRST_RANGE = RANGES[3]
_LATE = "CloudTrail has an event some minutes after the call: the last ones may be missing."


def range_words(seconds: int) -> str:
    """`last 7 d`."""
    return f"last {seconds // 86_400} d" if seconds >= 86_400 else f"last {seconds // 3600} h"


def title(place: Place, accounts: int) -> str:
    """What is shown: `Audit prod/web`, or of how many accounts."""
    parts = [place.cluster, place.service, short_name(place.task_arn)[:12]]
    where = "/".join(clean(each) for each in parts if each)
    if where:
        return f"Audit {where}"
    return "Audit" if accounts == 1 else f"Audit of {accounts} accounts and regions"


def layers(shown: Collection[AuditLayer]) -> str:
    """The layers with their numbers: `1 sessions ●  2 changes ○`."""
    return "  ".join(
        f"{number} {layer} {'●' if layer in shown else '○'}"
        for number, layer in enumerate(ALL_LAYERS, 1)
    )


def state(readings: Iterable[AuditReading], now: datetime, *, stopped: bool) -> str:
    """How far it is: what is read, that it was stopped, or when it was read to the end."""
    every = list(readings)
    if words := progress_words(every, now):
        return f"◐ {words}"
    if any(each.running for each in every):
        return "◐ reading"
    if stopped:
        return "▲ stopped: older events are missing"
    finished = [each.finished for each in every]
    if every and all(each is not None for each in finished):
        oldest = min(each for each in finished if each is not None)
        return f"● read {oldest.astimezone():%H:%M:%S}"
    return ""


def grouping(by: GroupBy) -> str:
    """How rows are grouped; "" if they are not."""
    return f"by {by}" if by else ""


def left_out(counts: Mapping[str, int]) -> str:
    """The calls that were left out, by their callers; "" for none."""
    if not counts:
        return ""
    named = ", ".join(f"{count:,} by {caller}" for caller, count in sorted(counts.items()))
    return f"Left out: calls that no person made ({named})."


def problems(readings: Iterable[AuditReading], said: str) -> str:
    """What is wrong, a sentence a line."""
    every = list(readings)
    found = [said]
    for each in every:
        whose = f"{each.timeline.source.label} · " if len(every) > 1 else ""
        found += [f"{whose}{error}" for error in each.errors.values()]
    floors = [each.floor for each in every if each.floor is not None]
    if floors:
        found.append(
            f"Too many events: those before {max(floors).astimezone():%d %b %Y %H:%M} are not kept."
        )
    return "\n".join(clean(each) for each in dict.fromkeys(found) if each)


def nothing(every: int, seconds: int, *, flagged: bool, running: bool) -> KeyText:
    """Why there are no rows."""
    if running:
        return KeyText("◐ Asking CloudTrail…")
    if every:
        what = "Nothing marked" if flagged else "Nothing here"
        return KeyText(
            f"{what} in the {range_words(seconds)}. {{audit-longer}} shows a longer range, "
            "{audit-layer} shows other layers."
        )
    return KeyText(f"No events in the {range_words(seconds)}. {_LATE}")
