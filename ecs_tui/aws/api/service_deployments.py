"""ECS's service deployments and service revisions.

Only services with the deployment controller ECS have them. AWS keeps service deployments for 90 days,
and has the revisions made after 25 October 2024.
Source: "View service history using Amazon ECS service deployments" in the ECS developer guide.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.paging import pages
from ecs_tui.aws.parse import service_deployment as parse
from ecs_tui.aws.parse.fields import parts
from ecs_tui.model.service_deployment import ServiceDeployment
from ecs_tui.model.service_revision import ServiceRevision

DEPLOYMENTS_PER_CALL = 20
"""Maximum of DescribeServiceDeployments (API reference)."""
REVISIONS_PER_CALL = 20
"""Maximum of DescribeServiceRevisions (API reference)."""
HAS_NONE = ("UnsupportedFeatureException", "InvalidParameterException")
"""Codes of ListServiceDeployments for a Region, or for a deployment controller, without any."""
LISTED = 20
"""Service deployments that are listed and described: of a service that deploys often there are
hundreds, and what is older is not rolled back to."""


async def list_service_deployments(
    account: Account, cluster: str, service: str, most: int = LISTED
) -> AsyncIterator[list[ServiceDeployment]]:
    """Pages of a service's deployments, the newest first, not described.

    Args:
        cluster: Name or ARN.
        service: Name or ARN.
        most: How many are listed at most.
    """
    ecs = await account.ecs()
    found = 0
    async for page in pages(
        account, ecs.list_service_deployments, cluster=cluster, service=service, maxResults=most
    ):
        briefs = [parse.deployment_brief(item) for item in parts(page, "serviceDeployments")]
        briefs = briefs[: most - found]
        found += len(briefs)
        yield briefs
        if found >= most:
            return


async def describe_service_deployments(
    account: Account, _: str, arns: Sequence[str]
) -> list[ServiceDeployment]:
    """Up to 20 service deployments by ARN; those that AWS no longer has are missing."""
    ecs = await account.ecs()
    answer = await account.call(ecs.describe_service_deployments, serviceDeploymentArns=list(arns))
    return [parse.service_deployment(item) for item in parts(answer, "serviceDeployments")]


async def describe_service_revisions(
    account: Account, arns: Sequence[str]
) -> list[ServiceRevision]:
    """Service revisions by ARN, with a call for each 20; those that AWS does not have are missing."""
    ecs = await account.ecs()
    found: list[ServiceRevision] = []
    for start in range(0, len(arns), REVISIONS_PER_CALL):
        some = list(arns[start : start + REVISIONS_PER_CALL])
        answer = await account.call(ecs.describe_service_revisions, serviceRevisionArns=some)
        found += [parse.service_revision(item) for item in parts(answer, "serviceRevisions")]
    return found
