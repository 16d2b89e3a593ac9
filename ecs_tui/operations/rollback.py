"""Rolls a service back: a deployment in progress is stopped; else an earlier revision is deployed again.

ECS has no operation that deploys an earlier service revision. Its task definition can be deployed again,
which brings back what the task definition says and nothing else: the plan names the differences that stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.aws.api.service_deployments import describe_service_revisions
from ecs_tui.errors import AwsError, EcsTuiError, NotFound
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.rules.deployment_words import source_of
from ecs_tui.model.rules.revision_changes import (
    RevisionChange,
    changes,
    definition_changes,
    image_words,
)
from ecs_tui.model.service import Service
from ecs_tui.model.service_deployment import ServiceDeployment
from ecs_tui.model.service_revision import ServiceRevision
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.model.text import clean, counted
from ecs_tui.operations.aws_command import connection_options
from ecs_tui.operations.calls import Call
from ecs_tui.operations.plan import Plan, confirmation
from ecs_tui.operations.reading import read_cluster, read_definition, read_service, tags_words
from ecs_tui.operations.service_deployments import UnderWay, read_deployments, under_way
from ecs_tui.operations.services import (
    DeploymentCompleted,
    refuse_other_controllers,
    rolling_words,
    under_way_words,
)
from ecs_tui.record import dataclass

MAX_CHOICES = 8
"""Earlier revisions that are offered: each costs a call for its task definition."""


@dataclass(frozen=True, slots=True)
class RollbackChoice:
    """An earlier revision of a service.

    Attributes:
        revision: The revision.
        definition: Its task definition; None if it could not be read.
        differences: What would change, from the present revision to this one.
        deployed_at: When it was last deployed; None if that is not known.
    """

    revision: ServiceRevision
    definition: TaskDefinition | None
    differences: tuple[RevisionChange, ...]
    deployed_at: datetime | None = None

    @property
    def stays(self) -> tuple[RevisionChange, ...]:
        """The differences that deploying its task definition does not bring back."""
        return tuple(each for each in self.differences if not each.restored)

    @property
    def restored(self) -> tuple[RevisionChange, ...]:
        """The differences that it brings back."""
        return tuple(each for each in self.differences if each.restored)


@dataclass(frozen=True, slots=True)
class RollbackOptions:
    """A service that is not being deployed, and the revisions to which it can go back.

    Attributes:
        current: The present revision.
        choices: Earlier revisions, the one before first.
    """

    cluster: Cluster
    service: Service
    current: ServiceRevision
    choices: tuple[RollbackChoice, ...]
    connection: tuple[str, ...] = ()


async def read_rollback(account: Account, cluster: str, service: str) -> UnderWay | RollbackOptions:
    """What a service (name or ARN) can be rolled back from: its deployment in progress, if there is one.

    Raises:
        NotFound: There is no such service.
        EcsTuiError: ECS does not deploy it, it is being deleted, or no earlier revision is known.
        AwsError: A call failed.
    """
    found = await read_service(account, cluster, service)
    refuse_other_controllers(found)
    connection = connection_options(account)
    deployments = await read_deployments(account, cluster, found.arn)
    in_progress = await under_way(account, cluster, found, deployments, connection)
    if in_progress is not None:
        return in_progress
    present, earlier = earlier_revisions(found, deployments)
    revisions = {
        item.arn: item
        for item in await describe_service_revisions(
            account, [present, *earlier] if present else []
        )
    }
    current = revisions.get(present)
    if current is None or not any(arn in revisions for arn in earlier):
        raise EcsTuiError(
            f"No earlier service revision of {clean(found.name)} is known to ECS: it keeps its "
            "deployments for 90 days.",
            "Name a task definition: ecs-tui rollback CLUSTER SERVICE --to FAMILY:REVISION",
        )
    kept = [revisions[arn] for arn in earlier if arn in revisions][:MAX_CHOICES]
    named = list(dict.fromkeys(item.task_definition for item in (current, *kept)))
    read = await asyncio.gather(*(_definition(account, arn) for arn in named))
    definitions = dict(zip(named, read, strict=True))
    return RollbackOptions(
        await read_cluster(account, cluster),
        found,
        current,
        tuple(_choice(current, item, definitions, deployments) for item in kept),
        connection,
    )


async def _definition(account: Account, arn: str) -> TaskDefinition | None:
    try:
        return await ecs.describe_task_definition(account, arn)
    except AwsError:
        return None  # the plan says so: what it changes is unknown then


def earlier_revisions(
    service: Service, deployments: Sequence[ServiceDeployment]
) -> tuple[str, list[str]]:
    """(the ARN of the present revision, the ARNs of earlier ones that have run, the newest first).

    A revision has run if its deployment succeeded, if a later one replaced it, or if one was rolled
    back to it.

    Args:
        service: The service.
        deployments: Its deployments, described, the newest first.
    """
    ran: list[str] = []
    for item in deployments:
        if item.status == "ROLLBACK_SUCCESSFUL" and item.rollback is not None:
            ran.append(item.rollback.revision_arn)
        if item.target is not None and item.status == "SUCCESSFUL":
            ran.append(item.target.arn)
        ran += [source_of(item), *item.replaced]
    present = _present(service, deployments)
    return present, [arn for arn in dict.fromkeys(ran) if arn and arn != present]


def _present(service: Service, deployments: Sequence[ServiceDeployment]) -> str:
    """The ARN of the revision that the service has, also if its tasks fail; "" if that is not known."""
    newest = deployments[0] if deployments else None
    if newest is None:
        return service.current_revisions[0] if len(service.current_revisions) == 1 else ""
    if newest.status == "ROLLBACK_SUCCESSFUL" and newest.rollback is not None:
        return newest.rollback.revision_arn
    return newest.target.arn if newest.target is not None else ""


def _choice(
    current: ServiceRevision,
    item: ServiceRevision,
    definitions: dict[str, TaskDefinition | None],
    deployments: Sequence[ServiceDeployment],
) -> RollbackChoice:
    old, new = definitions[current.task_definition], definitions[item.task_definition]
    times = (
        each.created_at
        for each in deployments
        if each.target is not None and each.target.arn == item.arn
    )
    return RollbackChoice(item, new, changes(current, item, old, new), next(times, item.created_at))


def plan_rollback(found: RollbackOptions, choice: RollbackChoice) -> Plan:
    """The plan that deploys the task definition of an earlier revision again.

    Raises:
        EcsTuiError: It cannot be deployed, or nothing would change.
    """
    definition, revision = choice.definition, choice.revision
    where = f"{found.cluster.name}/{found.service.name}"
    if definition is not None and definition.status in ("INACTIVE", "DELETE_IN_PROGRESS"):
        raise EcsTuiError(
            f"Task definition {revision.revision} is {definition.status}: it cannot be deployed.",
            "Choose another revision, or register it again.",
        )
    if revision.task_definition == found.service.task_definition:
        raise EcsTuiError(
            f"The revision of {where} that was chosen has the same task definition "
            f"({revision.revision}): deploying it again would bring nothing back.",
            "Change the settings that differ, or deploy an image by its digest.",
        )
    return _deploy(
        found.cluster,
        found.service,
        revision.task_definition,
        revision.revision,
        (*_stays(choice), *_images(choice), *_unread(choice)),
        tuple((f"{each.thing} {each.name}", each.before, each.after) for each in choice.restored),
        found.connection,
    )


async def read_rollback_to(account: Account, cluster: str, service: str, name: str) -> Plan:
    """Plan a rollback to a task definition that the operator names, without the service's history.

    Args:
        account: The account to call.
        cluster: Name or ARN.
        service: Name or ARN.
        name: `family:revision` or the ARN of a task definition.

    Raises:
        NotFound: There is no such service, or no such task definition.
        EcsTuiError: It cannot be deployed, or is deployed now.
        AwsError: A call failed.
    """
    found = await read_service(account, cluster, service)
    refuse_other_controllers(found)
    definition = await read_definition(account, name)
    if definition.arn == found.task_definition:
        raise EcsTuiError(
            f"Service {clean(found.name)} has {clean(found.revision)} already.",
            "Name an earlier revision.",
        )
    present = await _definition(account, found.task_definition)
    differences = definition_changes(present, definition) if present is not None else []
    unread = (
        ()
        if present is not None
        else ("What it changes is unknown: the present task definition could not be read.",)
    )
    return _deploy(
        await read_cluster(account, cluster),
        found,
        definition.arn,
        f"{definition.family}:{definition.revision}",
        ("Only the task definition changes: network, load balancers and capacity stay.", *unread),
        tuple((f"{each.thing} {each.name}", each.before, each.after) for each in differences),
        connection_options(account),
    )


def choice_named(found: RollbackOptions, name: str) -> RollbackChoice:
    """The choice with this `family:revision`, revision number, or service revision ID.

    Raises:
        NotFound: There is none, with the names of those that there are.
    """
    for each in found.choices:
        revision = each.revision
        if name in (revision.revision, revision.arn, revision.id, revision.task_definition):
            return each
    known = ", ".join(dict.fromkeys(clean(each.revision.revision) for each in found.choices))
    raise NotFound(
        f'"{clean(name)}" is no earlier revision of {clean(found.service.name)}.',
        f"These are known: {known}.",
    )


def _deploy(
    cluster: Cluster,
    service: Service,
    definition: str,
    name: str,
    words: tuple[str, ...],
    differences: tuple[tuple[str, str, str], ...],
    connection: tuple[str, ...],
) -> Plan:
    where = f"{cluster.name}/{service.name}"
    tasks = counted(service.desired, "task")
    confirm, typed = confirmation(service.name, cluster, service)
    return Plan(
        "rollback",
        f"Roll back {where} to {name}",
        (
            f"Replaces the {tasks} of {where} with new tasks of {name}, in a new deployment."
            if service.desired
            else f"{where} is scaled to 0: no task is replaced.",
            *rolling_words(service),
            *under_way_words(service),
            *words,
            "Open exec sessions in the present tasks will end.",
            *tags_words(cluster),
        ),
        (
            Call(
                "ecs:UpdateService",
                {"cluster": cluster.name, "service": service.name, "taskDefinition": definition},
                f"service {service.name}",
            ),
        ),
        (("taskDefinition", service.revision, name), *differences),
        confirm=confirm,
        typed=typed,
        cluster=cluster.name,
        service=service.name,
        connection=connection,
        goal=DeploymentCompleted(cluster.name, service.name),
        accepted="ECS has accepted it. Waiting until the deployment is completed…",
    )


def _stays(choice: RollbackChoice) -> tuple[str, ...]:
    """A sentence for each difference that is not brought back."""
    return tuple(
        f"Not restored: {each.thing} {each.name} stays {each.before}; then it was {each.after}."
        for each in choice.stays
    )


def _images(choice: RollbackChoice) -> tuple[str, ...]:
    """With which digests its images ran: a tag may have been moved since."""
    ran = [
        f"{each.container} ran {image_words(each.image, each.digest)}"
        for each in choice.revision.images
        if each.digest and "@" not in each.image
    ]
    if not ran:
        return ()
    return (f"ECS resolves image tags again, which may have been moved: {'; '.join(ran)}.",)


def _unread(choice: RollbackChoice) -> tuple[str, ...]:
    if choice.definition is not None:
        return ()
    return ("Its task definition could not be read, so what it changes is unknown.",)
