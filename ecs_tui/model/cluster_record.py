"""What AWS keeps of the sessions in a cluster: the exec logging, where it goes, and CloudTrail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from ecs_tui.model.cluster import Cluster
from ecs_tui.model.log_group import LogGroup
from ecs_tui.model.trail import Trail, TrailState
from ecs_tui.record import dataclass

RecordTone = Literal["good", "warning", "bad", "unknown"]


@dataclass(frozen=True, slots=True)
class BucketRecord:
    """The settings of a bucket that protect what is in it.

    Attributes:
        name: Its name.
        versioning: Enabled, Suspended, or "" if it was never enabled.
        lock: The mode of its object lock, GOVERNANCE or COMPLIANCE; "enabled" if it has no default
            retention; "" without one.
        lock_days: Days of the default retention; 0 for none.
        public_blocked: Whether all four settings of its public access block are on.
    """

    name: str
    versioning: str = ""
    lock: str = ""
    lock_days: int = 0
    public_blocked: bool = False


@dataclass(frozen=True, slots=True)
class ClusterRecord:
    """What is known of a cluster's record.

    Attributes:
        cluster: The cluster.
        group: The log group of its exec logging; None without one, or if it does not exist.
        bucket: The bucket of its exec logging; None without one.
        trails: The trails that record its region, with their state; None where it is not known.
        round_record: Principals that used ssm:StartSession, and whether IAM allows it now; None
            where it is not known.
        errors: Why a part is not known, in a sentence: group, bucket, trails.
    """

    cluster: Cluster
    group: LogGroup | None = None
    bucket: BucketRecord | None = None
    trails: tuple[tuple[Trail, TrailState | None], ...] = ()
    round_record: Mapping[str, bool | None] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A line of a record: what it is about, how it is, and why that matters.

    Attributes:
        key: Its name for programs.
        title: A few words.
        value: How it is.
        tone: Whether that is good.
        why: What follows from it, in a sentence; "" where it is good.
    """

    key: str
    title: str
    value: str
    tone: RecordTone = "good"
    why: str = ""
