"""Are there import circles? Imports in functions and under `TYPE_CHECKING` count."""

from __future__ import annotations

from collections.abc import Mapping

from tests.architecture.offenders import CIRCLES, TO_THE_SCREEN, check
from tests.architecture.source import arrows, package


def circles(graph: Mapping[str, set[str]]) -> list[set[str]]:
    """The strongly connected sets of more than one module (Tarjan's algorithm)."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(name: str) -> None:
        number[name] = lowest[name] = len(number)
        stack.append(name)
        for other in sorted(graph.get(name, ())):
            if other not in number:
                visit(other)
                lowest[name] = min(lowest[name], lowest[other])
            elif other in stack:
                lowest[name] = min(lowest[name], number[other])
        if lowest[name] == number[name]:
            at = stack.index(name)
            if len(stack) - at > 1:
                found.append(set(stack[at:]))
            del stack[at:]

    for name in sorted(graph):
        if name not in number:
            visit(name)
    return found


def closing(graph: Mapping[str, set[str]]) -> set[str]:
    """The arrows within circles, as `a -> b`."""
    return {
        f"{name} -> {other}"
        for circle in circles(graph)
        for name in circle
        for other in graph[name] & circle
    }


def without(graph: Mapping[str, set[str]], listed: Mapping[str, str]) -> dict[str, set[str]]:
    """The graph without the arrows that are listed."""
    return {name: {o for o in to if f"{name} -> {o}" not in listed} for name, to in graph.items()}


def with_arrow(graph: Mapping[str, set[str]], arrow: str) -> dict[str, set[str]]:
    """The graph and one arrow more."""
    start, end = arrow.split(" -> ")
    return {**graph, start: graph.get(start, set()) | {end}}


def test_no_module_imports_itself_in_a_circle() -> None:
    graph, listed = arrows(package()), {**TO_THE_SCREEN, **CIRCLES}
    # Each listed arrow closes a circle: one that no longer does is to be taken off the list.
    rest = without(graph, listed)
    needless = {arrow for arrow in listed if not closing(with_arrow(rest, arrow))}
    assert needless == set(), "these arrows close no circle any more"
    check("circle", closing(rest), {})


def test_a_circle_is_found_also_behind_type_checking() -> None:
    made = {
        "ecs_tui.a": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ecs_tui.b import B",
        "ecs_tui.b": "def later():\n    import ecs_tui.c",
        "ecs_tui.c": "from ecs_tui import a, d",
        "ecs_tui.d": "import os",
    }
    graph = arrows(made)
    assert circles(graph) == [{"ecs_tui.a", "ecs_tui.b", "ecs_tui.c"}]
    assert "ecs_tui.c -> ecs_tui.a" in closing(graph)
    assert closing(without(graph, {"ecs_tui.c -> ecs_tui.a": "listed"})) == set()
