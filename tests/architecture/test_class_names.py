"""Does one name mean one thing? No two modules have a public class of the same name."""

from __future__ import annotations

import ast
from collections import defaultdict

from tests.architecture.offenders import CLASS_NAMES, check
from tests.architecture.source import Sources, package, tree


def twice(sources: Sources) -> set[str]:
    """Names of public top-level classes that several modules have."""
    modules: dict[str, set[str]] = defaultdict(set)
    for name, text in sources.items():
        for node in tree(text).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                modules[node.name].add(name)
    return {name for name, where in modules.items() if len(where) > 1}


def test_no_public_class_has_the_name_of_another() -> None:
    check("class name", twice(package()), CLASS_NAMES)


def test_a_name_that_two_modules_use_is_found() -> None:
    made = {
        "ecs_tui.a": "class Order: ...\nclass _Own: ...\nclass Table:\n    class Row: ...",
        "ecs_tui.b": "class Order: ...\nclass _Own: ...\nclass Row: ...",
    }
    assert twice(made) == {"Order"}
