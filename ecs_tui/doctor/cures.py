"""Cures: what each one will do, word for word, how it is done, and when it has worked.

A cure that changes something is one or more API calls; a cure that is a policy is only ever shown.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecs_tui.aws import ecs
from ecs_tui.aws.account import Account
from ecs_tui.doctor.facts import Fact, Facts
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.arn import short_name
from ecs_tui.model.exec_status import Verdict, container_readiness, task_readiness
from ecs_tui.model.permission import Grant, operator_policy, task_role_policy
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition

POLL = 2.0
GIVE_UP = 1800.0
STARTED_BY = "ecs-tui"
_PRODUCTION = ("prod", "prd", "live")


@dataclass(frozen=True, slots=True)
class Call:
    """One API call: `ecs:UpdateService` and its parameters."""

    operation: str
    parameters: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.operation} {json.dumps(dict(self.parameters), indent=2)}"


@dataclass(frozen=True, slots=True)
class Cure:
    """What can be done about a finding.

    Attributes:
        id: As a finding names it.
        title: What it does, to which thing.
        effect: What will happen, in a sentence.
        calls: The API calls, in order; empty for a policy.
        changes: (what, before, after) for people to read.
        document: A policy, ready to be copied; "" for others.
        cluster: Cluster of the thing.
        service: The service whose new tasks are waited for, or "".
        task: The task that is waited for or was asked about.
        harder: The name that must be typed before it is done, or "".
    """

    id: str
    title: str
    effect: str
    calls: tuple[Call, ...] = ()
    changes: tuple[tuple[str, str, str], ...] = ()
    document: str = ""
    cluster: str = ""
    service: str = ""
    task: str = ""
    harder: str = ""


def production_like(name: str) -> bool:
    """Whether a name sounds as if customers were behind it."""
    return any(word in name.casefold() for word in _PRODUCTION)


@dataclass(frozen=True, slots=True)
class OneOff:
    """What may be chosen for a one-off copy of a task."""

    command: tuple[str, ...] = ("sleep", "3600")
    tags: Mapping[str, str] = field(default_factory=dict)


def plan(cure_id: str, facts: Facts, container: str = "", one_off: OneOff | None = None) -> Cure:
    """The cure called `cure_id` for the task in `facts`.

    Raises:
        EcsTuiError: It cannot be planned from what is known.
    """
    make = _PLANS.get(cure_id)
    if make is None:
        raise EcsTuiError(f"There is no cure called {cure_id!r}.")
    for fact in (Fact.TASK, Fact.CLUSTER):
        if fact in facts.errors:
            raise facts.errors[fact]
        if fact not in facts.values:
            raise EcsTuiError(f"The {fact} is not known yet.", "Wait until it has been asked for.")
    if cure_id == "one-off":
        return _one_off(facts, container, one_off or OneOff())
    return make(facts, container)


def _cluster(facts: Facts) -> str:
    return short_name(facts.task.cluster_arn)


def _needs_service(facts: Facts) -> Service:
    service = facts.values.get(Fact.SERVICE)
    if not isinstance(service, Service):
        raise EcsTuiError(
            "This task has no service that could be changed.", "Run a one-off copy with exec on."
        )
    return service


_DEPLOYED_BY = {
    "CODE_DEPLOY": "Have CodeDeploy deploy a revision of it (aws deploy create-deployment)",
    "EXTERNAL": "Have its deployment controller create a task set (aws ecs create-task-set)",
}
"""UpdateService refuses forceNewDeployment and platformVersion there: API reference."""


def _update(facts: Facts, cure_id: str, title: str, changes: dict[str, tuple[Any, Any]]) -> Cure:
    service = _needs_service(facts)
    if (instead := _DEPLOYED_BY.get(service.controller)) is not None:
        wanted = ", ".join(
            f"{name} {_say(after)}"
            for name, (_, after) in changes.items()
            if name != "forceNewDeployment"
        )
        raise EcsTuiError(
            f"ECS does not deploy {service.name}: its deployment controller is "
            f"{service.controller}, and UpdateService would be refused.",
            instead + (f", with {wanted}." if wanted else "."),
        )
    cluster = _cluster(facts)
    parameters = {name: after for name, (_, after) in changes.items()}
    count = f"{service.desired} task{'s' if service.desired != 1 else ''}"
    return Cure(
        cure_id,
        title,
        f"A new deployment of {cluster}/{service.name} replaces its {count}, "
        "as its deployment settings say; exec sessions in the old ones end.",
        (
            Call(
                "ecs:UpdateService",
                {"cluster": cluster, "service": service.name, **parameters},
            ),
        ),
        tuple((name, _say(before), _say(after)) for name, (before, after) in changes.items()),
        cluster=cluster,
        service=service.name,
        task=facts.task.arn,
        harder=service.name if production_like(cluster) or production_like(service.name) else "",
    )


def _say(value: Any) -> str:
    return {True: "true", False: "false", None: "–"}.get(value, str(value))


def _enable_exec(facts: Facts, _: str) -> Cure:
    service = _needs_service(facts)
    changes: dict[str, tuple[Any, Any]] = {}
    if not service.exec_enabled:
        changes["enableExecuteCommand"] = (False, True)
    changes["forceNewDeployment"] = (None, True)
    title = (
        f"Enable exec on {service.name} and deploy"
        if not service.exec_enabled
        else f"Deploy {service.name} anew: exec is on, these tasks started before"
    )
    return _update(facts, "enable-exec", title, changes)


def _platform(facts: Facts, _: str) -> Cure:
    service = _needs_service(facts)
    before = service.platform_version or facts.task.platform_version
    return _update(
        facts,
        "platform",
        f"Deploy {service.name} on the newest Fargate platform",
        {"platformVersion": (before, "LATEST"), "forceNewDeployment": (None, True)},
    )


def _propagate(facts: Facts, _: str) -> Cure:
    service = _needs_service(facts)
    return _update(
        facts,
        "propagate-tags",
        f"Have {service.name} hand its tags on to its tasks, and deploy",
        {
            "propagateTags": (service.propagate_tags, "SERVICE"),
            "forceNewDeployment": (None, True),
        },
    )


def _tag_task(facts: Facts, _: str) -> Cure:
    service = facts.values.get(Fact.SERVICE)
    cluster = facts.values[Fact.CLUSTER]
    tags = settable(service.tags) if isinstance(service, Service) else {}
    origin = "its service"
    if not tags:
        tags, origin = settable(cluster.tags), "its cluster"
    if not tags:
        raise EcsTuiError(
            "Neither the service nor the cluster has tags that could be given to this task.",
            "Tag the service, then have it propagate its tags.",
        )
    task = facts.task
    pairs = [{"key": key, "value": value} for key, value in sorted(tags.items())]
    return Cure(
        "tag-task",
        f"Tag the running task {task.id[:12]} as {origin} is tagged",
        "Only this task is tagged; tasks that its service starts later are not, until the service "
        "propagates its tags.",
        (Call("ecs:TagResource", {"resourceArn": task.arn, "tags": pairs}),),
        tuple((f"tag {key}", task.tags.get(key, "–"), value) for key, value in tags.items()),
        cluster=_cluster(facts),
        task=task.arn,
    )


def _replace_task(facts: Facts, _: str) -> Cure:
    task, cluster = facts.task, _cluster(facts)
    then = (
        f"its service {task.service} starts another one"
        if task.service
        else "nothing starts another one"
    )
    return Cure(
        "replace-task",
        f"Stop task {task.id[:12]}",
        f"The task gets SIGTERM and, after its stop timeout, SIGKILL; {then}.",
        (
            Call(
                "ecs:StopTask",
                {"cluster": cluster, "task": task.arn, "reason": "exec agent broken (ecs-tui)"},
            ),
        ),
        (("desiredStatus", task.desired_status, "STOPPED"),),
        cluster=cluster,
        service=task.service,
        task=task.arn,
        harder=task.id[:6] if production_like(cluster) else "",
    )


def _task_role_policy(facts: Facts, _: str) -> Cure:
    document = task_role_policy(
        facts.configuration, facts.region, facts.account_id, facts.partition
    )
    role = facts.values.get(Fact.ROLE)
    name = short_name(role.arn) if role is not None and role.arn else "a new task role"
    return Cure(
        "task-role-policy",
        f"Policy for {name}",
        "Attach it to the task role yourself; ecs-tui never changes IAM. "
        "New permissions count at once, for agents that run as well.",
        document=json.dumps(document, indent=2),
        task=facts.task.arn,
    )


def _operator_policy(facts: Facts, container: str) -> Cure:
    tags = facts.task.tags
    key = "environment" if "environment" in tags else next(iter(sorted(tags)), "")
    grant = Grant(key, tags.get(key, ""), _cluster(facts), "")
    document = operator_policy(
        grant,
        facts.region,
        facts.account_id,
        facts.partition,
        facts.configuration.kms_key_id,
    )
    return Cure(
        "operator-policy",
        f"Policy for operators of {_cluster(facts)}" + (f", by tag {key}" if key else ""),
        "Attach it to the operators' role yourself; ecs-tui never changes IAM.",
        document=json.dumps(document, indent=2),
        task=facts.task.arn,
    )


def settable(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags without those that only AWS may set (`aws:…`)."""
    return {key: value for key, value in tags.items() if not key.casefold().startswith("aws:")}


