"""Plans fixes for findings, as operations: API calls, or an IAM policy that is never attached."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field, replace

from ecs_tui.doctor.exec_goals import ServiceReady, TaskReady
from ecs_tui.doctor.facts import ClusterFact, ConfigurationFact, Facts, KeyFact, TaskFact, TaskRole
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.arn import short_name
from ecs_tui.model.cluster import ExecConfiguration
from ecs_tui.model.daemon import UPDATE_DAEMON, daemon_of
from ecs_tui.model.permission import Grant, operator_policy, task_role_policy
from ecs_tui.model.service import Service
from ecs_tui.model.text import counted
from ecs_tui.operations.calls import Call
from ecs_tui.operations.plan import Plan, confirmation
from ecs_tui.operations.run_task import STARTED_BY, network_parameter
from ecs_tui.operations.services import refuse_other_controllers
from ecs_tui.operations.tasks import TYPED_CHARACTERS, TasksStopped, task_words
from ecs_tui.record import dataclass

WAITING = "Accepted. Waiting until a shell is possible…"
_WAIT = ("sleep", "3600")
_WAIT_ON_WINDOWS = ("cmd.exe", "/c", "ping -n 3600 127.0.0.1 > NUL")
"""`ping` waits because `timeout` needs a console and Nano Server has no PowerShell."""


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
    for kind in (TaskFact, ClusterFact):
        if kind in facts.errors:
            raise facts.errors[kind]
        if not facts.known(kind):
            raise EcsTuiError(f"The {kind.title} has not loaded yet.", "Try again in a moment.")
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
    service = facts.known_service
    if service is None:
        raise EcsTuiError(
            "This is a standalone task.", "Run a debug copy with exec enabled instead."
        )
    return service


def _update(
    facts: Facts, fix_id: str, title: str, changes: dict[str, tuple[object, object]]
) -> Plan:
    service = _needs_service(facts)
    refuse_other_controllers(
        service,
        ", ".join(
            f"{name} {_text(after)}"
            for name, (_, after) in changes.items()
            if name != "forceNewDeployment"
        ),
    )
    cluster = _cluster(facts)
    confirm, typed = confirmation(service.name, facts.cluster, service)
    parameters = {name: after for name, (_, after) in changes.items()}
    return Plan(
        fix_id,
        title,
        (
            f"Starts a new deployment of {cluster}/{service.name} that replaces its "
            f"{counted(service.desired, 'task')} according to its deployment settings.",
            "Open exec sessions in the old tasks will end.",
        ),
        (
            Call(
                "ecs:UpdateService",
                {"cluster": cluster, "service": service.name, **parameters},
                f"service {service.name}",
            ),
        ),
        tuple((name, _text(before), _text(after)) for name, (before, after) in changes.items()),
        confirm,
        typed,
        cluster=cluster,
        service=service.name,
        goal=ServiceReady(cluster, service.name, facts.task.arn),
        accepted=WAITING,
    )


def _text(value: object) -> str:
    if value is None:
        return "–"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _enable_exec(facts: Facts, _: str) -> Plan:
    service = _needs_service(facts)
    changes: dict[str, tuple[object, object]] = {}
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
    service = facts.known_service
    cluster = facts.cluster
    tags = settable(service.tags) if service is not None else {}
    origin = "the service's"
    if not tags:
        tags, origin = settable(cluster.tags), "the cluster's"
    if not tags:
        raise EcsTuiError(
            "Neither the service nor the cluster has tags to copy.",
            "Tag the service, then propagate its tags.",
        )
    task = facts.task
    confirm, typed = confirmation(task.id[:TYPED_CHARACTERS], cluster)
    pairs = [{"key": key, "value": value} for key, value in sorted(tags.items())]
    return Plan(
        "tag-task",
        f"Copy {origin} tags to task {task.id[:12]}",
        ("Tags this task only. Later tasks stay untagged until the service propagates tags.",),
        (
            Call(
                "ecs:TagResource",
                {"resourceArn": task.arn, "tags": pairs},
                f"task {task_words(task)}",
            ),
        ),
        tuple((f"tag {key}", task.tags.get(key, "–"), value) for key, value in tags.items()),
        confirm,
        typed,
        cluster=_cluster(facts),
        goal=TaskReady(_cluster(facts), task.arn),
        accepted=WAITING,
    )


def _replace_task(facts: Facts, _: str) -> Plan:
    task, cluster = facts.task, _cluster(facts)
    then = (
        f"Service {task.service} will start a replacement."
        if task.service
        else "Nothing will replace it."
    )
    confirm, typed = confirmation(task.id[:TYPED_CHARACTERS], facts.cluster)
    return Plan(
        "replace-task",
        f"Stop task {task.id[:12]}",
        ("Sends SIGTERM, then SIGKILL after the stop timeout.", then),
        (
            Call(
                "ecs:StopTask",
                {"cluster": cluster, "task": task.arn, "reason": "exec agent broken (ecs-tui)"},
                f"task {task_words(task)}",
            ),
        ),
        (("desiredStatus", task.desired_status, "STOPPED"),),
        confirm,
        typed,
        cluster=cluster,
        service=task.service,
        goal=ServiceReady(cluster, task.service, task.arn)
        if task.service
        else TasksStopped(cluster),
        accepted=WAITING if task.service else "ECS has accepted it.",
    )


def _configuration(facts: Facts) -> tuple[ExecConfiguration, tuple[str, ...]]:
    """The cluster's exec configuration, and a sentence if a part of it is unknown."""
    known, key = facts.get(ConfigurationFact), facts.get(KeyFact)
    if known is None:
        why = "The cluster's session key and logs are unknown: add the permissions they need."
        return ExecConfiguration(), (why,)
    found = known.configuration
    if key is None and found.kms_key_id:
        why = f"Replace {found.kms_key_id} with its key's ARN: IAM does not match aliases."
        return found, (why,)
    return replace(found, kms_key_id=key.arn if key is not None else ""), ()


