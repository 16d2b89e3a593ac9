"""Finds a session's transcript where its cluster's exec configuration says that it is kept.

The agent writes it when the session has ended: a log stream with the session's ID as its name, an
object `PREFIX/SESSION.log`, or both (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html,
shell.go of amazon-ssm-agent). If there is none, the finder says why.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs, logs, s3, ssm
from ecs_tui.errors import AccessDenied, AwsError, BadAnswer, ResourceGone
from ecs_tui.model.arn import short_name
from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.log_group import LogGroup
from ecs_tui.model.log_source import LogGroupRef
from ecs_tui.model.text import clean, span
from ecs_tui.model.transcript import (
    LoggedTranscript,
    NoTranscript,
    RecordedTranscript,
    StoredTranscript,
    TranscriptPlace,
    TranscriptRef,
)
from ecs_tui.record import dataclass

SOON_SECONDS = 600.0
"""Seconds after the end of a session for which its transcript may still come: a long one takes time."""
LONGEST_SECONDS = 86_400.0
"""A session ends after a day at the latest ("Specify maximum session duration", Session Manager's guide)."""
_OTHER_REGION = {
    "PermanentRedirect",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
}
"""S3's error codes for a bucket in another region."""
_AGENT = (
    "Usual causes: the image lacks `script` or `cat`, the task was stopped before the agent could "
    "write, or the task role may not write there."
)


@dataclass(frozen=True, slots=True)
class _Look:
    """What was found in one of the places where a transcript may be."""

    place: TranscriptPlace | None = None
    missing: NoTranscript | None = None


class TranscriptFinder:
    """Finds transcripts of one account.

    Args:
        account_of: The account in a region; "" for its own.
        now: Seconds since 1970.
    """

    def __init__(
        self, account_of: Callable[[str], Account], now: Callable[[], float] = time.time
    ) -> None:
        self._account_of, self._now = account_of, now

    async def find(self, ref: TranscriptRef) -> TranscriptPlace | NoTranscript:
        """Where a session's transcript is, or why there is none.

        Raises:
            AwsError: A call failed for another reason than a missing permission.
        """
        if ref.recording:
            return RecordedTranscript(ref.recording)
        if ref.direct:
            return NoTranscript(
                "round",
                "This session was opened by ssm:StartSession, round ECS: the cluster's exec logging "
                "does not record it.",
                "Session Manager's own preferences may have logged it.",
            )
        if not ref.cluster:
            return NoTranscript("unknown", "The cluster of this session is not known.")
        account = self._account_of(ref.region)
        try:
            cluster = await self._cluster(account, ref.cluster)
        except AccessDenied as error:
            return _denied(error, "The cluster's exec configuration")
        if cluster is None:
            return NoTranscript(
                "gone",
                f"Cluster {clean(short_name(ref.cluster))} does not exist any more, so that nothing "
                "says where its sessions were recorded.",
            )
        if not cluster.configuration_known:
            return NoTranscript(
                "denied",
                "Not allowed to look at the cluster's exec configuration (ecs:DescribeClusters with "
                "CONFIGURATIONS).",
            )
        configuration = cluster.exec_configuration or ExecConfiguration()
        return await self._by(account, ref, configuration)

    @staticmethod
    async def _cluster(account: Account, name: str) -> Cluster | None:
        try:
            found = await ecs.describe_clusters(account, [name])
        except ResourceGone:
            return None
        return next(iter(found), None)

    async def _by(
        self, account: Account, ref: TranscriptRef, configuration: ExecConfiguration
    ) -> TranscriptPlace | NoTranscript:
        name = clean(short_name(ref.cluster))
        if configuration.logging == "NONE":
            return NoTranscript(
                "no logging",
                f"Cluster {name} records no sessions: its exec logging is NONE.",
                "It may have been otherwise when the session was opened; the timeline shows changes.",
            )
        if configuration.logging == "DEFAULT":
            group = await self._default_group(account, ref)
            if isinstance(group, NoTranscript):
                return group
            looks = [await self._in_group(ref, group)]
        else:
            looks = []
            if configuration.s3_bucket:
                looks.append(await self._in_bucket(account, ref, configuration))
            if configuration.log_group and not any(each.place for each in looks):
                looks.append(
                    await self._in_group(ref, LogGroupRef(configuration.log_group, account.region))
                )
            if not looks:
                return NoTranscript(
                    "no destination",
                    f"The exec logging of cluster {name} is OVERRIDE, but names neither a log group "
                    "nor a bucket.",
                )
        for look in looks:
            if look.place is not None:
                return look.place
        reasons = [look.missing for look in looks if look.missing is not None]
        # What forbids looking says more than that nothing was found elsewhere.
        reasons.sort(key=lambda each: each.reason not in ("denied", "region", "gone"))
        return reasons[0]

    # -- DEFAULT

    @staticmethod
    async def _default_group(account: Account, ref: TranscriptRef) -> LogGroupRef | NoTranscript:
        """The log group of the container's own log driver, which DEFAULT writes to."""
        if not ref.task:
            return NoTranscript("unknown", "The task of this session is not known.")
        try:
            tasks = await ecs.describe_tasks(account, ref.cluster, [ref.task])
            if not tasks:
                return NoTranscript(
                    "unknown",
                    f"Task {clean(short_name(ref.task)[:12])} is gone, and with it its log "
                    "configuration, which says where DEFAULT logging writes.",
                    f"Look for a log stream named {clean(ref.session)} in the log group of its "
                    "service.",
                )
            definition = await ecs.describe_task_definition(account, tasks[0].task_definition)
        except AccessDenied as error:
            return _denied(error, "The task and its definition")
        container = definition.container(ref.container) or next(iter(definition.containers), None)
        logging = container.logging if container is not None else None
        group = logging.options.get("awslogs-group", "") if logging is not None else ""
        if logging is None or logging.driver != "awslogs" or not group:
            driver = clean(logging.driver) if logging is not None and logging.driver else "none"
            return NoTranscript(
                "no awslogs",
                "The cluster's exec logging is DEFAULT, which needs the awslogs driver, and the log "
                f"driver of container {clean(ref.container) or '?'} is {driver}.",
            )
        return LogGroupRef(group, logging.options.get("awslogs-region", "") or account.region)

    # -- CloudWatch Logs

    async def _in_group(self, ref: TranscriptRef, group: LogGroupRef) -> _Look:
        account = self._account_of(group.region)
        try:
            async for page in logs.log_streams(account, group, ref.session):
                if any(each.name == ref.session for each in page):
                    return await self._stream(account, ref, group)
                break
            described = await logs.log_group(account, group.name)
        except AccessDenied as error:
            return _Look(missing=_denied(error, f"Log group {group.name}"))
        except ResourceGone:
            where = f"Log group {clean(group.name)} does not exist in {clean(account.region)}"
            return _Look(
                missing=NoTranscript(
                    "region",
                    f"{where}, where the agent writes it.",
                    "A log group of this name in another region is not used.",
                )
            )
        return _Look(missing=await self._nothing(ref, f"log group {clean(group.name)}", described))

    async def _stream(self, account: Account, ref: TranscriptRef, group: LogGroupRef) -> _Look:
        """The stream exists; its events may have expired, as streams outlive their events."""
        page, _ = await logs.get_log_events(account, group, ref.session, limit=1, newest=False)
        if page.events or page.token:
            more = page
            while not more.events and more.token:
                more, _ = await logs.get_log_events(
                    account, group, ref.session, token=more.token, limit=1, newest=False
                )
            if more.events:
                return _Look(LoggedTranscript(group, ref.session))
        described = await logs.log_group(account, group.name)
        days = described.retention_days if described is not None else None
        kept = f" after {days} days" if days else ""
        return _Look(
            missing=NoTranscript(
                "expired",
                f"The transcript has expired: log group {clean(group.name)} deletes events{kept}.",
            )
        )

    # -- S3

    async def _in_bucket(
        self, account: Account, ref: TranscriptRef, configuration: ExecConfiguration
    ) -> _Look:
        bucket = configuration.s3_bucket
        key = f"{configuration.s3_prefix.rstrip('/')}/{ref.session}.log".lstrip("/")
        where = f"bucket {clean(bucket)}"
        try:
            async with s3.read_object(account, bucket, key) as (found, _):
                return _Look(
                    StoredTranscript(bucket, key, account.region, found.size, found.modified)
                )
        except AccessDenied as error:
            refused = _denied(error, f"s3://{bucket}/{key}")
            hint = "Without s3:ListBucket, S3 also answers like this if there is no such object."
            return _Look(missing=NoTranscript("denied", refused.words, hint))
        except AwsError as error:
            if error.code in ("NoSuchKey", "404"):
                return _Look(missing=await self._nothing(ref, f"{where} ({clean(key)})", None))
            if error.code == "NoSuchBucket":
                return _Look(
                    missing=NoTranscript("gone", f"There is no {where}, where the agent writes it.")
                )
            redirected = isinstance(error, BadAnswer) and "redirect" in str(error)
            if error.code in _OTHER_REGION or redirected:
                return _Look(
                    missing=NoTranscript(
                        "region", f"The {where} is in another region than {clean(account.region)}."
                    )
                )
            raise

    # -- nothing there

    async def _is_open(self, ref: TranscriptRef) -> bool:
        """Whether a session is open; no if nobody has told and it may not be asked."""
        if ref.open or ref.ended:
            return ref.open
        if ref.began and self._now() - ref.began > LONGEST_SECONDS:
            return False
        try:
            return await ssm.is_open(self._account_of(ref.region), ref.session)
        except AwsError:
            return False

    async def _nothing(
        self, ref: TranscriptRef, where: str, group: LogGroup | None
    ) -> NoTranscript:
        if await self._is_open(ref):
            return NoTranscript(
                "open",
                "The session is still open. The agent writes the transcript when it has ended.",
            )
        age = self._now() - (ref.ended or ref.began) if ref.ended or ref.began else None
        days = group.retention_days if group is not None else None
        if age is not None and days and age > days * 86_400:
            return NoTranscript(
                "expired", f"The transcript has expired: {where} deletes events after {days} days."
            )
        if age is not None and age < SOON_SECONDS:
            return NoTranscript(
                "not yet",
                f"There is nothing in {where} yet. The session began or ended {span(age)} ago, and "
                "the agent writes the transcript only after the end.",
                "Look again in some minutes.",
            )
        return NoTranscript("no script", f"Nothing was written to {where}.", _AGENT)


def _denied(error: AccessDenied, what: str) -> NoTranscript:
    return NoTranscript(
        "denied", f"{what}: not allowed to look ({clean(error.operation)}).", error.next_step
    )
