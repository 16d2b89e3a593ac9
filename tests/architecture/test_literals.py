"""Does the source contain text or calls that are wrong in every module?"""

from __future__ import annotations

import ast

from tests.architecture.source import Sources, folder, package, strings, tree, written

PARTITION = "arn:aws:"
"""The beginning of an ARN that is wrong in GovCloud and China. See `model/arn.py`."""


def arns(sources: Sources) -> set[str]:
    """Modules with such an ARN in a string; the demo account, in one partition, may have it."""
    return {
        name
        for name, text in sources.items()
        if folder(name, sources) != "demo"
        and any(PARTITION in written(node) for node in strings(text))
    }


def waits(sources: Sources) -> set[str]:
    """Modules that use `asyncio.wait_for`.

    Before Python 3.12 it loses a cancellation that comes together with the result, so that a loop
    around it does not end. `asyncio.timeout` does not.
    """
    found = set()
    for name, text in sources.items():
        for node in ast.walk(tree(text)):
            used = isinstance(node, ast.Attribute) and node.attr == "wait_for" and (
                ast.unparse(node) == "asyncio.wait_for"
            )  # fmt: skip
            taken = isinstance(node, ast.ImportFrom) and node.module == "asyncio" and any(
                alias.name == "wait_for" for alias in node.names
            )  # fmt: skip
            if used or taken:
                found.add(name)
    return found


def test_no_arn_is_of_one_partition() -> None:
    assert arns(package()) == set()


def test_nothing_waits_with_wait_for() -> None:
    assert waits(package()) == set()


def test_both_are_found() -> None:
    made = {
        "ecs_tui.a": 'x = f"arn:aws:ecs:{region}"',
        "ecs_tui.b": '"""Such as arn:aws:ecs."""\nx = f"arn:{partition}:ecs"',
        "ecs_tui.c": "import asyncio\nasync def f(): await asyncio.wait_for(g(), 1)",
        "ecs_tui.d": "from asyncio import wait_for",
        "ecs_tui.e": "async def f(): await self.wait_for(1)",
    }
    assert arns(made) == {"ecs_tui.a"}
    assert waits(made) == {"ecs_tui.c", "ecs_tui.d"}
