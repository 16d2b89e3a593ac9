"""docs/problems.md has the table of all rules and causes."""

from __future__ import annotations

from pathlib import Path

from ecs_tui.model.problem import AffectedThing, Problem, SeenProblem, Severity
from ecs_tui.problems.causes import STOP_CAUSES
from ecs_tui.ui.announce import facts_of
from tests.support.problem_facts import NOW
from tests.support.rules_table import table

THING = AffectedThing("service", "prod", "web")
SEEN = SeenProblem("a@b", Problem("rule", "cause", Severity.NOTICE, THING, "what"), NOW)
DOCUMENT = Path(__file__).parents[3] / "docs" / "problems.md"


def test_the_document_has_every_rule() -> None:
    assert table() in DOCUMENT.read_text("utf-8"), "python -m tests.support.rules_table prints it"


def test_the_document_has_every_cause_of_a_stopped_task() -> None:
    text = DOCUMENT.read_text("utf-8").partition("### Causes of stopped tasks")[2]
    assert [cause for cause in STOP_CAUSES if f"| `{cause}` |" not in text] == []


def test_the_document_has_every_variable_of_the_command() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert [name for name in facts_of(SEEN) if f"`{name}`" not in text] == []
