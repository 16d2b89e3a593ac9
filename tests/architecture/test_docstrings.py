"""Does each module have a docstring?"""

from __future__ import annotations

import ast

from tests.architecture.source import Sources, package, tree


def silent(sources: Sources) -> set[str]:
    """Modules without a docstring."""
    return {name for name, text in sources.items() if not ast.get_docstring(tree(text))}


def test_every_file_says_what_it_owns() -> None:
    assert silent(package()) == set()


def test_a_silent_file_is_found() -> None:
    assert silent({"ecs_tui.a": '"""A."""', "ecs_tui.b": "x = 1"}) == {"ecs_tui.b"}
