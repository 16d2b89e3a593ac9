"""Changes of a service: a new deployment with the same settings, another desired count."""

from __future__ import annotations

import asyncio
import math

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.aws.api.autoscaling import scalable_target
from ecs_tui.errors import AwsError, EcsTuiError, WrongUsage
from ecs_tui.model.arn import short_name
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.scalable_target import ScalableTarget
from ecs_tui.model.service import Deployment, Service
from ecs_tui.model.text import counted
from ecs_tui.operations.aws_command import connection_options
from ecs_tui.operations.calls import Applied, Call
from ecs_tui.operations.follow import Progress, new_event
from ecs_tui.operations.plan import Plan, confirmation
from ecs_tui.operations.reading import read_cluster, read_service, tags_words
from ecs_tui.record import dataclass

DEPLOYED_BY = {
    "CODE_DEPLOY": "Deploy a revision with CodeDeploy (aws deploy create-deployment)",
    "EXTERNAL": "Create a task set with its deployment controller (aws ecs create-task-set)",
}
"""What to do for services that UpdateService does not deploy.

Source: "UpdateService" in the ECS API reference.
"""
NOT_READ = "Whether Application Auto Scaling manages its desired count is unknown: {}"


async def read_deployment_plan(account: Account, cluster: str, service: str) -> Plan:
    """Plan a new deployment of a service (name or ARN) with the same task definition.

    Raises:
        NotFound: There is no such service.
        EcsTuiError: ECS does not deploy it, or it is being deleted.
        AwsError: A call failed.
    """
    found = await read_service(account, cluster, service)
    return plan_deployment(await read_cluster(account, cluster), found, connection_options(account))


def plan_deployment(cluster: Cluster, service: Service, connection: tuple[str, ...] = ()) -> Plan:
    """The plan of a new deployment with the same settings (`forceNewDeployment`).

    Raises:
        EcsTuiError: ECS does not deploy the service.
    """
    refuse_other_controllers(service)
    confirm, typed = confirmation(service.name, cluster, service)
    return Plan(
        "deploy",
        f"Start a new deployment of {cluster.name}/{service.name}",
        (
            _replaces(cluster, service),
            *rolling_words(service),
            *under_way_words(service),
            "Open exec sessions in the old tasks will end.",
            *tags_words(cluster),
        ),
        (
            Call(
                "ecs:UpdateService",
                {"cluster": cluster.name, "service": service.name, "forceNewDeployment": True},
                f"service {service.name}",
            ),
        ),
        confirm=confirm,
        typed=typed,
        cluster=cluster.name,
        service=service.name,
        connection=connection,
        goal=DeploymentCompleted(cluster.name, service.name),
        accepted="ECS has accepted it. Waiting until the deployment is completed…",
    )


def refuse_other_controllers(service: Service, wanted: str = "") -> None:
    """Raise if UpdateService cannot start a deployment of this service.

    Args:
        service: The service.
        wanted: The settings that the deployment should bring, in words; "" for none.
    """
    instead = DEPLOYED_BY.get(service.controller)
    if instead is not None:
        raise EcsTuiError(
            f"{service.name} is not deployed by ECS (its deployment controller is "
            f"{service.controller}), so UpdateService would be refused.",
            instead + (f", with {wanted}." if wanted else "."),
        )


def _replaces(cluster: Cluster, service: Service) -> str:
    where = f"{cluster.name}/{service.name}"
    if not service.desired:
        return f"{where} is scaled to 0: no task is replaced."
    tasks = counted(service.desired, "task")
    return f"Replaces the {tasks} of {where} with new tasks of {service.revision}."


def rolling_words(service: Service) -> tuple[str, ...]:
    """How many tasks are replaced at once, and what happens if the new ones fail."""
    settings = service.deployment_settings
    if settings is None or not service.desired:
        return ()
    found = []
    if settings.strategy not in ("", "ROLLING"):
        found.append(f"Its deployment strategy is {settings.strategy}.")
    elif settings.min_healthy is not None and settings.max_percent is not None:
        least = math.ceil(service.desired * settings.min_healthy / 100)
        most = service.desired * settings.max_percent // 100
        found.append(
            f"At least {least} of them stay healthy meanwhile (minimumHealthyPercent "
            f"{settings.min_healthy}), at most {most} run at once (maximumPercent "
            f"{settings.max_percent})."
        )
    if not settings.breaker:
        found.append("If the new tasks fail, ECS goes on trying: the circuit breaker is off.")
    elif settings.rollback:
        found.append("If the new tasks fail, the circuit breaker rolls back.")
    else:
        found.append("If the new tasks fail, the circuit breaker stops the deployment.")
    return tuple(found)


