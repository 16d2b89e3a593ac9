"""`ecs-tui problems`: prints what is wrong in clusters, once or as it changes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, Unpack

import click

from ecs_tui.cli.columns import RowFormat
from ecs_tui.cli.options import GivenOutput, OutputOptions, Printer, output_parameters
from ecs_tui.cli.output import Row, TableColumn
from ecs_tui.cli.subcommand import Invocation, Subcommand
from ecs_tui.errors import AwsError, EcsTuiError, ResourceGone, WrongUsage
from ecs_tui.model.problem import SeenProblem
from ecs_tui.model.text import age_of, clean, iso
from ecs_tui.record import dataclass
from ecs_tui.resources.flat import value_of
from ecs_tui.system.crash import run_job
from ecs_tui.system.echo import echo
from ecs_tui.system.exit_status import ExitStatus
from ecs_tui.system.wall_clock import moment

if TYPE_CHECKING:
    from ecs_tui.problems.history import ProblemHistory
    from ecs_tui.store.connections import Connection

NEEDED = frozenset({"ecs:DescribeClusters", "ecs:DescribeTasks", "ecs:ListTasks"})
"""Operations without which "no problem" would say too much. DescribeServices and ListServices raise."""
WATCH_SECONDS = 30.0
"""Seconds between two looks with `--watch`."""


class GivenProblems(GivenOutput):
    """The options by name, as click has parsed them."""

    clusters: tuple[str, ...]
    watch: bool
    every: float
    hidden: bool


def _since(row: Row) -> object:
    return row["age"] if row["dated"] else f">{row['age']}"


FORMAT = RowFormat(
    "problems",
    ("severity", "account", "cluster", "kind", "name", "arn", "rule", "cause", "what", "why",
     "count", "since", "dated", "lastSeen", "age", "advice", "evidence", "hidden", "note", "source"),
    (
        TableColumn("SEVERITY", value_of("severity")),
        TableColumn("SINCE", _since),
        TableColumn("WHERE", lambda row: f"{row['cluster']}/{row['name']}"
                    if row["kind"] != "cluster" else row["cluster"], shrinks=True),
        TableColumn("WHAT", value_of("what"), shrinks=True),
        TableColumn("WHY", value_of("why"), shrinks=True),
        TableColumn("CAUSE", value_of("cause"), priority=1),
    ),
)  # fmt: skip
"""What the rows consist of."""


def flat(seen: SeenProblem, now: datetime) -> Row:
    """The row of a problem, as JSON and CSV contain it."""
    problem = seen.problem
    evidence = [
        {"kind": each.kind, "at": iso(each.at), "words": each.words, "source": each.source,
         "taskArn": each.task_arn or None}
        for each in problem.evidence
    ]  # fmt: skip
    return {
        "severity": problem.severity.word,
        "account": seen.label,
        "cluster": problem.thing.cluster,
        "kind": problem.thing.kind,
        "name": problem.thing.name,
        "arn": problem.thing.arn or None,
        "rule": problem.rule,
        "cause": problem.cause,
        "what": problem.what,
        "why": problem.why or None,
        "count": problem.count,
        "since": iso(seen.since),
        "dated": seen.dated,
        "lastSeen": iso(problem.last),
        "age": age_of(seen.since, now),
        "advice": problem.advice,
        "evidence": evidence,
        "hidden": seen.hidden,
        "note": seen.note or None,
        "source": problem.source,
    }


def run(invocation: Invocation, **given: Unpack[GivenProblems]) -> int:
    """Print the problems; returns the exit status."""
    output = OutputOptions.of(
        form=given["form"],
        as_json=given["as_json"],
        columns=given["columns"],
        no_headers=given["no_headers"],
        sort=given["sort"],
        words=given["words"],
    )
    watch = given["watch"]
    if watch and output.form in ("json", "csv"):
        raise WrongUsage(
            f"--watch and --output {output.form} contradict each other.", "Use table or jsonl."
        )
    request = _Request(given["clusters"], output, watch, given["every"], given["hidden"])
    return run_job(print_problems(invocation, request))


SUBCOMMAND = Subcommand(
    name="problems",
    help="""Print what is wrong in clusters, worst first.

    Without --cluster: the clusters of [watch] in the config file, else all clusters. Each look lists
    services and stopped tasks, and makes at most 12 further calls about each service that something
    speaks against. Problems that were hidden in the dashboard are left out.

    With --watch, problems are printed when they begin and when they change, until Ctrl+C.

    Exit status: 0 no problem, 1 problems were found, 3 services or tasks could not be read.
    """,
    run=run,
    parameters=(
        click.Option(
            ["--cluster", "clusters"], multiple=True, metavar="NAME",
            help="Name or ARN of a cluster; repeatable.",
        ),
        click.Option(["--watch"], is_flag=True, help="Look again and again, until Ctrl+C."),
        click.Option(
            ["--every"], type=click.FloatRange(5), default=WATCH_SECONDS, show_default=True,
            metavar="SECONDS", help="With --watch: seconds between two looks.",
        ),
        click.Option(["--hidden"], is_flag=True, help="Print hidden problems too."),
        *output_parameters("table"),
    ),
    epilog="""\b
