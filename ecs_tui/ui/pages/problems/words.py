"""What the page of problems says above its list: how many, what is watched, how old, what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ecs_tui.model.problem import SeenProblem, Severity
from ecs_tui.model.text import age, clean, counted

if TYPE_CHECKING:
    from ecs_tui.problems.watch import UnwatchedCounts
    from ecs_tui.problems.watched import WatchState

NOT_STARTED = "◐ The watch of problems starts with the first rows."
LOOKING = "◐ Looking for problems…"
MAX_NAMES = 4
"""Clusters that are named."""


def count_words(found: Sequence[SeenProblem], states: Sequence[WatchState]) -> str:
    """`3 problems: 1 failing, 2 degraded · 1 hidden`; none are found before something was read.

    Args:
        found: The problems.
        states: The watched clusters.
    """
    if not found and all(each.age is None for each in states):
        return LOOKING if states else ""
    shown = [each for each in found if not each.hidden]
    parts = [
        f"{number} {severity.word}"
        for severity in Severity
        if (number := sum(each.problem.severity is severity for each in shown))
    ]
    words = counted(len(shown), "problem") + (f": {', '.join(parts)}" if parts else "")
    hidden = len(found) - len(shown)
    return f"{words} · {hidden} hidden" if hidden else words


def watch_words(states: Sequence[WatchState], calls: int, budget: float) -> str:
    """Which clusters are watched, how old the answers about each are, and what that takes.

    Args:
        states: The watched clusters.
        calls: Calls of the watch in the last minute.
        budget: Calls a minute that the call budget allows for reads of services.
    """
    if not states:
        return "No cluster is watched: open one, or name it in [watch] of the config file."
    oldest_first = sorted(states, key=lambda each: -1.0 if each.age is None else each.age)[::-1]
    names = ", ".join(map(_state_words, oldest_first[:MAX_NAMES]))
    more = f" and {len(states) - MAX_NAMES} more" if len(states) > MAX_NAMES else ""
    period = max(each.period for each in states)
    suspects = sum(each.suspects for each in states)
    closer = f" · {counted(suspects, 'service')} looked at closely" if suspects else ""
    return (
        f"watching {names}{more} · every {age(period)}{closer} · "
        f"{calls} calls/min ({calls / budget:.0%} of the budget)"
    )


def _state_words(state: WatchState) -> str:
    """`prod 12s ago`, and where services were described longer ago, when the first of them was."""
    name = clean(state.cluster)
    if state.age is None:
        return f"{name} loading"
    services = state.services_age
    older = services is not None and services > 2 * state.period
    words = f", services {age(services or 0.0)}" if older else ""
    return f"{name} {age(state.age)} ago{words}"


def unknown_words(states: Sequence[WatchState]) -> str:
    """What is not known of the watched clusters, and why; "" for nothing."""
    errors = [f"{clean(each.cluster)}: {clean(each.error)}" for each in states if each.error]
    denied = dict.fromkeys(
        f"{clean(operation)}: {clean(words)}" for each in states for operation, words in each.denied
    )
    parts = [*errors, *denied]
    if not parts:
        return ""
    more = f" and {len(parts) - 3} more" if len(parts) > 3 else ""
    return f"▲ not known: {'; '.join(parts[:3])}{more}"


def unwatched_words(counts: UnwatchedCounts) -> str:
    """What is known of the clusters that are not watched; "" if there is none."""
    if not counts.clusters:
        return ""
    pending = f", {counts.pending} pending" if counts.pending else ""
    return (
        f"{counted(counts.clusters, 'other cluster')} not watched: "
        f"{counted(counts.services, 'service')}, {counts.running} running{pending} "
        "(counts of DescribeClusters only)"
    )
