"""Does docs/architecture.md show the graph that the source has?"""

from __future__ import annotations

from tests.architecture.graph import (
    DOCUMENT,
    block,
    dot,
    folder_arrows,
    mermaid,
    program,
    replaced,
)


def test_the_document_shows_the_graph() -> None:
    shown = block(DOCUMENT.read_text("utf-8"))
    assert shown == mermaid(program()), "python -m tests.architecture.graph --update"


def test_folders_and_offenders_are_drawn() -> None:
    made = {
        "ecs_tui": "",
        "ecs_tui.errors": "",
        "ecs_tui.aws": "",
        "ecs_tui.aws.account": "from ecs_tui import errors\nfrom ecs_tui.ui import app",
        "ecs_tui.ui": "",
        "ecs_tui.ui.app": "from ecs_tui.aws import account",
    }
    drawn = folder_arrows(made, {"ecs_tui.aws.account -> ecs_tui.ui.app"})
    assert drawn == {("aws", "ui"): True, ("ui", "aws"): False}
    assert '"aws" -> "ui" [style=dashed];' in dot(drawn)
    assert 'ui["ui"] --> aws["aws"]' in mermaid(drawn)


def test_a_document_gets_another_graph() -> None:
    text = "before\n```mermaid\n```\nafter\n```\nmore\n```\n"
    made = replaced(text, "flowchart TD\n")
    assert block(made) == "flowchart TD\n"
    assert made.replace("flowchart TD\n", "") == text