Examples:
  ecs-tui problems --cluster prod
  ecs-tui problems --output json --filter severity:failing
  ecs-tui problems --watch --output jsonl
""",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Request:
    clusters: tuple[str, ...]
    output: OutputOptions
    watch: bool
    every: float
    hidden: bool


@dataclass(slots=True)
class _Look:
    """One look at all clusters."""

    found: list[SeenProblem] = field(default_factory=list)
    failed: bool = False


async def print_problems(invocation: Invocation, request: _Request) -> ExitStatus:
    """Print the problems; returns the exit status.

    Raises:
        EcsTuiError: No cluster could be read.
    """
    from ecs_tui.problems.history import ProblemHistory
    from ecs_tui.store.connections import Connection

    connection = Connection(invocation.account(), invocation.settings)
    history = ProblemHistory(keep=invocation.settings.cache)
    history.load()
    try:
        await connection.identify()
        if connection.error is not None:
            raise connection.error
        await connection.restore_stopped()
        if request.watch:
            await _watch(connection, history, request, invocation)
        look = await _look(connection, history, request, invocation)
        _print(look.found, request)
        if look.failed:
            return ExitStatus.NOT_ASKED
        return ExitStatus.NO if look.found else ExitStatus.YES
    finally:
        history.save()
        await connection.close()


async def _clusters(
    connection: Connection, request: _Request, invocation: Invocation
) -> Sequence[str]:
    from ecs_tui.cli.find import cluster_arns
    from ecs_tui.model.arn import short_name

    if request.clusters:
        return [short_name(each) for each in request.clusters]
    named = [each for each in invocation.settings.watch.clusters if "@" not in each]
    if named and "*" not in named:
        return named
    return [short_name(arn) async for arn in cluster_arns(connection.account)]


async def _look(
    connection: Connection, history: ProblemHistory, request: _Request, invocation: Invocation
) -> _Look:
    """Look at each cluster in turn."""
    from ecs_tui.problems.examine import examine

    look, denied = _Look(), dict[str, str]()
    for cluster in await _clusters(connection, request, invocation):
        now = moment()
        try:
            found = await examine(connection, cluster, now)
        except EcsTuiError as error:
            if isinstance(error, ResourceGone) and not request.clusters:
                continue  # it has just been deleted
            if not isinstance(error, AwsError):
                raise
            echo(f"ecs-tui: cluster {clean(cluster)} was not read: {error}", err=True)
            look.failed = True
            continue
        denied |= found.denied
        # Without these operations, a problem that was not found may not be over.
        whole = [cluster] if NEEDED.isdisjoint(found.denied) else []
        look.found += history.update(connection.label, whole, found.problems, now)
    look.failed = look.failed or not NEEDED.isdisjoint(denied)
    for operation, words in sorted(denied.items()):
        echo(f"ecs-tui: not known ({clean(operation)}): {clean(words)}", err=True)
    look.found = [each for each in look.found if request.hidden or not each.hidden]
    look.found.sort(key=lambda each: (each.hidden, each.problem.severity))
    return look


def _print(found: Sequence[SeenProblem], request: _Request) -> None:
    now = moment()
    printer = Printer(FORMAT, request.output)
    printer.page([flat(each, now) for each in found])
    printer.end(whole=True)


async def _watch(
    connection: Connection, history: ProblemHistory, request: _Request, invocation: Invocation
) -> None:
    """Print problems as they begin or change; never returns."""
    printer = Printer(FORMAT, request.output)
    shown: dict[str, tuple[str, ...]] = {}
    while True:
        try:
            look = await _look(connection, history, request, invocation)
        except AwsError as error:
            echo(f"ecs-tui: {error} Trying again.", err=True)
        else:
            now = moment()
            state = {each.key: _state(each) for each in look.found}
            new = [each for each in look.found if shown.get(each.key) != state[each.key]]
            printer.page([flat(each, now) for each in new])
            for key in shown.keys() - state.keys():
                echo(f"ecs-tui: over: {clean(key)}", err=True)
            shown = state
            history.save()
        await asyncio.sleep(request.every)


def _state(seen: SeenProblem) -> tuple[str, ...]:
    problem = seen.problem
    return problem.severity.word, problem.what, problem.why
