"""Turns the recording of sessions in a cluster on: log group or bucket, and the exec configuration."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs, iam, logs
from ecs_tui.aws.api.buckets import bucket_record
from ecs_tui.errors import AwsError, EcsTuiError, ResourceGone
from ecs_tui.model.arn import partition_of, short_name
from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.log_group import LogGroup
from ecs_tui.model.permission import request_context, role_needs, task_role_policy
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean, counted
from ecs_tui.operations.aws_command import connection_options
from ecs_tui.operations.calls import Applied, Call
from ecs_tui.operations.follow import Progress
from ecs_tui.operations.plan import Plan, confirmation
from ecs_tui.record import dataclass
from ecs_tui.store.inventory import Kind, Scope
from ecs_tui.store.reading import read

RETENTION_DAYS = 365
"""Days for which a new log group keeps transcripts."""
MAX_ROLES = 20
"""Task roles whose permissions are simulated: each takes some calls."""
_NOT_FOUND = ("NoSuchBucket", "404", "NotFound")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where transcripts go.

    Attributes:
        log_group: Name of a log group; "" for none.
        bucket: Name of a bucket; "" for none.
        prefix: The beginning of the keys in the bucket.
        retention_days: Days for which a new log group keeps them.
        kms_key: ARN of a key for the session, and for a log group that is created; "" to keep the
            cluster's own, if it has one.
    """

    log_group: str = ""
    bucket: str = ""
    prefix: str = ""
    retention_days: int = RETENTION_DAYS
    kms_key: str = ""


@dataclass(frozen=True, slots=True)
class RecordingFacts:
    """What a plan for recording is made of.

    Attributes:
        cluster: The cluster.
        region, account, partition: Where it is.
        group: The log group, if it exists.
        bucket_exists: Whether the bucket exists.
        kept: Members of the cluster's configuration that are not about exec; they are sent again.
        tasks: Its running tasks.
        lacking: What each task role lacks, by its ARN; None where it is not known.
    """

    cluster: Cluster
    region: str
    account: str
    partition: str = "aws"
    group: LogGroup | None = None
    bucket_exists: bool = False
    kept: Mapping[str, object] = field(default_factory=dict)
    tasks: tuple[Task, ...] = ()
    lacking: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)


def default_destination(cluster: str) -> Destination:
    """A log group of its own for each cluster, so that its readers can be chosen apart."""
    return Destination(log_group=f"/ecs/exec/{cluster}")


def configuration_after(facts: RecordingFacts, to: Destination) -> ExecConfiguration:
    """The cluster's exec configuration once the plan has been carried out.

    ECS refuses sessions if encryption is demanded of a log group or bucket that has none: it is demanded
    only of a log group with a key.
    """
    before = facts.cluster.exec_configuration or ExecConfiguration()
    encrypted = bool(facts.group.kms_key if facts.group is not None else to.kms_key)
    kept = to.bucket and to.bucket == before.s3_bucket
    return replace(
        before,
        logging="OVERRIDE",
        kms_key_id=to.kms_key or before.kms_key_id,
        log_group=to.log_group,
        log_encryption=bool(to.log_group) and encrypted,
        s3_bucket=to.bucket,
        s3_prefix=to.prefix,
        s3_encryption=before.s3_encryption if kept else False,
    )


def recording_plan(facts: RecordingFacts, to: Destination) -> Plan:
    """Plan to record the sessions in a cluster.

    Raises:
        EcsTuiError: There is no destination, or the present configuration is not known.
    """
    cluster = facts.cluster
    if not to.log_group and not to.bucket:
        raise EcsTuiError(
            "Recording needs a destination.", "Name a log group or a bucket, or both."
        )
    if not cluster.configuration_known:
        # UpdateCluster replaces the configuration: what is not known would be lost.
        raise EcsTuiError(
            f"The exec configuration of {cluster.name} cannot be read, and would be replaced.",
            "Ask for ecs:DescribeClusters with its configuration.",
        )
    before = cluster.exec_configuration or ExecConfiguration()
    after = configuration_after(facts, to)
    roles = [arn for arn, lacking in facts.lacking.items() if lacking]
    document = task_role_policy(after, facts.region, facts.account, facts.partition)
    confirm, typed = confirmation(cluster.name, cluster)
    return Plan(
        "record-sessions",
        f"Record the sessions in {cluster.name}",
        tuple(_effects(facts, to)),
        tuple(_calls(facts, to, after)),
        _changes(before, after),
        confirm,
        typed,
        document=json.dumps(document, indent=2) if roles else "",
        cluster=cluster.name,
        goal=Recorded(cluster.name, after),
        accepted="ECS has accepted it. Waiting until the cluster has the configuration…",
        then="verify it",
    )


