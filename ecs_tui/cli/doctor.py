"""`ecs-tui doctor`: prints findings on stdout; its exit status is for scripts."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from textwrap import indent
from typing import Unpack

import click

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.cli.columns import RowFormat
from ecs_tui.cli.find import check_account, find_container, find_target, newest_task
from ecs_tui.cli.options import GivenOutput, OutputOptions, Printer, output_parameters
from ecs_tui.cli.output import Row, TableColumn
from ecs_tui.cli.subcommand import Invocation, Subcommand
from ecs_tui.config.settings import Settings
from ecs_tui.doctor.exec_check import Doctor
from ecs_tui.doctor.facts import PluginFact
from ecs_tui.doctor.gather import Gatherer
from ecs_tui.doctor.plans import make_plan
from ecs_tui.errors import AwsError, EcsTuiError, NotFound
from ecs_tui.model.arn import short_name
from ecs_tui.model.finding import (
    Finding,
    Health,
    Outcome,
    health_by_container,
    overall_health,
)
from ecs_tui.model.reference import Reference, parse_target
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean, counted
from ecs_tui.record import dataclass
from ecs_tui.session.plugin import BUILTIN, PluginChoice, find_plugin
from ecs_tui.system.crash import run_job
from ecs_tui.system.echo import echo, sign
from ecs_tui.system.exit_status import ExitStatus, of_error

EXIT_STATUS = {
    Health.READY: ExitStatus.YES,
    Health.NOT_READY: ExitStatus.NO,
    Health.UNKNOWN: ExitStatus.NOT_ASKED,
}

POLICIES = ("task-role-policy", "operator-policy")
"""The fixes that are IAM policies."""
SIGNS = {
    Outcome.PASS: "●",
    Outcome.WARN: "▲",
    Outcome.FAIL: "✖",
    Outcome.UNKNOWN: "?",
    Outcome.SKIP: "○",
}


KEYS = (
    "clusterName", "serviceName", "taskArn", "containerName", "check", "question", "outcome",
    "evidence", "advice", "fix", "decisive",
)  # fmt: skip
FINDINGS = RowFormat(
    "findings",
    KEYS,
    (
        TableColumn("SERVICE", lambda row: row["serviceName"], shrinks=True),
        TableColumn("TASK", lambda row: short_name(row["taskArn"]), shrinks=True, priority=3),
        TableColumn("CONTAINER", lambda row: row["containerName"], shrinks=True, priority=1),
        TableColumn("OUTCOME", lambda row: row["outcome"]),
        TableColumn("CHECK", lambda row: row["check"]),
        TableColumn("EVIDENCE", lambda row: row["evidence"], shrinks=True),
        TableColumn("ADVICE", lambda row: row["advice"], shrinks=True, priority=2),
    ),
)


def run(
    invocation: Invocation,
    *,
    cluster: str,
    target: str | None,
    container: str,
    verbose: bool,
    **output: Unpack[GivenOutput],
) -> int:
    """Check and print; returns the exit status."""
    options = OutputOptions.of(**output)
    reference = parse_target(cluster, target, container)
    account = invocation.account(reference)
    return run_job(run_doctor(account, invocation.settings, reference, options, verbose=verbose))


SUBCOMMAND = Subcommand(
    name="doctor",
    help="""Diagnose why ECS Exec fails, per container.

    TARGET is SERVICE[/CONTAINER] (its newest healthy task) or TASK[/CONTAINER] (a task ID
    or an ID prefix). Without TARGET, checks the newest task of every service: services that are
    ready have one line. An ARN or console URL replaces CLUSTER TARGET.

    Exit status: 0 ready, 1 not ready, 3 unknown.
    """,
    run=run,
    parameters=(
        click.Argument(["cluster"]),
        click.Argument(["target"], required=False),
        click.Option(["--container"], default="", help="Only this container."),
        click.Option(
            ["--verbose", "-v"], is_flag=True, help="Print the findings of ready services too."
        ),
        *output_parameters("a report"),
    ),
)


async def plugin_fact(settings: Settings) -> PluginFact:
    """The session client that these settings select.

    Raises:
        SessionError: The selected client was not found.
    """
    plugin = await find_plugin(PluginChoice(settings.plugin), settings.plugin_path)
    return PluginFact(plugin.words, plugin is BUILTIN, plugin.warning)


@dataclass(frozen=True, slots=True)
class _CheckTargets:
    """The tasks to check; `whole` is False if some could not be read."""

    tasks: list[Task]
    cluster: str
    container: str = ""
    whole: bool = True


async def run_doctor(
    account: Account,
    settings: Settings,
    reference: Reference,
    options: OutputOptions,
    *,
    verbose: bool = False,
) -> ExitStatus:
    """Check a task, or the newest task of one service or of every service; print the findings.

    Args:
        options: The format of the output; none for the report.
        verbose: Whether the report of a whole cluster has the findings of ready services too.

    Returns:
        The exit status: that of the worst result.

    Raises:
        NotFound: There is no such cluster, service, task or container.
        AwsError: A call to AWS failed.
        WrongUsage: An option names a column that findings do not have.
    """
    printer = Printer(FINDINGS, options) if options.form else None
    report = CheckReport(whole_cluster=reference.whole_cluster, verbose=verbose)
    begun = False
    try:
        targets = await _targets_of(account, reference)
        for task in targets.tasks:
            if targets.container:
                find_container(task, targets.container)
            doctor = Doctor(
                Gatherer(
                    account,
                    targets.cluster,
                    task.arn,
                    containers=(targets.container,) if targets.container else (),
                    plugin=lambda: plugin_fact(settings),
                ),
                targets.container,
            )
            async for _ in doctor.run_exec_check():
                pass
            report.add(task, doctor, silent=printer is not None)
            if printer is not None:
                begun = True
                printer.page([_row(targets.cluster, task, each) for each in doctor.findings])
    except EcsTuiError:
        if printer is not None and begun:
            printer.end(whole=False)
        raise
    finally:
        await account.close()
    if printer is not None:
        printer.end(whole=True)
    else:
        report.end()
    return _status(report.healths, whole=targets.whole)


def _status(healths: Sequence[Health], *, whole: bool) -> ExitStatus:
    """The status of the worst result; if all are ready, NOT_ASKED if some could not be read."""
    for health in (Health.NOT_READY, Health.UNKNOWN):
        if health in healths:
            return EXIT_STATUS[health]
    return ExitStatus.YES if whole else ExitStatus.NOT_ASKED


async def _targets_of(account: Account, reference: Reference) -> _CheckTargets:
    if reference.whole_cluster:
        await check_account(account, reference)
        return await _each_service(account, reference)
    found = await find_target(account, reference)
    if found.note:
        echo(f"ecs-tui: {found.note}", err=True)
    return _CheckTargets([found.task], found.cluster, found.container)


async def _each_service(account: Account, reference: Reference) -> _CheckTargets:
    """The newest task of each service; services without a readable one are named on stderr."""
    cluster = reference.cluster
    names = [short_name(arn) async for page in ecs.list_services(account, cluster) for arn in page]
    names.sort()
    found = await asyncio.gather(
        *(newest_task(account, cluster, name, reference.container) for name in names),
        return_exceptions=True,
    )
    tasks, whole, wanted = [], True, reference.container
    for item in found:
        if isinstance(item, Task) and wanted and item.container(wanted) is None:
            where = clean(item.service)
            echo(f"ecs-tui: Service {where} has no container {clean(wanted)}.", err=True)
        elif isinstance(item, Task):
            tasks.append(item)
        elif isinstance(item, (NotFound, AwsError)):
            echo(f"ecs-tui: {item}", err=True)
            whole = whole and of_error(item) is not ExitStatus.NOT_ASKED
        else:
            raise item
    if not tasks and whole:
        with_it = f" with a container {clean(wanted)!r}" if wanted else ""
        raise NotFound(f"No service in cluster {cluster} has tasks{with_it}.")
    return _CheckTargets(tasks, cluster, wanted, whole)


def _row(cluster: str, task: Task, finding: Finding) -> Row:
    values = (
        cluster, task.service or None, task.arn, finding.container or None, finding.check,
        finding.question, str(finding.outcome), finding.evidence, finding.advice, finding.fix,
        finding.decisive,
    )  # fmt: skip
    return dict(zip(KEYS, values, strict=True))


class CheckReport:
    """The findings for people.

    Args:
        whole_cluster: Whether all services of a cluster are checked. Then a service that is ready
            has one line, and a summary is the last line.
        verbose: Whether ready services have all their findings anyway.
    """

    def __init__(self, *, whole_cluster: bool, verbose: bool) -> None:
        self._whole_cluster, self._verbose = whole_cluster, verbose
        self.healths: list[Health] = []
        """The result for each task."""

    def add(self, task: Task, doctor: Doctor, *, silent: bool = False) -> None:
        """Count the result for a task; print its findings, unless `silent`."""
        health = overall_health(doctor.findings)
        self.healths.append(health)
        if not silent:
            self._print(task, doctor, health)

    def _print(self, task: Task, doctor: Doctor, health: Health) -> None:
        brief = self._whole_cluster and not self._verbose
        findings = doctor.findings
        where = f"{task.service}/" if task.service else ""
        each = ", ".join(
            f"{clean(name)} {verdict}" for name, verdict in health_by_container(findings).items()
        )
        line = f"{clean(where)}{task.id[:12]}: {health}" + (f" ({each})" if each else "")
        if brief and health is Health.READY:
            warnings = sum(item.outcome is Outcome.WARN for item in findings)
            echo(line + (f", {counted(warnings, 'warning')}" if warnings else ""))
            return
        echo(line)
        left_out = {Outcome.SKIP, Outcome.PASS} if brief else {Outcome.SKIP}
        width = min(100, shutil.get_terminal_size((120, 24)).columns)
        for item in findings:
            if item.outcome in left_out:
                continue
            name = f" [{clean(item.container)}]" if item.container else ""
            echo(f"  {sign(SIGNS[item.outcome])} {item.outcome:<7} {item.question}{name}")
            if item.outcome is not Outcome.PASS:
                echo(f"      {clean(item.evidence)}"[: max(width, 60) * 3])
                if item.advice:
                    echo(f"      → {clean(item.advice)}")
        for words in _policies(doctor):
            echo("\n" + indent(words, "  "))
        echo()

    def end(self) -> None:
        """Print the summary of a cluster."""
        if self._whole_cluster and self.healths:
            counts = [(self.healths.count(each), each) for each in Health]
            words = ", ".join(f"{count} {each}" for count, each in counts if count)
            echo(f"{counted(len(self.healths), 'service')}: {words}")


def _policies(doctor: Doctor) -> list[str]:
    """The policies that the advice refers to, each once: its title and its JSON."""
    found: dict[str, str] = {}
    for item in doctor.findings:
        if item.fix in POLICIES and item.outcome in (Outcome.FAIL, Outcome.WARN):
            plan = make_plan(item.fix, doctor.facts, item.container)
            found.setdefault(plan.document, f"{clean(plan.title)}:\n{plan.document}")
    return list(found.values())
