"""Service deployments and revisions of a service: their list, and what is looked up for rows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.service_deployments import (
    DEPLOYMENTS_PER_CALL,
    HAS_NONE,
    describe_service_deployments,
    list_service_deployments,
)
from ecs_tui.errors import AwsError
from ecs_tui.model.arn import short_name
from ecs_tui.model.rules.deployment_words import source_of
from ecs_tui.model.rules.revision_changes import RevisionChange, changes
from ecs_tui.model.service import Service
from ecs_tui.model.service_deployment import PAUSE, ServiceDeployment
from ecs_tui.model.service_revision import ServiceRevision
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.lookups import Lookup, Subject
from ecs_tui.store.names import cluster_arn
from ecs_tui.store.source import Scope, Source


async def _pages(account: Account, scope: Scope, _: str) -> AsyncIterator[list[str]]:
    try:
        async for page in list_service_deployments(account, scope.cluster, scope.service):
            yield [item.arn for item in page]
    except AwsError as error:
        if error.code not in HAS_NONE:
            raise


SERVICE_DEPLOYMENTS: Source[ServiceDeployment] = Source(
    "service deployment",
    _pages,
    describe=describe_service_deployments,
    batch=DEPLOYMENTS_PER_CALL,
    named=lambda scope, key, known: (
        known or ServiceDeployment(key, "", cluster_arn(key, scope.cluster), described=False)
    ),
    moves=lambda item: bool(item.status) and not item.over,
)
"""The newest deployments of a service, the newest first."""


def has_service_deployments(service: Service) -> bool:
    """Whether ECS keeps service deployments of it: only of those that it deploys itself."""
    return service.controller == "ECS"


def history_scope(cluster: str, service: str) -> Scope[ServiceDeployment]:
    """The scope of a service's deployments."""
    return Scope(SERVICE_DEPLOYMENTS, cluster, service)


def history(inventory: Inventory, cluster: str, service: str) -> list[ServiceDeployment]:
    """The deployments of a service as far as they are loaded, the newest first."""
    return inventory.of(history_scope(cluster, service))


# -- the deployment of a service that may wait for a person


def may_wait(service: Service) -> bool:
    """Whether a deployment of it is in progress that has a pause among its hooks."""
    settings = service.deployment_settings
    if settings is None or not service.current_deployment or not service.deploying:
        return False
    return any(hook.target_type == PAUSE for hook in settings.hooks)


def deployment_lookup(service: Service) -> Lookup[ServiceDeployment]:
    """The lookup of its current deployment."""
    cluster = short_name(service.cluster_arn)
    return Lookup(Subject.DEPLOYMENT, cluster, service.current_deployment)


def waiting_lookups(services: Sequence[Service]) -> list[Lookup]:
    """The lookups that tell which of these services wait for a person; none for most of them."""
    return [deployment_lookup(service) for service in services if may_wait(service)]


def current_deployment(inventory: Inventory, service: Service) -> ServiceDeployment | None:
    """Its deployment in progress, from its page's list or from a lookup; None while unknown."""
    if not service.current_deployment:
        return None
    scope = history_scope(short_name(service.cluster_arn), service.name)
    listed = inventory.get(scope, service.current_deployment)
    answer = inventory.lookups.answer(deployment_lookup(service))
    looked_up = answer.value if answer is not None else None
    if answer is None or looked_up is None or listed is None or not listed.described:
        return looked_up or listed
    newer = inventory.described_at(scope, listed.arn) >= answer.at
    return listed if newer else looked_up


# -- revisions


def revisions_lookup(deployments: Sequence[ServiceDeployment]) -> list[Lookup]:
    """The lookup of all revisions of these deployments: one call for twenty; none if there are none."""
    arns = sorted({arn for item in deployments for arn in revisions_of(item)})
    return [Lookup(Subject.REVISIONS, thing=" ".join(arns))] if arns else []


def revisions_of(deployment: ServiceDeployment) -> list[str]:
    """The ARNs of the revision that a deployment deploys, and of the one before."""
    target = deployment.target.arn if deployment.target is not None else ""
    return [arn for arn in (target, source_of(deployment)) if arn]


def definition_lookups(
    inventory: Inventory, deployments: Sequence[ServiceDeployment]
) -> list[Lookup]:
    """The lookups of the task definitions of these deployments' revisions that are not loaded."""
    found: list[Lookup] = []
    for item in deployments:
        for arn in revisions_of(item):
            revision = inventory.known_revision(arn)
            definition = revision.task_definition if revision is not None else ""
            if definition and inventory.known_definition(definition) is None:
                found.append(Lookup(Subject.DEFINITION, thing=definition))
    return found


def revision_pair(
    inventory: Inventory, deployment: ServiceDeployment
) -> tuple[ServiceRevision | None, ServiceRevision | None]:
    """(the revision before, the one that it deploys), each None while it is not loaded."""
    target = deployment.target
    after = inventory.known_revision(target.arn) if target is not None else None
    return inventory.known_revision(source_of(deployment)), after


def deployment_changes(
    inventory: Inventory, deployment: ServiceDeployment
) -> tuple[RevisionChange, ...] | None:
    """What a deployment changes; None as long as it is not known, or if it replaces nothing."""
    before, after = revision_pair(inventory, deployment)
    if before is None or after is None:
        return None
    old, new = _definition(inventory, before), _definition(inventory, after)
    if old is None or new is None:
        return None
    name = ("changes of a deployment", deployment.arn)
    return inventory.derived(
        name, (before, after, old, new), lambda: changes(before, after, old, new)
    )


def _definition(inventory: Inventory, revision: ServiceRevision) -> TaskDefinition | None:
    return inventory.known_definition(revision.task_definition)
