"""The source code as the rules read it: modules, their imports, their string literals."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = "ecs_tui"

Sources = Mapping[str, str]
"""The text of each module by its dotted name, `ecs_tui.ui.app`; a package has its folder's name."""


def module_name(path: Path) -> str:
    """The dotted name of a file, given from the project's root."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def _files() -> dict[str, Path]:
    found = sorted((ROOT / PACKAGE).rglob("*.py"))
    return {module_name(path.relative_to(ROOT)): path for path in found}


@cache
def package() -> Sources:
    """Every module of the program."""
    return {name: path.read_text("utf-8") for name, path in _files().items()}


@cache
def packages() -> frozenset[str]:
    """The modules that are packages (`__init__.py`)."""
    return frozenset(name for name, path in _files().items() if path.name == "__init__.py")


@cache
def modules_of_tests() -> Sources:
    """Every test module, without what tests share."""
    found = sorted((ROOT / "tests").rglob("test_*.py"))
    return {module_name(path.relative_to(ROOT)): path.read_text("utf-8") for path in found}


@cache
def modules_beside_package() -> Sources:
    """Every module beside the package: those of `tests` and `benchmarks`."""
    found = sorted(path for top in ("tests", "benchmarks") for path in (ROOT / top).rglob("*.py"))
    return {module_name(path.relative_to(ROOT)): path.read_text("utf-8") for path in found}


@cache
def tree(text: str) -> ast.Module:
    """The syntax tree of a module; each is parsed once."""
    return ast.parse(text)


@cache
def import_statements(text: str) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """The import statements of a module, of functions too; many rules ask for them."""
    return tuple(
        node for node in ast.walk(tree(text)) if isinstance(node, ast.Import | ast.ImportFrom)
    )


def imported(text: str, known: Mapping[str, object]) -> set[str]:
    """What a module imports, at the top, in functions and under `TYPE_CHECKING`.

    Args:
        known: Modules of the program: `from package import module` is an import of the module.
    """
    found: set[str] = set()
    for node in import_statements(text):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif node.module:
            assert node.level == 0, "relative imports are not used here"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                found.add(full if full in known else node.module)
    return found


def arrows(sources: Sources) -> dict[str, set[str]]:
    """Which modules of the program each of them imports."""
    return {name: imported(text, sources) & sources.keys() for name, text in sources.items()}


def folder(module: str, sources: Sources) -> str:
    """The folder of a module below the package: `aws/api`; "" for the package's own files."""
    is_package = module == PACKAGE or any(name.startswith(f"{module}.") for name in sources)
    parts = module.split(".") if is_package else module.split(".")[:-1]
    return "/".join(parts[1:])


def strings(text: str) -> Iterator[ast.Constant | ast.JoinedStr]:
    """The string literals of a module without docstrings; an f-string is one literal."""
    whole = tree(text)
    left_out: set[int] = set()
    for node in ast.walk(whole):
        if isinstance(node, ast.Expr):  # a docstring, of an attribute too
            left_out.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            left_out |= {id(part) for part in node.values}
    for node in ast.walk(whole):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if (is_text or isinstance(node, ast.JoinedStr)) and id(node) not in left_out:
            assert isinstance(node, ast.Constant | ast.JoinedStr)
            yield node


def written(node: ast.Constant | ast.JoinedStr) -> str:
    """A literal's text; `{}` stands for the values of an f-string."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
    )
