"""The sums in the title of the exec check, from the longest form to the shortest."""

from __future__ import annotations

import pytest

from ecs_tui.model.finding import Finding, Outcome
from ecs_tui.ui.dialogs.doctor import sum_forms


def finding(outcome: Outcome, container: str = "") -> Finding:
    return Finding("check", "Does it work?", outcome, "", container=container)


@pytest.mark.parametrize(
    ("found", "forms"),
    [
        (
            [finding(Outcome.PASS), finding(Outcome.FAIL), finding(Outcome.PASS)],
            ["✖ not ready   ✖ 1 failed · ● 2 passed", "✖ not ready   ✖ 1 · ● 2"],
        ),
        (
            [finding(Outcome.PASS, "app"), finding(Outcome.UNKNOWN, "envoy")],
            [
                "● app: ready   ? envoy: unknown   ? 1 unknown · ● 1 passed",
                "● app: ready   ? envoy: unknown   ? 1 · ● 1",
                "? 1 of 2 ready   ? 1 · ● 1",
            ],
        ),
        (
            [finding(Outcome.FAIL, "app"), finding(Outcome.SKIP, "envoy")],
            [
                "✖ app: not ready   ● envoy: ready   ✖ 1 failed · ○ 1 not applicable",
                "✖ app: not ready   ● envoy: ready   ✖ 1 · ○ 1",
                "✖ 1 of 2 ready   ✖ 1 · ○ 1",
            ],
        ),
    ],
)
def test_the_result_stays_while_words_give_way(found: list[Finding], forms: list[str]) -> None:
    assert sum_forms(found) == forms
