"""Plans fixes for findings: their effects and API calls, and when they have worked.

A fix is a list of API calls, or an IAM policy, which is shown but never attached.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.doctor.facts import Fact, Facts
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.arn import short_name
from ecs_tui.model.cluster import ExecConfiguration
from ecs_tui.model.daemon import UPDATE_DAEMON, daemon_of
from ecs_tui.model.permission import Grant, operator_policy, task_role_policy
from ecs_tui.model.rules.exec_readiness import Verdict, container_readiness, task_readiness
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition

POLL_SECONDS = 2.0
"""Seconds between two polls of what a fix has changed."""
GIVE_UP_SECONDS = 1800.0
"""Seconds after which `watch` stops waiting for a fix to work."""
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
class Plan:
    """The plan of a fix.

    Attributes:
        id: The fix's id, as in `Finding.fix`.
        title: What it does, and to which resource.
        effect: Its consequences, in a sentence or two.
        calls: The API calls, in order; empty for a policy.
        changes: (name, value before, value after) of each change, as text.
        document: The policy as JSON; "" for other fixes.
        cluster: The cluster's name.
        service: The service whose new tasks `watch` waits for, or "".
        task: The ARN of the checked task; `watch` waits for it if there is no service.
        must_type: The name that the user must type to confirm, or "".
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
    must_type: str = ""


_WAIT = ("sleep", "3600")
_WAIT_ON_WINDOWS = ("cmd.exe", "/c", "ping -n 3600 127.0.0.1 > NUL")
"""`ping` waits because `timeout` needs a console and Nano Server has no PowerShell."""


def production_like(name: str) -> bool:
    """Whether a name looks like production: it contains prod, prd or live."""
    return any(word in name.casefold() for word in _PRODUCTION)


@dataclass(frozen=True, slots=True)
class OneOff:
    """The options of a debug copy of a task. The default command waits for an hour."""

    command: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


_NOT_FOR_DAEMONS = {
    "enable-exec": "is not deployed by a service",
    "platform": "is not deployed by a service",
    "propagate-tags": "is not deployed by a service",
    "replace-task": "must not be stopped: ECS would drain its instance, with all other tasks on it",
    "one-off": "RunTask cannot start",
}
"""Fixes that do not apply to a daemon's tasks, and why: CreateDaemon in the API reference."""


def make_plan(
    fix_id: str, facts: Facts, container: str = "", one_off: OneOff | None = None
) -> Plan:
    """Plan the fix `fix_id` for the task in `facts`.

    Raises:
        EcsTuiError: A needed fact is missing, or the fix does not apply to the task.
    """
    make = _PLANS.get(fix_id)
    if make is None:
        raise EcsTuiError(f"There is no fix called {fix_id!r}.")
    for fact in (Fact.TASK, Fact.CLUSTER):
        if fact in facts.errors:
            raise facts.errors[fact]
        if fact not in facts.values:
            raise EcsTuiError(f"The {fact} has not loaded yet.", "Try again in a moment.")
    if fix_id in _NOT_FOR_DAEMONS and (daemon := daemon_of(facts.task)):
        raise EcsTuiError(
            f"This is a task of the managed daemon {daemon}, which {_NOT_FOR_DAEMONS[fix_id]}.",
            f"Change the daemon instead: {UPDATE_DAEMON}.",
        )
    if fix_id == "one-off":
        return _one_off(facts, container, one_off or OneOff())
    return make(facts, container)


def _cluster(facts: Facts) -> str:
    return short_name(facts.task.cluster_arn)


def _needs_service(facts: Facts) -> Service:
    service = facts.values.get(Fact.SERVICE)
    if not isinstance(service, Service):
        raise EcsTuiError(
            "This is a standalone task.", "Run a debug copy with exec enabled instead."
        )
    return service


_DEPLOYED_BY = {
    "CODE_DEPLOY": "Deploy a revision with CodeDeploy (aws deploy create-deployment)",
    "EXTERNAL": "Create a task set with its deployment controller (aws ecs create-task-set)",
}
"""UpdateService refuses forceNewDeployment and platformVersion for these: API reference."""


