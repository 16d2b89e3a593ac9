"""`ecs-tui doctor`: prints findings on stdout; its exit status is for scripts."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import indent
from typing import Any

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.cli.find import check_account, find_container, find_target, newest_task
from ecs_tui.config.settings import Settings
from ecs_tui.doctor.exec_check import Doctor
from ecs_tui.doctor.facts import Gatherer, PluginFact
from ecs_tui.doctor.plans import make_plan
from ecs_tui.errors import AwsError, NotFound
from ecs_tui.model.arn import short_name
from ecs_tui.model.finding import (
    Finding,
    Health,
    Outcome,
    health_by_container,
    overall_health,
)
from ecs_tui.model.reference import Reference
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean
from ecs_tui.session.plugin import BUILTIN, PluginChoice, find_plugin
from ecs_tui.system.echo import echo, echo_json, sign
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
    account: Account, settings: Settings, reference: Reference, *, as_json: bool
) -> ExitStatus:
    """Check a task, or the newest task of one service or of every service; print the findings.

    Returns:
        The exit status: that of the worst result.

    Raises:
        NotFound: There is no such cluster, service, task or container.
        AwsError: A call to AWS failed.
    """
    try:
        targets = await _targets_of(account, reference)
        healths: list[Health] = []
        rows: list[dict[str, Any]] = []
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
            healths.append(overall_health(doctor.findings))
            if as_json:
                rows += [_row(targets.cluster, task, finding) for finding in doctor.findings]
            else:
                _print(task, doctor, healths[-1])
        if as_json:
            echo_json(rows)
        return _status(healths, whole=targets.whole)
    finally:
        await account.close()


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


def _row(cluster: str, task: Task, finding: Finding) -> dict[str, Any]:
    return {
        "clusterName": cluster,
        "serviceName": task.service or None,
        "taskArn": task.arn,
        "containerName": finding.container or None,
        "check": finding.check,
        "question": finding.question,
        "outcome": str(finding.outcome),
        "evidence": finding.evidence,
        "advice": finding.advice,
        "fix": finding.fix,
        "decisive": finding.decisive,
    }


def _print(task: Task, doctor: Doctor, health: Health) -> None:
    findings = doctor.findings
    where = f"{task.service}/" if task.service else ""
    each = ", ".join(
        f"{clean(name)} {verdict}" for name, verdict in health_by_container(findings).items()
    )
    echo(f"{clean(where)}{task.id[:12]}: {health}" + (f" ({each})" if each else ""))
    shown = [item for item in findings if item.outcome is not Outcome.SKIP]
    width = min(100, shutil.get_terminal_size((120, 24)).columns)
    for item in shown:
        name = f" [{clean(item.container)}]" if item.container else ""
        echo(f"  {sign(SIGNS[item.outcome])} {item.outcome:<7} {item.question}{name}")
        if item.outcome is not Outcome.PASS:
            echo(f"      {clean(item.evidence)}"[: max(width, 60) * 3])
            if item.advice:
                echo(f"      → {clean(item.advice)}")
    for words in _policies(doctor):
        echo("\n" + indent(words, "  "))
    echo()


def _policies(doctor: Doctor) -> list[str]:
    """The policies that the advice refers to, each once: its title and its JSON."""
    found: dict[str, str] = {}
    for item in doctor.findings:
        if item.fix in POLICIES and item.outcome in (Outcome.FAIL, Outcome.WARN):
            plan = make_plan(item.fix, doctor.facts, item.container)
            found.setdefault(plan.document, f"{clean(plan.title)}:\n{plan.document}")
    return list(found.values())
