"""Parts of rules: which events name a cause, which ends go on, which rows have trouble."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from ecs_tui.model.problem import AffectedThing, Evidence, Problem, SeenProblem, Severity
from ecs_tui.model.retirement import Retirement
from ecs_tui.model.rules.health import Sign
from ecs_tui.problems import watch_times
from ecs_tui.problems.account_asking import has_own_capacity
from ecs_tui.problems.causes import ended_well, stop_cause
from ecs_tui.problems.cluster_facts import AccountAnswers
from ecs_tui.problems.due import agrees, services_due
from ecs_tui.problems.evidence import evidence_text, folded
from ecs_tui.problems.find import find_in_service, in_order
from ecs_tui.problems.judging import judged
from ecs_tui.problems.last_lines import line_cause
from ecs_tui.problems.refreshing import refresh
from ecs_tui.problems.rules.changes import BEFORE
from ecs_tui.problems.rules.counts import GRACE
from ecs_tui.problems.rules.crashes import QUIET, task_evidence
from ecs_tui.problems.rules.health import NEW_TASK
from ecs_tui.problems.rules.infrastructure import WAITING
from ecs_tui.problems.rules.placement import CAUSES, event_cause
from ecs_tui.problems.rules.scaling import CEILING
from ecs_tui.problems.watched import CallCounter, WatchedCluster
from ecs_tui.resources.problems import PROBLEMS, ProblemRow, sign_of
from ecs_tui.resources.registry import RESOURCES
from ecs_tui.resources.trouble import may_have_trouble, trouble_of
from ecs_tui.store.inventory import Inventory, Kind, Scope
from tests.support.problem_facts import NOW, ago, container, facts, service, stopped
from tests.support.stub_aws import StubAws


def problem(name: str, severity: Severity, rule: str = "crash-loop", minutes: float = 5) -> Problem:
    return Problem(
        rule, "exit-code", severity, AffectedThing("service", "prod", name), "it ended", since=ago(minutes)
    )  # fmt: skip


def test_evidence_that_says_the_same_is_one_line() -> None:
    def ended(minutes: float, task: str, words: str = "exit 1") -> Evidence:
        return Evidence("task", f"task {task} of web:8: {words}", ago(minutes), "ecs:DescribeTasks")

    one, two, other = ended(1, "0123abcd"), ended(3, "4567cdef"), ended(2, "89abcdef", "exit 2")
    lost = [Evidence("instance", f"instance i-0123abcd{n} lost", None, "ecs") for n in range(2)]
    assert folded([one, other, two, *lost]) == [
        (one, [two]), (other, []), *((each, []) for each in lost),
    ]  # fmt: skip
    shown = replace(
        problem("web", Severity.FAILING), evidence=(one, two, ended(5, "cdef0123"), *lost)
    )
    lines = evidence_text(SeenProblem("a@b", shown, ago(5)), NOW)
    (like,) = (line for line in lines if "more like it" in line)
    began, ended_at = (f"{ago(minutes).astimezone():%m-%d %H:%M:%S}" for minutes in (5, 3))
    assert like.strip() == f"and 2 more like it, {began} to {ended_at}"
    assert sum("of web:8: exit 1" in line for line in lines) == 1
    assert sum("instance i-" in line for line in lines) == 2, "each instance by its name"


def test_problems_of_one_thing_stay_together_and_the_worst_thing_is_first() -> None:
    first = problem("web", Severity.FAILING)
    second = problem("web", Severity.NOTICE, "exec-agent")
    other = problem("api", Severity.DEGRADED)
    assert in_order([second, other, first]) == [first, second, other]


@pytest.mark.parametrize(
    "message",
    ["", "(service web) has reached a steady state.", "(service web) has started 2 tasks: (task a).",
     "(service web) registered 2 targets in (target-group arn:port-8080)",
     "(service web) has begun draining connections on 1 tasks."],
)  # fmt: skip
def test_an_ordinary_event_names_no_cause(message: str) -> None:
    assert event_cause(message) is None


def test_every_cause_of_events_has_words_and_advice() -> None:
    assert all(each.why and each.advice.endswith(".") for each in CAUSES)


def test_the_times_of_rules_are_minutes() -> None:
    for each in (BEFORE, GRACE, QUIET, NEW_TASK, WAITING, CEILING):
        assert timedelta(minutes=1) < each <= timedelta(hours=6)


@pytest.mark.parametrize(("code", "well"), [(0, True), (143, True), (1, False), (137, False)])
def test_which_ends_are_no_failure(code: int, well: bool) -> None:
    cause = stop_cause(stopped(1, 3, container(code)))
    assert cause is not None
    assert ended_well(cause) is well


def test_the_evidence_of_a_task_has_its_reason_and_every_exit() -> None:
    (only,) = task_evidence(
        [stopped(1, 3, container(137, "OutOfMemoryError: x"), container(0, name="log"))]
    )
    assert "Essential container in task exited" in only.words
    assert "app exit 137 OutOfMemoryError: x; log exit 0" in only.words
    assert only.at == ago(3)


@pytest.mark.parametrize(
    ("affected", "cluster", "name", "yes"),
    [("prod|web", "prod", "web", True), ("prod|web", "prod", "api", False),
     ("arn:aws:ecs:r:1:service/prod/web", "prod", "web", True), ("prod|web", "prod", "", True),
     ("prod|web", "other", "", False)],
)  # fmt: skip
def test_what_a_retirement_affects(affected: str, cluster: str, name: str, yes: bool) -> None:
    assert Retirement("arn", "CODE", affected=(affected,)).affects(cluster, name) is yes


def test_calls_are_counted_for_a_minute() -> None:
    calls = CallCounter()
    calls.add(2, 10.0)
    calls.add(1, 60.0)
    assert (calls.last_minute(65.0), calls.last_minute(75.0), calls.total) == (3, 1, 3)


def test_since_when_it_is_below_is_kept_until_it_is_not() -> None:
    watched = WatchedCluster("prod")
    low = replace(service(), running=1)
    watched.note_counts([low], ago(5))
    watched.note_counts([low], NOW)
    assert watched.below == {low.arn: ago(5)}
    watched.note_counts([service()], NOW)
    assert watched.below == {}


def test_capacity_of_its_own() -> None:
    assert has_own_capacity(("FARGATE", "ec2"))
    assert not has_own_capacity(("FARGATE", "FARGATE_SPOT"))


def test_signs_of_problems() -> None:
    seen = SeenProblem("a", problem("web", Severity.FAILING), NOW)
    assert sign_of(seen) is Sign.BAD
    assert sign_of(replace(seen, hidden=True)) is Sign.OFF


def test_a_deleted_service_has_no_problem() -> None:
    gone = replace(service(), gone=True, running=0)
    assert find_in_service(facts(gone, stopped=(stopped(1, 1, container(1)),)), NOW) == []


def test_rows_with_a_problem_that_was_found_are_troubled(stub: StubAws) -> None:
    inventory = Inventory(stub.account())
    seen = SeenProblem("a", problem("web", Severity.NOTICE), NOW)
    inventory.problems = (seen,)
    row = ProblemRow(seen, inventory)
    place = PROBLEMS.at("")
    assert trouble_of(PROBLEMS, place, [inventory])(row)
    inventory.problems = ()
    hidden = ProblemRow(replace(seen, hidden=True), inventory)
    assert not trouble_of(PROBLEMS, place, [inventory])(hidden)
    for name in RESOURCES:
        if may_have_trouble(name):
            assert trouble_of(RESOURCES[name], place, [inventory])


def test_judging_nothing_finds_nothing(stub: StubAws) -> None:
    async def scenario() -> None:
        inventory = Inventory(stub.account())
        assert await judged(inventory, WatchedCluster("prod"), AccountAnswers(), NOW) == []
        await inventory.close()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("line", "cause"),
    [("exec /usr/bin/app: exec format error", "architecture-mismatch"),
     ("exec ./start.sh: no such file or directory", "entrypoint-not-found"),
     ("open config.yml: no such file or directory", ""), ("", ""), ("exec " * 20_000, "")],
)  # fmt: skip
def test_what_only_a_line_tells(line: str, cause: str) -> None:
    found = line_cause(["ready", line, " "])
    assert (found[0] if found is not None else "") == cause


def test_nothing_is_asked_more_often_than_lists_are_refreshed() -> None:
    times = [value for name, value in vars(watch_times).items() if name.endswith("_SECONDS")]
    assert min(times) > 0
    assert watch_times.STOPPED_SECONDS >= 3 * watch_times.USUAL_REFRESH


def test_a_list_is_read_again_whole(stub: StubAws) -> None:
    async def scenario() -> None:
        inventory = Inventory(stub.account())
        scope = Scope(Kind.SERVICE, "stub")
        assert await refresh(inventory, scope) == 2
        stub.calls.clear()
        assert await refresh(inventory, scope) == 2
        assert stub.calls["ecs:DescribeServices"] == 1
        await inventory.close()
        await inventory.account.close()

    asyncio.run(scenario())


def test_a_cluster_that_was_never_listed_is_listed_first(stub: StubAws) -> None:
    inventory, watched = Inventory(stub.account()), WatchedCluster("prod")
    assert services_due(inventory, watched, 0.0, 30.0) == []
    assert not agrees(inventory, watched)
