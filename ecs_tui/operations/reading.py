"""Reads what a plan is made from, fresh from ECS: a cluster with its tags, a service."""

from __future__ import annotations

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.errors import AccessDenied, AwsError, EcsTuiError, NotFound, ResourceGone
from ecs_tui.model.arn import parse_arn, short_name
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.service import Service
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.model.text import clean

TAGS = "TAGS"


async def read_cluster(account: Account, name: str) -> Cluster:
    """The cluster with its tags; without them if DescribeClusters is not allowed.

    Raises:
        ResourceGone: There is no such cluster.
        AwsError: The call failed for another reason.
    """
    try:
        found = await ecs.describe_clusters(account, [name])
    except AccessDenied as error:
        return Cluster(name, short_name(name), not_read={TAGS: f"{error.code}: {error.what}"})
    if not found or found[0].status == "INACTIVE":
        region = f" in {clean(account.region)}" if account.region else ""
        raise ResourceGone(
            f'Cluster "{clean(short_name(name))}" not found{region}.',
            "Check the name and the region.",
        )
    return found[0]


def tags_words(cluster: Cluster) -> tuple[str, ...]:
    """A sentence if the cluster's tags could not be read: only names tell what is production."""
    if TAGS not in cluster.not_read:
        return ()
    return (
        f"The tags of cluster {cluster.name} could not be read: only its name tells whether it is "
        "in production.",
    )


async def read_service(account: Account, cluster: str, name: str) -> Service:
    """The service, which is ACTIVE.

    Raises:
        NotFound: There is no such service.
        EcsTuiError: It is being deleted, or has been.
        AwsError: The call failed.
    """
    found = await ecs.describe_services(account, cluster, [name])
    if not found:
        raise NotFound(
            f'Service "{clean(short_name(name))}" not found in cluster '
            f"{clean(short_name(cluster))}.",
            f"List services with: ecs-tui ls services --cluster {clean(short_name(cluster))}",
        )
    service = found[0]
    if service.status == "INACTIVE":
        raise EcsTuiError(
            f"Service {clean(service.name)} is INACTIVE: it has been deleted.",
            "Create it again, or choose another one.",
        )
    if service.status == "DRAINING":
        raise EcsTuiError(
            f"Service {clean(service.name)} is DRAINING: it is being deleted.",
            "Choose another one.",
        )
    return service


async def read_definition(account: Account, name: str) -> TaskDefinition:
    """The task definition, by `family` (its newest ACTIVE revision), `family:revision` or ARN.

    Raises:
        NotFound: There is no such task definition.
        EcsTuiError: It cannot start tasks.
        AwsError: The call failed.
    """
    try:
        found = await ecs.describe_task_definition(account, name)
    except AwsError as error:
        if error.code != "ClientException":
            raise
        shown = clean(name if parse_arn(name) is None else short_name(name))
        raise NotFound(
            f'Task definition "{shown}" not found in {clean(account.region)}.',
            "Give a family, or family:revision.",
        ) from error
    if found.status in ("INACTIVE", "DELETE_IN_PROGRESS"):
        raise EcsTuiError(
            f"Task definition {clean(found.family)}:{found.revision} is {found.status}: no task can "
            "be started from it.",
            "Give another revision.",
        )
    return found
