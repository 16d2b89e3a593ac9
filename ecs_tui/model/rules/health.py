"""The health of each thing as one sign, so that nothing is shown by colour alone."""

from __future__ import annotations

from enum import StrEnum

from ecs_tui.model.cluster import Cluster
from ecs_tui.model.container import Container, ManagedAgent
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.rules.exec_readiness import Readiness, Verdict
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.text import counted


class Sign(StrEnum):
    """The five signs, each with one meaning."""

    FINE = "●"
    MOVING = "◐"
    WARNING = "▲"
    BAD = "✖"
    OFF = "○"


SIGN_OF_VERDICT = {
    Verdict.READY: Sign.FINE,
    Verdict.WAIT: Sign.MOVING,
    Verdict.NO: Sign.OFF,
    Verdict.UNKNOWN: Sign.OFF,
}


_WORST_FIRST = (Sign.BAD, Sign.WARNING, Sign.MOVING, Sign.OFF, Sign.FINE)


def severity(sign: Sign) -> int:
    """The sort key of a list whose worst rows come first."""
    return _WORST_FIRST.index(sign)


def cluster_sign(cluster: Cluster) -> Sign:
    """ACTIVE is fine, PROVISIONING and DEPROVISIONING are in progress, FAILED is bad, INACTIVE is off."""
    if cluster.gone:
        return Sign.OFF
    return {
        "ACTIVE": Sign.FINE,
        "PROVISIONING": Sign.MOVING,
        "DEPROVISIONING": Sign.MOVING,
        "FAILED": Sign.BAD,
    }.get(cluster.status, Sign.OFF)


def deployment_words(service: Service) -> tuple[Sign, str]:
    """The state of a service's deployment in one sign and a few words."""
    if not service.described:
        return Sign.OFF, ""
    if service.status == "INACTIVE":
        return Sign.OFF, "inactive"
    if service.status == "DRAINING":
        return Sign.MOVING, f"draining: {counted(service.running, 'task')} running"
    if service.controller != "ECS":
        return _task_set_words(service)
    primary = service.primary
    if primary is None:
        below = service.running < service.desired
        return _not_at_desired(service) if below else (Sign.OFF, "no deployment")
    if primary.rollout_state == "FAILED":
        return Sign.BAD, f"deployment failed ({counted(primary.failed, 'task')})"
    if (failed := service.rolled_back) is not None:
        of = failed.task_definition.rsplit(":", 1)[-1]
        return Sign.WARNING, f"rolling back: {failed.failed} failed on revision {of}"
    if service.deploying:
        done = round(100 * primary.running / primary.desired) if primary.desired else 100
        if primary.failed:
            return Sign.BAD, f"failing: {counted(primary.failed, 'failed task')}"
        return Sign.MOVING, f"deploying {done}%"
    return _without_deployment(service)


CONTROLLERS = {"CODE_DEPLOY": "CodeDeploy", "EXTERNAL": "external"}


def _without_deployment(service: Service) -> tuple[Sign, str]:
    """Without a deployment in progress: "steady" only if as many tasks run as are desired."""
    if service.desired == 0 and service.running == 0:
        return Sign.OFF, "scaled to 0"
    return (Sign.FINE, "steady") if service.running == service.desired else _not_at_desired(service)


def _not_at_desired(service: Service) -> tuple[Sign, str]:
    """Fewer tasks than desired, or more (while it scales in or rebalances availability zones)."""
    if service.running > service.desired:
        return Sign.MOVING, f"{service.running} running, {service.desired} desired"
    words = f"{service.running} of {service.desired} running"
    return (Sign.WARNING if service.running else Sign.BAD), words


def _task_set_words(service: Service) -> tuple[Sign, str]:
    """The same for a service whose task sets are deployed by CodeDeploy or an external
    controller."""
    by = CONTROLLERS.get(service.controller, service.controller.casefold())
    if not service.task_sets:
        return Sign.OFF, f"{by}: no task set"
    if len(service.task_sets) > 1:
        return Sign.MOVING, f"{by}: {len(service.task_sets)} task sets"
    only = service.task_sets[0]
    if only.stability != "STEADY_STATE":
        return Sign.MOVING, f"{by}: {only.running} of {only.desired} running"
    return _without_deployment(service)


def service_sign(service: Service) -> Sign:
    """The health of a service: a warning below its desired count, moving while it deploys or drains."""
    if not service.described or service.gone or service.status not in ("ACTIVE", "DRAINING"):
        return Sign.OFF
    sign, _ = deployment_words(service)
    if sign in (Sign.BAD, Sign.OFF):
        return sign
    return Sign.WARNING if service.running < service.desired else sign


def task_sign(task: Task) -> Sign:
    """The health of a task, from its last status and its health check."""
    if not task.described or task.gone:
        return Sign.OFF
    if task.last_status == "STOPPED":
        bad = task.stop_code in ("EssentialContainerExited", "TaskFailedToStart")
        return Sign.BAD if bad else Sign.OFF
    if task.health == "UNHEALTHY":
        return Sign.BAD
    if task.last_status == "RUNNING" and not task.stopping:
        return Sign.WARNING if task.connectivity == "DISCONNECTED" else Sign.FINE
    return Sign.MOVING


def container_sign(container: Container) -> Sign:
    """The health of a container, from its last status, health check and exit code."""
    if container.last_status == "STOPPED":
        return Sign.OFF if container.exit_code == 0 else Sign.BAD
    if container.health == "UNHEALTHY":
        return Sign.BAD
    return Sign.FINE if container.last_status == "RUNNING" else Sign.MOVING


def agent_sign(agent: ManagedAgent | None) -> Sign:
    """The health of a managed agent, from its last status."""
    if agent is None:
        return Sign.OFF
    return {"RUNNING": Sign.FINE, "PENDING": Sign.MOVING, "STOPPED": Sign.BAD}.get(
        agent.status, Sign.OFF
    )


def instance_sign(instance: ContainerInstance) -> Sign:
    """The health of a container instance: fine if it is ACTIVE and its agent is connected."""
    if instance.gone:
        return Sign.OFF
    if instance.status == "DRAINING":
        return Sign.MOVING
    if instance.status != "ACTIVE":
        return Sign.OFF
    return Sign.FINE if instance.agent_connected else Sign.BAD


def share_sign(ready: int, total: int) -> Sign:
    """The sign for `ready` of `total`: all is fine, some is a warning, none is off."""
    if not ready:
        return Sign.OFF
    return Sign.FINE if ready >= total else Sign.WARNING


def readiness_sign(readiness: Readiness) -> Sign:
    """The sign of a readiness; ready with a reason means ready in some containers only."""
    if readiness.verdict is Verdict.READY and readiness.reason:
        return Sign.WARNING
    return SIGN_OF_VERDICT[readiness.verdict]


def shell_sign(readiness: Readiness, agents: tuple[int, int]) -> Sign:
    """The sign of a service's shells: ready in some of its containers only is a warning.

    Args:
        readiness: The best readiness of its tasks.
        agents: (containers with a running exec agent, containers).
    """
    running, total = agents
    sign = readiness_sign(readiness)
    return share_sign(running, total) if sign is Sign.FINE and total else sign
