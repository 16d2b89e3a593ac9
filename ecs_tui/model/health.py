"""Is this fine: one sign for each thing, so that colour never stands alone."""

from __future__ import annotations

from enum import StrEnum

from ecs_tui.model.cluster import Cluster
from ecs_tui.model.container import Container, ManagedAgent
from ecs_tui.model.exec_status import Readiness, Verdict
from ecs_tui.model.instance import ContainerInstance
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.words import counted


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


def cluster_sign(cluster: Cluster) -> Sign:
    """ACTIVE is fine; PROVISIONING and DEPROVISIONING move; FAILED and INACTIVE do not serve."""
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
    if service.controller != "ECS":
        return _task_set_words(service)
    primary = service.primary
    if primary is None:
        return Sign.OFF, "no deployment"
    if primary.rollout_state == "FAILED":
        return Sign.BAD, f"failed: {counted(primary.failed, 'task')}"
    if (failed := service.rolled_back) is not None:
        of = failed.task_definition.rsplit(":", 1)[-1]
        return Sign.WARNING, f"rolling back: {failed.failed} failed on revision {of}"
    if service.deploying:
        done = round(100 * primary.running / primary.desired) if primary.desired else 100
        if primary.failed:
            return Sign.BAD, f"rolling {done} %, {primary.failed} failed"
        return Sign.MOVING, f"rolling {done} %"
    if service.desired == 0 and service.running == 0:
        return Sign.OFF, "scaled to 0"
    if service.running < service.desired:
        return _below(service)
    return Sign.FINE, "steady"


CONTROLLERS = {"CODE_DEPLOY": "CodeDeploy", "EXTERNAL": "external"}


def _below(service: Service) -> tuple[Sign, str]:
    sign = Sign.WARNING if service.running else Sign.BAD
    return sign, f"{service.running} of {service.desired} running"


def _task_set_words(service: Service) -> tuple[Sign, str]:
    """The same for a service whose task sets another deploys (CodeDeploy, a controller of one's
    own)."""
    by = CONTROLLERS.get(service.controller, service.controller.casefold())
    if not service.task_sets:
        return Sign.OFF, f"{by}: no task set"
    if len(service.task_sets) > 1:
        return Sign.MOVING, f"{by}: {len(service.task_sets)} task sets"
    only = service.task_sets[0]
    if only.stability != "STEADY_STATE":
        return Sign.MOVING, f"{by}: {only.running} of {only.desired} running"
    if service.desired == 0 and service.running == 0:
        return Sign.OFF, "scaled to 0"
    return _below(service) if service.running < service.desired else (Sign.FINE, "steady")


def service_sign(service: Service) -> Sign:
    """How a service is: bad below what it should run, moving while it deploys."""
    if not service.described or service.gone or service.status != "ACTIVE":
        return Sign.OFF
    sign, _ = deployment_words(service)
    if sign in (Sign.BAD, Sign.OFF):
        return sign
    return Sign.WARNING if service.running < service.desired else sign


def task_sign(task: Task) -> Sign:
    """How a task is, by its last status and its health."""
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
    """How a container is, by its last status, health and exit code."""
    if container.last_status == "STOPPED":
        return Sign.OFF if container.exit_code == 0 else Sign.BAD
    if container.health == "UNHEALTHY":
        return Sign.BAD
    return Sign.FINE if container.last_status == "RUNNING" else Sign.MOVING


def agent_sign(agent: ManagedAgent | None) -> Sign:
    """How a managed agent is."""
    if agent is None:
        return Sign.OFF
    return {"RUNNING": Sign.FINE, "PENDING": Sign.MOVING, "STOPPED": Sign.BAD}.get(
        agent.status, Sign.OFF
    )


def instance_sign(instance: ContainerInstance) -> Sign:
    """How a container instance is: ACTIVE and its agent connected is fine."""
    if instance.gone:
        return Sign.OFF
    if instance.status == "DRAINING":
        return Sign.MOVING
    if instance.status != "ACTIVE":
        return Sign.OFF
    return Sign.FINE if instance.agent_connected else Sign.BAD


def share_sign(ready: int, total: int) -> Sign:
    """The sign of "so many of so many": all is fine, some is a warning, none is off."""
    if not ready:
        return Sign.OFF
    return Sign.FINE if ready >= total else Sign.WARNING


def readiness_sign(readiness: Readiness) -> Sign:
    """The sign of an exec verdict; ready with a reason is ready in a part only."""
    if readiness.verdict is Verdict.READY and readiness.reason:
        return Sign.WARNING
    return SIGN_OF_VERDICT[readiness.verdict]
