"""Has a file more than 400 lines? Then its docstring gives the reason, and it may only shrink."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.source import Sources, package, tree

MOST_LINES = 400
REASONED: dict[str, int] = {
    "ecs_tui/terminal/engines/ghostty.py": 450,
    "ecs_tui/terminal/widget.py": 442,
    "ecs_tui/ui/table/table.py": 444,
}
"""Files that are longer, with their number of lines, which may only fall. See `reason`."""
_REASON = re.compile(r"^More than 400 lines, because .{20,}", re.MULTILINE)


def reason(text: str) -> str:
    """The line of a module's docstring that says why it is so long, or ""."""
    found = _REASON.search(ast.get_docstring(tree(text)) or "")
    return found.group() if found else ""


def _path(module: str) -> str:
    return module.replace(".", "/") + ".py"


def too_long(sources: Sources, listed: dict[str, int]) -> list[str]:
    """A message for each file that breaks the rule, or whose exception is not needed any more."""
    texts = {_path(name): text for name, text in sources.items()}
    found = []
    for path, text in texts.items():
        count = len(text.splitlines())
        most = listed.get(path, MOST_LINES)
        if count > most:
            found.append(f"{path}: {count} lines, at most {most}")
        elif path in listed and count <= MOST_LINES:
            found.append(f"{path}: {count} lines, no exception any more")
        elif path in listed and not reason(text):
            found.append(f"{path}: its docstring does not say why it has {count} lines")
    return found + [f"{path}: no such file" for path in listed if path not in texts]


def test_no_file_is_too_long() -> None:
    assert too_long(package(), REASONED) == []


WHY = '"""A module.\n\nMore than 400 lines, because its states are read together.\n"""\n'


@pytest.mark.parametrize(
    ("first", "lines", "listed", "wrong"),
    [
        ("", 400, {}, False),
        ("", 401, {}, True),
        (WHY, 410, {}, True),
        (WHY, 440, {"ecs_tui/a.py": 450}, False),
        (WHY, 450, {"ecs_tui/a.py": 450}, True),
        ("", 440, {"ecs_tui/a.py": 450}, True),
        (WHY.replace("because", "as"), 440, {"ecs_tui/a.py": 450}, True),
        (WHY, 390, {"ecs_tui/a.py": 450}, True),
        ("", 400, {"ecs_tui/gone.py": 450}, True),
    ],
)
def test_growth_and_needless_exceptions_are_found(
    first: str, lines: int, listed: dict[str, int], wrong: bool
) -> None:
    assert bool(too_long({"ecs_tui.a": first + "x = 1\n" * lines}, listed)) == wrong