def _update(facts: Facts, fix_id: str, title: str, changes: dict[str, tuple[Any, Any]]) -> Plan:
    service = _needs_service(facts)
    if (instead := _DEPLOYED_BY.get(service.controller)) is not None:
        wanted = ", ".join(
            f"{name} {_text(after)}"
            for name, (_, after) in changes.items()
            if name != "forceNewDeployment"
        )
        raise EcsTuiError(
            f"{service.name} is not deployed by ECS (its deployment controller is "
            f"{service.controller}), so UpdateService would be refused.",
            instead + (f", with {wanted}." if wanted else "."),
        )
    cluster = _cluster(facts)
    parameters = {name: after for name, (_, after) in changes.items()}
    count = f"{service.desired} task{'s' if service.desired != 1 else ''}"
    return Plan(
        fix_id,
        title,
        f"Starts a new deployment of {cluster}/{service.name} that replaces its {count} according "
        "to its deployment settings. Open exec sessions in the old tasks will end.",
        (
            Call(
                "ecs:UpdateService",
                {"cluster": cluster, "service": service.name, **parameters},
            ),
        ),
        tuple((name, _text(before), _text(after)) for name, (before, after) in changes.items()),
        cluster=cluster,
        service=service.name,
        task=facts.task.arn,
        must_type=service.name if production_like(cluster) or production_like(service.name) else "",
    )


def _text(value: Any) -> str:
    return {True: "true", False: "false", None: "–"}.get(value, str(value))


def _enable_exec(facts: Facts, _: str) -> Plan:
    service = _needs_service(facts)
    changes: dict[str, tuple[Any, Any]] = {}
    if not service.exec_enabled:
        changes["enableExecuteCommand"] = (False, True)
    changes["forceNewDeployment"] = (None, True)
    title = (
        f"Enable ECS Exec on {service.name} and redeploy"
        if not service.exec_enabled
        else f"Redeploy {service.name} (exec was enabled after these tasks started)"
    )
    return _update(facts, "enable-exec", title, changes)


def _platform(facts: Facts, _: str) -> Plan:
    service = _needs_service(facts)
    before = service.platform_version or facts.task.platform_version
    return _update(
        facts,
        "platform",
        f"Redeploy {service.name} on Fargate platform LATEST",
        {"platformVersion": (before, "LATEST"), "forceNewDeployment": (None, True)},
    )


def _propagate(facts: Facts, _: str) -> Plan:
    service = _needs_service(facts)
    return _update(
        facts,
        "propagate-tags",
        f"Propagate {service.name}'s tags to its tasks and redeploy",
        {
            "propagateTags": (service.propagate_tags, "SERVICE"),
            "forceNewDeployment": (None, True),
        },
    )


def _tag_task(facts: Facts, _: str) -> Plan:
    service = facts.values.get(Fact.SERVICE)
    cluster = facts.values[Fact.CLUSTER]
    tags = settable(service.tags) if isinstance(service, Service) else {}
    origin = "the service's"
    if not tags:
        tags, origin = settable(cluster.tags), "the cluster's"
    if not tags:
        raise EcsTuiError(
            "Neither the service nor the cluster has tags to copy.",
            "Tag the service, then propagate its tags.",
        )
    task = facts.task
    pairs = [{"key": key, "value": value} for key, value in sorted(tags.items())]
    return Plan(
        "tag-task",
        f"Copy {origin} tags to task {task.id[:12]}",
        "Tags this task only. Later tasks stay untagged until the service propagates tags.",
        (Call("ecs:TagResource", {"resourceArn": task.arn, "tags": pairs}),),
        tuple((f"tag {key}", task.tags.get(key, "–"), value) for key, value in tags.items()),
        cluster=_cluster(facts),
        task=task.arn,
    )