def _task_role_policy(facts: Facts, _: str) -> Plan:
    configuration, unread = _configuration(facts)
    document = task_role_policy(configuration, facts.region, facts.account_id, facts.partition)
    role = facts.get(TaskRole)
    name = short_name(role.arn) if role is not None and role.arn else "a new task role"
    return Plan(
        "task-role-policy",
        f"Policy for {name}",
        (
            "ecs-tui never changes IAM: attach this policy to the task role yourself.",
            "It takes effect immediately, also for running agents.",
            *unread,
        ),
        confirm="none",
        document=json.dumps(document, indent=2),
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
        (
            "ecs-tui never changes IAM: attach this policy to the operators' role yourself.",
            *unread,
        ),
        confirm="none",
        document=json.dumps(document, indent=2),
    )


def settable(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags without those that only AWS may set (`aws:…`)."""
    return {key: value for key, value in tags.items() if not key.casefold().startswith("aws:")}


def _main_container(facts: Facts, asked: str) -> str:
    """The name of the container whose command is replaced: `asked`, else the first essential one.

    RunTask can only override containers of the definition, not those that AWS adds to tasks.
    """
    definition = facts.known_definition
    declared = definition.containers if definition is not None else ()
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
    service = facts.known_service
    tags = settable(chosen.tags) or settable(task.tags)
    if not tags and service is not None:
        tags = settable(service.tags)
    parameters: dict[str, object] = {
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
    network = service.network if service is not None else None
    if network is not None:
        parameters["networkConfiguration"] = network_parameter(network)
    elif task.subnet:
        parameters["networkConfiguration"] = {"awsvpcConfiguration": {"subnets": [task.subnet]}}
    confirm, typed = confirmation(cluster, facts.cluster)
    return Plan(
        "one-off",
        f"Run a debug copy of {task.revision} with exec enabled",
        (
            f"Runs one extra task in {cluster}, outside any service or load balancer, with container "
            f"{name} running `{' '.join(command)}` instead of its command.",
        ),
        (Call("ecs:RunTask", parameters, task.revision),),
        (
            ("enableExecuteCommand", "–", "true"),
            ("command", "(from task definition)", " ".join(command)),
        ),
        confirm,
        typed,
        cluster=cluster,
        goal=TaskReady(cluster),
        accepted=WAITING,
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
