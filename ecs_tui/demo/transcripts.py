"""Writes the transcripts of the demo's sessions to CloudWatch Logs and S3, as AWS's agent does.

What a cluster's `executeCommandConfiguration` says decides where: nowhere (NONE), in the log group
of the container's `awslogs` driver (DEFAULT), or in a log group and a bucket (OVERRIDE). The agent
writes when a session has ended, and nothing if its task was stopped or the image lacks `script`.

Source: "Monitor Amazon ECS containers with ECS Exec" in the developer guide; shell.go of
amazon-ssm-agent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from ecs_tui.record import dataclass
from ecs_tui.system import wall_clock

ACCOUNT = "123456789012"
EXEC_BUCKET = "example-corp-exec-logs"
"""The account's bucket for transcripts. It is created when it is first used: S3 is slow to import."""
UPLOAD_SECONDS = 1.0
"""Seconds from the end of a session until its transcript is written."""
MAX_BYTES = 256 << 20
"""Bytes of a session's output that are kept; a real agent keeps what its disk can hold."""
EVENTS_PER_CALL = 4
"""Most events of one PutLogEvents of the agent."""
NOT_ENCRYPTED = (
    "We couldn't start the session because encryption is not set up on the selected CloudWatch "
    "Logs log group. Either encrypt the log group or choose an option to enable logging without "
    "encryption."
)


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """Where a session's transcript goes: to a log group, a bucket, both or nowhere ("").

    Attributes:
        region: The session's region.
        group_region: The log group's region.
        prefix: Of the objects' keys.
        encrypted: Whether the log group must be encrypted.
        script: Whether the image has the programs that write a transcript.
    """

    region: str = "us-east-1"
    group: str = ""
    group_region: str = ""
    bucket: str = ""
    prefix: str = ""
    encrypted: bool = False
    script: bool = True

    @property
    def recorded(self) -> bool:
        """Whether a transcript is written anywhere."""
        return self.script and bool(self.group or self.bucket)

    def key(self, session_id: str) -> str:
        """The key of the transcript's object."""
        return f"{self.prefix.rstrip('/')}/{session_id}.log".lstrip("/")


NOWHERE = RecordPlace()


def place_of(
    configuration: Mapping[str, Any] | None,
    log_configuration: Mapping[str, Any] | None,
    region: str,
    *,
    script: bool,
) -> RecordPlace:
    """Where the transcripts of a container's sessions go.

    Args:
        configuration: The cluster's `executeCommandConfiguration`.
        log_configuration: The container's `logConfiguration`.
        script: Whether the image has the programs that write a transcript.
    """
    found = configuration or {}
    logging = found.get("logging") or "DEFAULT"
    if logging == "OVERRIDE":
        to = found.get("logConfiguration") or {}
        return RecordPlace(
            region,
            to.get("cloudWatchLogGroupName") or "",
            region,
            to.get("s3BucketName") or "",
            to.get("s3KeyPrefix") or "",
            bool(to.get("cloudWatchEncryptionEnabled")),
            script,
        )
    driver = log_configuration or {}
    if logging == "DEFAULT" and driver.get("logDriver") == "awslogs":
        options = driver.get("options") or {}
        group = options.get("awslogs-group") or ""
        return RecordPlace(region, group, options.get("awslogs-region") or region, script=script)
    return RecordPlace(region, script=script)


def refusal_of(place: RecordPlace) -> str:
    """Why the agent does not start a session: its log group must be encrypted and is not."""
    if not place.group or not place.encrypted:
        return ""
    from moto.logs.models import logs_backends

    group = logs_backends[ACCOUNT][place.group_region].groups.get(place.group)
    return NOT_ENCRYPTED if group is not None and not group.kms_key_id else ""


@dataclass(slots=True)
class _Recording:
    place: RecordPlace
    file: IO[bytes]
    path: Path
    size: int = 0


class TranscriptWriter:
    """Keeps the output of sessions in files, and writes each transcript when its session has ended.

    Args:
        folder: Where the files are, while their sessions are open.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, _Recording] = {}

    def opened(self, session_id: str, place: RecordPlace) -> None:
        """A session was opened."""
        if not place.recorded:
            return
        path = self._folder / f"{session_id}.out"
        self._open[session_id] = _Recording(place, path.open("xb"), path)

    def output(self, session_id: str, data: bytes) -> None:
        """The terminal of a session got bytes."""
        recording = self._open.get(session_id)
        if recording is not None and recording.size < MAX_BYTES:
            recording.size += len(data)
            recording.file.write(data)

    def ended(self, session_id: str, *, lost: bool) -> None:
        """A session has ended; `lost`: its task was stopped, so that the agent writes nothing."""
        recording = self._open.pop(session_id, None)
        if recording is None:
            return
        recording.file.close()
        if lost:
            recording.path.unlink(missing_ok=True)
            return
        name = f"transcript-{session_id}"
        job = threading.Thread(target=_upload, args=(session_id, recording), name=name, daemon=True)
        job.start()


def _upload(session_id: str, recording: _Recording) -> None:
    time.sleep(UPLOAD_SECONDS)
    try:
        output = recording.path.read_bytes()
    except FileNotFoundError:
        return  # the demo has ended
    recording.path.unlink(missing_ok=True)
    write(session_id, recording.place, output, wall_clock.now())


def write(session_id: str, place: RecordPlace, output: bytes, at: float) -> None:
    """Write a transcript; a log group or a bucket that does not exist gets nothing.

    Args:
        output: The bytes of the terminal.
        at: When it is written, in seconds since 1970.
    """
    from ecs_tui.demo.transcript_text import log_events, with_script_lines

    transcript = with_script_lines(session_id, output, at)
    if place.group:
        from moto.logs.models import logs_backends

        group = logs_backends[ACCOUNT][place.group_region].groups.get(place.group)
        if group is not None:
            if session_id not in group.streams:
                group.create_log_stream(session_id)
            stamp = int(at * 1000)
            events = [
                {"timestamp": stamp, "message": message} for message in log_events(transcript)
            ]
            for start in range(0, len(events), EVENTS_PER_CALL):
                group.put_log_events(session_id, events[start : start + EVENTS_PER_CALL])
    if place.bucket:
        put_object(place.bucket, place.key(session_id), transcript, at)


def put_object(bucket: str, key: str, body: bytes, at: float) -> None:
    """Put an object into a bucket of the account, if there is one of that name."""
    from moto.s3.models import s3_backends

    from ecs_tui.demo.state import when

    backend = s3_backends[ACCOUNT]["aws"]
    if bucket == EXEC_BUCKET and bucket not in backend.buckets:
        backend.create_bucket(bucket, "us-east-1")
    if bucket in backend.buckets:
        made = backend.put_object(bucket, key, body)
        made.last_modified = when(at)
