"""Runs standalone tasks: from a definition, where and with the network of a service."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.errors import EcsTuiError, WrongUsage
from ecs_tui.model.capacity_provider import StrategyItem
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.rules.exec_readiness import Verdict, agent_counts, task_readiness
from ecs_tui.model.service import Network, Service
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.model.text import clean, counted
from ecs_tui.operations.aws_command import connection_options
from ecs_tui.operations.calls import Applied, Call
from ecs_tui.operations.follow import NEW_SECONDS, Progress
from ecs_tui.operations.plan import Plan, confirmation
from ecs_tui.operations.reading import read_cluster, read_definition, read_service, tags_words
from ecs_tui.record import dataclass

STARTED_BY = "ecs-tui"
MAX_COUNT = 10
"""Tasks that one call of RunTask starts at most: API reference."""
LAUNCH_TYPES = ("FARGATE", "EC2", "EXTERNAL")
"""RunTask takes MANAGED_INSTANCES as a capacity provider only: API reference."""
_PROVIDER = re.compile(r"[A-Za-z0-9_-]{1,255}")


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What is to be run.

    Attributes:
        cluster: The cluster's name.
        definition: `family`, `family:revision` or an ARN.
        count: Tasks, 1 to `MAX_COUNT`.
        like: The service (name or ARN) from which network, launch type or capacity provider
            strategy, and platform version are taken; "" for none.
        launch_type: Instead of the service's; "" for that.
        strategy: A capacity provider strategy instead of the service's; empty for that.
        exec_enabled: Whether ECS Exec is enabled.
        tags: The tags of the tasks.
        started_by: What `startedBy` says, up to 128 characters.
    """

    cluster: str
    definition: str
    count: int = 1
    like: str = ""
    launch_type: str = ""
    strategy: tuple[StrategyItem, ...] = ()
    exec_enabled: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    started_by: str = STARTED_BY


def parse_tags(words: Iterable[str]) -> dict[str, str]:
    """Tags from `key=value` words; the value may be empty.

    Raises:
        WrongUsage: A word has no `=`, no key, or a key that only AWS may set.
    """
    found = {}
    for word in words:
        key, equals, value = word.strip().partition("=")
        if not equals or not key:
            raise WrongUsage(f"{clean(word)!r} is not a tag.", "Give key=value.")
        if key.casefold().startswith("aws:"):
            raise WrongUsage(f"Only AWS sets tags like {clean(key)}.", "Give another key.")
        found[key] = value
    return found


def parse_strategy(words: Iterable[str]) -> tuple[StrategyItem, ...]:
    """A capacity provider strategy from words `NAME[:WEIGHT[:BASE]]`; the weight is 1 by default.

    Raises:
        WrongUsage: A word has another form.
    """
    found = []
    for word in words:
        name, *numbers = word.strip().split(":")
        if not _PROVIDER.fullmatch(name) or len(numbers) > 2 or not all(map(_is_number, numbers)):
            raise WrongUsage(
                f"{clean(word)!r} is not an item of a capacity provider strategy.",
                "Give NAME, NAME:WEIGHT or NAME:WEIGHT:BASE.",
            )
        weight, base = [*map(int, numbers), *(1, 0)[len(numbers) :]]
        found.append(StrategyItem(name, base, weight))
    return tuple(found)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 7


async def read_run_plan(account: Account, request: RunRequest) -> Plan:
    """Plan to run tasks.

    Raises:
        WrongUsage: The request contradicts itself.
        NotFound: There is no such task definition or service.
        EcsTuiError: The definition cannot start tasks, or needs a network that is not known.
        AwsError: A call failed.
    """
    check(request)
    cluster = await read_cluster(account, request.cluster)
    definition = await read_definition(account, request.definition)
    like = await read_service(account, request.cluster, request.like) if request.like else None
    return plan_run(request, cluster, definition, like, connection_options(account))


def check(request: RunRequest) -> None:
    """Raise WrongUsage if a request contradicts itself, or has a count that RunTask refuses."""
    if not 1 <= request.count <= MAX_COUNT:
        raise WrongUsage(
            f"{request.count} tasks cannot be started at once.", f"Give 1 to {MAX_COUNT}."
        )
    if request.launch_type and request.strategy:
        raise WrongUsage(
            "A launch type and a capacity provider strategy contradict each other.",
            "Give one of them.",
        )


