"""Has a file more than 400 lines? The listed exceptions only shrink."""

from __future__ import annotations

import pytest

from tests.architecture.offenders import SIZES
from tests.architecture.source import Sources, package

MOST_LINES = 400


def _path(module: str) -> str:
    return module.replace(".", "/") + ".py"


def too_long(sources: Sources, listed: dict[str, tuple[int, str]]) -> list[str]:
    """A message for each file that breaks the rule, or whose exception is not needed any more."""
    lines = {_path(name): len(text.splitlines()) for name, text in sources.items()}
    found = []
    for path, count in lines.items():
        most = listed[path][0] if path in listed else MOST_LINES
        if count > most:
            found.append(f"{path}: {count} lines, at most {most}")
        elif path in listed and count <= MOST_LINES:
            found.append(f"{path}: {count} lines, no exception any more")
    return found + [f"{path}: no such file" for path in listed if path not in lines]


def test_no_file_is_too_long() -> None:
    assert too_long(package(), SIZES) == []
    assert all(reason for _, reason in SIZES.values())


@pytest.mark.parametrize(
    ("lines", "listed", "wrong"),
    [
        (400, {}, False),
        (401, {}, True),
        (450, {"ecs_tui/a.py": (450, "why")}, False),
        (451, {"ecs_tui/a.py": (450, "why")}, True),
        (400, {"ecs_tui/a.py": (450, "why")}, True),
        (400, {"ecs_tui/gone.py": (450, "why")}, True),
    ],
)
def test_growth_and_needless_exceptions_are_found(
    lines: int, listed: dict[str, tuple[int, str]], wrong: bool
) -> None:
    assert bool(too_long({"ecs_tui.a": "x = 1\n" * lines}, listed)) == wrong
