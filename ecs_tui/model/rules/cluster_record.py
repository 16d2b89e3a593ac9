"""What a cluster's record is worth, line by line.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html (logging and encryption),
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from __future__ import annotations

from collections.abc import Iterator

from ecs_tui.model.cluster import ExecConfiguration
from ecs_tui.model.cluster_record import ClusterRecord, RecordLine, RecordTone
from ecs_tui.model.rules.recording import recording_of
from ecs_tui.model.text import clean

AUDIT_DAYS = 90
"""Days of CloudTrail's event history: a transcript should be kept as long as its event can be found."""

SIGNS: dict[RecordTone, str] = {"good": "●", "warning": "▲", "bad": "✖", "unknown": "?"}
"""The sign of each tone."""


def record_lines(record: ClusterRecord) -> list[RecordLine]:
    """The lines of a record; the exec logging first."""
    return [
        *_logging(record), *_key(record), *_group(record), *_bucket(record), *_trails(record),
        *_round(record),
    ]  # fmt: skip


def lines_of_text(lines: list[RecordLine]) -> list[str]:
    """The lines as text, with a sign, and what follows from each."""
    width = max((len(line.title) for line in lines), default=0)
    return [
        f"{SIGNS[line.tone]} {line.title:<{width}}  {clean(line.value)}"
        + (f"  {clean(line.why)}" if line.why else "")
        for line in lines
    ]


def worst_tone(lines: list[RecordLine]) -> RecordTone:
    """The tone of the line that needs a look most."""
    order: tuple[RecordTone, ...] = ("bad", "warning", "unknown", "good")
    return min((line.tone for line in lines), key=order.index, default="unknown")


def _configuration(record: ClusterRecord) -> ExecConfiguration:
    return record.cluster.exec_configuration or ExecConfiguration()


def _logging(record: ClusterRecord) -> Iterator[RecordLine]:
    fact = recording_of(record.cluster)
    mode = _configuration(record).logging
    if not record.cluster.configuration_known:
        yield RecordLine("logging", "exec logging", "unknown", "unknown", fact.reason)
    elif fact.recorded == "yes":
        yield RecordLine("logging", "exec logging", f"{mode}: {fact.where}")
    elif fact.recorded == "no":
        why = f"{fact.reason} Sessions leave no transcript."
        yield RecordLine("logging", "exec logging", mode, "bad", why)
    else:
        why = "Only sessions in tasks whose definition has the awslogs log driver are recorded."
        yield RecordLine("logging", "exec logging", mode, "warning", why)


def _key(record: ClusterRecord) -> Iterator[RecordLine]:
    configuration = _configuration(record)
    if not record.cluster.configuration_known:
        return
    if configuration.kms_key_id:
        yield RecordLine("kms", "session key", configuration.kms_key_id)
    else:
        why = "Sessions are encrypted by TLS only."
        yield RecordLine("kms", "session key", "none", "warning", why)


def _group(record: ClusterRecord) -> Iterator[RecordLine]:
    configuration = _configuration(record)
    name = configuration.log_group
    if configuration.logging != "OVERRIDE" or not name:
        return
    if "group" in record.errors:
        yield RecordLine("group", "log group", name, "unknown", record.errors["group"])
        return
    group = record.group
    if group is None:
        why = "It does not exist: sessions go on, and nothing of them is written."
        yield RecordLine("group", "log group", name, "bad", why)
        return
    days = group.retention_days
    if days is None:
        yield RecordLine("retention", "retention", "never expires")
    elif days < AUDIT_DAYS:
        why = f"CloudTrail has {AUDIT_DAYS} days: events are left whose transcript is gone."
        yield RecordLine("retention", "retention", f"{days} days", "warning", why)
    else:
        yield RecordLine("retention", "retention", f"{days} days")
    if group.kms_key:
        yield RecordLine("group-key", "log group's key", group.kms_key)
    elif configuration.log_encryption:
        why = "The cluster demands an encrypted log group: each session is refused."
        yield RecordLine("group-key", "log group's key", "none", "bad", why)
    else:
        why = "It is encrypted with AWS's own key."
        yield RecordLine("group-key", "log group's key", "none", "warning", why)


def _bucket(record: ClusterRecord) -> Iterator[RecordLine]:
    configuration = _configuration(record)
    if configuration.logging != "OVERRIDE" or not configuration.s3_bucket:
        return
    bucket = record.bucket
    if bucket is None:
        why = record.errors.get("bucket", "It has not been read.")
        yield RecordLine("bucket", "bucket", configuration.s3_bucket, "unknown", why)
        return
    if bucket.versioning == "Enabled":
        yield RecordLine("versioning", "bucket's versioning", "enabled")
    else:
        why = "Who may write to the bucket can overwrite a transcript."
        value = bucket.versioning.casefold() or "off"
        yield RecordLine("versioning", "bucket's versioning", value, "warning", why)
    if bucket.lock in ("GOVERNANCE", "COMPLIANCE"):
        value = f"{bucket.lock}, {bucket.lock_days} days"
        yield RecordLine("lock", "object lock", value)
    else:
        why = "Who may delete objects can delete a transcript."
        value = "no default retention" if bucket.lock else "off"
        yield RecordLine("lock", "object lock", value, "warning", why)
    if bucket.public_blocked:
        yield RecordLine("public", "public access", "blocked")
    else:
        why = "The bucket's policy could make transcripts public; the account's own block is not read."
        yield RecordLine("public", "public access", "not blocked by the bucket", "bad", why)


def _trails(record: ClusterRecord) -> Iterator[RecordLine]:
    if "trails" in record.errors:
        yield RecordLine("trail", "CloudTrail", "unknown", "unknown", record.errors["trails"])
        return
    logging = [
        trail for trail, state in record.trails if state and state.logging and state.management
    ]
    unknown = [trail for trail, state in record.trails if state is None]
    if any(trail.every_region for trail in logging):
        names = ", ".join(trail.name for trail in logging if trail.every_region)
        yield RecordLine("trail", "CloudTrail", f"{names}: all regions")
    elif logging:
        why = "IAM's events are in another region, which this trail does not record."
        value = f"{', '.join(trail.name for trail in logging)}: one region"
        yield RecordLine("trail", "CloudTrail", value, "warning", why)
    elif unknown:
        names = ", ".join(trail.name for trail in unknown)
        why = "Whether it records cannot be read."
        yield RecordLine("trail", "CloudTrail", names, "unknown", why)
    else:
        why = "No trail records management events: after 90 days nobody can tell who was inside."
        yield RecordLine("trail", "CloudTrail", "no trail", "bad", why)


def _round(record: ClusterRecord) -> Iterator[RecordLine]:
    for principal, may in sorted(record.round_record.items()):
        title, value = "ssm:StartSession", principal
        if may:
            why = "It may open sessions round ECS Exec, which its logging need not have."
            yield RecordLine("round", title, value, "bad", why)
        elif may is None:
            why = "It opened sessions round ECS Exec; whether it still may is not known."
            yield RecordLine("round", title, value, "unknown", why)
        else:
            yield RecordLine("round", title, f"{value}: no longer allowed")
