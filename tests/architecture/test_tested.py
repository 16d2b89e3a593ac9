"""Does a test module import each module of the program? Indirect imports do not count.

A `__main__` counts as imported by a test that starts it: `"-m", "ecs_tui"`.
"""

from __future__ import annotations

import ast
from itertools import pairwise

from tests.architecture.offenders import UNTESTED, check
from tests.architecture.source import Sources, imported, modules_of_tests, package, tree


def _has_code(text: str) -> bool:
    """Whether there is more than a docstring, imports and plain constants."""
    plain = (ast.Expr, ast.Import, ast.ImportFrom, ast.Assign)
    return any(not isinstance(node, plain) for node in tree(text).body)


def started(text: str) -> set[str]:
    """The `__main__` modules that a module starts as processes, `"-m", "ecs_tui"`."""
    found = set()
    for node in ast.walk(tree(text)):
        if not isinstance(node, ast.List | ast.Tuple | ast.Call):
            continue
        words = node.args if isinstance(node, ast.Call) else node.elts
        plain = [word.value if isinstance(word, ast.Constant) else None for word in words]
        for flag, name in pairwise(plain):
            if flag == "-m":
                found.add(f"{name}.__main__")
    return found


def untested(sources: Sources, by: Sources) -> set[str]:
    """Modules with code that no test imports or starts."""
    known = set[str]().union(*(imported(text, sources) | started(text) for text in by.values()))
    return {name for name, text in sources.items() if name not in known and _has_code(text)}


def test_every_module_is_imported_by_a_test() -> None:
    check("untested module", untested(package(), modules_of_tests()), UNTESTED)


def test_what_is_started_is_found() -> None:
    made = {"ecs_tui.__main__": "def f(): ...", "ecs_tui.a.__main__": "def f(): ..."}
    by = {"tests.test_a": 'run([sys.executable, "-m", "ecs_tui"])\nrun(x, "-m", "ecs_tui.b")'}
    assert untested(made, by) == {"ecs_tui.a.__main__"}


def test_what_another_module_imports_is_not_tested_by_that() -> None:
    made = {
        "ecs_tui.a": "from ecs_tui import b\ndef f(): ...",
        "ecs_tui.b": "def g(): ...",
        "ecs_tui.c": "class C: ...",
        "ecs_tui.d": '"""Nothing."""\nfrom ecs_tui.c import C\nX = 1',
    }
    tested = {"tests.test_a": "from ecs_tui.a import f", "tests.test_c": "from ecs_tui import c"}
    assert untested(made, tested) == {"ecs_tui.b"}
