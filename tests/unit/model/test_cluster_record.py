"""The record of a cluster: each line says how it is and what follows from it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.cluster_record import BucketRecord, ClusterRecord, RecordTone
from ecs_tui.model.log_group import LogGroup
from ecs_tui.model.rules.cluster_record import record_lines, worst_tone
from ecs_tui.model.trail import Trail, TrailState

OVERRIDE = ExecConfiguration(
    "OVERRIDE", kms_key_id="key", log_group="/exec", s3_bucket="audit-bucket"
)
TRAIL = Trail("main", "arn:trail", "us-east-1", every_region=True)
GOOD = ClusterRecord(
    Cluster("arn", "prod", exec_configuration=OVERRIDE),
    LogGroup("/exec", kms_key="arn:key", retention_days=365),
    BucketRecord("audit-bucket", "Enabled", "COMPLIANCE", 400, public_blocked=True),
    ((TRAIL, TrailState(logging=True, management=True)),),
)


def of(configuration: ExecConfiguration | None, **changes: object) -> ClusterRecord:
    cluster = Cluster("arn", "prod", exec_configuration=configuration)
    return replace(GOOD, cluster=cluster, **changes)  # type: ignore[arg-type]


def test_a_good_record_has_nothing_to_say() -> None:
    lines = record_lines(GOOD)
    assert worst_tone(lines) == "good" and not any(line.why for line in lines)
    assert [line.key for line in lines] == [
        "logging", "kms", "retention", "group-key", "versioning", "lock", "public", "trail",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("record", "key", "tone", "value"),
    [
        (of(None), "logging", "warning", "DEFAULT"),
        (of(ExecConfiguration("NONE")), "logging", "bad", "NONE"),
        (of(ExecConfiguration("OVERRIDE")), "logging", "bad", "OVERRIDE"),
        (of(replace(OVERRIDE, kms_key_id="")), "kms", "warning", "none"),
        (replace(GOOD, group=None), "group", "bad", "/exec"),
        (replace(GOOD, group=None, errors={"group": "Not allowed."}), "group", "unknown", "/exec"),
        (replace(GOOD, group=LogGroup("/exec", "k")), "retention", "good", "never expires"),
        (replace(GOOD, group=LogGroup("/exec", "k", retention_days=7)), "retention", "warning", "7 days"),
        (replace(GOOD, group=LogGroup("/exec")), "group-key", "warning", "none"),
        (
            of(replace(OVERRIDE, log_encryption=True), group=LogGroup("/exec")),
            "group-key", "bad", "none",
        ),
        (replace(GOOD, bucket=None, errors={"bucket": "Gone."}), "bucket", "unknown", "audit-bucket"),
        (replace(GOOD, bucket=BucketRecord("b")), "versioning", "warning", "off"),
        (replace(GOOD, bucket=BucketRecord("b", "Suspended")), "versioning", "warning", "suspended"),
        (replace(GOOD, bucket=BucketRecord("b")), "lock", "warning", "off"),
        (replace(GOOD, bucket=BucketRecord("b", lock="enabled")), "lock", "warning", "no default retention"),
        (replace(GOOD, bucket=BucketRecord("b")), "public", "bad", "not blocked by the bucket"),
        (replace(GOOD, trails=()), "trail", "bad", "no trail"),
        (replace(GOOD, trails=(), errors={"trails": "No."}), "trail", "unknown", "unknown"),
        (replace(GOOD, trails=((TRAIL, None),)), "trail", "unknown", "main"),
        (replace(GOOD, trails=((TRAIL, TrailState(False, True)),)), "trail", "bad", "no trail"),
        (replace(GOOD, trails=((TRAIL, TrailState(True, False)),)), "trail", "bad", "no trail"),
        (
            replace(GOOD, trails=((replace(TRAIL, every_region=False), TrailState(True, True)),)),
            "trail", "warning", "main: one region",
        ),
        (replace(GOOD, round_record={"role/dev": True}), "round", "bad", "role/dev"),
        (replace(GOOD, round_record={"role/dev": None}), "round", "unknown", "role/dev"),
        (replace(GOOD, round_record={"role/dev": False}), "round", "good", "role/dev: no longer allowed"),
    ],
)  # fmt: skip
def test_each_line(record: ClusterRecord, key: str, tone: RecordTone, value: str) -> None:
    line = next(line for line in record_lines(record) if line.key == key)
    assert (line.tone, line.value) == (tone, value)
    assert bool(line.why) is (tone != "good")


def test_a_configuration_that_may_not_be_read_is_unknown() -> None:
    cluster = Cluster("arn", "prod", not_read={"CONFIGURATIONS": "AccessDeniedException: no"})
    lines = record_lines(ClusterRecord(cluster, trails=GOOD.trails))
    assert [(line.key, line.tone) for line in lines] == [("logging", "unknown"), ("trail", "good")]