def _effects(facts: RecordingFacts, to: Destination) -> Iterable[str]:
    cluster = facts.cluster.name
    if to.log_group and facts.group is None:
        yield f"Creates the log group {to.log_group}, which keeps events for {to.retention_days} days."
        if to.kms_key:
            yield (
                "The policy of the key must allow CloudWatch Logs to use it, or the log group is "
                "not created."
            )
    elif to.log_group:
        yield f"Takes the log group {to.log_group} as it is."
    if to.bucket and not facts.bucket_exists:
        yield f"Creates the bucket {to.bucket}: versioned, public access blocked."
    elif to.bucket:
        yield f"Takes the bucket {to.bucket} as it is."
    yield (
        f"Transcripts of sessions in {cluster} are written after each session. The images need `script` "
        "and `cat`."
    )
    yield from _effects_on_roles(facts.lacking)
    yield from _effects_on_tasks(facts.tasks)
    yield "Afterwards a session of your own can verify it: ecs-tui offers that."


def _effects_on_roles(lacking: Mapping[str, tuple[str, ...] | None]) -> Iterable[str]:
    for role, actions in sorted(lacking.items()):
        name = short_name(role)
        if actions is None:
            yield f"Whether task role {name} may write transcripts is not known."
        elif actions:
            yield (
                f"Task role {name} lacks {', '.join(actions)}: its sessions leave no transcript. "
                "ecs-tui never changes IAM: attach the policy below yourself."
            )


def _effects_on_tasks(tasks: Sequence[Task]) -> Iterable[str]:
    exec_on = [task for task in tasks if task.exec_enabled]
    if not exec_on:
        return
    by_service: dict[str, int] = {}
    for task in exec_on:
        name = task.service or task.group
        by_service[name] = by_service.get(name, 0) + 1
    named = ", ".join(f"{name} ({count})" for name, count in sorted(by_service.items()))
    yield (
        f"{counted(len(exec_on), 'running task')} started with the configuration of before. AWS does not "
        f"say whether it holds for them: replace them to be sure: {named}."
    )


def _calls(facts: RecordingFacts, to: Destination, after: ExecConfiguration) -> Iterable[Call]:
    if to.log_group and facts.group is None:
        group: dict[str, object] = {"logGroupName": to.log_group}
        if to.kms_key:
            group["kmsKeyId"] = to.kms_key
        thing = f"log group {to.log_group}"
        yield Call("logs:CreateLogGroup", group, thing, needs_all=True)
        kept = {"logGroupName": to.log_group, "retentionInDays": to.retention_days}
        yield Call("logs:PutRetentionPolicy", kept, f"retention of {thing}", needs_all=True)
    if to.bucket and not facts.bucket_exists:
        yield from _bucket_calls(facts.region, to.bucket)
    parameters = {
        "cluster": facts.cluster.name,
        "configuration": {**facts.kept, "executeCommandConfiguration": as_parameter(after)},
    }
    thing = f"cluster {facts.cluster.name}"
    yield Call("ecs:UpdateCluster", parameters, thing, needs_all=True)


def _bucket_calls(region: str, bucket: str) -> Iterable[Call]:
    made: dict[str, object] = {"Bucket": bucket}
    if region != "us-east-1":  # the default, which S3 does not take by name
        made["CreateBucketConfiguration"] = {"LocationConstraint": region}
    yield Call("s3:CreateBucket", made, f"bucket {bucket}", needs_all=True)
    blocked = dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    )
    yield Call(
        "s3:PutPublicAccessBlock",
        {"Bucket": bucket, "PublicAccessBlockConfiguration": blocked},
        f"public access of {bucket}",
        needs_all=True,
    )
    yield Call(
        "s3:PutBucketVersioning",
        {"Bucket": bucket, "VersioningConfiguration": {"Status": "Enabled"}},
        f"versioning of {bucket}",
        needs_all=True,
    )


