"""The history of the demo account in CloudWatch Logs and S3: transcripts, and the trail's events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING

from moto.logs.models import logs_backends

from ecs_tui.demo.account import CLUSTERS, OTHER_REGIONS, ClusterSpec, ContainerSpec
from ecs_tui.demo.cloudtrail import HOME_REGION, TRAIL_GROUP
from ecs_tui.demo.logs_recorded import Entry, RecordedLog
from ecs_tui.demo.logs_seed import log_configuration
from ecs_tui.demo.transcripts import EXEC_BUCKET, UPLOAD_SECONDS, RecordPlace, place_of, put_object

if TYPE_CHECKING:
    from ecs_tui.demo.audit_writer import PastSession
    from ecs_tui.demo.cloudtrail_record import TrailRecord

ABOUT_BYTES = 700
"""About the bytes of a transcript of the history."""
RECORD_BYTES = 1_900
"""About the bytes of a record of CloudTrail."""


@cache
def _places() -> Mapping[tuple[str, str, str, str], RecordPlace]:
    """Where transcripts go, by region, cluster, service and container."""
    found = {}
    for region, clusters in ((HOME_REGION, CLUSTERS), *OTHER_REGIONS.items()):
        for cluster in clusters:
            for service in cluster.services:
                for container in service.containers:
                    key = (region, cluster.name, service.name, container.name)
                    found[key] = _place(region, cluster, service.name, container)
    return found


def _place(
    region: str, cluster: ClusterSpec, service: str, container: ContainerSpec
) -> RecordPlace:
    to = {
        "cloudWatchLogGroupName": cluster.log_group,
        "s3BucketName": cluster.bucket,
        "s3KeyPrefix": "exec" if cluster.bucket else "",
    }
    driver = log_configuration(cluster.name, service, container.name, region)
    return place_of(
        {"logging": cluster.logging, "logConfiguration": to},
        driver.get("logConfiguration"),
        region,
        script=container.script,
    )


@cache
def _groups() -> frozenset[tuple[str, str]]:
    return frozenset((place.group_region, place.group) for place in _places().values())


def may_have_transcripts(region: str, group: str) -> bool:
    """Whether sessions of the history may be recorded in a log group."""
    return (region, group) in _groups()


def transcript_streams(
    sessions: Iterable[PastSession], region: str, group: str
) -> dict[str, RecordedLog]:
    """The streams of a log group with the transcripts of sessions, by name."""
    found = {}
    for session in sessions:
        place = _place_of(session)
        written = session.ended + UPLOAD_SECONDS
        wanted = place.recorded and (place.group_region, place.group) == (region, group)
        if wanted and session.ended and not session.direct:
            at = int(written * 1000)
            found[session.id] = RecordedLog(
                session.id, partial(_entries, session), at, at, ABOUT_BYTES
            )
    return found


def _place_of(session: PastSession) -> RecordPlace:
    return _places()[(session.region, session.cluster, session.service, session.container)]


def transcript_of(session: PastSession) -> bytes:
    """The transcript of a session of the history."""
    from ecs_tui.demo.transcript_text import past_output, with_script_lines

    label = f"{session.service}/{session.container}"
    output = past_output(session.id, label, session.task, session.command)
    return with_script_lines(session.id, output, session.ended + UPLOAD_SECONDS)


def _entries(session: PastSession) -> Sequence[Entry]:
    from ecs_tui.demo.transcript_text import log_events

    at = int((session.ended + UPLOAD_SECONDS) * 1000)
    messages = list(log_events(transcript_of(session)))
    return [(at, partial(str, message)) for message in messages]


def fill_bucket(sessions: Iterable[PastSession]) -> None:
    """Put the transcripts of sessions into the account's bucket."""
    for session in sessions:
        place = _place_of(session)
        if place.bucket == EXEC_BUCKET and place.recorded and session.ended and not session.direct:
            at = session.ended + UPLOAD_SECONDS
            put_object(place.bucket, place.key(session.id), transcript_of(session), at)


# -- the trail


def create_trail_group(account: str) -> None:
    """Create the log group to which the trail delivers, unless there is one."""
    backend = logs_backends[account][HOME_REGION]
    if TRAIL_GROUP not in backend.groups:
        backend.create_log_group(TRAIL_GROUP, {})


def trail_streams(account: str, newest_first: Iterable[TrailRecord]) -> dict[str, RecordedLog]:
    """The streams of the trail's log group: one a region, as CloudTrail names them."""
    records = list(newest_first)[::-1]
    found = {}
    for region in (HOME_REGION, *OTHER_REGIONS):
        here = [record for record in records if record.region == region]
        if not here:
            continue

        entries = partial(_trail_entries, account, here)
        name = f"{account}_CloudTrail_{region}"
        first, last = int(here[0].at * 1000), int(here[-1].at * 1000)
        found[name] = RecordedLog(name, entries, first, last, len(here) * RECORD_BYTES)
    return found


def _trail_entries(account: str, records: Sequence[TrailRecord]) -> Sequence[Entry]:
    return [(int(record.at * 1000), partial(_dumped, account, record)) for record in records]


def _dumped(account: str, record: TrailRecord) -> str:
    return json.dumps(record.document(account), separators=(",", ":"))