def _replace_task(facts: Facts, _: str) -> Plan:
    task, cluster = facts.task, _cluster(facts)
    then = (
        f"Service {task.service} will start a replacement."
        if task.service
        else "Nothing will replace it."
    )
    return Plan(
        "replace-task",
        f"Stop task {task.id[:12]}",
        f"Sends SIGTERM, then SIGKILL after the stop timeout. {then}",
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
        must_type=task.id[:6] if production_like(cluster) else "",
    )


def _configuration(facts: Facts) -> tuple[ExecConfiguration, str]:
    """The cluster's exec configuration, and a sentence if a part of it is unknown, else ""."""
    found, key = facts.values.get(Fact.CONFIGURATION), facts.values.get(Fact.KEY)
    if not isinstance(found, ExecConfiguration):
        why = " The cluster's session key and logs are unknown: add the permissions they need."
        return ExecConfiguration(), why
    if key is None and found.kms_key_id:
        why = f" Replace {found.kms_key_id} with its key's ARN: IAM does not match aliases."
        return found, why
    return replace(found, kms_key_id=key or ""), ""


def _task_role_policy(facts: Facts, _: str) -> Plan:
    configuration, unread = _configuration(facts)
    document = task_role_policy(configuration, facts.region, facts.account_id, facts.partition)
    role = facts.values.get(Fact.ROLE)
    name = short_name(role.arn) if role is not None and role.arn else "a new task role"
    return Plan(
        "task-role-policy",
        f"Policy for {name}",
        "ecs-tui never changes IAM: attach this policy to the task role yourself. It takes effect "
        "immediately, also for running agents." + unread,
        document=json.dumps(document, indent=2),
        task=facts.task.arn,
    )


def _operator_policy(facts: Facts, container: str) -> Plan:
    tags = facts.task.tags
    key = "environment" if "environment" in tags else next(iter(sorted(tags)), "")
    configuration, unread = _configuration(facts)
    grant = Grant(key, tags.get(key, ""), _cluster(facts), "")
    document = operator_policy(
        grant,
        facts.region,
        facts.account_id,
        facts.partition,
        configuration.kms_key_id,
    )
    return Plan(
        "operator-policy",
        f"Operator policy for {_cluster(facts)}" + (f", by tag {key}" if key else ""),
        "ecs-tui never changes IAM: attach this policy to the operators' role yourself." + unread,
        document=json.dumps(document, indent=2),
        task=facts.task.arn,
    )


