"""Reads what AWS keeps of the sessions in a cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import cloudtrail, ecs, iam, logs
from ecs_tui.aws.api.buckets import bucket_record
from ecs_tui.errors import AccessDenied, AwsError, NotFound
from ecs_tui.model.arn import parse_arn, short_name
from ecs_tui.model.audit_event import AuditEvent
from ecs_tui.model.cluster import ExecConfiguration
from ecs_tui.model.cluster_record import BucketRecord, ClusterRecord
from ecs_tui.model.log_group import LogGroup
from ecs_tui.model.permission import request_context
from ecs_tui.model.rules.principals import went_round
from ecs_tui.model.text import clean
from ecs_tui.model.trail import Trail, TrailState

START_SESSION = "ssm:StartSession"


async def read_record(
    account: Account, cluster: str, events: Iterable[AuditEvent] = ()
) -> ClusterRecord:
    """The record of a cluster; what cannot be read stands in its `errors`.

    Args:
        account: The account of the cluster.
        cluster: Its name or ARN.
        events: Events of CloudTrail that were read before: of who went round ECS Exec in them, IAM's
            simulator is asked whether it may still.

    Raises:
        NotFound: There is no such cluster.
        AwsError: The cluster itself cannot be read.
    """
    found = await ecs.describe_clusters(account, [cluster])
    if not found:
        raise NotFound(
            f'Cluster "{clean(short_name(cluster))}" not found in {account.region}.',
            "List them with: ecs-tui ls clusters",
        )
    configuration = found[0].exec_configuration or ExecConfiguration()
    errors: dict[str, str] = {}
    group, bucket, trails = await asyncio.gather(
        _group(account, configuration, errors),
        _bucket(account, configuration, errors),
        _trails(account, errors),
    )
    may = await _may_go_round(account, found[0].name, events)
    return ClusterRecord(found[0], group, bucket, trails, may, errors)


async def _may_go_round(
    account: Account, cluster: str, events: Iterable[AuditEvent]
) -> dict[str, bool | None]:
    found: dict[str, bool | None] = {}
    for principal in went_round(events, cluster):
        arn = parse_arn(principal)
        partition, owner = (arn.partition, arn.account) if arn is not None else ("aws", "")
        resource = f"arn:{partition}:ecs:{account.region}:{owner}:task/{cluster}/*"
        try:
            context = request_context(account.region)
            rights = await iam.simulate(account, principal, [START_SESSION], [resource], context)
        except AwsError:
            found[principal] = None
            continue
        decision = rights.of(START_SESSION, resource)
        found[principal] = decision.allowed if decision is not None else None
    return found


async def _group(
    account: Account, configuration: ExecConfiguration, errors: dict[str, str]
) -> LogGroup | None:
    if configuration.logging != "OVERRIDE" or not configuration.log_group:
        return None
    try:
        return await logs.log_group(account, configuration.log_group)
    except AwsError as error:
        errors["group"] = words_of_refusal(error)
        return None


async def _bucket(
    account: Account, configuration: ExecConfiguration, errors: dict[str, str]
) -> BucketRecord | None:
    if configuration.logging != "OVERRIDE" or not configuration.s3_bucket:
        return None
    try:
        return await bucket_record(account, configuration.s3_bucket)
    except AwsError as error:
        errors["bucket"] = words_of_refusal(error)
        return None


async def _trails(
    account: Account, errors: dict[str, str]
) -> tuple[tuple[Trail, TrailState | None], ...]:
    try:
        found = await cloudtrail.trails(account)
    except AwsError as error:
        errors["trails"] = words_of_refusal(error)
        return ()
    return tuple([(trail, await _state(account, trail)) for trail in found])


async def _state(account: Account, trail: Trail) -> TrailState | None:
    try:
        return await cloudtrail.trail_state(account, trail)
    except AwsError:
        # A trail of the organization may only be read by the account that owns it.
        return None


def words_of_refusal(error: AwsError) -> str:
    """Why something is not known, in a sentence: a permission that is missing is named."""
    if isinstance(error, AccessDenied):
        return f"Not allowed to look ({error.operation or 'unknown operation'})."
    return str(error)
