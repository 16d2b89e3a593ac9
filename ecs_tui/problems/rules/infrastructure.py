"""Container instances, capacity providers, and what AWS has announced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.problem import AffectedThing, Evidence, Problem, Severity
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.text import counted, span
from ecs_tui.problems import sources
from ecs_tui.problems.facts import ClusterFacts
from ecs_tui.problems.rules.base import Rule

FULL = 0.05
"""Share of free CPU or memory below which a container instance is full."""
NEW_INSTANCE = timedelta(minutes=5)
"""How long after its registration an agent may be disconnected: it restarts after updates."""
WAITING = timedelta(minutes=3)
"""How long a task may wait for capacity: managed scaling starts an instance within minutes."""
_SOURCE = "ecs:DescribeContainerInstances"


def disconnected(facts: ClusterFacts, now: datetime) -> Iterator[Problem]:
    """The agent of an ACTIVE or DRAINING container instance is not connected.

    It does not fire for instances that have just registered, or are being deregistered.
    Source: agentConnected, https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerInstance.html
    """
    for each in facts.instances or ():
        young = each.registered_at is not None and now - each.registered_at < NEW_INSTANCE
        if not each.described or each.gone or each.agent_connected or young:
            continue
        if each.status not in ("ACTIVE", "DRAINING"):
            continue
        tasks = counted(each.running_tasks, "task")
        lost = [task for task in facts.unreachable if task.container_instance_arn == each.arn]
        times = [task.connectivity_at for task in lost if task.connectivity_at is not None]
        yield Problem(
            "instance-disconnected", "instance-disconnected",
            Severity.FAILING if each.running_tasks else Severity.DEGRADED,
            _thing(facts, each), "container instance disconnected",
            f"agent {each.agent_version or 'not known'}, {tasks} on it",
            since=min(times, default=None), count=max(1, each.running_tasks),
            evidence=(
                _of_instance(each),
                *(Evidence("task", f"task {task.id[:8]} of {task.revision} is disconnected",
                           task.connectivity_at, "ecs:DescribeTasks", task.arn) for task in lost[:6]),
            ),
            advice="Check the instance, its route to ECS and the agent's log; tasks on it cannot be managed.",
            commands=("instances", "tasks"), source=sources.CONTAINER_INSTANCE, state=each.status,
        )  # fmt: skip


def draining(facts: ClusterFacts, now: datetime) -> Iterator[Problem]:
    """A container instance is draining, has tasks, and no service is replacing any.

    It does not fire once its tasks are gone, nor while a service of the cluster starts tasks.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-draining.html
    """
    if any(each.service.pending or each.below for each in facts.services):
        return
    for each in facts.instances or ():
        if (
            each.gone
            or each.status != "DRAINING"
            or not each.running_tasks
            or not each.agent_connected
        ):
            continue
        yield Problem(
            "instance-draining", "instance-draining", Severity.NOTICE, _thing(facts, each),
            f"draining, {counted(each.running_tasks, 'task')} left",
            count=each.running_tasks, evidence=(_of_instance(each),),
            advice="It ends when its tasks have been replaced elsewhere.",
            commands=("tasks", "instances"), source=sources.CONTAINER_INSTANCE,
        )  # fmt: skip


def full(facts: ClusterFacts, now: datetime) -> Iterator[Problem]:
    """All container instances that take tasks are full, and tasks wait for them.

    It does not fire while no task waits: a full cluster is well used.
    Source: remainingResources,
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerInstance.html
    """
    able = [
        each for each in facts.instances or ()
        if each.described and not each.gone and each.status == "ACTIVE" and each.agent_connected
    ]  # fmt: skip
    waits = [each for each in facts.services if _waits_for_instances(each.service)]
    if not able or not waits or not all(map(_is_full, able)):
        return
    yield Problem(
        "instances-full", "instances-full", Severity.DEGRADED,
        AffectedThing("cluster", facts.name, facts.name),
        f"all {counted(len(able), 'container instance')} are full",
        f"{counted(len(waits), 'service')} below the desired count", count=len(able),
        evidence=tuple(map(_of_instance, able))[:8],
        advice="Add container instances, or reduce what tasks reserve.",
        commands=("instances", "capacity-providers"), source=sources.CONTAINER_INSTANCE,
        state=",".join(sorted(each.service.name for each in waits)),
    )  # fmt: skip


def _waits_for_instances(service: Service) -> bool:
    fargate = service.launch_type.startswith("FARGATE")
    return not fargate and service.status == "ACTIVE" and service.running < service.desired


def _is_full(each: ContainerInstance) -> bool:
    cpu = each.cpu_total > 0 and each.cpu_free <= FULL * each.cpu_total
    memory = each.memory_total > 0 and each.memory_free <= FULL * each.memory_total
    return cpu or memory


def provider_ceiling(facts: ClusterFacts, now: datetime) -> Iterator[Problem]:
    """The Auto Scaling group of a capacity provider is at its maximum while tasks wait for it.

    It does not fire while no task waits, nor where the group may still grow.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-auto-scaling.html
    """
    for provider in facts.providers or ():
        group = (facts.groups or {}).get(provider.group_arn)
        if group is None or not group.at_ceiling:
            continue
        waits = [task for task in facts.waiting or () if _waits_for(task, provider.name, now)]
        below = [
            each for each in facts.services
            if each.below and any(item.provider == provider.name for item in each.service.strategy)
            and any("capacity provider" in e.message or "unable to place" in e.message
                    for e in each.every_event[:10])
        ]  # fmt: skip
        if not waits and not below:
            continue
        began = [task.created_at for task in waits if task.created_at is not None]
        began += [e.at for each in below for e in each.every_event[:1] if e.at is not None]
        yield Problem(
            "provider-ceiling", "capacity-provider-at-maximum", Severity.FAILING,
            AffectedThing("capacity-provider", facts.name, provider.name, provider.arn),
            f"capacity provider at its maximum of {counted(group.most, 'instance')}",
            f"{counted(len(waits), 'task')} wait" if waits
            else f"{counted(len(below), 'service')} cannot start tasks",
            since=min(began, default=None), count=max(1, len(waits) or len(below)),
            evidence=(
                Evidence(
                    "capacity", f"group {group.name}: DesiredCapacity {group.desired}, MaxSize {group.most}, "
                    f"{group.in_service} InService", None, "autoscaling:DescribeAutoScalingGroups",
                ),
                *(Evidence("task", f"task {t.id[:8]} of {t.revision} is {t.last_status.lower()}", t.created_at,
                           "ecs:DescribeTasks", t.arn) for t in waits[:6]),
            ),
            advice="Raise the maximum of the Auto Scaling group.",
            commands=("capacity-providers", "instances"), source=sources.CAPACITY_PROVIDERS,
            state=str(group.most),
        )  # fmt: skip


def _waits_for(task: Task, provider: str, now: datetime) -> bool:
    old = task.created_at is not None and now - task.created_at >= WAITING
    return old and task.capacity_provider == provider and task.last_status == "PROVISIONING"


def retirements(facts: ClusterFacts, now: datetime) -> Iterator[Problem]:
    """AWS has announced that it will stop tasks of this cluster.

    It does not fire for events that name other clusters. Where AWS Health may not be asked, nothing is
    known, and the page says so.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-maintenance.html
    """
    for each in facts.retirements or ():
        names = [
            item.service.name
            for item in facts.services
            if each.affects(facts.name, item.service.name)
        ]
        if not names and not each.affects(facts.name):
            continue
        when = each.starts_at
        left = (
            ""
            if when is None
            else f"in {span((when - now).total_seconds())}"
            if when > now
            else "now"
        )
        for name in names or [""]:
            thing = (
                AffectedThing("service", facts.name, name) if name
                else AffectedThing("cluster", facts.name, facts.name)
            )  # fmt: skip
            yield Problem(
                "retirement", "task-retirement", Severity.NOTICE, thing,
                f"AWS retires tasks {left}".rstrip(), each.code, since=each.announced_at,
                evidence=(
                    Evidence("change", f"{each.code} begins {when:%Y-%m-%d %H:%M} UTC" if when else each.code,
                             each.announced_at, "health:DescribeEvents"),
                ),
                advice="Force a new deployment before, at a time that suits.",
                commands=("deploy", "tasks"), source=sources.RETIREMENT, detail=each.arn,
                state=str(when),
            )  # fmt: skip


def _thing(facts: ClusterFacts, each: ContainerInstance) -> AffectedThing:
    return AffectedThing("instance", facts.name, each.ec2_id or each.id, each.arn)


def _of_instance(each: ContainerInstance) -> Evidence:
    agent = "connected" if each.agent_connected else "not connected"
    free = f"CPU {each.cpu_free} of {each.cpu_total}, memory {each.memory_free} of {each.memory_total} MiB free"
    words = f"{each.ec2_id or each.id} {each.status.lower()}, agent {agent}, {free}"
    return Evidence("instance", words, None, _SOURCE)


RULES: tuple[Rule, ...] = (
    Rule(
        "instance-disconnected", "The agent of a container instance is not connected.",
        sources.CONTAINER_INSTANCE, ("instance-disconnected",), of_cluster=disconnected,
    ),
    Rule(
        "instance-draining", "A container instance is draining and has tasks.",
        sources.CONTAINER_INSTANCE, ("instance-draining",), of_cluster=draining,
    ),
    Rule(
        "instances-full", "All container instances are full while tasks wait.",
        sources.CONTAINER_INSTANCE, ("instances-full",), of_cluster=full,
    ),
    Rule(
        "provider-ceiling", "A capacity provider's Auto Scaling group is at its maximum while tasks wait.",
        sources.CAPACITY_PROVIDERS, ("capacity-provider-at-maximum",), of_cluster=provider_ceiling,
    ),
    Rule(
        "retirement", "AWS has announced the retirement of tasks.", sources.RETIREMENT,
        ("task-retirement",), of_cluster=retirements,
    ),
)  # fmt: skip
