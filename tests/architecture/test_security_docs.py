"""Does every row of docs/security.md name tests that exist?"""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.source import ROOT, tree

TEXT = (ROOT / "docs" / "security.md").read_text("utf-8")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
NAMED = sorted(set(_TEST.findall(TEXT)))
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and "shown by" not in line]


@pytest.mark.parametrize(("file", "name"), NAMED, ids=lambda part: part)
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    module = tree((ROOT / file).read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    assert name in {node.name for node in module.body if isinstance(node, functions)}
    assert name.startswith("test_")


def test_every_row_names_a_test_and_every_attacker_has_rows() -> None:
    assert len(NAMED) > 50
    for row in ROWS:
        assert _TEST.search(row.split("|")[3]), row
    for part in ("container", "AWS account", "web page", "user", "current directory", "network"):
        section = re.search(rf"^## .*{part}.*\n(?:(?!## ).*\n)*", TEXT, re.MULTILINE)
        assert section and section.group().count("\n| ") >= 3, part


def test_the_readme_leads_there() -> None:
    assert "docs/security.md" in (ROOT / "README.md").read_text("utf-8")
    assert "docs/security.md" in (ROOT / "SECURITY.md").read_text("utf-8")