def plan_run(
    request: RunRequest,
    cluster: Cluster,
    definition: TaskDefinition,
    like: Service | None = None,
    connection: tuple[str, ...] = (),
) -> Plan:
    """The plan to run tasks.

    Args:
        request: What is to be run.
        cluster: The cluster.
        definition: The task definition.
        like: The service `request.like`, or None.
        connection: Options of the AWS CLI for the account.

    Raises:
        EcsTuiError: The definition needs a network that is not known.
    """
    revision = f"{definition.family}:{definition.revision}"
    tasks = counted(request.count, "standalone task")
    parameters: dict[str, object] = {
        "cluster": cluster.name,
        "taskDefinition": revision,
        "count": request.count,
        "startedBy": request.started_by,
        "enableExecuteCommand": request.exec_enabled,
    }
    launch, where = _launch(request, like)
    parameters |= launch
    network = _network(definition, like)
    if network is not None:
        parameters["networkConfiguration"] = network_parameter(network)
    if request.tags:
        parameters["tags"] = [
            {"key": key, "value": value} for key, value in sorted(request.tags.items())
        ]
    confirm, typed = confirmation(cluster.name, cluster)
    runs = "runs" if request.count == 1 else "run"
    ready = " and the exec agent is ready" if request.exec_enabled else ""
    return Plan(
        "run-task",
        f"Run {counted(request.count, 'task')} of {revision} in {cluster.name}",
        (
            f"Starts {tasks} in {cluster.name}, outside any service or load balancer. "
            f"{'It runs' if request.count == 1 else 'They run'} until "
            f"{'it ends or is' if request.count == 1 else 'they end or are'} stopped.",
            where,
            *_network_words(network, like),
            *_exec_words(request, definition),
            *_tag_words(request),
            *tags_words(cluster),
        ),
        (Call("ecs:RunTask", parameters, revision),),
        confirm=confirm,
        typed=typed,
        cluster=cluster.name,
        connection=connection,
        goal=TasksRunning(cluster.name, request.count, request.exec_enabled),
        accepted=f"ECS has accepted it. Waiting until {counted(request.count, 'task')} {runs}"
        f"{ready}…",
    )


def network_parameter(network: Network) -> dict[str, object]:
    """A network as RunTask's `networkConfiguration`."""
    return {
        "awsvpcConfiguration": {
            "subnets": list(network.subnets),
            "securityGroups": list(network.security_groups),
            "assignPublicIp": network.public_ip or "DISABLED",
        }
    }


def strategy_parameter(strategy: Sequence[StrategyItem]) -> list[dict[str, object]]:
    """A strategy as RunTask's `capacityProviderStrategy`."""
    return [
        {"capacityProvider": item.provider, "weight": item.weight, "base": item.base}
        for item in strategy
    ]


def _launch(request: RunRequest, like: Service | None) -> tuple[dict[str, object], str]:
    """What the tasks run on: RunTask's parameters, and a sentence."""
    strategy, launch_type = request.strategy, request.launch_type
    if not strategy and not launch_type and like is not None:
        strategy, launch_type = like.strategy, "" if like.strategy else like.launch_type
    found: dict[str, object] = {}
    words = "Uses the default capacity provider strategy of the cluster."
    if strategy:
        found["capacityProviderStrategy"] = strategy_parameter(strategy)
        names = ", ".join(
            f"{item.provider} (weight {item.weight}, base {item.base})" for item in strategy
        )
        words = f"Uses the capacity provider strategy {names}."
    elif launch_type:
        found["launchType"] = launch_type
        words = f"Uses the launch type {launch_type}."
    version = like.platform_version if like is not None else ""
    on_fargate = launch_type == "FARGATE" or any(
        item.provider.startswith("FARGATE") for item in strategy
    )
    if on_fargate and version not in ("", "LATEST"):
        found["platformVersion"] = version
        words += f" Platform version {version}."
    return found, words


def _network(definition: TaskDefinition, like: Service | None) -> Network | None:
    """The network of the tasks; None if the definition does not have one of its own.

    Raises:
        EcsTuiError: The definition needs one, and it is not known.
    """
    if definition.network_mode != "awsvpc":
        return None
    name = f"{definition.family}:{definition.revision}"
    if like is None:
        raise EcsTuiError(
            f"Tasks of {name} have a network interface of their own (network mode awsvpc), but it "
            "is not known which subnets and security groups to use.",
            "Name a service whose network they should use.",
        )
    if like.network is None:
        raise EcsTuiError(
            f"Service {like.name} has no network that tasks of {name} could use: it does not use "
            "network mode awsvpc.",
            "Name another service.",
        )
    return like.network


