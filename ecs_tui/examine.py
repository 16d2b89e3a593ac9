"""`ecs-tui doctor`: the doctor's findings on stdout, and an exit status for scripts."""

from __future__ import annotations

import asyncio
import shutil
from textwrap import indent
from typing import Any

from ecs_tui.aws import ecs
from ecs_tui.aws.account import Account
from ecs_tui.doctor.cures import plan
from ecs_tui.doctor.doctor import Doctor
from ecs_tui.doctor.facts import Gatherer, PluginFact
from ecs_tui.echo import echo, echo_json
from ecs_tui.errors import NotFound
from ecs_tui.find import find_task
from ecs_tui.model.arn import arn_of_task, is_task_id, short_name
from ecs_tui.model.exec_status import newest_ready_task
from ecs_tui.model.finding import EXIT_STATUS, Finding, Health, Outcome, judge, judge_each
from ecs_tui.model.task import Task
from ecs_tui.model.words import clean
from ecs_tui.session.plugin import BUILTIN, PluginChoice, find_plugin
from ecs_tui.settings import Settings

POLICIES = ("task-role-policy", "operator-policy")
"""The cures that are a policy."""
SIGNS = {
    Outcome.PASS: "●",
    Outcome.WARN: "▲",
    Outcome.FAIL: "✖",
    Outcome.UNKNOWN: "?",
    Outcome.SKIP: "○",
}


async def plugin_fact(settings: Settings) -> PluginFact:
    """The session client that these settings lead to.

    Raises:
        SessionError: The one that is asked for is not there.
    """
    plugin = await find_plugin(PluginChoice(settings.plugin), settings.plugin_path)
    return PluginFact(plugin.words, plugin is BUILTIN, plugin.warning)


async def examine(
    account: Account,
    settings: Settings,
    cluster: str,
    target: str,
    container: str,
    *,
    as_json: bool,
) -> int:
    """Examine a task, a service's newest task, or each service of the cluster; print; exit status.

    Raises:
        NotFound: There is no such cluster, service, task or container.
    """
    try:
        tasks = await _tasks(account, cluster, target)
        healths: list[Health] = []
        rows: list[dict[str, Any]] = []
        for task in tasks:
            if container and task.container(container) is None:
                names = ", ".join(clean(item.name) for item in task.containers)
                raise NotFound(
                    f"Task {task.id[:12]} has no container {clean(container)!r}.",
                    f"It has: {names}.",
                )
            doctor = Doctor(
                Gatherer(
                    account,
                    cluster,
                    task.arn,
                    containers=(container,) if container else (),
                    plugin=lambda: plugin_fact(settings),
                ),
                container,
            )
            async for _ in doctor.examine():
                pass
            healths.append(judge(doctor.findings))
            if as_json:
                rows += [_row(task, finding) for finding in doctor.findings]
            else:
                _print(task, doctor, healths[-1])
        if as_json:
            echo_json(rows)
        for health in (Health.NOT_READY, Health.UNKNOWN):
            if health in healths:
                return EXIT_STATUS[health]
        return EXIT_STATUS[Health.READY]
    finally:
        await account.close()


async def _tasks(account: Account, cluster: str, target: str) -> list[Task]:
    if target and not (arn_of_task(target) or is_task_id(target)):
        services = await ecs.describe_services(account, cluster, [target])
        if services:
            return [await _newest(account, cluster, services[0].name)]
    if target:
        return [await find_task(account, cluster, target)]
    names = [short_name(arn) async for page in ecs.list_services(account, cluster) for arn in page]
    found = await asyncio.gather(
        *(_newest(account, cluster, name) for name in sorted(names)), return_exceptions=True
    )
    tasks = [item for item in found if isinstance(item, Task)]
    for name, item in zip(sorted(names), found, strict=True):
        if isinstance(item, NotFound):
            echo(f"{clean(name)}: {item}", err=True)
        elif isinstance(item, BaseException):
            raise item
    if not tasks:
        raise NotFound(f"No service of cluster {short_name(cluster)} has a task.")
    return tasks


async def _newest(account: Account, cluster: str, service: str) -> Task:
    arns = [arn async for page in ecs.list_tasks(account, cluster, service) for arn in page]
    tasks = await ecs.describe_tasks(account, cluster, arns[:100]) if arns else []
    task = newest_ready_task(tasks) or (tasks[0] if tasks else None)
    if task is None:
        raise NotFound(f"Service {clean(service)} has no task to look at.", "Is it scaled to 0?")
    return task


def _row(task: Task, finding: Finding) -> dict[str, Any]:
    return {
        "service": task.service,
        "task_arn": task.arn,
        "container": finding.container,
        "check": finding.check,
        "question": finding.question,
        "outcome": str(finding.outcome),
        "evidence": finding.evidence,
        "advice": finding.advice,
        "cure": finding.cure,
        "decisive": finding.decisive,
    }


def _print(task: Task, doctor: Doctor, health: Health) -> None:
    findings = doctor.findings
    where = f"{task.service}/" if task.service else ""
    each = ", ".join(f"{clean(name)} {verdict}" for name, verdict in judge_each(findings).items())
    echo(f"{clean(where)}{task.id[:12]}: {health}" + (f" ({each})" if each else ""))
    shown = [item for item in findings if item.outcome is not Outcome.SKIP]
    width = min(100, shutil.get_terminal_size((120, 24)).columns)
    for item in shown:
        name = f" [{clean(item.container)}]" if item.container else ""
        echo(f"  {SIGNS[item.outcome]} {item.outcome:<7} {item.question}{name}")
        if item.outcome is not Outcome.PASS:
            echo(f"      {clean(item.evidence)}"[: max(width, 60) * 3])
            if item.advice:
                echo(f"      → {clean(item.advice)}")
    for words in _policies(doctor):
        echo("\n" + indent(words, "  "))
    echo()


def _policies(doctor: Doctor) -> list[str]:
    """The policies that the advice tells of, each once: what each is for, and its JSON."""
    found: dict[str, str] = {}
    for item in doctor.findings:
        if item.cure in POLICIES and item.outcome in (Outcome.FAIL, Outcome.WARN):
            cure = plan(item.cure, doctor.facts, item.container)
            found.setdefault(cure.document, f"{clean(cure.title)}:\n{cure.document}")
    return list(found.values())