def under_way_words(service: Service) -> tuple[str, ...]:
    """A sentence if a deployment is in progress that a new one would replace."""
    primary = service.primary
    if primary is None or not service.deploying:
        return ()
    return (
        f"A deployment of {short_name(primary.task_definition)} is in progress "
        f"({primary.running} of {primary.desired} tasks run): the new one replaces it.",
    )


@dataclass(frozen=True, slots=True)
class DeploymentCompleted:
    """The deployment that was started is completed, or has failed."""

    cluster: str
    service: str

    async def look(self, account: Account, applied: Applied, seconds: float) -> Progress:
        """DescribeServices, and the deployment that UpdateService returned."""
        found = await ecs.describe_services(account, self.cluster, [self.service])
        return deployment_progress(found[0] if found else None, self.service, applied.service)


def deployment_progress(service: Service | None, name: str, started: Service | None) -> Progress:
    """How far a deployment has come.

    Args:
        service: The service now; None if ECS no longer has it.
        name: The service's name.
        started: The service as UpdateService returned it, with the deployment as PRIMARY; None if
            that is not known: then it is the PRIMARY one.
    """
    if service is None or service.status in ("INACTIVE", "DRAINING"):
        return Progress(f"Service {name} is being deleted, or has been.", "failed")
    own = started.primary.id if started is not None and started.primary is not None else ""
    primary = service.primary
    mine = next((item for item in service.deployments if item.id == own), None if own else primary)
    if mine is None:
        now = f": {short_name(primary.task_definition)} is deployed now" if primary else ""
        return Progress(f"The deployment no longer exists{now}.", "failed")
    old = sum(item.running for item in service.deployments if item.id != mine.id)
    words = f"new tasks {mine.running}/{service.desired} running"
    words += f" · {mine.pending} pending" if mine.pending else ""
    words += f" · {mine.failed} failed" if mine.failed else ""
    words += f" · old tasks {old}"
    if mine.rollout_state == "COMPLETED":
        return Progress(f"{words}. The deployment is completed.", "done")
    if mine.rollout_state == "FAILED":
        return Progress(f"{words}. {_failed(service, mine)}", "failed")
    if mine.status != "PRIMARY":
        return Progress(f"{words}. A newer deployment has replaced this one.", "failed")
    alone = len(service.deployments) == 1 and service.running == service.desired
    if not mine.rollout_state and alone:  # regions without rolloutState
        return Progress(f"{words}. All tasks run.", "done")
    return Progress(words + new_event(service, started))


def _failed(service: Service, mine: Deployment) -> str:
    why = mine.rollout_reason or "no reason given"
    back = service.primary
    if back is None or back.id == mine.id:
        return f"The deployment failed: {why}"
    return f"The deployment failed: {why} ECS rolls back to {short_name(back.task_definition)}."


async def read_scale_plan(account: Account, cluster: str, service: str, count: int) -> Plan:
    """Plan another desired count for a service (name or ARN).

    Raises:
        WrongUsage: The count is negative.
        NotFound: There is no such service.
        EcsTuiError: The service has no desired count, or is being deleted.
        AwsError: A call failed.
    """
    if count < 0:
        raise WrongUsage(f"A desired count of {count} is not possible.", "Give 0 or more.")
    found = await read_service(account, cluster, service)
    refuse_daemons(found)
    place, scaling = await asyncio.gather(
        read_cluster(account, cluster), read_scaling(account, cluster, found.name)
    )
    return plan_scale(place, found, count, scaling, connection_options(account))


def refuse_daemons(service: Service) -> None:
    """Raise if the service has no desired count that could be set."""
    if service.scheduling == "DAEMON":
        raise EcsTuiError(
            f"Service {service.name} runs one task on each container instance (scheduling strategy "
            "DAEMON): it has no desired count to set.",
            "Add or remove container instances instead.",
        )


async def read_scaling(
    account: Account, cluster: str, service: str
) -> ScalableTarget | EcsTuiError | None:
    """The service's scalable target, None if it has none, the error if that cannot be read."""
    try:
        return await scalable_target(account, short_name(cluster), service)
    except AwsError as error:
        return error


