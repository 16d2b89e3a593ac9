"""How new problems announce themselves."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path

from ecs_tui.config.sections import ProblemSettings
from ecs_tui.model.problem import AffectedThing, Problem, SeenProblem, Severity
from ecs_tui.ui.announce import facts_of, run_command, title_words, toast_words, wanted
from ecs_tui.ui.header import problem_forms
from tests.support.problem_facts import ago

PROBLEM = Problem(
    "crash-loop", "exit-code", Severity.DEGRADED, AffectedThing("service", "prod", "web"),
    "2 tasks ended", "app \x1b[31mexit 1; rm -rf $HOME", since=ago(9),
)  # fmt: skip
SEEN = SeenProblem("default@eu-west-1", PROBLEM, ago(9))


def with_severity(severity: Severity) -> SeenProblem:
    return replace(SEEN, problem=replace(PROBLEM, severity=severity))


def test_only_what_is_severe_enough_announces_itself() -> None:
    every = [with_severity(each) for each in Severity]
    assert wanted(every, ProblemSettings()) == every[:2]
    assert wanted(every, ProblemSettings(severity="failing")) == every[:1]
    assert wanted(every, ProblemSettings(severity="notice")) == every


def test_the_note_names_the_first_and_counts_the_others() -> None:
    assert toast_words([SEEN]) == "prod/web: 2 tasks ended: app �[31mexit 1; rm -rf $HOME"
    assert toast_words([SEEN, SEEN, SEEN]).endswith("(and 2 more problems)")


def test_the_title_counts_by_severity() -> None:
    none = dict.fromkeys(Severity, 0)
    assert title_words(none) == "ecs-tui"
    assert title_words({**none, Severity.NOTICE: 3}) == "ecs-tui"
    some = {**none, Severity.FAILING: 1, Severity.DEGRADED: 2}
    assert title_words(some) == "(1 failing, 2 degraded) ecs-tui"


def test_the_header_shows_the_worst_sign() -> None:
    none = dict.fromkeys(Severity, 0)
    assert problem_forms(none) == () == problem_forms({})
    assert problem_forms({**none, Severity.NOTICE: 1}) == ("◐ 1 problem", "◐1!")
    assert problem_forms({**none, Severity.DEGRADED: 2})[0] == "▲ 2 problems"
    assert problem_forms({**none, Severity.FAILING: 1, Severity.NOTICE: 1})[1] == "✖2!"


def test_the_command_gets_facts_as_variables_and_no_shell(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    code = (
        "import json, os, sys; json.dump({'argv': sys.argv[2:], 'env': {k: v for k, v in "
        "os.environ.items() if k.startswith('PROBLEM_')}}, open(sys.argv[1], 'w'))"
    )
    argv = [sys.executable, "-c", code, str(out), "$(touch x)", "a b"]
    assert asyncio.run(run_command(argv, [SEEN])) == ""
    told = json.loads(out.read_text())
    assert told["argv"] == ["$(touch x)", "a b"]
    assert told["env"] == facts_of(SEEN)
    assert told["env"]["PROBLEM_WHY"] == "app �[31mexit 1; rm -rf $HOME"
    assert told["env"]["PROBLEM_SINCE"] == ago(9).isoformat()


def test_a_command_that_fails_is_told() -> None:
    assert "cannot be started" in asyncio.run(run_command(["/no/such/program"], [SEEN]))
    failed = asyncio.run(run_command([sys.executable, "-c", "raise SystemExit(3)"], [SEEN]))
    assert failed.endswith("ended with status 3.")
