"""Does a module import a test module? What tests share is in `tests/support` and `conftest.py`."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source import Sources, import_statements, modules_beside_package


def _is_test(module: str) -> bool:
    return module.rpartition(".")[2].startswith("test_")


def _imported(importer: str, text: str) -> set[str]:
    """Absolute names of all that a module imports: modules, and what it takes from them.

    Args:
        importer: The module's own name, from which relative imports start. It is no package.
    """
    found: set[str] = set()
    for node in import_statements(text):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        else:
            above = importer.split(".")[: -node.level] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            found |= {origin, *(f"{origin}.{alias.name}" for alias in node.names)}
    return found


def imports_of_tests(sources: Sources) -> set[str]:
    """Imports of test modules, as `a -> b`."""
    return {
        f"{name} -> {other}"
        for name, text in sources.items()
        for other in _imported(name, text) & sources.keys()
        if _is_test(other)
    }


def test_no_module_imports_a_test_module() -> None:
    assert imports_of_tests(modules_beside_package()) == set()


@pytest.mark.parametrize("importer", ["tests.app.test_a", "tests.support.a", "benchmarks.a"])
@pytest.mark.parametrize(
    "line",
    [
        "from tests.app.test_b import Outer",
        "from tests.app import test_b",
        "import tests.app.test_b",
        "import tests.app.test_b as b",
        "def f():\n    from tests.app.test_b import Outer",
    ],
)
def test_an_import_of_a_test_module_is_found(importer: str, line: str) -> None:
    made = {"tests.app.test_b": "", importer: line}
    assert imports_of_tests(made) == {f"{importer} -> tests.app.test_b"}


@pytest.mark.parametrize(
    "line",
    ["from .test_b import Outer", "from . import test_b", "from ..app.test_b import Outer"],
)
def test_a_relative_import_is_found_too(line: str) -> None:
    made = {"tests.app.test_b": "", "tests.app.test_a": line}
    assert imports_of_tests(made) == {"tests.app.test_a -> tests.app.test_b"}


def test_other_imports_are_allowed() -> None:
    made = {
        "tests.support.b": "def test_double(): ...",
        "tests.app.test_a": "from tests.support.b import test_double\nfrom .. import support\nimport pytest",
    }
    assert imports_of_tests(made) == set()
