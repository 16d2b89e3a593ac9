"""The line of tabs of a service's page as text: what it says at each width. No widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from ecs_tui.model.rules.deployment_words import WAITS
from ecs_tui.model.rules.health import Sign, deployment_words, service_sign
from ecs_tui.model.service import Service
from ecs_tui.model.text import clean
from ecs_tui.record import dataclass
from ecs_tui.resources.service_page import TABS
from ecs_tui.ui.table.columns import shortened

LEAST_NAME_CELLS = 12
"""Cells of the service's name for which the tabs are written shorter."""
_GAP_CELLS = 2
_SHORT = {"overview": "over", "deployments": "depl", "definition": "def", "metrics": "metr"}


@dataclass(frozen=True, slots=True)
class TabLineText:
    """The line.

    Attributes:
        text: The whole line.
        tabs: (first cell, cell after the last) of each tab, from left to right.
    """

    text: str
    tabs: tuple[tuple[int, int], ...]

    def tab_at(self, x: int) -> int | None:
        """The number of the tab at a cell of the line, from 0, or None."""
        return next((n for n, (first, last) in enumerate(self.tabs) if first <= x < last), None)


def counts(service: Service | None) -> dict[str, int]:
    """The numbers that stand beside the names of tabs."""
    if service is None or not service.described or service.gone:
        return {}
    return {
        "tasks": service.running + service.pending,  # its list has both
        "deployments": len(service.deployments) + len(service.task_sets),
    }


def _forms(beside: Mapping[str, int]) -> list[list[str]]:
    """The tabs at each width, the widest form first.

    With their keys' digits and without them, shortened, and closer together; then without numbers.
    """

    def words(name: str, shown: str) -> str:
        return f"{shown} {beside[name]}" if name in beside else shown

    named = [words(name, name) for name in TABS]
    short = [words(name, _SHORT.get(name, name)) for name in TABS]
    return [
        [f" {number} {each} " for number, each in enumerate(named, 1)],
        [f" {each} " for each in named],
        [f" {each} " for each in short],
        [*(f"{each} " for each in short[:-1]), short[-1]],
        [f"{_SHORT.get(name, name)} " for name in TABS],
    ]


def _states(name: str, service: Service | None, waits: bool) -> tuple[str, str, str]:
    """(sign and name with the state, the same without, only the sign) of the service."""
    if service is None:
        return f"… {clean(name)}", f"… {clean(name)}", ""
    sign, words = deployment_words(service)
    worst = service_sign(service)
    shown = worst if worst is not Sign.FINE else sign
    state = "no longer known to ECS" if service.gone else words
    if waits:
        shown, state = Sign.WARNING, WAITS
    return f"{shown} {clean(name)}  {clean(state)}".rstrip(), f"{shown} {clean(name)}", str(shown)


def tab_line(name: str, service: Service | None, width: int, *, waits: bool = False) -> TabLineText:
    """The line of tabs at a width: name and state of the service at its right end.

    Args:
        name: The service's name.
        service: The service, None while it is not loaded.
        width: Cells of the line.
        waits: Whether its deployment waits for a person.
    """
    whole, named, sign = _states(name, service, waits)
    forms = _forms(counts(service))
    least = min(cell_len(named), LEAST_NAME_CELLS + 2)
    named_too = (form for form in forms[:3] if _cells(form) + _GAP_CELLS + least <= width)
    alone = next((form for form in forms[2:] if _cells(form) <= width), forms[-1])
    tabs = next(named_too, alone)
    room = width - _cells(tabs) - _GAP_CELLS
    if cell_len(whole) <= room:
        right = whole
    elif room > 4:
        right = shortened(named, room, middle=True)
    else:
        right = sign if cell_len(sign) <= room else ""
    starts, spans = 0, []
    for tab in tabs:
        spans.append((starts, starts + cell_len(tab)))
        starts += cell_len(tab)
    gap = " " * (width - starts - cell_len(right)) if right else ""
    return TabLineText("".join(tabs) + gap + right, tuple(spans))


def _cells(tabs: Sequence[str]) -> int:
    return sum(map(cell_len, tabs))
