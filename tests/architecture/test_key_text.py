"""Is every text that names commands by their ids in braces a `KeyText`? Only those are filled."""

from __future__ import annotations

import ast
import re

import pytest

from ecs_tui.config.keymap import DEFAULTS
from tests.architecture.source import Sources, package, strings, tree, written

_ID = re.compile(r"\{(" + "|".join(map(re.escape, sorted(DEFAULTS))) + r"|dock|prefix)\}")


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def unfilled(sources: Sources) -> dict[str, list[str]]:
    """By module: literals with an id in braces that are no argument of `KeyText`.

    A class's `group` may have one: the help page, which shows it, makes a `KeyText` of it.
    """
    found: dict[str, list[str]] = {}
    for name, text in sources.items():
        whole = tree(text)
        keyed = {
            id(part)
            for node in ast.walk(whole)
            if isinstance(node, ast.Call) and _is_name(node.func, "KeyText")
            for argument in node.args
            for part in ast.walk(argument)
        }
        keyed |= {
            id(node.value)
            for node in ast.walk(whole)
            if isinstance(node, ast.Assign) and _is_name(node.targets[0], "group")
        }
        lines = [
            line
            for node in strings(text)
            if id(node) not in keyed and _ID.search(line := written(node))
        ]
        if lines:
            found[name] = lines
    return found


def test_every_text_with_an_id_is_a_key_text() -> None:
    assert unfilled(package()) == {}


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ('note("Press {refresh}.")', True),
        ('note(f"{name}: press {{refresh}}.")', True),
        ('note(KeyText("Press {refresh}."))', False),
        ('note(KeyText("A" if x else "Press {refresh}."))', False),
        ('note("Press {unknown}.")', False),
        ('class A:\n    group = "After {prefix}"', False),
        ('def f():\n    """Press {refresh}."""', False),
    ],
)
def test_a_text_without_it_is_found(line: str, wrong: bool) -> None:
    assert bool(unfilled({"ecs_tui.ui.x": line})) == wrong
