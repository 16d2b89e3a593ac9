"""Changes of a service deployment that is in progress: roll it back, answer a hook that waits; and how
one is followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.service_deployments import (
    describe_service_deployments,
    describe_service_revisions,
    list_service_deployments,
)
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.arn import short_name
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.rules.deployment_words import (
    breaker_words,
    in_progress,
    plain_words,
    source_of,
    stage_words,
    traffic_words,
)
from ecs_tui.model.service import Service
from ecs_tui.model.service_deployment import ServiceDeployment
from ecs_tui.model.service_revision import ServiceRevision
from ecs_tui.operations.calls import Applied, Call
from ecs_tui.operations.follow import Progress
from ecs_tui.operations.plan import Plan, confirmation
from ecs_tui.operations.reading import read_cluster, read_service, tags_words
from ecs_tui.record import dataclass

HookAction = Literal["CONTINUE", "ROLLBACK"]
_BACK = "ECS goes back to {}, with the network, the load balancers and the image digests it had."
"""A service revision has all of them. Source: ServiceRevision in the ECS API reference."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A service with its deployment in progress.

    Attributes:
        revisions: The revisions of the deployment that AWS has, by ARN.
    """

    cluster: Cluster
    service: Service
    deployment: ServiceDeployment
    revisions: dict[str, ServiceRevision]
    connection: tuple[str, ...] = ()

    def name(self, arn: str) -> str:
        """`family:revision` of a revision, or its ID while that is not known."""
        known = self.revisions.get(arn)
        return known.revision if known is not None else f"service revision {short_name(arn)}"

    @property
    def target(self) -> str:
        """What is deployed, in a few words."""
        target = self.deployment.target
        return self.name(target.arn) if target is not None else "a service revision"

    @property
    def before(self) -> str:
        """The revision before, in a few words; "" for the first deployment of a service."""
        arn = source_of(self.deployment)
        return self.name(arn) if arn else ""


async def read_deployments(account: Account, cluster: str, service: str) -> list[ServiceDeployment]:
    """The newest deployments of a service, described, the newest first.

    Raises:
        AwsError: A call failed.
    """
    found: list[ServiceDeployment] = []
    async for page in list_service_deployments(account, cluster, service):
        arns = [item.arn for item in page]
        described = await describe_service_deployments(account, cluster, arns) if arns else []
        by_arn = {item.arn: item for item in described}
        found += [by_arn[arn] for arn in arns if arn in by_arn]
    return found


async def read_under_way(
    account: Account, cluster: str, service: str, connection: tuple[str, ...] = ()
) -> UnderWay | None:
    """The deployment in progress of a service (name or ARN), or None.

    Raises:
        NotFound: There is no such service.
        EcsTuiError: It is being deleted.
        AwsError: A call failed.
    """
    found = await read_service(account, cluster, service)
    deployments = await read_deployments(account, cluster, found.arn)
    return await under_way(account, cluster, found, deployments, connection)


async def under_way(
    account: Account,
    cluster: str,
    service: Service,
    deployments: Sequence[ServiceDeployment],
    connection: tuple[str, ...] = (),
) -> UnderWay | None:
    """The deployment in progress of a service that has been read, with its revisions; or None.

    Raises:
        AwsError: A call failed.
    """
    deployment = in_progress(deployments)
    if deployment is None:
        return None
    arns = [item.arn for item in (deployment.target, *deployment.sources) if item is not None]
    revisions = await describe_service_revisions(account, arns)
    return UnderWay(
        await read_cluster(account, cluster),
        service,
        deployment,
        {item.arn: item for item in revisions},
        connection,
    )


def plan_stop(found: UnderWay) -> Plan:
    """The plan that rolls back a deployment in progress (`StopServiceDeployment`).

    Raises:
        EcsTuiError: It is being rolled back or stopped already, or there is no revision before.
    """
    deployment, cluster, service = found.deployment, found.cluster, found.service
    where = f"{cluster.name}/{service.name}"
    if not deployment.stoppable:
        raise EcsTuiError(
            f"The deployment of {where} cannot be rolled back: its status is {deployment.status}.",
            f"Follow it with: ecs-tui wait {cluster.name} {service.name}",
        )
    if not found.before:
        raise EcsTuiError(
            f"This is the first deployment of {where}: there is no revision to go back to.",
            "Scale it to 0, or deploy another task definition.",
        )
    confirm, typed = confirmation(service.name, cluster, service)
    return Plan(
        "rollback",
        f"Roll back the deployment of {found.target} in {where}",
        (
            f"ECS stops the deployment of {found.target}.{_state(deployment)}",
            _BACK.format(found.before),
            "Open exec sessions in its new tasks will end.",
            *tags_words(cluster),
        ),
        (
            Call(
                "ecs:StopServiceDeployment",
                {"serviceDeploymentArn": deployment.arn, "stopType": "ROLLBACK"},
                f"service {service.name}",
            ),
        ),
        (("revision", found.target, found.before),),
        confirm=confirm,
        typed=typed,
        cluster=cluster.name,
        service=service.name,
        connection=found.connection,
        goal=DeploymentEnds(deployment.arn, back=True),
        accepted="ECS has accepted it. Waiting until it is rolled back…",
    )


def plan_answer(found: UnderWay, action: HookAction) -> Plan:
    """The plan that answers the hook at which a deployment waits (`ContinueServiceDeployment`).

    Raises:
        EcsTuiError: It does not wait.
    """
    deployment, cluster, service = found.deployment, found.cluster, found.service
    where, hook = f"{cluster.name}/{service.name}", deployment.waiting
    if hook is None:
        raise EcsTuiError(
            f"The deployment of {where} does not wait for anybody: its status is "
            f"{deployment.status}.",
            "Refresh the list.",
        )
    at = f" at {stage_words(deployment)}" if deployment.stage else ""
    on = action == "CONTINUE"
    effects = (
        f"The deployment of {found.target} goes on{at}.{_state(deployment)}"
        if on
        else f"ECS stops the deployment of {found.target}, which waits{at}.{_state(deployment)}"
    )
    confirm, typed = confirmation(service.name, cluster, service)
    return Plan(
        "continue" if on else "rollback",
        f"{'Continue' if on else 'Roll back'} the deployment of {found.target} in {where}",
        (
            effects,
            *(() if on or not found.before else (_BACK.format(found.before),)),
            *tags_words(cluster),
        ),
        (
            Call(
                "ecs:ContinueServiceDeployment",
                {"serviceDeploymentArn": deployment.arn, "hookId": hook.id, "action": action},
                f"service {service.name}",
            ),
        ),
        confirm=confirm,
        typed=typed,
        cluster=cluster.name,
        service=service.name,
        connection=found.connection,
        goal=DeploymentEnds(deployment.arn, back=not on, answered=hook.id),
        accepted="ECS has accepted it. Waiting until the deployment ends…",
    )


def _state(deployment: ServiceDeployment) -> str:
    return f" {traffic_words(deployment.target).capitalize()}." if deployment.target else ""


@dataclass(frozen=True, slots=True)
class DeploymentEnds:
    """A service deployment has ended as it should.

    Attributes:
        arn: The service deployment.
        back: Whether it should be rolled back; otherwise it should succeed.
        answered: The hook that has been answered: another one that waits ends the following.
    """

    arn: str
    back: bool = False
    answered: str = ""

    async def look(self, account: Account, applied: Applied, seconds: float) -> Progress:
        """DescribeServiceDeployments."""
        found = await describe_service_deployments(account, "", [self.arn])
        return end_progress(found[0] if found else None, back=self.back, answered=self.answered)


def end_progress(
    deployment: ServiceDeployment | None, *, back: bool = False, answered: str = ""
) -> Progress:
    """How far a service deployment is from its end.

    Args:
        deployment: The deployment now; None if ECS no longer has it.
        back: Whether it should be rolled back.
        answered: The hook that has been answered.
    """
    if deployment is None:
        return Progress("The deployment is no longer known to ECS.", "failed")
    words = progress_words(deployment)
    wanted = "ROLLBACK_SUCCESSFUL" if back else "SUCCESSFUL"
    if deployment.status == wanted:
        end = "It is rolled back." if back else "The deployment is completed."
        return Progress(f"{words}. {end}", "done")
    if deployment.over:
        return Progress(f"{words}. {end_words(deployment)}", "failed")
    hook = deployment.waiting
    if hook is not None and hook.id != answered and not back:
        return Progress(f"{words}. It waits for you again.", "done")
    return Progress(words)


def progress_words(deployment: ServiceDeployment) -> str:
    """The state of a deployment in a line: `in progress · bake time (9 of 10) · 2 of 4 running`.

    Once it is rolled back, its revision has no tasks: "0 of 0 running" would be taken for the service.
    """
    target, gone_back = deployment.target, deployment.status == "ROLLBACK_SUCCESSFUL"
    parts: Sequence[str] = (
        plain_words(deployment.status),
        stage_words(deployment) if not deployment.over else "",
        traffic_words(target) if target is not None and not gone_back else "",
        breaker_words(deployment) if deployment.breaker and deployment.breaker.failures else "",
        "waits for a person" if deployment.waiting is not None else "",
    )
    return " · ".join(part for part in parts if part)


def end_words(deployment: ServiceDeployment) -> str:
    """How a deployment that was not rolled out ended, in a sentence."""
    rollback = deployment.rollback
    why = (rollback.reason if rollback is not None else "") or deployment.status_reason
    ends = {
        "SUCCESSFUL": "The deployment was completed.",
        "ROLLBACK_SUCCESSFUL": "The deployment was rolled back.",
        "ROLLBACK_FAILED": "The rollback failed.",
        "STOPPED": "The deployment was stopped and not rolled back.",
    }
    words = ends.get(deployment.status, f"The deployment ended as {deployment.status}.")
    return f"{words} {why}".rstrip()