def as_parameter(configuration: ExecConfiguration) -> dict[str, object]:
    """An exec configuration in ECS's names; members without a value are left out."""
    places: dict[str, object] = {}
    if configuration.log_group:
        places["cloudWatchLogGroupName"] = configuration.log_group
        places["cloudWatchEncryptionEnabled"] = configuration.log_encryption
    if configuration.s3_bucket:
        places["s3BucketName"] = configuration.s3_bucket
        places["s3EncryptionEnabled"] = configuration.s3_encryption
        if configuration.s3_prefix:
            places["s3KeyPrefix"] = configuration.s3_prefix
    found: dict[str, object] = {"logging": configuration.logging, "logConfiguration": places}
    if configuration.kms_key_id:
        found["kmsKeyId"] = configuration.kms_key_id
    return found


def _changes(
    before: ExecConfiguration, after: ExecConfiguration
) -> tuple[tuple[str, str, str], ...]:
    pairs = (
        ("exec logging", before.logging, after.logging),
        ("log group", before.log_group, after.log_group),
        ("bucket", before.s3_bucket, after.s3_bucket),
        ("prefix", before.s3_prefix, after.s3_prefix),
        ("session key", before.kms_key_id, after.kms_key_id),
    )
    return tuple((name, old or "–", new or "–") for name, old, new in pairs if old != new)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The cluster has the exec configuration.

    Attributes:
        cluster: Its name.
        configuration: The configuration.
    """

    cluster: str
    configuration: ExecConfiguration

    async def look(self, account: Account, applied: Applied, seconds: float) -> Progress:
        """DescribeClusters."""
        found = await ecs.describe_clusters(account, [self.cluster])
        if not found:
            return Progress(f"Cluster {self.cluster} is gone.", "failed")
        if not found[0].configuration_known:
            return Progress("The exec configuration cannot be read back.", "unknown")
        if found[0].exec_configuration != self.configuration:
            return Progress(f"{self.cluster} has another exec configuration.")
        where = self.configuration.destination()
        return Progress(f"Sessions in {self.cluster} are recorded in {where}.", "done")


async def read_recording_plan(account: Account, cluster: str, to: Destination | None) -> Plan:
    """Read what a plan is made of, and make it.

    Args:
        account: The account of the cluster.
        cluster: Name or ARN of the cluster.
        to: The destination; None for `default_destination`.

    Raises:
        EcsTuiError: The cluster or what it would change cannot be read.
    """
    found = await ecs.describe_clusters(account, [cluster])
    if not found:
        name = clean(short_name(cluster))
        raise ResourceGone(f'Cluster "{name}" not found in {account.region}.', "Check the name.")
    to = to or default_destination(found[0].name)
    caller = await account.caller(alias=False)
    raw = await ecs.raw_description(account, "cluster", found[0].name, found[0].name)
    configuration = raw.get("configuration")
    kept = dict(configuration) if isinstance(configuration, dict) else {}
    kept.pop("executeCommandConfiguration", None)
    facts = RecordingFacts(
        found[0],
        account.region,
        caller.account,
        partition_of(caller.arn),
        await logs.log_group(account, to.log_group) if to.log_group else None,
        await _bucket_exists(account, to.bucket) if to.bucket else False,
        kept,
        tuple(
            [task async for page in read(account, Scope(Kind.TASK, found[0].name)) for task in page]
        ),
    )
    facts = replace(facts, lacking=await _lacking(account, facts, to))
    plan = recording_plan(facts, to)
    return replace(plan, connection=connection_options(account))


async def _bucket_exists(account: Account, bucket: str) -> bool:
    try:
        await bucket_record(account, bucket)
    except AwsError as error:
        if error.code in _NOT_FOUND:
            return False
        raise
    return True


async def _lacking(
    account: Account, facts: RecordingFacts, to: Destination
) -> dict[str, tuple[str, ...] | None]:
    """What the roles of the running tasks lack for the configuration to come."""
    definitions = sorted({task.task_definition for task in facts.tasks if task.exec_enabled})
    roles: dict[str, None] = {}
    for arn in definitions:
        if len(roles) == MAX_ROLES:
            break
        try:
            definition = await ecs.describe_task_definition(account, arn)
        except AwsError:
            continue
        if definition.task_role_arn:
            roles[definition.task_role_arn] = None
    after = configuration_after(facts, to)
    needs = role_needs(after, facts.region, facts.account, facts.partition)
    found: dict[str, tuple[str, ...] | None] = {}
    for role in roles:
        try:
            lacking: list[str] = []
            for actions, resource in needs:
                rights = await iam.simulate(
                    account, role, actions, [resource], request_context(facts.region)
                )
                lacking += rights.lacking(actions, resource)
            found[role] = tuple(dict.fromkeys(lacking))
        except AwsError:
            found[role] = None
    return found