def _main_container(facts: Facts, asked: str) -> str:
    """The container whose command is replaced: the one asked for, else the first essential one.

    What the definition does not have (AWS adds containers to tasks) cannot be overridden.
    """
    definition = facts.values.get(Fact.DEFINITION)
    declared = definition.containers if isinstance(definition, TaskDefinition) else ()
    names = [item.name for item in declared]
    if asked and (not names or asked in names):
        return asked
    essential = [item.name for item in declared if item.essential]
    found = essential or names or [item.name for item in facts.task.containers]
    return found[0] if found else ""


def _one_off(facts: Facts, container: str, chosen: OneOff) -> Cure:
    task, cluster = facts.task, _cluster(facts)
    name = _main_container(facts, container)
    service = facts.values.get(Fact.SERVICE)
    tags = settable(chosen.tags) or settable(task.tags)
    if not tags and isinstance(service, Service):
        tags = settable(service.tags)
    parameters: dict[str, Any] = {
        "cluster": cluster,
        "taskDefinition": task.task_definition,
        "enableExecuteCommand": True,
        "startedBy": STARTED_BY,
        "overrides": {"containerOverrides": [{"name": name, "command": list(chosen.command)}]},
    }
    if task.capacity_provider:
        parameters["capacityProviderStrategy"] = [{"capacityProvider": task.capacity_provider}]
    elif task.launch_type:
        parameters["launchType"] = task.launch_type
    if tags:
        parameters["tags"] = [{"key": key, "value": value} for key, value in sorted(tags.items())]
    network = service.network if isinstance(service, Service) else None
    if network is not None:
        parameters["networkConfiguration"] = {
            "awsvpcConfiguration": {
                "subnets": list(network.subnets),
                "securityGroups": list(network.security_groups),
                "assignPublicIp": network.public_ip or "DISABLED",
            }
        }
    elif task.subnet:
        parameters["networkConfiguration"] = {"awsvpcConfiguration": {"subnets": [task.subnet]}}
    return Cure(
        "one-off",
        f"Run a one-off copy of {task.revision} with exec on",
        f"One more task runs in {cluster}, outside of every service and load balancer; "
        f"its container {name} runs `{' '.join(chosen.command)}` instead of its own command.",
        (Call("ecs:RunTask", parameters),),
        (
            ("enableExecuteCommand", "–", "true"),
            ("command", "of the definition", " ".join(chosen.command)),
        ),
        cluster=cluster,
        harder=cluster if production_like(cluster) else "",
    )