def plan_scale(
    cluster: Cluster,
    service: Service,
    count: int,
    scaling: ScalableTarget | EcsTuiError | None = None,
    connection: tuple[str, ...] = (),
) -> Plan:
    """The plan of another desired count.

    Args:
        cluster: The cluster.
        service: The service, which has a desired count.
        count: The new desired count.
        scaling: The scalable target of the service, or why it could not be read.
        connection: Options of the AWS CLI for the account.
    """
    where = f"{cluster.name}/{service.name}"
    before = service.desired
    confirm, typed = confirmation(service.name, cluster, service)
    calls: tuple[Call, ...] = (
        Call(
            "ecs:UpdateService",
            {"cluster": cluster.name, "service": service.name, "desiredCount": count},
            f"service {service.name}",
        ),
    )
    if count == before:
        effects: tuple[str, ...] = (f"Nothing changes: {where} has this desired count already.",)
        confirm, typed, calls = "none", "", ()
    elif count > before:
        effects = (f"ECS starts {counted(count - before, 'task')} of {service.revision}.",)
    elif count:
        effects = (
            f"ECS stops {before - count} of the {counted(before, 'task')} of {where}; it chooses "
            "which.",
            "Open exec sessions in the stopped tasks will end.",
        )
    else:
        effects = (
            f"ECS stops all {before} tasks of {where}: nothing of it runs any more."
            if before > 1
            else f"ECS stops the only task of {where}: nothing of it runs any more.",
            "Open exec sessions in it will end.",
        )
    if calls:
        effects += (*scaling_words(service, count, scaling), *tags_words(cluster))
    return Plan(
        "scale",
        f"Scale {where} from {before} to {counted(count, 'task')}",
        effects,
        calls,
        (("desiredCount", str(before), str(count)),) if calls else (),
        confirm,
        typed,
        cluster=cluster.name,
        service=service.name,
        connection=connection,
        goal=CountReached(cluster.name, service.name, count),
        accepted=f"ECS has accepted it. Waiting until {counted(count, 'task')} "
        f"{'runs' if count == 1 else 'run'}…",
    )


def scaling_words(
    service: Service, count: int, scaling: ScalableTarget | EcsTuiError | None
) -> tuple[str, ...]:
    """What Application Auto Scaling will do with the new count; empty if it does nothing."""
    if scaling is None:
        return ()
    if isinstance(scaling, EcsTuiError):
        return (NOT_READ.format(scaling.what),)
    bounds = f"Application Auto Scaling keeps {service.name} between {scaling.least} and "
    bounds += counted(scaling.most, "task")
    if scaling.suspended:
        return (f"{bounds}, but is suspended: it will not set the count back.",)
    if scaling.contains(count):
        return (f"{bounds} and may set the count back at any time.",)
    side = "below" if count < scaling.least else "above"
    return (f"{bounds}: {count} is {side} that range, so it will set the count back.",)


@dataclass(frozen=True, slots=True)
class CountReached:
    """As many tasks run as are wanted."""

    cluster: str
    service: str
    count: int

    async def look(self, account: Account, applied: Applied, seconds: float) -> Progress:
        """DescribeServices."""
        found = await ecs.describe_services(account, self.cluster, [self.service])
        service = found[0] if found else None
        return scale_progress(service, self.service, self.count, applied.service)


def scale_progress(
    service: Service | None, name: str, count: int, started: Service | None
) -> Progress:
    """How far a service has come to `count` running tasks.

    Args:
        service: The service now; None if ECS no longer has it.
        name: The service's name.
        count: The desired count that was set.
        started: The service as UpdateService returned it, or None.
    """
    if service is None or service.status in ("INACTIVE", "DRAINING"):
        return Progress(f"Service {name} is being deleted, or has been.", "failed")
    words = f"{service.running}/{service.desired} tasks running"
    words += f" · {service.pending} pending" if service.pending else ""
    if service.desired != count:
        return Progress(
            f"{words}. The desired count is {service.desired} now: Application Auto Scaling or "
            "somebody else has changed it.",
            "failed",
        )
    if service.running == count and not service.pending:
        return Progress(f"{words}. {service.name} is scaled to {count}.", "done")
    return Progress(words + new_event(service, started))
