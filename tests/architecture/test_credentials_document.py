"""Does each row of docs/credentials.md name tests that exist, or a reason? Is a setting missing?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "credentials.md"
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows() -> list[tuple[str, str]]:
    """(what, verdict) of each row of each table."""
    found = []
    for line in DOCUMENT.read_text("utf-8").splitlines():
        if line.startswith("| ") and not line.endswith("| |"):
            what, verdict = line.strip("| ").split(" | ", 1)
            found.append((what, verdict))
    return found


@cache
def names_of_tests(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in tree.body if isinstance(node, kinds))


@pytest.mark.parametrize(("what", "verdict"), rows())
def test_a_row_names_tests_that_exist_or_says_why_not(what: str, verdict: str) -> None:
    named = _TEST.findall(verdict)
    if verdict.startswith("honoured"):
        assert named, what
    else:
        assert verdict.startswith("not") and " because " in verdict, what
    for file, test in named:
        assert test in names_of_tests(file), f"{file}::{test}"


def _names() -> Iterator[str]:
    for setting, variables, *_ in BOTOCORE_DEFAUT_SESSION_VARIABLES.values():
        for each in (setting, variables):
            yield from ([each] if isinstance(each, str) else each or [])


def test_every_setting_that_botocore_knows_has_a_row() -> None:
    text = " ".join(what for what, _ in rows())
    assert [name for name in _names() if f"`{name}`" not in text] == []


def test_the_tables_were_found() -> None:
    assert len(rows()) > 40