_PLANS = {
    "enable-exec": _enable_exec,
    "platform": _platform,
    "propagate-tags": _propagate,
    "tag-task": _tag_task,
    "replace-task": _replace_task,
    "task-role-policy": _task_role_policy,
    "operator-policy": _operator_policy,
    "one-off": _enable_exec,
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How a cure goes: a line for people, the task that is ready then, whether it is over."""

    words: str
    ready: Task | None = None
    over: bool = False


async def apply(account: Account, cure: Cure) -> str:
    """Make the cure's calls; returns the ARN of a task that it started, or "".

    Raises:
        AwsError: A call was refused; those before it have been made.
    """
    started = ""
    for call in cure.calls:
        parameters = dict(call.parameters)
        if call.operation == "ecs:UpdateService":
            cluster, service = parameters.pop("cluster"), parameters.pop("service")
            await ecs.update_service(account, cluster, service, **parameters)
        elif call.operation == "ecs:TagResource":
            tags = {pair["key"]: pair["value"] for pair in parameters["tags"]}
            await ecs.tag_resource(account, parameters["resourceArn"], tags)
        elif call.operation == "ecs:StopTask":
            await ecs.stop_task(
                account, parameters["cluster"], parameters["task"], parameters["reason"]
            )
        elif call.operation == "ecs:RunTask":
            started = (await ecs.run_task(account, **parameters)).arn
        else:
            raise EcsTuiError(f"{call.operation} is no call of a cure.")
    return started


async def watch(
    account: Account, cure: Cure, started: str = "", poll: float = POLL
) -> AsyncIterator[Progress]:
    """Follow a cure until its verdict has turned; the last `Progress` is over.

    Args:
        account: The account.
        cure: The cure that was applied.
        started: The task that it started, or "".
        poll: Seconds between two looks.
    """
    if started:
        follow = _follow_task(account, cure.cluster, started)
    elif cure.service:
        follow = _follow_service(account, cure)
    else:
        follow = _follow_task(account, cure.cluster, cure.task)
    clock = asyncio.get_running_loop().time
    until = clock() + GIVE_UP
    said = ""
    while clock() < until:
        progress = await follow()
        if progress.over or progress.words != said:
            said = progress.words
            yield progress
        if progress.over:
            return
        await asyncio.sleep(poll)
    yield Progress(
        "It takes longer than half an hour: look at the service's events (w).", over=True
    )


def _follow_task(account: Account, cluster: str, arn: str) -> Any:
    async def look() -> Progress:
        found = await ecs.describe_tasks(account, cluster, [arn])
        if not found:
            return Progress("The task is gone.", over=True)
        task = found[0]
        verdict = task_readiness(task)
        if task.stopping:
            return Progress(f"The task has stopped: {task.stopped_reason}", over=True)
        if verdict.verdict == Verdict.READY:
            return Progress(f"Task {task.id[:12]} is ready for a shell.", task, over=True)
        if verdict.verdict == Verdict.NO:
            return Progress(f"Task {task.id[:12]} still cannot: {verdict.reason}.", over=True)
        return Progress(f"task {task.id[:12]} {task.last_status.lower()}: {verdict.reason}")

    return look


def _follow_service(account: Account, cure: Cure) -> Any:
    async def look() -> Progress:
        services = await ecs.describe_services(account, cure.cluster, [cure.service])
        if not services:
            return Progress(f"The service {cure.service} is gone.", over=True)
        service = services[0]
        arns = [
            arn
            async for page in ecs.list_tasks(account, cure.cluster, cure.service)
            for arn in page
        ]
        tasks = await ecs.describe_tasks(account, cure.cluster, arns[:100]) if arns else []
        primary = service.primary
        mine = [
            task
            for task in tasks
            if not task.stopping
            and task.arn != cure.task
            and (primary is None or task.started_by == primary.id)
        ]
        if primary is not None and primary.rollout_state == "FAILED":
            return Progress(f"The deployment failed: {primary.rollout_reason}", over=True)
        ready = [task for task in mine if task_readiness(task).verdict == Verdict.READY]
        up = sum(task.last_status == "RUNNING" for task in mine)
        verdicts = [
            container_readiness(task, item).verdict for task in mine for item in task.containers
        ]
        agents = [verdict == Verdict.READY for verdict in verdicts]
        words = (
            f"{up} of {service.desired} new tasks run, {sum(agents)} of {len(agents)} "
            f"exec agents run, {max(0, len(tasks) - len(mine))} old tasks left"
        )
        settled = primary is None or primary.rollout_state == "COMPLETED"
        if settled and ready and up >= service.desired and Verdict.WAIT not in verdicts:
            return Progress(f"{words}: ready for a shell.", ready[0], over=True)
        if settled and up >= service.desired and agents and not any(agents):
            broken = task_readiness(mine[0])
            if broken.verdict == Verdict.NO:
                return Progress(f"{words}; still not: {broken.reason}.", over=True)
        return Progress(words)

    return look