def settable(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags without those that only AWS may set (`aws:…`)."""
    return {key: value for key, value in tags.items() if not key.casefold().startswith("aws:")}


def _main_container(facts: Facts, asked: str) -> str:
    """The name of the container whose command is replaced: `asked`, else the first essential one.

    RunTask can only override containers of the definition, not those that AWS adds to tasks.
    """
    definition = facts.values.get(Fact.DEFINITION)
    declared = definition.containers if isinstance(definition, TaskDefinition) else ()
    names = [item.name for item in declared]
    if asked and (not names or asked in names):
        return asked
    essential = [item.name for item in declared if item.essential]
    found = essential or names or [item.name for item in facts.task.containers]
    return found[0] if found else ""


def _one_off(facts: Facts, container: str, chosen: OneOff) -> Plan:
    task, cluster = facts.task, _cluster(facts)
    name = _main_container(facts, container)
    command = list(chosen.command or (_WAIT_ON_WINDOWS if facts.windows else _WAIT))
    service = facts.values.get(Fact.SERVICE)
    tags = settable(chosen.tags) or settable(task.tags)
    if not tags and isinstance(service, Service):
        tags = settable(service.tags)
    parameters: dict[str, Any] = {
        "cluster": cluster,
        "taskDefinition": task.task_definition,
        "enableExecuteCommand": True,
        "startedBy": STARTED_BY,
        "overrides": {"containerOverrides": [{"name": name, "command": command}]},
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
    return Plan(
        "one-off",
        f"Run a debug copy of {task.revision} with exec enabled",
        f"Runs one extra task in {cluster}, outside any service or load balancer, with container "
        f"{name} running `{' '.join(command)}` instead of its command.",
        (Call("ecs:RunTask", parameters),),
        (
            ("enableExecuteCommand", "–", "true"),
            ("command", "(from task definition)", " ".join(command)),
        ),
        cluster=cluster,
        must_type=cluster if production_like(cluster) else "",
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
    """The progress of a fix: a line of text, the task that is now ready, whether it is over."""

    words: str
    ready: Task | None = None
    over: bool = False


async def apply(account: Account, plan: Plan) -> str:
    """Make the plan's calls; returns the ARN of the task that they started, or "".

    Raises:
        AwsError: A call failed; the calls before it have been made.
    """
    started = ""
    for call in plan.calls:
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
            raise EcsTuiError(f"{call.operation} is not a call that plans make.")
    return started


async def watch(
    account: Account, plan: Plan, started: str = "", poll: float = POLL_SECONDS
) -> AsyncIterator[Progress]:
    """Yield a plan's progress until it has worked, has failed, or 30 minutes have passed.

    Args:
        account: The account to call.
        plan: The plan that was applied.
        started: The ARN of the task that it started, or "".
        poll: Seconds between two polls.
    """
    if started:
        follow = _follow_task(account, plan.cluster, started)
    elif plan.service:
        follow = _follow_service(account, plan)
    else:
        follow = _follow_task(account, plan.cluster, plan.task)
    clock = asyncio.get_running_loop().time
    until = clock() + GIVE_UP_SECONDS
    last = ""
    while clock() < until:
        progress = await follow()
        if progress.over or progress.words != last:
            last = progress.words
            yield progress
        if progress.over:
            return
        await asyncio.sleep(poll)
    yield Progress("Still not done after 30 minutes. Check the service events (w).", over=True)


def _follow_task(account: Account, cluster: str, arn: str) -> Any:
    async def look() -> Progress:
        found = await ecs.describe_tasks(account, cluster, [arn])
        if not found:
            return Progress("The task no longer exists.", over=True)
        task = found[0]
        verdict = task_readiness(task)
        if task.stopping:
            return Progress(f"The task stopped: {task.stopped_reason}", over=True)
        if verdict.verdict == Verdict.READY:
            return Progress(f"Task {task.id[:12]} is ready for a shell.", task, over=True)
        if verdict.verdict == Verdict.NO:
            return Progress(f"Task {task.id[:12]} still not ready: {verdict.reason}.", over=True)
        return Progress(f"task {task.id[:12]} {task.last_status.lower()}: {verdict.reason}")

    return look


def _follow_service(account: Account, plan: Plan) -> Any:
    async def look() -> Progress:
        services = await ecs.describe_services(account, plan.cluster, [plan.service])
        if not services:
            return Progress(f"Service {plan.service} no longer exists.", over=True)
        service = services[0]
        arns = [
            arn
            async for page in ecs.list_tasks(account, plan.cluster, plan.service)
            for arn in page
        ]
        tasks = await ecs.describe_tasks(account, plan.cluster, arns[:100]) if arns else []
        primary = service.primary
        mine = [
            task
            for task in tasks
            if not task.stopping
            and task.arn != plan.task
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
            f"new tasks {up}/{service.desired} running · exec agents {sum(agents)}/{len(agents)} · "
            f"old tasks {max(0, len(tasks) - len(mine))}"
        )
        rolled_out = primary is None or primary.rollout_state == "COMPLETED"
        if rolled_out and ready and up >= service.desired and Verdict.WAIT not in verdicts:
            return Progress(f"{words}. Ready for a shell.", ready[0], over=True)
        if rolled_out and up >= service.desired and agents and not any(agents):
            broken = task_readiness(mine[0])
            if broken.verdict == Verdict.NO:
                return Progress(f"{words}. Still failing: {broken.reason}.", over=True)
        return Progress(words)

    return look