def _network_words(network: Network | None, like: Service | None) -> tuple[str, ...]:
    if network is None or like is None:
        return ()
    groups = ", ".join(network.security_groups) or "the VPC's default security group"
    public = "with" if network.public_ip == "ENABLED" else "without"
    return (
        f"Uses the network of service {like.name}: {', '.join(network.subnets)}; {groups}; {public} "
        "a public IP address.",
    )


def _exec_words(request: RunRequest, definition: TaskDefinition) -> tuple[str, ...]:
    if not request.exec_enabled:
        return ("ECS Exec is disabled: no shell can be opened in it.",)
    if not definition.task_role_arn:
        return (
            "ECS Exec is enabled, but the task definition has no task role, which its agent needs.",
        )
    return ("ECS Exec is enabled.",)


def _tag_words(request: RunRequest) -> tuple[str, ...]:
    if not request.tags:
        return ()
    return (f"Tags: {', '.join(f'{key}={value}' for key, value in sorted(request.tags.items()))}.",)


@dataclass(frozen=True, slots=True)
class TasksRunning:
    """All tasks that RunTask started run, and if ECS Exec is enabled their agents are ready."""

    cluster: str
    count: int
    exec_enabled: bool

    async def look(self, account: Account, applied: Applied, seconds: float) -> Progress:
        """DescribeTasks."""
        arns = [task.arn for task in applied.tasks]
        tasks = await ecs.describe_tasks(account, self.cluster, arns)
        unknown = len(arns) - len(tasks)
        if unknown > 0 and seconds < NEW_SECONDS:
            return Progress(f"{counted(unknown, 'task')} not described by ECS yet")
        return run_progress(self.count, tasks, self.exec_enabled)


def run_progress(count: int, tasks: Sequence[Task], exec_enabled: bool) -> Progress:
    """How many of `count` tasks run; `tasks` are those that were started and that ECS still has.

    A task that has ended with exit status 0 in all containers has done its work.
    """
    up = [task for task in tasks if task.last_status == "RUNNING" and not task.stopping]
    ended = [task for task in tasks if task.last_status == "STOPPED"]
    words = f"{len(up)}/{count} tasks running"
    if exec_enabled:
        running, total = agent_counts(up)
        words += f" · exec agents {running}/{total}"
    words += "".join(f" · task {task.id[:12]} {_ended(task)}" for task in ended[:3])
    ready = next((task for task in up if task_readiness(task).verdict is Verdict.READY), None)
    waiting = [
        task
        for task in tasks
        if task not in ended
        and (task not in up or (exec_enabled and task_readiness(task).verdict is Verdict.WAIT))
    ]
    if waiting:
        return Progress(f"{words} · {_states(waiting)}", ready=ready)
    if len(tasks) < count or any(not _succeeded(task) for task in ended):
        return Progress(f"{words}.", "failed", ready)
    never = next((task for task in up if exec_enabled and not _enterable(task)), None)
    if never is not None:
        why = task_readiness(never).reason
        return Progress(f"{words}. No shell can be opened: {why}.", "failed", ready)
    return Progress(f"{words}.", "done", ready)


def _enterable(task: Task) -> bool:
    return task_readiness(task).verdict is Verdict.READY


def _succeeded(task: Task) -> bool:
    codes = [item.exit_code for item in task.containers]
    return bool(codes) and all(code == 0 for code in codes)


def _ended(task: Task) -> str:
    codes = [
        f"{item.name} exit {item.exit_code}"
        for item in task.containers
        if item.exit_code is not None
    ]
    why = task.stopped_reason or "no reason given"
    return f"stopped: {why}" + (f" ({', '.join(codes)})" if codes else "")


def _states(tasks: Sequence[Task]) -> str:
    states: dict[str, int] = {}
    for task in tasks:
        state = task.last_status.lower() if task.last_status != "RUNNING" else "agent starting"
        states[state] = states.get(state, 0) + 1
    return ", ".join(f"{number} {state}" for state, number in states.items())
