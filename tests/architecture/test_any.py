"""How often does the program say `Any`? Only where a library without types begins, and seldom.

The demo account wraps such libraries (moto, Flask) and is not counted.
"""

from __future__ import annotations

import ast

from tests.architecture.source import Sources, folder, package, tree

MOST = 59
"""How often all modules together may name it. The number only falls."""


def count(text: str) -> int:
    """How often a module's annotations and assignments name `Any`; its import does not count."""
    return sum(
        (isinstance(node, ast.Name) and node.id == "Any")
        or (
            isinstance(node, ast.Attribute)
            and node.attr == "Any"
            and ast.unparse(node) == "typing.Any"
        )
        for node in ast.walk(tree(text))
    )


def by_folder(sources: Sources) -> dict[str, int]:
    """The sum for each top-level folder of the package but the demo; "" is the package itself."""
    sums: dict[str, int] = {}
    for name, text in sources.items():
        top = folder(name, sources).split("/")[0]
        if top != "demo":
            sums[top] = sums.get(top, 0) + count(text)
    return sums


def test_any_is_named_less_and_less() -> None:
    sums = {name: number for name, number in by_folder(package()).items() if number}
    assert sum(sums.values()) <= MOST, sums


def test_each_way_to_write_it_is_found() -> None:
    made = {
        "ecs_tui": "import typing\nx: typing.Any",
        "ecs_tui.aws": "from typing import Any",
        "ecs_tui.aws.a": "def f(x: Any, *y: 'int') -> list[Any]:\n    z: Any = None\n    any(z)",
        "ecs_tui.aws.api": "",
        "ecs_tui.aws.api.b": "def f() -> dict[str, Any]: ...",
        "ecs_tui.demo": "",
        "ecs_tui.demo.c": "x: Any",
    }
    assert by_folder(made) == {"": 1, "aws": 4}
